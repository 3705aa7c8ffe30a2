//! What Google's errors mean: the retry class of each, as a table, and the error people see.

use std::time::Duration;

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::{Code, Status, StatusDetails};
use updraft_contract::CloudError;
use updraft_transport::{Class, Redactor, told};
pub(crate) use updraft_transport::{Failure, absent, gone};

/// One row of the table: the class of a code, where the message contains all texts.
struct Rule {
    /// The service as its permissions spell it, or empty for all.
    service: &'static str,
    /// The canonical code, such as `NOT_FOUND`, or empty for all.
    code: &'static str,
    /// Parts of the message, or the reason of its `ErrorInfo`, in lower case.
    texts: &'static [&'static str],
    class: Class,
}

const fn rule(
    service: &'static str,
    code: &'static str,
    texts: &'static [&'static str],
    class: Class,
) -> Rule {
    Rule { service, code, texts, class }
}

/// A new service account is visible everywhere within a minute as a rule; Terraform's provider
/// waits longer.
const ACCOUNT: Class = Class::Propagation(Duration::from_mins(2));
/// The Eventarc service agent gets its role when it is first used ("it may take a few minutes").
const AGENT: Class = Class::Propagation(Duration::from_mins(10));

const INVALID: &str = "INVALID_ARGUMENT";
const BUSY: Class = Class::ConflictInProgress;
const SLOW: Class = Class::Throttle(None);

/// The first row that fits decides.
///
/// Codes: <https://cloud.google.com/apis/design/errors>. Texts: those that Terraform's Google
/// provider (`transport/error_retry_predicates.go`) and firebase-tools (`deploy/functions`) match.
const RULES: &[Rule] = &[
    rule("", "", &["permission denied while using the eventarc service agent"], AGENT),
    rule("", "", &["unable to queue the operation"], BUSY),
    rule("", "", &["another operation is already in progress"], BUSY),
    rule("", "", &["another activation or deactivation is in progress"], BUSY),
    rule("cloudscheduler", "", &["sync mutate calls cannot be queued"], BUSY),
    rule("", "", &["there were concurrent policy changes"], Class::PreconditionFailed),
    rule("", INVALID, &["service account", "does not exist"], ACCOUNT),
    rule("cloudfunctions", "NOT_FOUND", &["gserviceaccount.com"], ACCOUNT),
    rule("cloudfunctions", INVALID, &["gserviceaccount.com", "not found"], ACCOUNT),
    rule("pubsub", INVALID, &["retry this operation"], Class::TransientNotApplied),
    // A limit on what may exist, not on how fast it is asked for.
    rule("", "", &["maxscale may not exceed"], Class::Terminal),
    rule("", "", &["quota exceeded for total allowable"], Class::Terminal),
    rule("", "", &["rate_limit_exceeded"], SLOW),
    rule("", "PERMISSION_DENIED", &["quota exceeded for quota metric", "per minute"], SLOW),
    rule("", "PERMISSION_DENIED", &["concurrent_operations_quota_exceeded"], SLOW),
    rule("", "RESOURCE_EXHAUSTED", &["quota exceeded for quota metric", "per minute"], SLOW),
    rule("", "RESOURCE_EXHAUSTED", &["quota_exceeded"], Class::Terminal),
    rule("", "RESOURCE_EXHAUSTED", &[], SLOW),
    rule("", "NOT_FOUND", &[], Class::Missing),
    rule("", "ALREADY_EXISTS", &[], Class::ConflictExists),
    // An etag or a generation that no longer holds.
    rule("storage", "ABORTED", &[], Class::PreconditionFailed),
    rule("storage", "FAILED_PRECONDITION", &[], Class::PreconditionFailed),
    rule("", "ABORTED", &[], BUSY),
    // Nobody knows whether these were applied.
    rule("", "CANCELLED", &[], Class::Ambiguous),
    rule("", "DATA_LOSS", &[], Class::Ambiguous),
    rule("", "DEADLINE_EXCEEDED", &[], Class::Ambiguous),
    rule("", "INTERNAL", &[], Class::Ambiguous),
    rule("", "UNAVAILABLE", &[], Class::Ambiguous),
];

