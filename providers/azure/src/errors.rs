//! What Azure's errors mean: the retry class of each, as a table, and the error people see.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;
use updraft_contract::CloudError;
use updraft_transport::{Class, Redactor};
pub(crate) use updraft_transport::{Failure, absent, gone};

/// One row of the table: the class of an answer that fits all that the row names.
struct Rule {
    /// A part of the operation, such as `/write`, or empty for all.
    operation: &'static str,
    /// The HTTP status, or 0 for all.
    status: u16,
    /// The code in small letters, or empty for all.
    code: &'static str,
    /// Parts of the message, in small letters.
    texts: &'static [&'static str],
    class: Class,
}

const fn rule(
    operation: &'static str,
    (status, code): (u16, &'static str),
    texts: &'static [&'static str],
    class: Class,
) -> Rule {
    Rule { operation, status, code, texts, class }
}

/// Rights and identities are known everywhere "within 10 minutes", as a rule within one
/// (<https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>).
const PRINCIPAL: Class = Class::Propagation(Duration::from_mins(5));
/// How long the parent of something just made may be unknown to its own service.
const PARENT: Class = Class::Propagation(Duration::from_mins(1));
/// How long a function app may not know who its deployer is.
const PUBLISHER: Class = Class::Propagation(Duration::from_mins(3));
/// How long Event Grid may not find a function that was just published.
const INDEXED: Class = Class::Propagation(Duration::from_mins(6));

const BUSY: Class = Class::ConflictInProgress;
const SLOW: Class = Class::Throttle(None);
const NO: Class = Class::Terminal;

/// The first row that fits decides.
///
/// Codes of Azure Resource Manager:
/// <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>.
/// Texts: those that Terraform's Azure provider and the Azure CLI wait for.
const RULES: &[Rule] = &[
    // What takes another to be finished first.
    rule("", (0, "anotheroperationinprogress"), &[], BUSY),
    rule("", (0, "retryableerror"), &[], BUSY),
    rule("", (0, "retryableerrorduetoanotheroperation"), &[], BUSY),
    rule("", (0, "storageaccountoperationinprogress"), &[], BUSY),
    rule("", (0, "resourcegroupbeingdeleted"), &[], BUSY),
    rule("", (0, "resourcegroupdeletionblocked"), &[], NO),
    rule("", (0, "operationnotallowed"), &["in progress"], BUSY),
    rule("", (409, ""), &["another operation"], BUSY),
    rule("", (409, ""), &["in progress"], BUSY),
    rule("", (429, ""), &["another operation"], BUSY),
    rule("sqlroleassignments", (0, "preconditionfailed"), &["exclusive lock"], BUSY),
    rule("sites/publish", (409, ""), &[], BUSY),
    // Made a moment ago, and not known everywhere.
    rule("", (0, "principalnotfound"), &[], PRINCIPAL),
    rule("", (400, ""), &["does not exist in the directory"], PRINCIPAL),
    rule("sqlroleassignments", (0, "badrequest"), &["was not found in the aad tenant"], PRINCIPAL),
    rule("", (0, "endpoint validation"), &[], INDEXED),
    rule("eventsubscriptions", (400, ""), &["destination endpoint not found"], INDEXED),
    rule("", (0, "unsupported azure function trigger"), &[], NO),
    rule("sites/publish", (401, ""), &[], PUBLISHER),
    rule("sites/publish", (403, ""), &[], PUBLISHER),
    // Absent, or not there for a child yet.
    rule("", (0, "noregisteredproviderfound"), &[], NO),
    rule("", (0, "invalidresourcetype"), &[], NO),
    rule("", (0, "subscriptionnotfound"), &[], NO),
    rule("/write", (0, "parentresourcenotfound"), &[], PARENT),
    rule("/write", (0, "resourcegroupnotfound"), &[], PARENT),
    rule("/write", (404, ""), &[], PARENT),
    rule("", (404, ""), &[], Class::Missing),
    // It is there already.
    rule("", (0, "roleassignmentexists"), &[], Class::ConflictExists),
    rule("", (0, "roledefinitionwithsamenameexists"), &[], NO),
    rule("", (0, "roleassignmentupdatenotpermitted"), &[], NO),
    rule("", (0, "roledefinitionhasassignments"), &[], BUSY),
    rule("", (0, "flagmustbesetforrestore"), &[], NO),
    rule("", (412, ""), &[], Class::PreconditionFailed),
    // Too fast, or too much.
    rule("", (0, "subscriptionisoverquotaforsku"), &[], NO),
    rule("", (0, "insufficientquota"), &[], NO),
    rule("", (0, "quotaexceeded"), &[], NO),
    rule("", (429, ""), &[], SLOW),
    rule("", (0, "toomanyrequests"), &[], SLOW),
    rule("", (0, "subscriptionrequeststhrottled"), &[], SLOW),
    rule("", (0, "resourcecollectionrequeststhrottled"), &[], SLOW),
    // Nothing was begun.
    rule("", (503, "serverbusy"), &[], Class::TransientNotApplied),
    // Nobody knows whether these were applied.
    rule("", (408, ""), &[], Class::Ambiguous),
    rule("", (500, ""), &[], Class::Ambiguous),
    rule("", (502, ""), &[], Class::Ambiguous),
    rule("", (503, ""), &[], Class::Ambiguous),
    rule("", (504, ""), &[], Class::Ambiguous),
    rule("", (0, "internalservererror"), &[], Class::Ambiguous),
    rule("", (0, "serviceunavailable"), &[], Class::Ambiguous),
    rule("", (0, "gatewaytimeout"), &[], Class::Ambiguous),
];

