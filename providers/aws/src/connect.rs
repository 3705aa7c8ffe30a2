//! Finding out where we are: region, endpoint, credentials and account, before anything else.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::{Builder, tls};
use updraft_contract::CloudError;
use updraft_transport::{Ledger, Retry, jitter, loopback, told, trusted};

use crate::client::{Clients, Cloud};
use crate::errors::failure;
use crate::place::Place;

/// How to reach AWS. What is not given comes from the SDK's own chain: environment and profiles.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The region, such as `eu-west-1`.
    pub region: Option<String>,
    /// The account the manifest pins. Credentials of any other are refused.
    pub account: Option<String>,
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// A URL to use instead of AWS's own, for every service.
    pub endpoint: Option<String>,
    /// An access key id and its secret, instead of the SDK's chain.
    pub credentials: Option<(String, String)>,
    /// The raised integration timeout quota of REST APIs, where the account has one.
    pub rest_timeout: Option<Duration>,
    /// Whether calls are kept below AWS's published rates. By default they are, unless the
    /// endpoint is overridden.
    pub paced: Option<bool>,
    /// How long calls that may be repeated are repeated while AWS cannot be reached; half a
    /// minute by default.
    pub persistence: Option<Duration>,
}

/// How long a network may be away without ending a deployment.
const PERSISTENCE: Duration = Duration::from_secs(30);

/// The region of the embedded cloud and its like when nothing names one.
const LOCAL_REGION: &str = "us-east-1";

/// What stands in for credentials on this machine, where nobody checks them.
const LOCAL_KEY: (&str, &str) = ("updraft-local", "updraft-local");

/// The account of those who have not said which.
const NO_ACCOUNT: &str = "000000000000";

/// Where requests go that must not be sent: not encrypted, so that none leaves, and no host.
const NOWHERE: &str = "http://offline.invalid";

/// What the regions of a partition start with. All others are of `aws`.
const PARTITIONS: &[(&str, &str)] = &[
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
];

impl Cloud {
    /// Asks AWS who we are and refuses to go on anywhere but in the pinned account.
    pub(crate) async fn connect(settings: Settings) -> Result<Self, CloudError> {
        let sdk = configuration(&settings).await?;
        let region = sdk.region().map(ToString::to_string).ok_or_else(no_region)?;
        let (account, partition, caller) = identity(&sdk).await?;
        if let Some(pinned) = settings.account.filter(|pinned| *pinned != account) {
            return Err(CloudError::WrongAccount { pinned, actual: account, origin: None });
        }
        let endpoint = sdk.endpoint_url().map(|url| url.trim_end_matches('/').to_owned());
        let paced = settings.paced.unwrap_or(endpoint.is_none());
        let rest_timeout = settings.rest_timeout;
        let place = Place { partition, account, region, endpoint, rest_timeout };
        let retry = Retry::new(jitter(), settings.persistence.unwrap_or(PERSISTENCE));
        Ok(Self::new(&sdk, place, caller, paced, retry))
    }
}

impl Cloud {
    /// Takes the settings at their word, for what needs no answer from AWS. Without credentials
    /// nothing is signed and nothing leaves.
    pub(crate) fn offline(settings: Settings) -> Self {
        let region = settings.region.or_else(region_of_environment);
        let region = region.unwrap_or_else(|| LOCAL_REGION.to_owned());
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region.clone()))
            .endpoint_url(NOWHERE)
            .build();
        let account = settings.account.unwrap_or_else(|| NO_ACCOUNT.to_owned());
        let partition = partition_of(&region).to_owned();
        let endpoint = settings.endpoint.map(|url| url.trim_end_matches('/').to_owned());
        let rest_timeout = settings.rest_timeout;
        let place = Place { partition, account, region, endpoint, rest_timeout };
        let retry = Retry::new(jitter(), Duration::ZERO);
        Self::new(&sdk, place, String::new(), false, retry)
    }
}

