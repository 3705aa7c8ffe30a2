//! What apps ask of other services: containers, identities and what those may do, secrets.

use serde_json::Value;

use super::app::App;
use super::check::identity_ids;
use super::definition::Function;
use crate::azure::blob::{self, Address};
use crate::azure::path::same;
use crate::azure::rights::{self, Caller};
use crate::azure::shelf::{self, Resource};
use crate::azure::token::Principal;
use crate::azure::vault;
use crate::cloud::Context;
use crate::members::text;
use crate::store::Tx;
use crate::wire::Refusal;

/// Where the containers of an account are.
const CONTAINERS: &str = "blobServices/default/containers";

const BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs";

/// The account and the container that a URL names, if both are there.
pub(super) fn container_of_url(
    tx: &Tx,
    url: &str,
) -> Result<Option<(Resource, Resource)>, Refusal> {
    let Some((account, container)) = names_of_url(url, "_blob", ".blob.") else { return Ok(None) };
    let Some(account) = account_named(tx, &account)? else { return Ok(None) };
    let id = format!("{}/{CONTAINERS}/{}", account.id, container.trim_matches('/'));
    Ok(shelf::find(tx, &id)?.map(|container| (account, container)))
}

/// A storage account by its name; names are global.
pub(super) fn account_named(tx: &Tx, name: &str) -> Result<Option<Resource>, Refusal> {
    shelf::named(tx, "Microsoft.Storage/storageAccounts", name)
}

/// The account of a URL of a data plane and what comes after it: `https://127.0.0.1:1/_blob/acct/c`, or
/// `https://acct.blob.core.windows.net/c`.
pub(super) fn names_of_url(url: &str, plane: &str, domain: &str) -> Option<(String, String)> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    if let Some((account, _)) = host.split_once(domain) {
        return Some((account.to_owned(), path.to_owned()));
    }
    let path = path.strip_prefix(plane)?.strip_prefix('/')?;
    let (account, rest) = path.split_once('/').unwrap_or((path, ""));
    Some((account.to_owned(), rest.to_owned()))
}

/// An identity by the id of its resource.
pub(super) fn identity_of_id(tx: &Tx, id: &str) -> Result<Option<Principal>, Refusal> {
    Ok(shelf::find(tx, id)?.map(|identity| principal(&identity)))
}

fn principal(identity: &Resource) -> Principal {
    Principal {
        id: identity.text("principalId").to_owned(),
        client: identity.text("clientId").to_owned(),
        audience: "https://storage.azure.com/".to_owned(),
    }
}

/// The identity that a site has of its own.
fn own(site: &Resource) -> Option<Principal> {
    let identity = site.members.get("identity")?;
    let id = text(identity, "principalId");
    (!id.is_empty()).then(|| Principal {
        id: id.to_owned(),
        client: id.to_owned(),
        audience: "https://storage.azure.com/".to_owned(),
    })
}

/// The identity of the deployment storage.
pub(super) fn deployer(tx: &Tx, site: &Resource) -> Result<Option<Principal>, Refusal> {
    let at = "/functionAppConfig/deployment/storage/authentication";
    let authentication = site.properties.pointer(at).cloned().unwrap_or_default();
    match authentication.get("userAssignedIdentityResourceId").and_then(Value::as_str) {
        Some(id) => identity_of_id(tx, id),
        None => Ok(own(site)),
    }
}

/// The identity of Key Vault references.
pub(super) fn reader(tx: &Tx, site: &Resource) -> Result<Option<Principal>, Refusal> {
    let reference = site.text("keyVaultReferenceIdentity");
    if reference.is_empty() || same(reference, "SystemAssigned") {
        return Ok(own(site));
    }
    identity_of_id(tx, reference)
}

