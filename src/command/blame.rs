//! Turns errors of the stages into words and exit codes for the user.

use updraft_contract::{Cloud, CloudError, Obstacle, Unsupported};

use crate::exit::{Exit, Failure};
use crate::plan::Refused;
use crate::report::human;
use crate::survey;

/// Explains why nobody can say what has to happen.
pub(crate) fn survey(error: survey::Error, manifest: &str) -> Failure {
    match error {
        survey::Error::Unsupported(missing) => unsupported(&missing, manifest),
        survey::Error::Obstructed(obstacles) => obstructed(&obstacles, manifest),
        survey::Error::Malformed(bug) => bugged(&bug.to_string()),
        survey::Error::Cloud(error) => cloud(&error),
    }
}

/// Explains why there is no plan.
pub(crate) fn refused(refused: &Refused, manifest: &str) -> Failure {
    match refused {
        Refused::Blocked(blocked) => human::blocked(blocked, manifest),
        Refused::Circular(_) => bugged(&refused.to_string()),
    }
}

/// Explains why no cloud could be planned on.
pub(crate) fn all(missing: Vec<(Cloud, Failure)>) -> Failure {
    let alone = missing.len() == 1;
    let mut failures = missing.into_iter();
    let Some((first, failure)) = failures.next() else {
        return Failure::new(Exit::Failed, "the manifest names no cloud")
            .hint("Add `[provider.aws]`, `[provider.azure]` or `[provider.gcp]` to it.");
    };
    if alone {
        return failure;
    }
    let mut whole = Failure::new(failure.exit, "no cloud can be planned on");
    for (cloud, failure) in std::iter::once((first, failure)).chain(failures) {
        whole = whole.detail(format!("{}: {}", cloud.title(), failure.message));
        let lines = failure.details.iter().map(|line| format!("  {line}"));
        whole = lines.fold(whole, Failure::detail);
        whole = failure.hints.into_iter().fold(whole, Failure::hint);
    }
    whole
}

/// Explains that something outside the app stands in its way.
fn obstructed(obstacles: &[Obstacle], manifest: &str) -> Failure {
    let s = if obstacles.len() == 1 { "" } else { "s" };
    let message = format!("{} thing{s} must be set right first", obstacles.len());
    obstacles.iter().fold(Failure::new(Exit::Failed, message), |failure, obstacle| {
        let failure = failure.detail(human::obstacle(obstacle, manifest));
        if obstacle.mend.is_empty() {
            failure
        } else {
            failure.detail(format!("  {}", obstacle.mend))
        }
    })
}

fn bugged(what: &str) -> Failure {
    Failure::new(Exit::Failed, what).hint("This is a bug in Updraft. Nothing was changed.")
}

fn unsupported(missing: &[Unsupported], manifest: &str) -> Failure {
    let s = if missing.len() == 1 { "" } else { "s" };
    let message = format!("the manifest asks for {} thing{s} that cannot be done", missing.len());
    missing.iter().fold(Failure::new(Exit::Failed, message), |failure, missing| {
        let origin = &missing.origin;
        failure.detail(format!("{manifest}:{}: {}: {missing}", origin.line, origin.path))
    })
}

/// Explains why a call to the cloud failed.
pub(crate) fn cloud(error: &CloudError) -> Failure {
    let failure = Failure::new(exit(error), error.to_string());
    match error {
        CloudError::Stale(_) => failure.hint("Run the command again: it plans from what is there now."),
        CloudError::Taken { .. } => {
            failure.hint("Updraft never changes what does not carry this project's and stage's mark.")
        }
        CloudError::HoldsData { .. } => {
            failure.hint("Add --destroy-data if it may be lost. Nothing was deleted.")
        }
        CloudError::Denied { permission, .. } => {
            human::allow([permission.as_str()]).into_iter().fold(failure, Failure::hint)
        }
        CloudError::Credentials(_) => failure
            .hint("Log in with the cloud's own tool, or set `profile` in the manifest's [provider] table.")
            .hint("To work without an account, add --local: the embedded cloud needs no credentials."),
        CloudError::WrongAccount { .. } => {
            failure.hint("Use credentials of the pinned account, or another --stage. Nothing was read or changed.")
        }
        CloudError::Unreachable { .. } => {
            failure.hint("Check the network, the endpoint and the region, then run the command again.")
        }
        CloudError::TimedOut { .. } => failure.hint("Run the command again: it continues from here."),
        CloudError::Refused { .. } => failure,
    }
}

fn exit(error: &CloudError) -> Exit {
    match error {
        CloudError::Stale(_) | CloudError::Taken { .. } => Exit::Stale,
        CloudError::Denied { .. }
        | CloudError::Credentials(_)
        | CloudError::WrongAccount { .. } => Exit::Denied,
        CloudError::Unreachable { .. }
        | CloudError::TimedOut { .. }
        | CloudError::HoldsData { .. }
        | CloudError::Refused { .. } => Exit::Failed,
    }
}
