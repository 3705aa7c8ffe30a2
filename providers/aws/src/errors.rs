//! What AWS's error codes mean: the retry class of each, as a table, and the error people see.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use updraft_contract::CloudError;
use updraft_transport::{Class, Redactor};
pub(crate) use updraft_transport::{Failure, absent, gone};

/// One row of the table: the class of a code, where the message contains a text.
struct Rule {
    /// The service as its permissions spell it, or empty for all.
    service: &'static str,
    /// The error code, or empty for all.
    code: &'static str,
    /// A part of the message in lower case, or empty for all.
    text: &'static str,
    class: Class,
}

const fn rule(service: &'static str, code: &'static str, text: &'static str, class: Class) -> Rule {
    Rule { service, code, text, class }
}

/// Terraform's provider waits as long; one minute was not enough (hashicorp/terraform-provider-aws 8248).
const ROLE_TO_LAMBDA: Class = Class::Propagation(Duration::from_mins(5));
/// Terraform's provider waits as long for `EventBridge` Scheduler.
const ROLE_TO_SCHEDULER: Class = Class::Propagation(Duration::from_mins(2));
/// How long a queue that was made, changed or deleted may look as before: SQS names a minute.
const NEW_QUEUE: Class = Class::Propagation(Duration::from_secs(90));
/// How long a statement of a function's policy may be unknown to S3; Terraform's provider waits as long.
const NEW_STATEMENT: Class = Class::Propagation(Duration::from_mins(1));
const IAM_WAIT: Class = Class::Propagation(Duration::from_mins(3));

/// The first row that fits decides.
///
/// Codes are those of the service models. The texts of `ResourceConflictException`, which means
/// three things in Lambda, and of the propagation errors are those that Terraform's AWS provider
/// matches (internal/service/lambda, internal/service/scheduler).
const RULES: &[Rule] = &[
    rule("lambda", "InvalidParameterValueException", "cannot be assumed by lambda", ROLE_TO_LAMBDA),
    rule(
        "lambda",
        "InvalidParameterValueException",
        "execution role does not have permissions",
        ROLE_TO_LAMBDA,
    ),
    rule(
        "lambda",
        "InvalidParameterValueException",
        "kms key is invalid for creategrant",
        ROLE_TO_LAMBDA,
    ),
    rule("lambda", "InvalidParameterValueException", "ensure the role can perform", ROLE_TO_LAMBDA),
    // A queue that was just made; SQS names a minute.
    rule("lambda", "InvalidParameterValueException", "nonexistentqueue", NEW_QUEUE),
    rule("lambda", "InvalidParameterValueException", "queue does not exist", NEW_QUEUE),
    // A visibility timeout that was just raised.
    rule("lambda", "InvalidParameterValueException", "queue visibility timeout", NEW_QUEUE),
    rule("lambda", "", "throttled by ec2", Class::Throttle(None)),
    rule("lambda", "ResourceConflictException", "already exist", Class::ConflictExists),
    rule("lambda", "ResourceConflictException", "urlconfig exists", Class::ConflictExists),
    rule("lambda", "ResourceConflictException", "", Class::ConflictInProgress),
    rule("lambda", "ResourceNotReadyException", "", Class::ConflictInProgress),
    rule("lambda", "ResourceInUseException", "", Class::ConflictInProgress),
    rule("scheduler", "ValidationException", "to assume the role", ROLE_TO_SCHEDULER),
    // A group that is being deleted, or a schedule that was just written.
    rule("scheduler", "ConflictException", "already exist", Class::ConflictExists),
    rule("scheduler", "ConflictException", "", Class::ConflictInProgress),
    rule("iam", "EntityAlreadyExists", "", Class::ConflictExists),
    rule("iam", "ConcurrentModification", "", Class::ConflictInProgress),
    rule("iam", "EntityTemporarilyUnmodifiable", "", Class::ConflictInProgress),
    // A policy that was just taken off a role may still be seen on it.
    rule("iam", "DeleteConflict", "", Class::Propagation(Duration::from_secs(20))),
    rule("iam", "MalformedPolicyDocument", "invalid principal", IAM_WAIT),
    rule("logs", "OperationAbortedException", "", Class::ConflictInProgress),
    rule("logs", "ResourceAlreadyExistsException", "", Class::ConflictExists),
    rule("apigateway", "", "try again later", Class::ConflictInProgress),
    rule("apigatewayv2", "", "try again later", Class::ConflictInProgress),
    rule("apigateway", "ConflictException", "", Class::ConflictExists),
    rule("apigatewayv2", "ConflictException", "", Class::ConflictExists),
    // SQS answers in the words of its query protocol where the client asks for them.
    rule("sqs", "QueueDoesNotExist", "", Class::Missing),
    rule("sqs", "AWS.SimpleQueueService.NonExistentQueue", "", Class::Missing),
    rule("sqs", "QueueDeletedRecently", "", NEW_QUEUE),
    rule("sqs", "AWS.SimpleQueueService.QueueDeletedRecently", "", NEW_QUEUE),
    rule("sqs", "QueueNameExists", "", Class::ConflictExists),
    rule("sqs", "QueueAlreadyExists", "", Class::ConflictExists),
    rule("sqs", "", "dead letter target does not exist", NEW_QUEUE),
    rule("s3", "BucketAlreadyOwnedByYou", "", Class::ConflictExists),
    rule("s3", "NoSuchBucket", "", Class::Missing),
    rule("s3", "OperationAborted", "", Class::ConflictInProgress),
    rule("s3", "ConditionalRequestConflict", "", Class::ConflictInProgress),
    // The statement that lets S3 call was just added.
    rule("s3", "InvalidArgument", "unable to validate the following destination", NEW_STATEMENT),
    rule("", "PreconditionFailedException", "", Class::PreconditionFailed),
    rule("", "ResourceNotFoundException", "", Class::Missing),
    rule("", "NotFoundException", "", Class::Missing),
    rule("", "NoSuchEntity", "", Class::Missing),
    rule("", "Throttling", "", Class::Throttle(None)),
    rule("", "ThrottlingException", "", Class::Throttle(None)),
    rule("", "ThrottledException", "", Class::Throttle(None)),
    rule("", "TooManyRequestsException", "", Class::Throttle(None)),
    rule("", "RequestLimitExceeded", "", Class::Throttle(None)),
    rule("", "LimitExceededException", "rate exceeded", Class::Throttle(None)),
    rule("", "RequestThrottled", "", Class::Throttle(None)),
    rule("", "SlowDown", "", Class::Throttle(None)),
];

