//! The clouds this build knows, as a table. The only place that names a provider.

use std::collections::BTreeMap;

use updraft_contract::{App, Cloud, Provider, ProviderConfig, Unsupported};

use crate::exit::Failure;
use crate::portability::Candidate;

/// Every cloud that is compiled in, in the order they are shown.
pub(crate) const KNOWN: &[Candidate] = &[
    #[cfg(feature = "aws")]
    Candidate {
        cloud: Cloud::Aws,
        support: updraft_aws::SUPPORT,
        unsupported: updraft_aws::unsupported,
        kinds: updraft_aws::specs,
    },
    #[cfg(feature = "azure")]
    Candidate {
        cloud: Cloud::Azure,
        support: updraft_azure::SUPPORT,
        unsupported: updraft_azure::unsupported,
        kinds: updraft_azure::specs,
    },
    #[cfg(feature = "gcp")]
    Candidate {
        cloud: Cloud::Gcp,
        support: updraft_gcp::SUPPORT,
        unsupported: updraft_gcp::unsupported,
        kinds: updraft_gcp::specs,
    },
];

/// Where a cloud is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// At its own address or the one given, with the user's credentials.
    Real(Option<String>),
    /// At the embedded cloud's address, which takes no credentials.
    Embedded(String),
    /// Not at all: what it would answer was recorded. Holds what the names of resources depend on
    /// beside account and region, by name.
    Recorded(BTreeMap<String, String>),
}

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp"))]
impl Reach {
    /// Returns the address, and whether it is the embedded cloud's.
    fn address(self) -> (Option<String>, bool) {
        match self {
            Reach::Real(url) => (url, false),
            Reach::Embedded(url) => (Some(url), true),
            Reach::Recorded(mut facts) => (facts.remove("endpoint"), false),
        }
    }

    /// Returns what was recorded, where the cloud is not reached at all.
    fn recorded(&self) -> Option<BTreeMap<String, String>> {
        match self {
            Reach::Recorded(facts) => Some(facts.clone()),
            Reach::Real(_) | Reach::Embedded(_) => None,
        }
    }
}

/// Returns what an app asks for and its clouds, or this version, cannot do.
pub(crate) fn unsupported(app: &App) -> Vec<Unsupported> {
    KNOWN.iter().flat_map(|known| (known.unsupported)(&app.on(known.cloud))).collect()
}

#[cfg_attr(
    not(any(feature = "aws", feature = "azure", feature = "gcp")),
    expect(unused_variables, reason = "without a cloud there is nothing to connect to")
)]
/// Connects to a cloud.
pub(crate) async fn provider(
    cloud: Cloud,
    config: ProviderConfig,
    reach: Reach,
) -> Result<Box<dyn Provider>, Failure> {
    match cloud {
        #[cfg(feature = "aws")]
        Cloud::Aws => aws(config, reach).await,
        #[cfg(not(feature = "aws"))]
        Cloud::Aws => Err(unknown(cloud)),
        #[cfg(feature = "azure")]
        Cloud::Azure => azure(config, reach).await,
        #[cfg(not(feature = "azure"))]
        Cloud::Azure => Err(unknown(cloud)),
        #[cfg(feature = "gcp")]
        Cloud::Gcp => gcp(config, reach).await,
        #[cfg(not(feature = "gcp"))]
        Cloud::Gcp => Err(unknown(cloud)),
    }
}

#[cfg(not(all(feature = "aws", feature = "azure", feature = "gcp")))]
/// Says that this build cannot reach a cloud.
fn unknown(cloud: Cloud) -> Failure {
    use crate::exit::Exit;
    Failure::new(Exit::Failed, format!("this build knows no cloud called `{cloud}`"))
        .hint(format!("Build it with the feature `{cloud}`."))
}

#[cfg(feature = "aws")]
async fn aws(config: ProviderConfig, reach: Reach) -> Result<Box<dyn Provider>, Failure> {
    /// The account that the embedded cloud assumes where the manifest pins none.
    const LOCAL_ACCOUNT: &str = "000000000000";
    let recorded = reach.recorded();
    let (endpoint, embedded) = reach.address();
    let credentials = embedded.then(|| {
        let account = config.account.clone().unwrap_or_else(|| LOCAL_ACCOUNT.to_owned());
        (account, "local".to_owned())
    });
    let settings = updraft_aws::Settings {
        region: config.region,
        account: config.account,
        profile: config.profile,
        endpoint,
        credentials,
        rest_timeout: config.rest_timeout,
        paced: None,
        persistence: None,
    };
    if recorded.is_some() {
        return Ok(Box::new(updraft_aws::Aws::offline(settings)));
    }
    let aws =
        updraft_aws::Aws::connect(settings).await.map_err(|error| super::blame::cloud(&error))?;
    Ok(Box::new(aws))
}

#[cfg(feature = "gcp")]
async fn gcp(config: ProviderConfig, reach: Reach) -> Result<Box<dyn Provider>, Failure> {
    /// The project that the embedded cloud assumes where the manifest pins none.
    const LOCAL_PROJECT: &str = "local-project";
    let recorded = reach.recorded();
    let (endpoint, embedded) = reach.address();
    let assumed = embedded.then(|| LOCAL_PROJECT.to_owned());
    let settings = updraft_gcp::Settings {
        project: config.account.or(assumed),
        region: config.region,
        endpoint,
        ..updraft_gcp::Settings::default()
    };
    if let Some(mut facts) = recorded {
        let settings = updraft_gcp::Settings { number: facts.remove("number"), ..settings };
        return Ok(Box::new(updraft_gcp::Gcp::offline(settings)));
    }
    let gcp =
        updraft_gcp::Gcp::connect(settings).await.map_err(|error| super::blame::cloud(&error))?;
    Ok(Box::new(gcp))
}

#[cfg(feature = "azure")]
async fn azure(config: ProviderConfig, reach: Reach) -> Result<Box<dyn Provider>, Failure> {
    /// The subscription that the embedded cloud assumes where the manifest pins none.
    const LOCAL_SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
    let recorded = reach.recorded();
    let (endpoint, embedded) = reach.address();
    let assumed = embedded.then(|| LOCAL_SUBSCRIPTION.to_owned());
    let settings = updraft_azure::Settings {
        subscription: config.account.or(assumed),
        region: config.region,
        resource_group: config.resource_group,
        key_vault: config.key_vault,
        application: config.application,
        own_storage: config.own_storage,
        endpoint,
        ..updraft_azure::Settings::default()
    };
    if let Some(mut facts) = recorded {
        // An address on this machine, where nobody is asked either.
        let endpoint = facts.remove("local").map(|_| "http://127.0.0.1".to_owned());
        let tenant = facts.remove("tenant");
        let settings = updraft_azure::Settings { tenant, endpoint, ..settings };
        let azure = updraft_azure::Azure::offline(settings);
        return Ok(Box::new(azure.map_err(|error| super::blame::cloud(&error))?));
    }
    let azure = updraft_azure::Azure::connect(settings)
        .await
        .map_err(|error| super::blame::cloud(&error))?;
    Ok(Box::new(azure))
}
