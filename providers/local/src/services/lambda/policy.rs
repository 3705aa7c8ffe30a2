//! A function's resource policy: statements are added, removed and read, and asked.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::checks::Checks;
use super::names::{Named, from_arn};
use super::record::{Function, existing, place};
use super::refusals::{conflict, invalid, no_resource, stale, user};
use super::roles;
use super::sheet::Sheet;
use super::statement::{Permission, Principal};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::policy::{Ask, By, Keys, Policy, Verdict, verdict};
use crate::store::{Place, StoreError, Tx};
use crate::wire::{Refusal, Reply, Request};

/// The most a policy may measure (developer guide, "Lambda quotas").
const LIMIT: usize = 20_480;

/// A function's policy as it is stored. There is none without statements.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Record {
    revision: String,
    statements: Vec<Permission>,
}

/// Who wants to invoke a function, on behalf of what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The service: `apigateway.amazonaws.com`.
    pub(crate) service: &'a str,
    /// The resource that calls: `aws:SourceArn`.
    pub(crate) arn: &'a str,
    /// Its account: `aws:SourceAccount`.
    pub(crate) account: &'a str,
}

/// Whether the function's policy lets a service invoke it.
pub(crate) fn permits(tx: &Tx, function: &str, source: &Source<'_>) -> Result<bool, StoreError> {
    let keys = Keys::of([("aws:SourceArn", source.arn), ("aws:SourceAccount", source.account)]);
    let by = By::Service(source.service);
    allows(tx, function, &Ask { by, action: "lambda:InvokeFunction", resource: None, keys })
}