/// Returns what an error answer of `operation` (`cloudfunctions.functions.create`) means for the
/// next call. `reason` is that of its `ErrorInfo`, or empty.
pub(crate) fn classify(operation: &str, code: &str, reason: &str, message: &str) -> Class {
    let service = operation.split('.').next().unwrap_or_default();
    let text = format!("{reason} {message}").to_lowercase();
    let fits = |rule: &&Rule| {
        (rule.service.is_empty() || rule.service == service)
            && (rule.code.is_empty() || rule.code == code)
            && rule.texts.iter().all(|part| text.contains(part))
    };
    RULES.iter().find(fits).map_or(Class::Terminal, |rule| rule.class)
}

/// Turns an error of Google's clients into ours.
pub(crate) fn failure(operation: &str, error: &Error) -> Failure {
    let message = Redactor::default().clean(&told(error));
    if error.is_authentication() {
        let transient = error.is_transient_and_before_rpc();
        let class = if transient { Class::TransientNotApplied } else { Class::Terminal };
        return Failure { class, error: CloudError::Credentials(message) };
    }
    let http = error.http_status_code();
    if let Some(status) = error.status() {
        return answered(operation, http, status);
    }
    if error.is_binding() || error.is_serialization() {
        return Failure::refused(operation, "InvalidRequest", message);
    }
    if let Some(http) = http.filter(|http| !matches!(http, 200..=399)) {
        return refused(operation, http, &error.http_payload().cloned().unwrap_or_default());
    }
    lost(operation, message)
}

/// The failure of a request whose answer never came: sent or not, nobody knows.
pub(crate) fn lost(operation: &str, message: String) -> Failure {
    let operation = operation.to_owned();
    Failure { class: Class::Ambiguous, error: CloudError::Unreachable { operation, message } }
}

/// Turns an error answer, read as bytes, into ours.
pub(crate) fn refused(operation: &str, http: u16, body: &bytes::Bytes) -> Failure {
    if let Ok(status) = Status::try_from(body) {
        return answered(operation, Some(http), &status);
    }
    let text: String = String::from_utf8_lossy(body).chars().take(300).collect();
    let status = Status::default().set_code(Code::Unknown).set_message(text);
    answered(operation, Some(http), &status)
}

/// Turns the status that ended a request or an operation into ours.
pub(crate) fn answered(operation: &str, http: Option<u16>, status: &Status) -> Failure {
    let unnamed = status.code == Code::Unknown;
    let code = http.filter(|_| unnamed).map_or(status.code.name(), from_http);
    let details = Details::of(status);
    let message = Redactor::default().clean(&status.message);
    let message = if message.is_empty() { "the cloud gave no reason".to_owned() } else { message };
    let mut class = classify(operation, code, &details.reason, &message);
    if matches!(class, Class::Throttle(_)) {
        class = Class::Throttle(details.pause);
    }
    let error = match code {
        "PERMISSION_DENIED" if details.reason != "SERVICE_DISABLED" => {
            let permission = details.permission.or_else(|| permission_in(&message));
            let permission = permission.unwrap_or_else(|| operation.to_owned());
            CloudError::Denied { permission, message }
        }
        "UNAUTHENTICATED" => CloudError::Credentials(message),
        _ => {
            let code = if details.reason.is_empty() { code } else { &details.reason };
            CloudError::Refused { operation: operation.to_owned(), code: code.to_owned(), message }
        }
    };
    Failure { class, error }
}

/// What the details of a status say, as far as we act on it.
#[derive(Default)]
struct Details {
    reason: String,
    permission: Option<String>,
    pause: Option<Duration>,
}

impl Details {
    fn of(status: &Status) -> Self {
        let mut details = Self::default();
        for detail in &status.details {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is open, and Google's")]
            match detail {
                StatusDetails::ErrorInfo(info) => {
                    details.reason.clone_from(&info.reason);
                    details.permission = info.metadata.get("permission").cloned();
                }
                StatusDetails::RetryInfo(info) => {
                    let seconds =
                        info.retry_delay.as_ref().map(google_cloud_wkt::Duration::seconds);
                    let seconds = seconds.and_then(|seconds| u64::try_from(seconds).ok());
                    details.pause = seconds.map(|seconds| Duration::from_secs(seconds.min(60)));
                }
                _ => {}
            }
        }
        details
    }
}

/// Returns the canonical code that an HTTP status stands for, where the answer names none.
/// <https://cloud.google.com/apis/design/errors#handling_errors>; 412 is Cloud Storage's.
fn from_http(status: u16) -> &'static str {
    match status {
        400 => INVALID,
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ALREADY_EXISTS",
        412 => "FAILED_PRECONDITION",
        429 => "RESOURCE_EXHAUSTED",
        501 => "UNIMPLEMENTED",
        500 | 502..=599 => "UNAVAILABLE",
        _ => "UNKNOWN",
    }
}

