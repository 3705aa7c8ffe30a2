//! Reads, writes and asks the policies in the store.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::model::{Binding, Condition, Holder, Member, Policy, Record};
use super::{condition, members, roles};
use crate::cloud::Context;
use crate::google::refusals::{aborted, invalid};
use crate::google::{etag, project};
use crate::members::set;
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// The etag of a policy nobody has written yet.
const UNWRITTEN: &str = "ACAB";

/// A question: may `member` do `permission` to `resource`, whose policies are those of `holders`?
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// As a policy has it: `serviceAccount:…`, or `allUsers` for somebody unknown.
    pub(crate) member: &'a str,
    /// The permission: `run.routes.invoke`.
    pub(crate) permission: &'a str,
    /// The resource's name, for conditions.
    pub(crate) resource: &'a str,
    /// The names of the resources whose policies count: itself, its project.
    pub(crate) holders: &'a [&'a str],
}

fn key(name: &str) -> String {
    Place::new("google", "policies", "global").key("policy", &[name])
}

/// Where a policy is kept that lets nobody do anything any more: only its etag is of interest.
fn cleared(name: &str) -> String {
    Place::new("google", "policies", "global").key("cleared", &[name])
}

/// Returns the policy of `name`; a project has one from the start.
pub(super) fn load(tx: &Tx, name: &str) -> Result<Record, Refusal> {
    if let Some(record) = tx.get(&key(name))? {
        return Ok(record);
    }
    if let Some(record) = tx.get(&cleared(name))? {
        return Ok(record);
    }
    let mut policy = Policy { bindings: Vec::new(), etag: UNWRITTEN.to_owned() };
    if let Some(id) = name.strip_prefix("projects/").filter(|id| !id.contains('/')) {
        policy.bindings = first_bindings(id);
        policy.etag = etag(&[name, "0"]);
    }
    Ok(Record { policy, before: None })
}

/// What a project's policy says once the usual APIs are enabled.
fn first_bindings(id: &str) -> Vec<Binding> {
    let number = project::number(id);
    let binding = |role: &str, member: String| Binding {
        role: role.to_owned(),
        members: vec![Member { name: member, uid: None }],
        condition: None,
    };
    let agent =
        |domain: &str| format!("serviceAccount:service-{number}@{domain}.iam.gserviceaccount.com");
    vec![
        binding("roles/cloudfunctions.serviceAgent", agent("gcf-admin-robot")),
        binding("roles/cloudscheduler.serviceAgent", agent("gcp-sa-cloudscheduler")),
        binding("roles/owner", "user:owner@example.com".to_owned()),
        binding("roles/run.serviceAgent", agent("serverless-robot-prod")),
    ]
}

/// Returns the policy of `name` as JSON. Below version 3 conditional bindings are shown without their condition.
pub(crate) fn read(tx: &Tx, name: &str, version: i64) -> Result<Value, Refusal> {
    if ![0, 1, 3].contains(&version) {
        return Err(invalid(format!(
            "Requested policy version ({version}) is invalid: use 0, 1 or 3."
        )));
    }
    let policy = load(tx, name)?.policy;
    let conditional = policy.bindings.iter().any(|binding| binding.condition.is_some());
    let mut bindings = Vec::new();
    for binding in &policy.bindings {
        let members: Result<Vec<String>, Refusal> =
            binding.members.iter().map(|member| members::show(tx, member)).collect();
        let mut shown = json!({"role": binding.role, "members": members?});
        if let Some(condition) = &binding.condition {
            if version == 3 {
                set(&mut shown, "condition", json!(condition));
            } else {
                set(&mut shown, "role", format!("{}{WITH}{}", binding.role, digest(condition)));
            }
        }
        bindings.push(shown);
    }
    let shown_version = if conditional && version == 3 { 3 } else { 1 };
    let mut answer = json!({"version": shown_version, "etag": policy.etag});
    if policy.etag == UNWRITTEN {
        answer = json!({"etag": policy.etag});
    }
    if !bindings.is_empty() {
        set(&mut answer, "bindings", bindings);
    }
    Ok(answer)
}

/// What stands between a role and the digest of its condition in a policy that was asked for without conditions.
const WITH: &str = "_withcond_";