/// Codes that say the credentials themselves are no good.
const BAD_CREDENTIALS: [&str; 8] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Codes that say a permission is missing.
const DENIED: [&str; 4] =
    ["AccessDenied", "AccessDeniedException", "ForbiddenException", "UnauthorizedOperation"];

/// Returns what an error answer of `operation` (`lambda:CreateFunction`) means for the next call.
pub(crate) fn classify(operation: &str, status: u16, code: &str, message: &str) -> Class {
    let service = operation.split(':').next().unwrap_or_default();
    let message = message.to_lowercase();
    let fits = |rule: &&Rule| {
        (rule.service.is_empty() || rule.service == service)
            && (rule.code.is_empty() || rule.code == code)
            && message.contains(rule.text)
    };
    if let Some(rule) = RULES.iter().find(fits) {
        return rule.class;
    }
    match status {
        429 => Class::Throttle(None),
        // 501 is how an emulator says that it does not have the operation.
        500 | 502..=599 => Class::Ambiguous,
        _ => Class::Terminal,
    }
}

/// Turns the SDK's error into ours.
pub(crate) fn failure<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let told = || Redactor::default().clean(&updraft_transport::told(error));
    let lost = |class| {
        let operation = operation.to_owned();
        Failure { class, error: CloudError::Unreachable { operation, message: told() } }
    };
    if let SdkError::ServiceError(answer) = error {
        let status = answer.raw().status().as_u16();
        let code = answer.err().code().unwrap_or("NoErrorCode");
        let message = answer.err().message().unwrap_or("the cloud gave no reason");
        let mut class = classify(operation, status, code, message);
        if matches!(class, Class::Throttle(_)) {
            class = Class::Throttle(retry_after(answer.raw()));
        }
        return Failure { class, error: refusal(operation, code, message) };
    }
    match error {
        SdkError::ConstructionFailure(_) => Failure::refused(operation, "InvalidRequest", told()),
        SdkError::DispatchFailure(failure) if failure.is_user() => lost(Class::Terminal),
        // Sent or not, received or not: nobody knows.
        SdkError::DispatchFailure(_)
        | SdkError::TimeoutError(_)
        | SdkError::ResponseError(_)
        | _ => lost(Class::Ambiguous),
    }
}

