//! Statements of a resource policy, read strictly: what we do not understand shows as surplus.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use updraft_contract::{Fields, Known, Value};

use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kinds::known;
use crate::place::short_hash;

/// What the ids of our statements start with. The suffix of the address and a hash of the
/// content follow, so that a changed statement has another id and can stand beside the old one.
const MARK: &str = "updraft-";

/// A function's resource policy.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    /// Its revision, for conditional writes.
    pub(super) revision: Option<String>,
    /// Our statements, by the suffix of their address and their id. There is more than one for an
    /// address after a change that was cut short.
    pub(super) ours: BTreeMap<String, BTreeMap<String, Json>>,
    /// The statements of others, by their id or their place.
    pub(super) others: BTreeMap<String, Json>,
}

/// The output that holds statements as they are, where the fields do not say all of them.
pub(super) const STATEMENTS: &str = "statements";

/// Returns the statements behind what a live resource puts out, as a document.
pub(crate) fn raw(outputs: &BTreeMap<&'static str, String>) -> Option<String> {
    outputs.get(STATEMENTS).cloned()
}

/// Returns a document of these statements.
pub(super) fn document<'a>(statements: impl IntoIterator<Item = &'a Json>) -> String {
    let all: Vec<&Json> = statements.into_iter().collect();
    serde_json::json!({"Version": "2012-10-17", "Statement": all}).to_string()
}

/// Reads the policy of a function; empty where there is none.
pub(super) async fn read(cloud: &Cloud, function: &str) -> Result<Policy, Failure> {
    let answer = cloud
        .safe("lambda:GetPolicy", |api| api.lambda.get_policy().function_name(function).send())
        .await;
    let Some(answer) = absent(answer)? else { return Ok(Policy::default()) };
    let text = answer.policy.unwrap_or_default();
    let document: Json = serde_json::from_str(&text).map_err(|error| {
        let message = format!("the policy of {function} is not JSON: {error}");
        Failure::refused("lambda:GetPolicy", "UnreadablePolicy", message)
    })?;
    let (ours, others) = (ours(&document), others(&document));
    Ok(Policy { revision: answer.revision_id, ours, others })
}

impl Policy {
    /// Returns the buckets on whose behalf our statements let S3 call, as their ARNs.
    pub(crate) fn buckets(&self) -> BTreeSet<String> {
        let all = self.ours.values().map(|statements| fields("", statements));
        let pushed = all.filter(|fields| fields.text("principal") == Some("s3.amazonaws.com"));
        pushed.filter_map(|fields| fields.text("source-arn").map(str::to_owned)).collect()
    }
}

