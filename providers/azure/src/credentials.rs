//! Who is asking: what the environment says, or else whoever is signed in on this machine.

use std::sync::Arc;
use std::time::Duration as Span;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::time::{Duration, OffsetDateTime};
use azure_identity::{
    AzureCliCredential, AzureDeveloperCliCredential, AzurePipelinesCredential,
    ClientSecretCredential, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential,
};
use tokio::sync::OnceCell;
use updraft_contract::CloudError;
use updraft_transport::told;

/// The token of clouds on this machine, which ask for one and look at none.
#[derive(Debug)]
pub(crate) struct Fixed;

#[async_trait]
impl TokenCredential for Fixed {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new("local", OffsetDateTime::now_utc() + Duration::hours(12)))
    }
}

/// Nobody: no token is given, and so nothing is sent.
#[derive(Debug)]
pub(crate) struct Nobody;

#[async_trait]
impl TokenCredential for Nobody {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let message = "nothing is asked of Azure offline";
        Err(azure_core::Error::with_message(ErrorKind::Credential, message))
    }
}

/// Returns the subscription that the environment names.
pub(crate) fn subscription() -> Option<String> {
    set(&process, "AZURE_SUBSCRIPTION_ID")
}

/// Finds credentials: those that the environment holds, else those of the `az` command, else those
/// of the `azd` command. The variables are those of Microsoft's own libraries
/// (<https://learn.microsoft.com/azure/developer/intro/azure-developer-environment-variables>).
pub(crate) fn found() -> Result<Arc<dyn TokenCredential>, CloudError> {
    chosen(&process)
}

/// Looks a variable up.
type Environment = dyn Fn(&str) -> Option<String>;

#[expect(
    clippy::disallowed_methods,
    reason = "these variables are Microsoft's, and its own libraries read them the same way"
)]
fn process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn set(environment: &Environment, name: &str) -> Option<String> {
    environment(name).filter(|value| !value.is_empty())
}

/// Where credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// An application with a secret.
    ClientSecret { tenant: String, client: String },
    /// A service connection of Azure Pipelines.
    Pipelines { tenant: String, client: String, connection: String },
    /// A token in a file, as in Kubernetes.
    Workload,
    /// The identity of the machine this runs on, or the one named.
    Managed(Option<String>),
    /// Whoever is signed in.
    SignedIn,
}

/// Decides by what is set. Nothing is tried that was not asked for.
fn source(environment: &Environment) -> Source {
    let set = |name: &str| set(environment, name);
    let (tenant, client) = (set("AZURE_TENANT_ID"), set("AZURE_CLIENT_ID"));
    if let (Some(tenant), Some(client)) = (&tenant, &client) {
        let (tenant, client) = (tenant.clone(), client.clone());
        if set("AZURE_CLIENT_SECRET").is_some() {
            return Source::ClientSecret { tenant, client };
        }
        if set("AZURE_FEDERATED_TOKEN_FILE").is_some() {
            return Source::Workload;
        }
    }
    let pipelines = |suffix: &str| set(&format!("AZURESUBSCRIPTION_{suffix}"));
    if let (Some(tenant), Some(client), Some(connection), Some(_)) = (
        pipelines("TENANT_ID"),
        pipelines("CLIENT_ID"),
        pipelines("SERVICE_CONNECTION_ID"),
        set("SYSTEM_ACCESSTOKEN"),
    ) {
        return Source::Pipelines { tenant, client, connection };
    }
    if set("IDENTITY_ENDPOINT").is_some() || set("MSI_ENDPOINT").is_some() {
        return Source::Managed(client);
    }
    Source::SignedIn
}