/// Finds the permission in `Permission 'iam.serviceAccounts.create' denied on resource …`, and in
/// `… does not have storage.buckets.get access …`.
fn permission_in(message: &str) -> Option<String> {
    let shaped = |word: &&str| {
        word.split('.').count() == 3
            && word.split('.').all(|part| {
                part.starts_with(|c: char| c.is_ascii_lowercase())
                    && part.chars().all(|c| c.is_ascii_alphanumeric())
            })
    };
    let words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '-');
    let mut words = words.map(|word| word.trim_end_matches('.')).filter(shaped);
    let hosts = [".com", ".org", ".app"];
    words.find(|word| !hosts.iter().any(|host| word.ends_with(host))).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::CloudError;
    use updraft_transport::Class;

    use super::{classify, refused};

    fn answer(http: u16, body: &str) -> super::Failure {
        refused("cloudfunctions.functions.create", http, &bytes::Bytes::from(body.to_owned()))
    }

    #[test]
    fn a_new_service_account_is_waited_for() {
        let text = "Service account projects/-/serviceAccounts/x@p.iam.gserviceaccount.com does \
            not exist.";
        let class = classify("resourcemanager.projects.setIamPolicy", "INVALID_ARGUMENT", "", text);
        assert!(matches!(class, Class::Propagation(_)));
        let class = classify("pubsub.topics.create", "INVALID_ARGUMENT", "", "no such name");
        assert_eq!(class, Class::Terminal);
    }

    #[test]
    fn one_conflict_status_means_three_things() {
        let class = |text| classify("cloudfunctions.functions.update", "ABORTED", "", text);
        assert_eq!(class("unable to queue the operation"), Class::ConflictInProgress);
        let policy = "There were concurrent policy changes. Please retry the whole \
            read-modify-write with exponential backoff.";
        assert_eq!(class(policy), Class::PreconditionFailed);
        let taken = classify("cloudfunctions.functions.create", "ALREADY_EXISTS", "", "exists");
        assert_eq!(taken, Class::ConflictExists);
    }

    #[test]
    fn a_rate_is_waited_out_and_a_limit_is_not() {
        let rate = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota exceeded", "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo", "reason":"RATE_LIMIT_EXCEEDED","domain":"googleapis.com","metadata":{}}, {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"4s"}]}}"#;
        assert_eq!(answer(429, rate).class, Class::Throttle(Some(Duration::from_secs(4))));
        let limit = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED", "message":"Quota exceeded for total allowable CPU per project per region."}}"#;
        assert_eq!(answer(429, limit).class, Class::Terminal);
        let denied = "Quota exceeded for quota metric 'Writes' and limit 'Writes per minute' of \
            service 'run.googleapis.com'";
        assert_eq!(
            classify("run.services.setIamPolicy", "PERMISSION_DENIED", "", denied),
            super::SLOW
        );
    }

    #[test]
    fn a_missing_permission_is_named() {
        let body = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"Permission 'cloudfunctions.functions.create' denied on 'projects/p/locations/l/functions/f'"}}"#;
        let CloudError::Denied { permission, .. } = answer(403, body).error else {
            panic!("not denied")
        };
        assert_eq!(permission, "cloudfunctions.functions.create");
        let unnamed =
            r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"No, says x.y.com."}}"#;
        let CloudError::Denied { permission, .. } = answer(403, unnamed).error else {
            panic!("not denied")
        };
        assert_eq!(permission, "cloudfunctions.functions.create");
    }

    #[test]
    fn a_service_that_is_off_is_told_as_such() {
        let body = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"Cloud Functions API has not been used in project 1 before or it is disabled.","details":[ {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"SERVICE_DISABLED", "domain":"googleapis.com","metadata":{"service":"cloudfunctions.googleapis.com"}}]}}"#;
        let CloudError::Refused { code, .. } = answer(403, body).error else { panic!("not told") };
        assert_eq!(code, "SERVICE_DISABLED");
    }

    #[test]
    fn an_answer_that_is_no_json_goes_by_its_status() {
        assert_eq!(answer(502, "<html>Bad Gateway</html>").class, Class::Ambiguous);
        assert_eq!(answer(404, "").class, Class::Missing);
        assert_eq!(answer(501, "").class, Class::Terminal);
    }
}
