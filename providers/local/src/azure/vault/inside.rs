//! What App Service asks of vaults: the value that a setting refers to.

use super::shelf;
use crate::azure::rights::{self, Caller, Side};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// Reading a secret's value.
pub(super) const GET: &str = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

/// Reads a secret as `caller`: the vault, the name, and the version, empty for the latest.
///
/// `None` when vault, secret or version is not there. Refused is who may not read it, with code `Forbidden`.
pub(crate) fn value(
    tx: &Tx,
    context: &Context<'_>,
    caller: &Caller,
    (vault, name, version): (&str, &str, &str),
) -> Result<Option<String>, Refusal> {
    let Some(found) = shelf::vault(tx, vault)? else { return Ok(None) };
    may(tx, context, caller, (GET, &format!("{}/secrets/{name}", found.id)))?;
    let secret = shelf::secret(tx, vault, name)?;
    let version = secret.as_ref().and_then(|secret| secret.version(version));
    Ok(version.filter(|version| version.enabled).map(|version| version.value.clone()))
}

/// Refuses who may not do something with a secret or with a vault.
pub(super) fn may(
    tx: &Tx,
    context: &Context<'_>,
    caller: &Caller,
    (action, scope): (&str, &str),
) -> Result<(), Refusal> {
    if rights::allows(tx, context, caller, (Side::Data, action, scope))? {
        return Ok(());
    }
    let who = match caller {
        Caller::Identity(identity) => &identity.id,
        Caller::Owner | Caller::Key => rights::OWNER,
    };
    let message = format!(
        "Caller is not authorized to perform action on resource.\nIf role assignments, deny assignments or role \
         definitions were changed recently, please observe propagation time.\nCaller: oid={who}\nAction: '{action}'\n\
         Resource: '{scope}'"
    );
    Err(Refusal::new(403, "Forbidden", message)
        .with("innererror", serde_json::json!({"code": "ForbiddenByRbac"})))
}
