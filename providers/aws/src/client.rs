//! The one place that holds SDK clients and sends requests: paced, repeated as far as is safe,
//! counted, and never over plain HTTP to anything but this machine.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_lambda::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_lambda::error::BoxError;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures::future::BoxFuture;
use tokio::sync::OwnedMutexGuard;
use updraft_transport::{Budgets, Ledger, Locks, Repeat, Retry, trusted};

use crate::errors::{Failure, failure};
use crate::kinds::Tree;
use crate::place::Place;
use crate::rates;
use crate::shared::Shared;

/// One client for each service.
#[derive(Clone, Debug)]
pub(crate) struct Clients {
    /// AWS Lambda.
    pub(crate) lambda: aws_sdk_lambda::Client,
    /// Identity and Access Management.
    pub(crate) iam: aws_sdk_iam::Client,
    /// `CloudWatch` Logs.
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    /// API Gateway REST APIs.
    pub(crate) apigateway: aws_sdk_apigateway::Client,
    /// API Gateway HTTP APIs.
    pub(crate) apigatewayv2: aws_sdk_apigatewayv2::Client,
    /// `EventBridge` Scheduler.
    pub(crate) scheduler: aws_sdk_scheduler::Client,
    /// The Resource Groups Tagging API: an index over tags, behind the truth at times.
    pub(crate) tagging: aws_sdk_resourcegroupstagging::Client,
    /// Simple Queue Service.
    pub(crate) sqs: aws_sdk_sqs::Client,
    /// Simple Storage Service.
    pub(crate) s3: aws_sdk_s3::Client,
    /// The Security Token Service.
    pub(crate) sts: aws_sdk_sts::Client,
}

/// Builds a client that tells the gate of every request.
macro_rules! gated {
    ($service:ident, $sdk:expr, $gate:expr) => {
        $service::Client::from_conf(
            $service::config::Builder::from($sdk).interceptor($gate.clone()).build(),
        )
    };
}

impl Clients {
    /// Builds the clients of one configuration.
    pub(crate) fn new(sdk: &SdkConfig, ledger: &Ledger) -> Self {
        let gate = Gate { ledger: ledger.clone() };
        Self {
            lambda: gated!(aws_sdk_lambda, sdk, gate),
            iam: gated!(aws_sdk_iam, sdk, gate),
            logs: gated!(aws_sdk_cloudwatchlogs, sdk, gate),
            apigateway: gated!(aws_sdk_apigateway, sdk, gate),
            apigatewayv2: gated!(aws_sdk_apigatewayv2, sdk, gate),
            scheduler: gated!(aws_sdk_scheduler, sdk, gate),
            tagging: gated!(aws_sdk_resourcegroupstagging, sdk, gate),
            sqs: gated!(aws_sdk_sqs, sdk, gate),
            s3: storage(sdk, gate.clone()),
            sts: gated!(aws_sdk_sts, sdk, gate),
        }
    }
}

/// Builds the client of S3.
///
/// What stands in for AWS has one host, so that a bucket's name is in the path there. Checksums
/// are sent and checked where S3 asks for them: others do not know those that came later.
fn storage(sdk: &SdkConfig, gate: Gate) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(sdk)
        .force_path_style(sdk.endpoint_url().is_some())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    aws_sdk_s3::Client::from_conf(config.interceptor(gate).build())
}

/// Sees every request just before it leaves.
#[derive(Clone, Debug)]
struct Gate {
    ledger: Ledger,
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Gate {
    fn name(&self) -> &'static str {
        "updraft-gate"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri = context.request().uri();
        if !trusted(uri) {
            let origin = uri.split('?').next().unwrap_or_default();
            return Err(format!("refusing to send a signed request unencrypted to {origin}").into());
        }
        let operation = config.load::<Metadata>();
        let operation = operation.map(|known| format!("{}.{}", known.service(), known.name()));
        self.ledger.count(operation.as_deref().unwrap_or("unknown"));
        Ok(())
    }
}

/// Lets one call to Lambda take as long as `limit`.
///
/// The usual limits count from the moment a request starts to be sent, so that a large archive on
/// a slow line, or a slow function, would run into them. A line that stalls is still noticed.
pub(crate) fn patient(limit: Duration) -> aws_sdk_lambda::config::Builder {
    let timeouts = TimeoutConfig::builder()
        .read_timeout(limit)
        .operation_attempt_timeout(limit)
        .operation_timeout(limit);
    aws_sdk_lambda::config::Builder::new().timeout_config(timeouts.build())
}