fn digest(condition: &Condition) -> String {
    let text = format!("{}{}{}", condition.title, condition.description, condition.expression);
    let digest = Sha256::digest(text);
    digest.iter().take(10).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Replaces the policy of a holder with `policy`, as the wire has it, and returns what reads answer from now on.
pub(crate) fn put(
    tx: &mut Tx,
    context: &Context<'_>,
    holder: &Holder<'_>,
    policy: &Value,
) -> Result<Value, Refusal> {
    let record = load(tx, holder.name)?;
    let version = policy.get("version").and_then(Value::as_i64).unwrap_or_default();
    let sent = policy.get("etag").and_then(Value::as_str).filter(|etag| !etag.is_empty());
    if sent.is_some_and(|etag| etag != record.policy.etag) {
        return Err(concurrent());
    }
    let had = record.policy.bindings.iter().any(|binding| binding.condition.is_some());
    if sent.is_some() && had && version != 3 {
        return Err(invalid(
            "The policy has conditional bindings: it can only be replaced by one of version 3.",
        ));
    }
    let bindings = bindings(tx, context, (holder, &record.policy), policy)?;
    let conditional = bindings.iter().any(|binding| binding.condition.is_some());
    if ![0, 1, 3].contains(&version) || (conditional && version != 3) {
        return Err(invalid(format!(
            "Policy version {version} is invalid: a policy with conditional bindings has version 3, any other 1 or 3."
        )));
    }
    let count = tx.get::<u64>(&count_key(holder.name))?.unwrap_or_default() + 1;
    tx.put(&count_key(holder.name), &count)?;
    let etag = etag(&[holder.name, &count.to_string()]);
    let delay = context.settings.iam_policy_ms;
    // A write before the last one is in force leaves in force what is.
    let before = match record.before {
        _ if delay == 0 => None,
        Some((until, older)) if until > context.now => Some((context.now.plus(delay), older)),
        _ => Some((context.now.plus(delay), record.policy)),
    };
    let empty = bindings.is_empty() && before.is_none();
    let (full, bare) = (key(holder.name), cleared(holder.name));
    let (kept, left) = if empty { (bare, full) } else { (full, bare) };
    tx.remove(&left)?;
    tx.put(&kept, &Record { policy: Policy { bindings, etag }, before })?;
    read(tx, holder.name, 3)
}

fn count_key(name: &str) -> String {
    Place::new("google", "policies", "global").key("writes", &[name])
}

fn concurrent() -> Refusal {
    aborted(
        "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
    )
}

/// The bindings of a policy on the wire: checked, one per role and condition, in order.
fn bindings(
    tx: &Tx,
    context: &Context<'_>,
    at: (&Holder<'_>, &Policy),
    policy: &Value,
) -> Result<Vec<Binding>, Refusal> {
    let (holder, _) = at;
    let mut bindings: Vec<Binding> = Vec::new();
    let sent = policy.get("bindings").and_then(Value::as_array).into_iter().flatten();
    for one in sent {
        let role = one.get("role").and_then(Value::as_str).unwrap_or_default();
        check_role(holder, role)?;
        let condition = condition_of(holder, one.get("condition"))?;
        let sent = one.get("members").and_then(Value::as_array).into_iter().flatten();
        let found: Result<Vec<Member>, Refusal> = sent
            .filter_map(Value::as_str)
            .map(|member| members::check(tx, context, at, member))
            .collect();
        let found = found?;
        let same = bindings
            .iter_mut()
            .find(|binding| binding.role == role && binding.condition == condition);
        match same {
            Some(binding) => binding.members.extend(found),
            None => bindings.push(Binding { role: role.to_owned(), members: found, condition }),
        }
    }
    for binding in &mut bindings {
        binding.members.sort();
        binding.members.dedup();
    }
    bindings.retain(|binding| !binding.members.is_empty());
    bindings.sort_by(|a, b| (&a.role, &a.condition).cmp(&(&b.role, &b.condition)));
    Ok(bindings)
}

fn check_role(holder: &Holder<'_>, role: &str) -> Result<(), Refusal> {
    if role.contains(WITH) {
        return Err(invalid(format!(
            "Role {role} is a role with a condition that was left out: read with version 3."
        )));
    }
    let fits = holder.rules.roles.is_empty()
        || !role.starts_with("roles/")
        || holder.rules.roles.iter().any(|prefix| role.starts_with(prefix));
    if roles::is_known(role) && fits {
        return Ok(());
    }
    Err(invalid(format!("Role {role} is not supported for this resource.")))
}

fn condition_of(holder: &Holder<'_>, sent: Option<&Value>) -> Result<Option<Condition>, Refusal> {
    let Some(sent) = sent else { return Ok(None) };
    if !holder.rules.conditions {
        return Err(invalid("Conditions are not supported on this resource."));
    }
    let condition: Condition = serde_json::from_value(sent.clone())
        .map_err(|_| invalid("A condition must have an expression."))?;
    if condition.title.is_empty() {
        return Err(invalid("A condition must have a title."));
    }
    if condition::holds(&condition.expression, "").is_none() {
        let what = format!("the condition {}", condition.expression);
        return Err(Refusal::not_modelled(&what));
    }
    Ok(Some(condition))
}

/// Removes the policy of a resource that is gone.
pub(crate) fn forget(tx: &mut Tx, name: &str) -> Result<(), Refusal> {
    tx.remove(&key(name))?;
    tx.remove(&cleared(name))?;
    Ok(())
}

/// Whether the policies that are in force allow it.
pub(crate) fn permits(tx: &Tx, context: &Context<'_>, asked: Asked<'_>) -> Result<bool, Refusal> {
    for holder in asked.holders {
        let Record { policy, before } = load(tx, holder)?;
        let in_force = match before {
            Some((until, older)) if until > context.now => older,
            _ => policy,
        };
        for binding in &in_force.bindings {
            if applies(binding, asked) && is_member(tx, binding, asked.member)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn applies(binding: &Binding, asked: Asked<'_>) -> bool {
    let holds = |condition: &Condition| {
        condition::holds(&condition.expression, asked.resource) == Some(true)
    };
    roles::allows(&binding.role, asked.permission) && binding.condition.as_ref().is_none_or(holds)
}

fn is_member(tx: &Tx, binding: &Binding, asked: &str) -> Result<bool, Refusal> {
    for member in &binding.members {
        let named = member.name == asked
            || member.name == "allUsers"
            || (member.name == "allAuthenticatedUsers" && asked != "allUsers");
        if named && members::is_live(tx, member)? {
            return Ok(true);
        }
    }
    Ok(false)
}