fn statements(document: &Json) -> &[Json] {
    match document.get("Statement") {
        Some(Json::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// Returns the suffix of the address that a statement of ours is at.
fn address(statement: &Json) -> Option<(&str, &str)> {
    let sid = statement.get("Sid").and_then(Json::as_str)?;
    let (suffix, _) = sid.strip_prefix(MARK)?.rsplit_once('-')?;
    Some((suffix, sid))
}

fn others(document: &Json) -> BTreeMap<String, Json> {
    let all = statements(document).iter().enumerate();
    let all = all.filter(|(_, statement)| address(statement).is_none());
    let named = all.map(|(at, statement)| {
        let sid = statement.get("Sid").and_then(Json::as_str);
        (sid.map_or_else(|| format!("statement {at}"), str::to_owned), statement.clone())
    });
    named.collect()
}

fn ours(document: &Json) -> BTreeMap<String, BTreeMap<String, Json>> {
    let mut found: BTreeMap<String, BTreeMap<String, Json>> = BTreeMap::new();
    for statement in statements(document) {
        if let Some((suffix, sid)) = address(statement) {
            let same_address = found.entry(suffix.to_owned()).or_default();
            same_address.insert(sid.to_owned(), statement.clone());
        }
    }
    found
}

/// Returns the id of the statement with these fields at the address with this suffix.
pub(super) fn id(suffix: &str, fields: &Known) -> String {
    let mut content = String::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "surplus") {
        content.push_str(&format_field(name, value));
    }
    format!("{MARK}{suffix}-{}", short_hash(&content))
}

fn format_field(name: &str, value: &Value) -> String {
    format!("{name}={value:?};")
}

/// Reads the statements of one address as fields. The first one is the resource; others are
/// surplus, and so is everything in it that Updraft never writes.
pub(super) fn fields(function: &str, statements: &BTreeMap<String, Json>) -> Known {
    let mut surplus: BTreeSet<Value> =
        statements.keys().skip(1).map(|sid| Value::from(format!("statement {sid}"))).collect();
    let mut fields = Fields::new([("function", Value::from(function))]);
    if let Some(Json::Object(statement)) = statements.values().next() {
        read_statement(statement, &mut fields, &mut surplus);
    }
    fields.set("surplus", Value::Set(surplus));
    known(fields)
}

fn read_statement(
    statement: &Map<String, Json>,
    fields: &mut Fields,
    surplus: &mut BTreeSet<Value>,
) {
    for (member, json) in statement {
        let understood = match (member.as_str(), json) {
            ("Sid" | "Resource", _) => true,
            ("Effect", Json::String(effect)) => effect == "Allow",
            ("Action", json) => set(fields, "action", only_text(json)),
            ("Principal", json) => set(fields, "principal", principal(json)),
            ("Condition", Json::Object(operators)) => {
                read_conditions(operators, fields, surplus);
                true
            }
            _ => false,
        };
        if !understood {
            surplus.insert(Value::from(format!("{member} {json}")));
        }
    }
}

/// Reads conditions. Keys are spelled `AWS:SourceArn` by Lambda and `aws:SourceArn` elsewhere;
/// IAM does not tell the two apart.
fn read_conditions(
    operators: &Map<String, Json>,
    fields: &mut Fields,
    surplus: &mut BTreeSet<Value>,
) {
    for (operator, keys) in operators {
        for (key, json) in keys.as_object().into_iter().flatten() {
            let text = only_text(json);
            let understood = match (operator.as_str(), key.to_lowercase().as_str()) {
                ("ArnLike", "aws:sourcearn") => set(fields, "source-arn", text),
                ("StringEquals", "aws:sourceaccount") => set(fields, "source-account", text),
                ("StringEquals", "lambda:functionurlauthtype") => set(fields, "url-auth", text),
                ("Bool", "lambda:invokedviafunctionurl") => {
                    let yes = text.as_deref() == Some("true");
                    if yes {
                        fields.set("via-url", true);
                    }
                    yes
                }
                _ => false,
            };
            if !understood {
                surplus.insert(Value::from(format!("condition {operator} {key} {json}")));
            }
        }
    }
}

fn set(fields: &mut Fields, name: &'static str, text: Option<String>) -> bool {
    let Some(text) = text else { return false };
    fields.set(name, text);
    true
}

/// Returns the service or `*`. Everyone is written `"*"` or `{"AWS": "*"}`.
fn principal(json: &Json) -> Option<String> {
    let Json::Object(kinds) = json else { return only_text(json) };
    let (kind, name) = kinds.iter().next().filter(|_| kinds.len() == 1)?;
    let name = only_text(name)?;
    (kind == "Service" || name == "*").then_some(name)
}

/// Returns the text of a text, of a yes or no, or of a list of one.
fn only_text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(yes) => Some(yes.to_string()),
        Json::Array(items) => match items.as_slice() {
            [only] => only_text(only),
            _ => None,
        },
        Json::Null | Json::Number(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use updraft_contract::{Known, Value};

    use super::{fields, id, ours};

    fn document(extra: &serde_json::Value) -> serde_json::Value {
        let mut statement = json!({
            "Sid": "updraft-get-photos-1a2b3c4d-99999999",
            "Effect": "Allow",
            "Principal": {"Service": "apigateway.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:api",
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:x"}},
        });
        let members = extra.as_object().unwrap().clone();
        statement.as_object_mut().unwrap().extend(members);
        let theirs = json!({"Sid": "console", "Effect": "Allow", "Principal": "*"});
        json!({"Version": "2012-10-17", "Statement": [theirs, statement]})
    }

    fn read(extra: &serde_json::Value) -> Known {
        fields("api", &ours(&document(extra))["get-photos-1a2b3c4d"])
    }

    fn surplus(known: &Known) -> usize {
        let Some(Value::Set(surplus)) = known.get("surplus") else { panic!("no surplus field") };
        surplus.len()
    }

    #[test]
    fn a_statement_of_ours_is_read_and_a_strangers_is_not_seen() {
        assert_eq!(ours(&document(&json!({}))).len(), 1);
        let known = read(&json!({}));
        assert_eq!(known.text("principal"), Some("apigateway.amazonaws.com"));
        assert_eq!(known.text("source-arn"), Some("arn:aws:execute-api:x"));
        assert_eq!(surplus(&known), 0);
    }

    #[test]
    fn what_we_would_not_write_shows_as_surplus() {
        assert_eq!(surplus(&read(&json!({"Effect": "Deny"}))), 1);
        assert_eq!(surplus(&read(&json!({"Principal": {"AWS": "arn:aws:iam::1:root"}}))), 1);
        let other = json!({"Condition": {"StringLike": {"aws:x": "y"}, "Bool": {"a:b": "true"}}});
        assert_eq!(surplus(&read(&other)), 2);
    }

    #[test]
    fn everyone_is_everyone_however_it_is_spelled() {
        assert_eq!(read(&json!({"Principal": "*"})).text("principal"), Some("*"));
        assert_eq!(read(&json!({"Principal": {"AWS": "*"}})).text("principal"), Some("*"));
    }

    #[test]
    fn another_content_has_another_id() {
        let known = read(&json!({}));
        let other = read(&json!({"Action": "lambda:InvokeFunctionUrl"}));
        assert_ne!(id("x", &known), id("x", &other));
        assert_eq!(id("x", &known), id("x", &read(&json!({}))));
    }
}