/// One of the site's identities by its client id.
pub(super) fn identity_of_client(
    tx: &Tx,
    site: &Resource,
    client: &str,
) -> Result<Option<Principal>, Refusal> {
    for id in identity_ids(site) {
        if let Some(found) = identity_of_id(tx, &id)?.filter(|found| same(&found.client, client)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Who a connection is made as, by its settings; says what is wrong with them.
pub(super) fn connects_as(
    tx: &Tx,
    site: &Resource,
    (app, connection): (&App, &str),
) -> Result<Result<Principal, String>, Refusal> {
    let setting = |suffix: &str| app.setting(&format!("{connection}__{suffix}"));
    if app.setting(connection).is_some_and(|value| !value.is_empty()) {
        return Err(Refusal::not_modelled("connections with connection strings"));
    }
    let client = setting("clientId");
    let Some(client) =
        client.filter(|_| setting("credential").is_some_and(|kind| same(kind, "managedidentity")))
    else {
        let found = own(site);
        return Ok(found.ok_or_else(|| {
            format!("ManagedIdentityCredential authentication unavailable: no identity for the connection '{connection}'.")
        }));
    };
    let found = identity_of_client(tx, site, client)?;
    Ok(found.ok_or_else(|| {
        format!("ManagedIdentityCredential authentication failed: the app has no identity with the client id of '{connection}__clientId'.")
    }))
}

/// Whether the host can use its own storage: it keeps keys, locks and times of schedules there. Says why not.
pub(super) fn host_storage(
    tx: &Tx,
    context: &Context<'_>,
    site: &Resource,
    app: &App,
) -> Result<Result<(), String>, Refusal> {
    let name = match (
        app.setting("AzureWebJobsStorage__accountName"),
        app.setting("AzureWebJobsStorage__blobServiceUri"),
    ) {
        (Some(name), _) => Some(name.to_owned()),
        (None, Some(url)) => names_of_url(url, "_blob", ".blob.").map(|(name, _)| name),
        (None, None) => None,
    };
    let Some(name) = name else {
        return Ok(
            Err("The host has no storage: set AzureWebJobsStorage__accountName.".to_owned()),
        );
    };
    let Some(account) = account_named(tx, &name)? else {
        return Ok(Err(format!("The host's storage account {name} cannot be reached.")));
    };
    let identity = match connects_as(tx, site, (app, "AzureWebJobsStorage"))? {
        Ok(identity) => identity,
        Err(reason) => return Ok(Err(reason)),
    };
    for action in ["read", "write", "delete"] {
        let action = format!("{BLOBS}/{action}");
        if !rights::may(tx, context, &identity.id, &action, &account.id)? {
            return Ok(Err(format!(
                "Azure.Storage.Blobs: This request is not authorized to perform this operation using this permission. \
                 Status: 403 (AuthorizationPermissionMismatch): {action} on the storage account {name}."
            )));
        }
    }
    Ok(Ok(()))
}

/// Who asks when an identity does.
pub(super) fn caller(identity: &Principal) -> Caller {
    Caller::Identity(identity.clone())
}

/// A secret's value as an identity reads it: of a vault, by name and version, empty for the latest; `None` when it is
/// not there.
pub(super) fn secret(
    tx: &Tx,
    context: &Context<'_>,
    identity: &Principal,
    named: (&str, &str, &str),
) -> Result<Option<String>, Refusal> {
    vault::inside::value(tx, context, &caller(identity), named)
}

/// What the host must be allowed on a queue that a function listens to: it looks, takes, and gives back.
const CONSUMES: [&str; 3] = ["read", "process/action", "write"];

/// Whether an identity may do everything with a queue that the host does; says what it may not.
pub(super) fn consumes(
    tx: &Tx,
    context: &Context<'_>,
    identity: &Principal,
    (account, queue): (&str, &str),
) -> Result<Result<(), String>, Refusal> {
    let Some(account) = account_named(tx, account)? else {
        return Ok(Err(format!("The storage account {account} cannot be reached.")));
    };
    let scope = format!("{}/queueServices/default/queues/{queue}", account.id);
    for action in CONSUMES {
        let action =
            format!("Microsoft.Storage/storageAccounts/queueServices/queues/messages/{action}");
        if !rights::may(tx, context, &identity.id, &action, &scope)? {
            return Ok(Err(format!(
                "This request is not authorized to perform this operation using this permission. Status: 403 \
                 (AuthorizationPermissionMismatch): {action} on the queue {queue}."
            )));
        }
    }
    Ok(Ok(()))
}

/// The namespace of a fully qualified name: `ns.servicebus.windows.net`, or `127.0.0.1:1/_servicebus/ns`.
pub(super) fn namespace_of(name: &str) -> String {
    let name = name.trim_end_matches('/');
    match name.split_once("/_servicebus/") {
        Some((_, namespace)) => namespace.to_owned(),
        None => name.split('.').next().unwrap_or_default().to_owned(),
    }
}

/// The name of a package in its container.
const PACKAGE: &str = "released-package.zip";

/// Puts a package into the deployment container, as the app's identity.
pub(super) fn put_package(
    tx: &mut Tx,
    context: &Context<'_>,
    site: &Resource,
    bytes: &[u8],
) -> Result<(), Refusal> {
    let at = "/functionAppConfig/deployment/storage/value";
    let url = site.properties.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let missing =
        || Refusal::new(404, "ContainerNotFound", "The specified container does not exist.");
    let (account, container) = container_of_url(tx, url)?.ok_or_else(missing)?;
    let identity = deployer(tx, site)?.ok_or_else(|| {
        Refusal::new(
            403,
            "AuthorizationFailure",
            "The app has no identity for its deployment storage.",
        )
    })?;
    let address = Address { account: &account.name, container: &container.name, blob: PACKAGE };
    blob::inside::put(tx, context, &caller(&identity), address, bytes)
}

/// Whether the log of an app goes to a workspace: by the component of its connection string, which belongs to the
/// workspace, and as an identity that may write there where keys do not suffice.
pub(super) fn writes_to(
    tx: &Tx,
    context: &Context<'_>,
    app: &App,
    workspace: &str,
) -> Result<bool, Refusal> {
    let Some(site) = shelf::find(tx, &app.id)? else { return Ok(false) };
    let connection = app.setting("APPLICATIONINSIGHTS_CONNECTION_STRING").unwrap_or_default();
    let part = |text: &str, wanted: &str| {
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        let mut of_name = pairs.filter(|(name, _)| same(name.trim(), wanted));
        of_name.next().map(|(_, value)| value.trim().to_owned())
    };
    let Some(key) = part(connection, "InstrumentationKey") else { return Ok(false) };
    let components = shelf::all(tx, "", "Microsoft.Insights/components")?;
    let Some(component) =
        components.into_iter().find(|one| same(one.text("InstrumentationKey"), &key))
    else {
        return Ok(false);
    };
    if !same(component.text("WorkspaceResourceId"), workspace) {
        return Ok(false);
    }
    if component.properties.get("DisableLocalAuth") != Some(&Value::Bool(true)) {
        return Ok(true);
    }
    let authentication =
        app.setting("APPLICATIONINSIGHTS_AUTHENTICATION_STRING").unwrap_or_default();
    let identity = match part(authentication, "ClientId") {
        Some(client) => identity_of_client(tx, &site, &client)?,
        None => own(&site),
    };
    let by_entra = part(authentication, "Authorization").is_some_and(|kind| same(&kind, "AAD"));
    let Some(identity) = identity.filter(|_| by_entra) else { return Ok(false) };
    rights::may(tx, context, &identity.id, "Microsoft.Insights/Telemetry/Write", &component.id)
}

/// The functions that others see: none while the host cannot start for want of its storage.
pub(super) fn listed(
    tx: &Tx,
    context: &Context<'_>,
    site: &Resource,
    app: &App,
) -> Result<Vec<Function>, Refusal> {
    if host_storage(tx, context, site, app)?.is_err() {
        return Ok(Vec::new());
    }
    Ok(app.functions(context.now).to_vec())
}