/// Returns the region that the environment names, as the SDK's own chain reads it.
#[expect(
    clippy::disallowed_methods,
    reason = "the SDK's chain reads it too, and is not asked here"
)]
fn region_of_environment() -> Option<String> {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].iter();
    named.filter_map(|name| std::env::var(name).ok()).find(|region| !region.is_empty())
}

/// Returns the partition of a region, as the SDK's own table has them.
fn partition_of(region: &str) -> &'static str {
    let known = PARTITIONS.iter().find(|(start, _)| region.starts_with(start));
    known.map_or("aws", |(_, partition)| partition)
}

/// Gathers the SDK's configuration.
///
/// The SDK has no read, attempt or operation timeout of its own, so all are set
/// (<https://docs.aws.amazon.com/sdk-for-rust/latest/dg/timeouts.html>).
async fn configuration(settings: &Settings) -> Result<SdkConfig, CloudError> {
    let aws_lc = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let stalled = StalledStreamProtectionConfig::enabled().grace_period(Duration::from_secs(20));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_mins(1))
        .operation_attempt_timeout(Duration::from_secs(90))
        .operation_timeout(Duration::from_mins(5));
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().tls_provider(aws_lc).build_https())
        .stalled_stream_protection(stalled.build())
        .timeout_config(timeouts.build())
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(50)));
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &settings.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some((id, secret)) = &settings.credentials {
        loader = loader.credentials_provider(fixed(id, secret));
    }
    let sdk = loader.load().await;
    match sdk.endpoint_url() {
        None => Ok(sdk),
        Some(url) if loopback(url) => Ok(on_this_machine(sdk, settings).await),
        Some(url) if trusted(url) => Ok(sdk),
        Some(url) => Err(updraft_transport::untrusted(url)),
    }
}

/// Fills in a region and credentials that need not be real.
///
/// The SDK's whole chain would ask the network for credentials, in vain and slowly, so only the
/// environment is asked.
async fn on_this_machine(sdk: SdkConfig, settings: &Settings) -> SdkConfig {
    let mut builder = sdk.to_builder();
    if sdk.region().is_none() {
        builder = builder.region(Region::from_static(LOCAL_REGION));
    }
    if settings.credentials.is_none() && settings.profile.is_none() {
        let environment = aws_config::environment::EnvironmentVariableCredentialsProvider::new();
        if environment.provide_credentials().await.is_err() {
            let fixed = SharedCredentialsProvider::new(fixed(LOCAL_KEY.0, LOCAL_KEY.1));
            builder = builder.credentials_provider(fixed);
        }
    }
    builder.build()
}

fn fixed(id: &str, secret: &str) -> Credentials {
    Credentials::new(id, secret, None, None, "updraft")
}

/// Returns the account, the partition and the ARN that the credentials belong to.
async fn identity(sdk: &SdkConfig) -> Result<(String, String, String), CloudError> {
    if let Some(provider) = sdk.credentials_provider() {
        let found = provider.provide_credentials().await;
        found.map_err(|error| CloudError::Credentials(told(&error)))?;
    }
    let clients = Clients::new(sdk, &Ledger::default());
    let answer = clients.sts.get_caller_identity().send().await;
    let answer = answer.map_err(|error| failure("sts:GetCallerIdentity", &error).error)?;
    let caller = answer.arn().unwrap_or_default().to_owned();
    let partition = caller.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws");
    let partition = partition.to_owned();
    match answer.account {
        Some(account) => Ok((account, partition, caller)),
        None => Err(CloudError::Credentials("AWS did not say which account they are of".into())),
    }
}

fn no_region() -> CloudError {
    CloudError::Refused {
        operation: "connect".into(),
        code: "NoRegion".into(),
        message: "no region is set; write `region = \"eu-west-1\"` under [provider.aws], or set \
            AWS_REGION"
            .into(),
    }
}
