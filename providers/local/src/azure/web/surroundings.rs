//! The variables of an app's processes: its settings, Key Vault references filled in, and what the platform adds.
//!
//! Source: <https://learn.microsoft.com/azure/app-service/reference-app-settings> and
//! <https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>.

use std::collections::BTreeMap;

use serde_json::Value;

use super::app::App;
use super::{seams, show};
use crate::azure::msi;
use crate::azure::shelf::Resource;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// The variables.
pub(super) fn environment(
    tx: &Tx,
    context: &Context<'_>,
    site: &Resource,
    app: &App,
) -> Result<BTreeMap<String, String>, Refusal> {
    let encrypted = context.azure_url.replacen("http://", "https://", 1);
    let mut variables = BTreeMap::new();
    for (name, value) in &app.settings {
        // A reference that cannot be followed stays as it is, as App Service leaves it.
        let value = match secret(tx, context, site, value)? {
            Some(secret) => secret,
            None => value.clone(),
        };
        // Resource Manager writes addresses as in Azure; here nothing answers them with TLS.
        let value = value.replace(&encrypted, context.azure_url);
        variables.insert(name.replace('.', "_"), value);
    }
    let (host, _) = show::hosts(context, &site.name);
    let runtime = |at: &str| {
        let value = site.properties.pointer(&format!("/functionAppConfig/runtime/{at}"));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let set = [
        ("WEBSITE_SITE_NAME", site.name.clone()),
        ("WEBSITE_HOSTNAME", host),
        ("WEBSITE_RESOURCE_GROUP", site.group().to_owned()),
        ("WEBSITE_OWNER_NAME", format!("{}+embedded", site.subscription())),
        ("WEBSITE_INSTANCE_ID", "embedded".to_owned()),
        ("WEBSITE_SKU", "FlexConsumption".to_owned()),
        ("REGION_NAME", super::regions::display(&site.location)),
        ("FUNCTIONS_EXTENSION_VERSION", "~4".to_owned()),
        ("FUNCTIONS_WORKER_RUNTIME", runtime("name")),
        ("FUNCTIONS_WORKER_RUNTIME_VERSION", runtime("version")),
        ("AZURE_FUNCTIONS_ENVIRONMENT", "Production".to_owned()),
    ];
    for (name, value) in set.into_iter().chain(msi::environment(context.azure_url, &site.name)) {
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

/// What a Key Vault reference stands for; `None` for what is none, or cannot be followed.
fn secret(
    tx: &Tx,
    context: &Context<'_>,
    site: &Resource,
    value: &str,
) -> Result<Option<String>, Refusal> {
    let Some((vault, name, version)) = reference(value) else { return Ok(None) };
    let Some(identity) = seams::reader(tx, site)? else { return Ok(None) };
    Ok(seams::secret(tx, context, &identity, (&vault, &name, &version)).ok().flatten())
}

/// Reads `@Microsoft.KeyVault(SecretUri=…)` or `@Microsoft.KeyVault(VaultName=…;SecretName=…)`.
fn reference(value: &str) -> Option<(String, String, String)> {
    let inner = value.trim().strip_prefix("@Microsoft.KeyVault(")?.strip_suffix(')')?;
    let part = |wanted: &str| {
        let pairs = inner.split(';').filter_map(|pair| pair.split_once('='));
        let mut of_name = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        of_name.next().map(|(_, value)| value.trim().to_owned())
    };
    if let Some(uri) = part("SecretUri") {
        let (vault, rest) = seams::names_of_url(&uri, "_vault", ".vault.")?;
        let mut parts = rest.trim_matches('/').split('/');
        let (kind, name) = (parts.next()?, parts.next()?);
        let version = parts.next().unwrap_or_default();
        return (kind == "secrets").then(|| (vault, name.to_owned(), version.to_owned()));
    }
    Some((part("VaultName")?, part("SecretName")?, part("SecretVersion").unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_a_vault_a_secret_and_perhaps_a_version() {
        let of = |text: &str| {
            reference(text).map(|(vault, name, version)| format!("{vault}/{name}/{version}"))
        };
        let local =
            "@Microsoft.KeyVault(SecretUri=http://127.0.0.1:4582/_vault/shop/secrets/token/)";
        assert_eq!(of(local).as_deref(), Some("shop/token/"));
        let cloud = "@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/token/abc)";
        assert_eq!(of(cloud).as_deref(), Some("shop/token/abc"));
        let named = "@Microsoft.KeyVault(VaultName=shop;SecretName=token)";
        assert_eq!(of(named).as_deref(), Some("shop/token/"));
        assert_eq!(of("plain"), None);
    }
}