/// Returns what an error answer of `operation` (`Microsoft.Web/sites/write`) means for the next
/// call. `status` is 0 where the error was told by an operation that had begun.
pub(crate) fn classify(operation: &str, status: u16, code: &str, message: &str) -> Class {
    let (operation, code) = (operation.to_lowercase(), code.to_lowercase());
    let text = message.to_lowercase();
    let fits = |rule: &&Rule| {
        operation.contains(rule.operation)
            && (rule.status == 0 || rule.status == status)
            && (rule.code.is_empty() || rule.code == code)
            && rule.texts.iter().all(|part| text.contains(part))
    };
    RULES.iter().find(fits).map_or(Class::Terminal, |rule| rule.class)
}

/// Turns an error answer into ours. `headers` have names in small letters.
pub(crate) fn refused(
    operation: &str,
    status: u16,
    headers: &BTreeMap<String, String>,
    body: &[u8],
) -> Failure {
    let said = Said::of(status, body);
    let mut class = classify(operation, status, &said.code, &said.message);
    if matches!(class, Class::Throttle(_)) {
        class = Class::Throttle(retry_after(headers));
    }
    Failure { class, error: said.error(operation, status) }
}

/// Turns the error that an operation ended with into ours: `{"error": {"code", "message"}}`.
pub(crate) fn ended(operation: &str, body: &Json) -> Failure {
    let said = Said::read(0, body).unwrap_or_else(|| Said::plain(0, ""));
    let class = classify(operation, 0, &said.code, &said.message);
    Failure { class, error: said.error(operation, 0) }
}

/// A request whose answer was lost: nobody knows what became of it.
pub(crate) fn lost(operation: &str, message: impl Into<String>) -> Failure {
    let (operation, message) = (operation.to_owned(), Redactor::default().clean(&message.into()));
    Failure { class: Class::Ambiguous, error: CloudError::Unreachable { operation, message } }
}