/// Returns the pause that the answer asks for, at most a minute.
fn retry_after(answer: &HttpResponse) -> Option<Duration> {
    let seconds: u64 = answer.headers().get("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds.min(60)))
}

fn refusal(operation: &str, code: &str, message: &str) -> CloudError {
    let message = Redactor::default().clean(message);
    if DENIED.contains(&code) {
        // SQS writes actions in lower case.
        let own = |said: &&str| !said.eq_ignore_ascii_case(operation);
        let permission = permission_in(&message).filter(own).unwrap_or(operation).to_owned();
        return CloudError::Denied { permission, message };
    }
    if BAD_CREDENTIALS.contains(&code) {
        return CloudError::Credentials(format!("{code}: {message}"));
    }
    CloudError::Refused { operation: operation.to_owned(), code: code.to_owned(), message }
}

/// Finds the permission in `… is not authorized to perform: iam:PassRole on resource: …`.
fn permission_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("to perform: ")?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '-' | '*'));
    let permission = rest.get(..end.unwrap_or(rest.len()))?;
    permission.contains(':').then_some(permission)
}

#[cfg(test)]
mod tests {
    use updraft_contract::CloudError;
    use updraft_transport::Class;

    use super::{classify, refusal};

    fn lambda(code: &str, message: &str) -> Class {
        classify("lambda:UpdateFunctionCode", 409, code, message)
    }

    #[test]
    fn one_conflict_code_of_lambda_means_three_things() {
        let code = "ResourceConflictException";
        assert_eq!(lambda(code, "Function already exist: api"), Class::ConflictExists);
        let statement = "The statement id (x) provided already exists. Please provide a new \
            statement id, or remove the existing statement.";
        assert_eq!(lambda(code, statement), Class::ConflictExists);
        let busy = "The operation cannot be performed at this time. An update is in progress for \
            resource: arn:aws:lambda:eu-west-1:111122223333:function:api";
        assert_eq!(lambda(code, busy), Class::ConflictInProgress);
        let pending = "The function is currently in the following state: Pending";
        assert_eq!(lambda(code, pending), Class::ConflictInProgress);
    }

    #[test]
    fn a_role_that_lambda_does_not_see_yet_is_waited_for() {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        let class =
            classify("lambda:CreateFunction", 400, "InvalidParameterValueException", message);
        assert!(matches!(class, Class::Propagation(_)));
        let other = "Unzipped size must be smaller than 262144000 bytes";
        let class = classify("lambda:CreateFunction", 400, "InvalidParameterValueException", other);
        assert_eq!(class, Class::Terminal);
    }

    #[test]
    fn throttling_is_recognised_in_every_protocol() {
        assert_eq!(
            classify("iam:GetRole", 400, "Throttling", "Rate exceeded"),
            Class::Throttle(None)
        );
        assert_eq!(classify("lambda:Invoke", 429, "Whatever", ""), Class::Throttle(None));
    }

    #[test]
    fn a_broken_answer_is_ambiguous_and_a_missing_operation_is_not() {
        assert_eq!(
            classify("lambda:CreateFunction", 500, "ServiceException", ""),
            Class::Ambiguous
        );
        assert_eq!(classify("lambda:CreateFunction", 501, "NotImplemented", ""), Class::Terminal);
    }

    #[test]
    fn a_missing_permission_is_named() {
        let message = "User: arn:aws:iam::111122223333:user/ci is not authorized to perform: \
            iam:PassRole on resource: arn:aws:iam::111122223333:role/x";
        let error = refusal("lambda:CreateFunction", "AccessDeniedException", message);
        assert!(
            matches!(error, CloudError::Denied { permission, .. } if permission == "iam:PassRole")
        );
        let error = refusal("lambda:CreateFunction", "AccessDeniedException", "no");
        assert!(
            matches!(error, CloudError::Denied { permission, .. } if permission == "lambda:CreateFunction")
        );
    }
}