/// Whether the function's policy lets anyone call its URL: both actions, each with its condition
/// (developer guide, "Control access to Lambda function URLs").
pub(super) fn permits_public_url(tx: &Tx, function: &str) -> Result<bool, StoreError> {
    let url = Keys::of([("lambda:FunctionUrlAuthType", "NONE")]);
    let invoke = Keys::of([("lambda:InvokedViaFunctionUrl", "true")]);
    for (action, keys) in [("lambda:InvokeFunctionUrl", url), ("lambda:InvokeFunction", invoke)] {
        if !allows(tx, function, &Ask { by: By::Anyone, action, resource: None, keys })? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn allows(tx: &Tx, function: &str, ask: &Ask<'_>) -> Result<bool, StoreError> {
    let Some(policy) = of_function(tx, function)? else { return Ok(false) };
    let Some((account, region, name)) = from_arn(function) else { return Ok(false) };
    let resource = super::names::arn(account, region, name);
    let ask = Ask { resource: Some(&resource), ..ask.clone() };
    Ok(verdict([&policy], &ask) == Verdict::Allowed)
}

/// The policy of the function with this ARN, qualified or not; `None` if it has none.
pub(crate) fn of_function(tx: &Tx, function: &str) -> Result<Option<Policy>, StoreError> {
    let Some((account, region, name)) = from_arn(function) else { return Ok(None) };
    let record = tx.get::<Record>(&key(&place(account, region), name))?;
    let statements = |record: Record| record.statements.iter().map(Permission::evaluable).collect();
    Ok(record.map(|record| Policy { statements: statements(record) }))
}

fn key(place: &Place, name: &str) -> String {
    place.key("policy", &[name])
}

/// Removes a deleted function's policy.
pub(super) fn remove_all(tx: &mut Tx, function: &Function) -> Result<(), StoreError> {
    tx.remove(&key(&place(&function.account, &function.region), &function.name))?;
    Ok(())
}

fn named(request: &Request) -> Result<Named, Refusal> {
    let named = Named::in_path(request)?;
    if named.qualifier.as_deref() == Some("$LATEST") {
        return Err(invalid("We currently do not support adding policies for $LATEST."));
    }
    named.latest()
}

struct Input {
    sid: String,
    action: String,
    principal: String,
    source_arn: Option<String>,
    source_account: Option<String>,
    token: Option<String>,
    organisation: Option<String>,
    url_auth: Option<String>,
    via_url: Option<bool>,
    revision: Option<String>,
}

impl Input {
    fn take(request: &Request) -> Result<Self, Refusal> {
        let mut sheet = Sheet::read(request)?;
        let sid: Option<String> = sheet.take("StatementId")?;
        let action: Option<String> = sheet.take("Action")?;
        let principal: Option<String> = sheet.take("Principal")?;
        let mut checks = Checks::default();
        checks.required(sid.as_ref(), "statementId");
        checks.required(action.as_ref(), "action");
        checks.required(principal.as_ref(), "principal");
        let input = Self {
            sid: sid.unwrap_or_default(),
            action: action.unwrap_or_default(),
            principal: principal.unwrap_or_default(),
            source_arn: sheet.take("SourceArn")?,
            source_account: sheet.take("SourceAccount")?,
            token: sheet.take("EventSourceToken")?,
            organisation: sheet.take("PrincipalOrgID")?,
            url_auth: sheet.take("FunctionUrlAuthType")?,
            via_url: sheet.take("InvokedViaFunctionUrl")?,
            revision: sheet.take("RevisionId")?,
        };
        sheet.end()?;
        input.check(checks)?;
        Ok(input)
    }

    fn check(&self, mut checks: Checks) -> Result<(), Refusal> {
        let pattern =
            |text: &str| format!("Member must satisfy regular expression pattern: {text}");
        let sid = self.sid.as_str();
        let fine = sid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        checks.that(fine, (sid, "statementId"), &pattern("([a-zA-Z0-9-_]+)"));
        checks.length(Some(sid), "statementId", 100);
        let name = self.action.strip_prefix("lambda:").unwrap_or("?");
        let letters = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        let fine = self.action.is_empty() || self.action == "*" || name == "*" || letters;
        checks.that(fine, (&self.action, "action"), &pattern("(lambda:[*]|lambda:[a-zA-Z]+|[*])"));
        if let Some(arn) = &self.source_arn {
            let fine = arn.starts_with("arn:aws") && arn.split(':').count() >= 6;
            checks.that(fine, (arn, "sourceArn"), &pattern("arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)"));
        }
        if let Some(account) = &self.source_account {
            let fine = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            checks.that(fine, (account, "sourceAccount"), &pattern("\\d{12}"));
        }
        checks.one_of(self.url_auth.as_deref(), "functionUrlAuthType", &["NONE", "AWS_IAM"]);
        checks.done()?;
        if self.url_auth.is_some() && self.action != "lambda:InvokeFunctionUrl" {
            return Err(invalid(
                "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
            ));
        }
        if self.via_url.is_some() && self.action != "lambda:InvokeFunction" {
            return Err(invalid(
                "InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action",
            ));
        }
        Ok(())
    }

    fn statement(self, tx: &Tx, context: &Context<'_>, arn: &str) -> Result<Permission, Refusal> {
        let unknown = || {
            invalid("The provided principal was invalid. Please check the principal and try again.")
        };
        let principal = Principal::read(&self.principal).ok_or_else(unknown)?;
        if let Some(identity) = principal.identity()
            && !roles::exists(tx, context, identity)?
        {
            return Err(unknown());
        }
        let mut statement = Permission::new(&self.sid, &self.action, principal, arn);
        statement.equals("AWS:SourceAccount", self.source_account);
        statement.equals("aws:PrincipalOrgID", self.organisation);
        statement.equals("lambda:EventSourceToken", self.token);
        statement.equals("lambda:FunctionUrlAuthType", self.url_auth);
        statement.bool("lambda:InvokedViaFunctionUrl", self.via_url);
        statement.like("AWS:SourceArn", self.source_arn);
        Ok(statement)
    }
}

/// `AddPermission`.
pub(super) fn add(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::take(request)?;
    let named = named(request)?;
    let function = existing(tx, request, &named)?;
    let key = key(&request.place(), &named.name);
    let found = tx.get::<Record>(&key)?;
    let latest = found.as_ref().map_or(function.revision(context.now), |one| &one.revision);
    if input.revision.take().is_some_and(|revision| revision != latest) {
        return Err(stale("GetPolicy"));
    }
    let mut record = found.unwrap_or_default();
    if record.statements.iter().any(|one| one.sid == input.sid) {
        return Err(conflict(format!(
            "The statement id ({}) provided already exists. Please provide a new statement id, or \
             remove the existing statement.",
            input.sid
        )));
    }
    let statement = input.statement(tx, context, &named.arn)?;
    let shown = serde_json::to_string(&statement).unwrap_or_default();
    let object = format!("{}/{}", named.name, statement.sid);
    record.statements.push(statement);
    let size = record.document().len();
    if size > LIMIT {
        let message = format!("The final policy size ({size}) is bigger than the limit ({LIMIT}).");
        return Err(user(400, "PolicyLengthExceededException", message));
    }
    record.revision = uuid::Uuid::new_v4().to_string();
    tx.put(&key, &record)?;
    Ok(Reply::json(json!({"Statement": shown})).status(201).did(Effect::Create, object))
}

/// `GetPolicy`.
pub(super) fn get(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = Named::in_path(request)?.latest()?;
    existing(tx, request, &named)?;
    let record: Record = tx.get(&key(&request.place(), &named.name))?.ok_or_else(no_resource)?;
    Ok(Reply::json(json!({"Policy": record.document(), "RevisionId": record.revision})))
}

/// `RemovePermission`. With the last statement the policy is gone.
pub(super) fn remove(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let named = Named::in_path(request)?.latest()?;
    existing(tx, request, &named)?;
    let key = key(&request.place(), &named.name);
    let mut record: Record = tx.get(&key)?.ok_or_else(no_resource)?;
    if request.query("RevisionId").is_some_and(|revision| revision != record.revision) {
        return Err(stale("GetPolicy"));
    }
    let sid = request.label("StatementId");
    let before = record.statements.len();
    record.statements.retain(|statement| statement.sid != sid);
    if record.statements.len() == before {
        let message = format!("Statement {sid} is not found in resource policy.");
        return Err(user(404, "ResourceNotFoundException", message));
    }
    record.revision = uuid::Uuid::new_v4().to_string();
    if record.statements.is_empty() {
        tx.remove(&key)?;
    } else {
        tx.put(&key, &record)?;
    }
    Ok(Reply::empty(204).did(Effect::Delete, format!("{}/{sid}", named.name)))
}

impl Record {
    /// The document, as `GetPolicy` answers it.
    fn document(&self) -> String {
        let statements = serde_json::to_string(&self.statements).unwrap_or_default();
        format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":{statements}}}"#)
    }
}