/// Returns the pause that an answer asks for, in whole seconds.
pub(crate) fn retry_after(headers: &BTreeMap<String, String>) -> Option<Duration> {
    headers.get("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// The code and message of an error.
struct Said {
    code: String,
    /// The more exact code of App Service, or empty.
    extended: String,
    message: String,
}

impl Said {
    /// Reads a body in either form that Azure has; anything else is taken as text.
    fn of(status: u16, body: &[u8]) -> Self {
        let json = serde_json::from_slice(body).ok();
        if let Some(said) = json.as_ref().and_then(|json| Self::read(status, json)) {
            return said;
        }
        Self::plain(status, &String::from_utf8_lossy(body))
    }

    /// Reads `{"error": {..}}`, or the same without the wrapping, in whatever case.
    fn read(status: u16, body: &Json) -> Option<Self> {
        let inner = get(body, "error").filter(|inner| inner.is_object()).unwrap_or(body);
        let (code, message) = (text(inner, "code"), text(inner, "message"));
        if code.is_none() && message.is_none() {
            return None;
        }
        let details = get(inner, "details").and_then(Json::as_array);
        let details = details.map(Vec::as_slice).unwrap_or_default();
        let entity = details.iter().find_map(|detail| get(detail, "errorEntity"));
        let mut said = message.unwrap_or_default();
        for more in details.iter().filter_map(|detail| text(detail, "message")) {
            if !said.contains(&more) {
                let space = if said.is_empty() { "" } else { " " };
                said = format!("{said}{space}{more}");
            }
        }
        Some(Self {
            code: code.unwrap_or_else(|| named(status)),
            extended: entity.and_then(|entity| text(entity, "extendedCode")).unwrap_or_default(),
            message: said,
        })
    }

    /// Takes what is no JSON: nothing at all, or the page of a gateway, of which the title says
    /// everything.
    fn plain(status: u16, body: &str) -> Self {
        let lower = body.to_lowercase();
        let title = lower.find("<title>").and_then(|at| {
            let rest = body.get(at + "<title>".len()..)?;
            rest.get(..rest.to_lowercase().find("</title>")?)
        });
        let message = title.unwrap_or(body).trim().chars().take(300).collect();
        Self { code: named(status), extended: String::new(), message }
    }

    fn error(self, operation: &str, status: u16) -> CloudError {
        let message = Redactor::default().clean(&self.message);
        let message =
            if message.is_empty() { "the cloud gave no reason".to_owned() } else { message };
        let code = self.code.to_lowercase();
        let denied = ["authorizationfailed", "linkedauthorizationfailed", "forbidden"];
        if status == 401 || code.starts_with("invalidauthenticationtoken") {
            return CloudError::Credentials(message);
        }
        if denied.contains(&code.as_str()) {
            let permission = action_in(&message).unwrap_or_else(|| asked(operation).to_owned());
            return CloudError::Denied { permission, message };
        }
        let code = match self.extended.as_str() {
            "" => self.code,
            extended => format!("{} {extended}", self.code),
        };
        CloudError::Refused { operation: operation.to_owned(), code, message }
    }
}

/// Returns the action that an operation takes. Whoever talks to the service that packages are sent
/// to must be allowed to publish, to look as well
/// (<https://learn.microsoft.com/azure/app-service/resources-kudu#rbac-permissions>).
fn asked(operation: &str) -> &str {
    match operation {
        "Microsoft.Web/sites/deployments/read" => "Microsoft.Web/sites/publish/Action",
        own => own,
    }
}

/// Names a status for which the answer has no code.
fn named(status: u16) -> String {
    match status {
        0 => "Failed".to_owned(),
        403 => "Forbidden".to_owned(),
        404 => "NotFound".to_owned(),
        409 => "Conflict".to_owned(),
        _ => format!("HTTP {status}"),
    }
}

/// Finds the action in `… does not have authorization to perform action 'Microsoft.Web/sites/write'
/// over scope …`; of a linked one, that which is missing.
fn action_in(message: &str) -> Option<String> {
    let words = message.split('\'').skip(1).step_by(2);
    let actions = words.filter(|word| word.starts_with("Microsoft.") && word.contains('/'));
    actions.last().map(str::to_owned)
}

/// Returns a member of an object, whatever the case of its name.
pub(crate) fn get<'j>(object: &'j Json, name: &str) -> Option<&'j Json> {
    let entries = object.as_object()?;
    entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text(object: &Json, name: &str) -> Option<String> {
    match get(object, name)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use serde_json::json;
    use updraft_contract::CloudError;
    use updraft_transport::Class;

    use super::{Failure, classify, ended, refused};

    const WRITE: &str = "Microsoft.Web/sites/write";

    fn answer(status: u16, body: &str) -> Failure {
        refused(WRITE, status, &BTreeMap::new(), body.as_bytes())
    }

    fn code(failure: &Failure) -> &str {
        let CloudError::Refused { code, .. } = &failure.error else { panic!("{}", failure.error) };
        code
    }

    #[test]
    fn both_forms_of_errors_are_read_in_any_case() {
        let arm = answer(400, r#"{"error":{"code":"InvalidRequestContent","message":"No."}}"#);
        assert_eq!((code(&arm), arm.class), ("InvalidRequestContent", Class::Terminal));
        let web = r#"{"Code":"BadRequest","Message":"Bad.","Target":null,"Details":[{"Message":"Bad."},{"Code":"BadRequest"},{"ErrorEntity":{"ExtendedCode":"51021","MessageTemplate":"{0}","Parameters":["x"],"Code":"BadRequest","Message":"Bad."}}],"Innererror":null}"#;
        assert_eq!(code(&answer(400, web)), "BadRequest 51021");
        let upper = answer(
            409,
            r#"{"ERROR":{"CODE":"Conflict","MESSAGE":"Another operation is in progress"}}"#,
        );
        assert_eq!(upper.class, Class::ConflictInProgress);
    }

    #[test]
    fn an_answer_that_is_no_json_goes_by_its_status() {
        let page = answer(502, "<html><head><title>502 Bad Gateway</title></head><body>…</body>");
        assert_eq!(page.class, Class::Ambiguous);
        assert!(page.error.to_string().ends_with("502 Bad Gateway"), "{}", page.error);
        let empty = answer(500, "");
        assert!(empty.error.to_string().contains("the cloud gave no reason"));
        assert_eq!(classify("Microsoft.Web/sites/read", 404, "", ""), Class::Missing);
        assert_eq!(answer(418, "[1]").class, Class::Terminal);
    }

    #[test]
    fn what_is_missing_to_read_is_not_there_yet_to_write() {
        for code in
            ["ResourceGroupNotFound", "ParentResourceNotFound", "ResourceNotFound", "NotFound"]
        {
            assert_eq!(
                classify("Microsoft.Web/sites/read", 404, code, ""),
                Class::Missing,
                "{code}"
            );
            assert_eq!(classify("Microsoft.Web/sites/delete", 404, code, ""), Class::Missing);
            assert!(matches!(classify(WRITE, 404, code, ""), Class::Propagation(_)), "{code}");
        }
        for code in ["NoRegisteredProviderFound", "InvalidResourceType", "SubscriptionNotFound"] {
            assert_eq!(classify("Microsoft.Web/sites/read", 404, code, ""), Class::Terminal);
        }
    }

    #[test]
    fn cosmos_db_takes_one_change_at_a_time_and_knows_new_identities_late() {
        let write = "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments/write";
        let lock = "There is another user operation in progress which requires an exclusive lock \
            on [acct]. Please retry after sometime.";
        for status in [412, 0] {
            let class = classify(write, status, "PreconditionFailed", lock);
            assert_eq!(class, Class::ConflictInProgress);
        }
        assert_eq!(classify(write, 412, "PreconditionFailed", ""), Class::PreconditionFailed);
        let unknown = "The provided principal ID [x] was not found in the AAD tenant(s) [y] which \
            are associated with the customer's subscription.";
        for status in [400, 0] {
            let class = classify(write, status, "BadRequest", unknown);
            assert!(matches!(class, Class::Propagation(_)), "{class:?}");
        }
        assert_eq!(classify(write, 400, "BadRequest", "no"), Class::Terminal);
    }

    #[test]
    fn a_rate_is_waited_out_and_a_limit_is_not() {
        let headers = BTreeMap::from([("retry-after".to_owned(), "17".to_owned())]);
        let slow = refused(WRITE, 429, &headers, b"");
        assert_eq!(slow.class, Class::Throttle(Some(Duration::from_secs(17))));
        assert_eq!(answer(429, "").class, Class::Throttle(None));
        for code in ["QuotaExceeded", "InsufficientQuota", "SubscriptionIsOverQuotaForSku"] {
            assert_eq!(classify(WRITE, 409, code, ""), Class::Terminal, "{code}");
        }
    }

    #[test]
    fn one_conflict_status_means_several_things() {
        let class = |code, text| classify(WRITE, 409, code, text);
        assert_eq!(
            class("Conflict", "Cannot modify this site because another operation is in progress."),
            Class::ConflictInProgress
        );
        assert_eq!(class("StorageAccountOperationInProgress", ""), Class::ConflictInProgress);
        assert_eq!(class("AnotherOperationInProgress", ""), Class::ConflictInProgress);
        assert_eq!(
            class("RoleAssignmentExists", "The role assignment already exists."),
            Class::ConflictExists
        );
        assert_eq!(class("Conflict", "Website with given name x already exists."), Class::Terminal);
        assert_eq!(class("StorageAccountAlreadyTaken", ""), Class::Terminal);
        assert_eq!(class("ScopeLocked", ""), Class::Terminal);
        assert_eq!(class("FlagMustBeSetForRestore", ""), Class::Terminal);
        assert_eq!(
            classify("Microsoft.Web/sites/publish/Action", 409, "", ""),
            Class::ConflictInProgress
        );
    }

    #[test]
    fn what_was_made_a_moment_ago_is_waited_for() {
        let role = "Microsoft.Authorization/roleAssignments/write";
        assert!(matches!(classify(role, 400, "PrincipalNotFound", ""), Class::Propagation(_)));
        assert_eq!(classify(role, 400, "RoleAssignmentUpdateNotPermitted", ""), Class::Terminal);
        let event = "Microsoft.EventGrid/eventSubscriptions/write";
        let text = "Destination endpoint not found.";
        assert!(matches!(classify(event, 400, "Endpoint validation", text), Class::Propagation(_)));
        assert_eq!(classify(event, 400, "Unsupported Azure Function Trigger", ""), Class::Terminal);
        let publish = "Microsoft.Web/sites/publish/Action";
        assert!(matches!(classify(publish, 403, "", ""), Class::Propagation(_)));
    }

    #[test]
    fn a_missing_permission_is_named() {
        let body = json!({"error": {"code": "AuthorizationFailed", "message":
            "The client 'x@y.z' with object id 'o' does not have authorization to perform action \
             'Microsoft.Web/sites/write' over scope '/subscriptions/s' or the scope is invalid."}});
        let CloudError::Denied { permission, .. } = answer(403, &body.to_string()).error else {
            panic!("not denied")
        };
        assert_eq!(permission, "Microsoft.Web/sites/write");
        let CloudError::Denied { permission, .. } = answer(403, "").error else {
            panic!("not denied")
        };
        assert_eq!(permission, WRITE);
        assert!(matches!(answer(401, "").error, CloudError::Credentials(_)));
    }

    #[test]
    fn an_operation_that_failed_is_classed_by_its_code() {
        let body =
            json!({"status": "Failed", "error": {"code": "InternalServerError", "message": "x"}});
        assert_eq!(ended(WRITE, &body).class, Class::Ambiguous);
        let body =
            json!({"status": "Failed", "error": {"code": "SkuNotAvailable", "message": "x"}});
        assert_eq!(ended(WRITE, &body).class, Class::Terminal);
        assert_eq!(code(&ended(WRITE, &json!({"status": "Canceled"}))), "Failed");
    }

    #[test]
    fn keys_and_connection_strings_are_never_repeated() {
        let body = json!({"error": {"code": "BadRequest", "message":
            "bad value DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0MQ==;EndpointSuffix=x \
             or https://a.blob.core.windows.net/?sv=1&sig=c2VjcmV0Mg%3D%3D or Endpoint=sb://n/;SharedAccessKey=c2VjcmV0Mw=="}});
        let said = answer(400, &body.to_string()).error.to_string();
        assert!(!said.contains("c2VjcmV0"), "{said}");
    }
}