fn chosen(environment: &Environment) -> Result<Arc<dyn TokenCredential>, CloudError> {
    let secret = |name: &str| Secret::new(set(environment, name).unwrap_or_default());
    let made: azure_core::Result<Arc<dyn TokenCredential>> = match source(environment) {
        Source::ClientSecret { tenant, client } => {
            let secret = secret("AZURE_CLIENT_SECRET");
            ClientSecretCredential::new(&tenant, client, secret, None).map(|it| it as _)
        }
        Source::Pipelines { tenant, client, connection } => {
            let token = secret("SYSTEM_ACCESSTOKEN");
            AzurePipelinesCredential::new(tenant, client, &connection, token, None)
                .map(|it| it as _)
        }
        Source::Workload => WorkloadIdentityCredential::new(None).map(|it| it as _),
        Source::Managed(client) => {
            let user_assigned_id = client.map(UserAssignedId::ClientId);
            let options =
                ManagedIdentityCredentialOptions { user_assigned_id, ..Default::default() };
            ManagedIdentityCredential::new(Some(options)).map(|it| it as _)
        }
        Source::SignedIn => SignedIn::new().map(|it| Arc::new(it) as _),
    };
    made.map_err(|error| CloudError::Credentials(told(&error)))
}

/// How long a command that prints a token may take.
const COMMAND: Span = Span::from_secs(30);

/// Whoever is signed in with the `az` command, or else with `azd`. The first that gives a token is
/// asked from then on.
#[derive(Debug)]
struct SignedIn {
    all: [Arc<dyn TokenCredential>; 2],
    works: OnceCell<Arc<dyn TokenCredential>>,
}

impl SignedIn {
    fn new() -> azure_core::Result<Self> {
        let all: [Arc<dyn TokenCredential>; 2] =
            [AzureCliCredential::new(None)?, AzureDeveloperCliCredential::new(None)?];
        Ok(Self { all, works: OnceCell::new() })
    }
}

#[async_trait]
impl TokenCredential for SignedIn {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        if let Some(works) = self.works.get() {
            return works.get_token(scopes, options).await;
        }
        let mut reasons = Vec::new();
        for one in &self.all {
            match tokio::time::timeout(COMMAND, one.get_token(scopes, options.clone())).await {
                Ok(Ok(token)) => {
                    let _ = self.works.set(Arc::clone(one));
                    return Ok(token);
                }
                Ok(Err(error)) => reasons.push(told(&error)),
                Err(_) => reasons.push(format!("no answer within {} s", COMMAND.as_secs())),
            }
        }
        let message = format!("{}; run `az login`", reasons.join("; "));
        let kind = azure_core::error::ErrorKind::Credential;
        Err(azure_core::Error::with_message(kind, message))
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, chosen, source};

    fn by(set: &'static [(&'static str, &'static str)]) -> Source {
        source(&move |name: &str| {
            set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_the_environment_holds_decides_who_is_asking() {
        let app = ("t".to_owned(), "c".to_owned());
        assert_eq!(
            by(&[("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "s")]),
            Source::ClientSecret { tenant: app.0.clone(), client: app.1.clone() }
        );
        assert_eq!(
            by(&[
                ("AZURE_TENANT_ID", "t"),
                ("AZURE_CLIENT_ID", "c"),
                ("AZURE_FEDERATED_TOKEN_FILE", "/f")
            ]),
            Source::Workload
        );
        assert_eq!(
            by(&[
                ("AZURESUBSCRIPTION_TENANT_ID", "t"),
                ("AZURESUBSCRIPTION_CLIENT_ID", "c"),
                ("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID", "x"),
                ("SYSTEM_ACCESSTOKEN", "y")
            ]),
            Source::Pipelines { tenant: app.0, client: app.1, connection: "x".into() }
        );
        assert_eq!(
            by(&[("IDENTITY_ENDPOINT", "http://x"), ("AZURE_CLIENT_ID", "c")]),
            Source::Managed(Some("c".into()))
        );
        assert_eq!(by(&[("AZURE_CLIENT_SECRET", "s")]), Source::SignedIn);
        assert_eq!(by(&[("IDENTITY_ENDPOINT", "")]), Source::SignedIn);
    }

    #[test]
    fn a_secret_is_never_shown() {
        let environment = |name: &str| match name {
            "AZURE_TENANT_ID" => Some("11111111-1111-1111-1111-111111111111".to_owned()),
            "AZURE_CLIENT_ID" => Some("c".to_owned()),
            "AZURE_CLIENT_SECRET" => Some("hunter2-secret".to_owned()),
            _ => None,
        };
        let credential = chosen(&environment).unwrap();
        assert!(!format!("{credential:?}").contains("hunter2"));
    }
}
