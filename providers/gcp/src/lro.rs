//! Operations that take long: followed to their end, within a limit, each stage told.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use google_cloud_functions_v2::model::stage::{Name, State};
use google_cloud_functions_v2::model::{OperationMetadata, Stage};
use google_cloud_gax::error::rpc::{Code, Status};
use google_cloud_longrunning::model::{Operation, operation};
use updraft_contract::{CloudError, Stages};
use updraft_transport::{Progress, wait_at};

use crate::client::Cloud;
use crate::errors::{Failure, absent, answered};

/// How long a function may be built and rolled out; firebase-tools waits 25 minutes.
const LIMIT: Duration = Duration::from_mins(30);

/// Follows an operation of Cloud Functions to its end.
///
/// `name` is all that is needed, so that an operation can be picked up again by whoever noted it.
/// One that Google no longer knows has ended: what it worked on says how it went.
pub(crate) async fn follow(
    cloud: &Cloud,
    name: &str,
    what: &str,
    stages: &Stages<'_>,
) -> Result<(), Failure> {
    let told = Mutex::new(String::new());
    wait_at(cloud.poll, what, LIMIT, || {
        let call = cloud.safe("cloudfunctions.operations.get", |api| {
            api.functions.get_operation().set_name(name).send()
        });
        let told = &told;
        async move {
            let Some(operation) = absent(call.await)? else {
                return Ok(Progress::Done(()));
            };
            let stage = stage(&operation);
            if let Some(stage) = &stage
                && is_new(told, stage)
            {
                stages.tell(stage);
            }
            if operation.done {
                ended(&operation)?;
                return Ok(Progress::Done(()));
            }
            Ok::<_, Failure>(Progress::Waiting(stage.unwrap_or_else(|| name.to_owned())))
        }
    })
    .await
}

/// Returns whether `stage` is another than the last one, and remembers it.
fn is_new(last: &Mutex<String>, stage: &str) -> bool {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    let new = *last != stage;
    stage.clone_into(&mut last);
    new
}

/// Returns why an operation failed, if it did. The log of its build is named in the message.
pub(crate) fn ended(operation: &Operation) -> Result<(), Failure> {
    let Some(operation::Result::Error(error)) = &operation.result else { return Ok(()) };
    let mut message = error.message.clone();
    if let Some(log) = build_log(operation) {
        message = format!("{message}; the log of the build: {log}");
    }
    let status = Status::default().set_code(Code::from(error.code)).set_message(message);
    Err(answered("cloudfunctions.operations.get", None, &status))
}

/// Returns whether an operation failed for want of resources, which leaves a broken function
/// behind that no update mends (firebase-tools deletes it and creates it again).
pub(crate) fn out_of_resources(failure: &Failure) -> bool {
    matches!(&failure.error, CloudError::Refused { operation, code, .. }
        if operation == "cloudfunctions.operations.get" && code == "RESOURCE_EXHAUSTED")
}

fn metadata(operation: &Operation) -> Option<OperationMetadata> {
    operation.metadata.as_ref()?.to_msg::<OperationMetadata>().ok()
}

fn build_log(operation: &Operation) -> Option<String> {
    let stages = metadata(operation)?.stages;
    let build = stages.into_iter().find(|stage| stage.name == Name::Build)?;
    Some(build.resource_uri).filter(|uri| !uri.is_empty())
}

/// Returns what the cloud is busy with, in plain words.
fn stage(operation: &Operation) -> Option<String> {
    let stages = metadata(operation)?.stages;
    let busy = stages.iter().find(|stage| stage.state == State::InProgress)?;
    Some(words(busy).to_owned())
}

fn words(stage: &Stage) -> &'static str {
    match stage.name {
        Name::ArtifactRegistry => "preparing the image repository",
        Name::Build => "building the container image",
        Name::Service => "rolling out the service",
        Name::Trigger => "setting up the event trigger",
        Name::ServiceRollback => "rolling the service back",
        Name::TriggerRollback => "rolling the event trigger back",
        // The enum is open.
        Name::Unspecified | Name::UnknownValue(_) | _ => "working",
    }
}