/// Everything that talks to AWS goes through here.
pub(crate) struct Cloud {
    /// Where it works.
    pub(crate) place: Place,
    /// Who the credentials belong to, as an ARN.
    pub(crate) caller: String,
    repeating: Clients,
    single: Clients,
    ledger: Ledger,
    budgets: Option<Budgets>,
    retry: Retry,
    locks: Locks,
    notes: Mutex<BTreeMap<String, String>>,
    /// Readings of APIs that many routes ask for at once.
    pub(crate) readings: Readings,
}

/// The readings that are shared, by API.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// The REST APIs that are ours.
    pub(crate) rest_apis: Shared<Vec<aws_sdk_apigateway::types::RestApi>>,
    /// The paths and methods of a REST API; `None` if there is no such API.
    pub(crate) rest_trees: Shared<Option<Tree>>,
    /// The paths and methods of a REST API as this run has left them, while it is changing them.
    pub(crate) rest_drafts: Mutex<BTreeMap<String, Tree>>,
    /// The HTTP APIs that are ours.
    pub(crate) http_apis: Shared<Vec<aws_sdk_apigatewayv2::types::Api>>,
    /// The integrations of an HTTP API.
    pub(crate) http_integrations: Shared<Vec<aws_sdk_apigatewayv2::types::Integration>>,
    /// The routes of an HTTP API.
    pub(crate) http_routes: Shared<Vec<aws_sdk_apigatewayv2::types::Route>>,
}

impl Cloud {
    /// Takes a configuration whose account is known. `paced` keeps calls below AWS's limits.
    pub(crate) fn new(
        sdk: &SdkConfig,
        place: Place,
        caller: String,
        paced: bool,
        retry: Retry,
    ) -> Self {
        let ledger = Ledger::default();
        let single = sdk.to_builder().retry_config(RetryConfig::disabled()).build();
        Self {
            place,
            caller,
            repeating: Clients::new(sdk, &ledger),
            single: Clients::new(&single, &ledger),
            ledger,
            budgets: paced.then(Budgets::default),
            retry,
            locks: Locks::default(),
            notes: Mutex::default(),
            readings: Readings::default(),
        }
    }

    /// Returns how often each operation was called.
    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Sends a read, or a write that has the same effect twice; repeats it when in doubt.
    ///
    /// `operation` is spelled like the permission: `lambda:GetFunction`.
    pub(crate) async fn safe<T, E, F>(
        &self,
        operation: &'static str,
        send: impl Fn(&Clients) -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.send(Repeat::Safe, operation, || send(&self.repeating)).await
    }

    /// Sends a write that must not happen twice; repeats it only when it certainly did not happen.
    /// A lost answer comes back as [`Class::Ambiguous`](updraft_transport::Class).
    pub(crate) async fn once<T, E, F>(
        &self,
        operation: &'static str,
        send: impl Fn(&Clients) -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.send(Repeat::Once, operation, || send(&self.single)).await
    }

    async fn send<T, E, F>(
        &self,
        repeat: Repeat,
        operation: &'static str,
        attempt: impl Fn() -> F + Send + Sync,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        let paced = || async {
            self.pace(operation).await;
            // Boxed: the SDK's futures are large and deep.
            let sent: BoxFuture<'_, _> = Box::pin(attempt());
            sent.await.map_err(|error| failure(operation, &error))
        };
        self.retry.run(repeat, |failure: &Failure| failure.class, paced).await
    }

    async fn pace(&self, operation: &'static str) {
        let Some(budgets) = &self.budgets else { return };
        for rate in rates::of(operation) {
            budgets.take(&self.place.account, &self.place.region, rate).await;
        }
    }

    /// Waits until nobody else in this run works on `what`, such as one API, and keeps it so.
    pub(crate) async fn lock(&self, what: &str) -> OwnedMutexGuard<()> {
        self.locks.lock(what).await
    }

    /// Returns what this run noted under `key`, such as the id of an API it has found.
    pub(crate) fn noted(&self, key: &str) -> Option<String> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Notes something for the rest of the run, or forgets it.
    pub(crate) fn note(&self, key: &str, value: Option<String>) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        match value {
            Some(value) => notes.insert(key.to_owned(), value),
            None => notes.remove(key),
        };
    }
}
