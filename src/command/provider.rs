//! Makes the provider of a cloud. The only place that names one.

#[cfg(feature = "aws")]
use updraft_contract::Cloud;
use updraft_contract::{App, Provider, ProviderConfig, Unsupported};

#[cfg(feature = "aws")]
use updraft_aws::{Aws, Settings};

#[cfg(feature = "aws")]
use super::blame;
use crate::exit::Failure;

/// The account that the embedded cloud assumes where the manifest pins none.
#[cfg(feature = "aws")]
const LOCAL_ACCOUNT: &str = "000000000000";

/// Returns what an app asks for and its clouds, or this version, cannot do.
#[cfg(feature = "aws")]
pub(crate) fn unsupported(app: &App) -> Vec<Unsupported> {
    updraft_aws::unsupported(&app.on(Cloud::Aws))
}

/// Knows of nothing that cannot be done where no provider is compiled in.
#[cfg(not(feature = "aws"))]
pub(crate) fn unsupported(_: &App) -> Vec<Unsupported> {
    Vec::new()
}

/// Connects to AWS, or to the embedded cloud at `local`.
#[cfg(feature = "aws")]
pub(crate) async fn provider(
    config: ProviderConfig,
    local: Option<String>,
) -> Result<Box<dyn Provider>, Failure> {
    let credentials = local.is_some().then(|| {
        let account = config.account.clone().unwrap_or_else(|| LOCAL_ACCOUNT.to_owned());
        (account, "local".to_owned())
    });
    let settings = Settings {
        region: config.region,
        account: config.account,
        profile: config.profile,
        endpoint: local,
        credentials,
        rest_timeout: config.rest_timeout,
        paced: None,
        persistence: None,
    };
    let aws = Aws::connect(settings).await.map_err(|error| blame::cloud(&error))?;
    Ok(Box::new(aws))
}

/// Says that there is no provider to connect to.
#[cfg(not(feature = "aws"))]
pub(crate) async fn provider(
    _: ProviderConfig,
    _: Option<String>,
) -> Result<Box<dyn Provider>, Failure> {
    Err(Failure::new(
        crate::exit::Exit::Failed,
        "this build knows no cloud; build it with the feature `aws`",
    ))
}
