//! What each operation of AWS asks of policies: rows of actions and the resources they are asked of.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys", of each service.

use serde_json::Value;

use super::{gateway, iam, lambda, logs, s3, scheduler, sqs, sts, tagging};
use crate::policy::Keys;
use crate::store::{StoreError, Tx};
use crate::wire::Request;

/// One thing that must be allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// `s3:PutObject`.
    pub(crate) action: String,
    /// The ARN, or `*` where the action knows no resources.
    pub(crate) resource: String,
    /// The keys of the service itself.
    pub(crate) keys: Keys,
}

/// Finds the resources; nothing is asked where there are none.
pub(super) type On = fn(&Seen<'_>) -> Result<Vec<String>, StoreError>;

/// Tells the keys of the service itself.
pub(super) type With = fn(&Seen<'_>) -> Keys;

/// A request and what the cloud holds.
pub(super) struct Seen<'a> {
    /// The request.
    pub(super) request: &'a Request,
    /// The store.
    pub(super) tx: &'a Tx,
    /// Its body, where that is JSON.
    body: Value,
}

/// One action that operations need.
pub(super) struct Row {
    /// The operations; all of the service where there is none.
    pub(super) operations: &'static [&'static str],
    /// The action.
    pub(super) action: &'static str,
    on: On,
    with: Option<With>,
}

impl Row {
    /// An action of these operations.
    pub(super) const fn new(
        operations: &'static [&'static str],
        action: &'static str,
        on: On,
    ) -> Self {
        Self { operations, action, on, with: None }
    }

    /// The same with keys.
    pub(super) const fn with(mut self, keys: With) -> Self {
        self.with = Some(keys);
        self
    }

    /// Whether it is about an operation.
    pub(super) fn is_of(&self, operation: &str) -> bool {
        self.operations.is_empty() || self.operations.contains(&operation)
    }
}

/// The rows of a service, by its name here.
pub(super) fn rows(service: &str) -> &'static [Row] {
    match service {
        "apigateway" | "apigatewayv2" => gateway::ROWS,
        "iam" => iam::ROWS,
        "lambda" => lambda::ROWS,
        "logs" => logs::ROWS,
        "s3" => s3::ROWS,
        "scheduler" => scheduler::ROWS,
        "sqs" => sqs::ROWS,
        "sts" => sts::ROWS,
        "tagging" => tagging::ROWS,
        _ => &[],
    }
}

/// What an operation asks; `None` when nobody said.
pub(super) fn asked(request: &Request, tx: &Tx) -> Result<Option<Vec<Asked>>, StoreError> {
    let seen = Seen { request, tx, body: request.json().unwrap_or(Value::Null) };
    let rows = rows(&request.service).iter().filter(|row| row.is_of(&request.action));
    let (mut asked, mut known) = (Vec::new(), false);
    for row in rows {
        known = true;
        let keys = row.with.map(|with| with(&seen)).unwrap_or_default();
        for resource in (row.on)(&seen)? {
            let action = row.action.replace("{method}", request.method.as_str());
            asked.push(Asked { action, resource, keys: keys.clone() });
        }
    }
    Ok(known.then_some(asked))
}

/// For actions that know no resources.
pub(super) fn anything(_: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(vec!["*".to_owned()])
}

/// For operations that ask nothing.
pub(super) fn nothing(_: &Seen<'_>) -> Result<Vec<String>, StoreError> {
    Ok(Vec::new())
}

impl Seen<'_> {
    /// The text at `name` of the body; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// What is at `name` of the body.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    /// An ARN in the caller's region and account.
    pub(super) fn arn(&self, service: &str, resource: &str) -> String {
        let Request { region, account, .. } = self.request;
        format!("arn:aws:{service}:{region}:{account}:{resource}")
    }

    /// The keys of tags that are sent, as an object or as a list of `Key` and `Value` at `name` of the body.
    pub(super) fn tags(&self, name: &str) -> Keys {
        let mut tags: Vec<(String, String)> = Vec::new();
        let own = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match self.value(name) {
            Some(Value::Object(given)) => {
                tags.extend(given.iter().map(|(key, value)| (key.clone(), own(value))));
            }
            Some(Value::Array(given)) => tags.extend(
                given.iter().filter_map(|tag| Some((own(tag.get("Key")?), own(tag.get("Value")?)))),
            ),
            Some(_) | None => {}
        }
        tag_keys(tags)
    }

    /// Whether tags are sent at `name` of the body.
    pub(super) fn has_tags(&self, name: &str) -> bool {
        match self.value(name) {
            Some(Value::Object(tags)) => !tags.is_empty(),
            Some(Value::Array(tags)) => !tags.is_empty(),
            Some(_) | None => false,
        }
    }
}

/// `aws:RequestTag/…` and `aws:TagKeys`.
pub(super) fn tag_keys(tags: impl IntoIterator<Item = (String, String)>) -> Keys {
    let mut keys = Keys::default();
    for (key, value) in tags {
        keys.add(&format!("aws:RequestTag/{key}"), value);
        keys.add("aws:TagKeys", key);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::SERVICES;

    #[test]
    fn every_operation_has_its_rows_and_every_row_its_operations() {
        for service in SERVICES {
            let rows = rows(service.name);
            for operation in service.operations {
                assert!(
                    rows.iter().any(|row| row.is_of(operation.name)),
                    "{}: {}",
                    service.name,
                    operation.name
                );
            }
            for name in rows.iter().flat_map(|row| row.operations) {
                assert!(
                    service.operations.iter().any(|operation| operation.name == *name),
                    "{}: {name}",
                    service.name
                );
            }
        }
    }

    /// The actions of a row; API Gateway's are its methods.
    fn actions(row: &Row) -> Vec<String> {
        let methods = ["DELETE", "GET", "PATCH", "POST", "PUT"];
        if row.action.contains("{method}") {
            methods.map(|method| row.action.replace("{method}", method)).into()
        } else {
            vec![row.action.to_owned()]
        }
    }

    #[test]
    fn every_action_is_in_the_reference_and_asked_of_what_it_knows() {
        let same = |one: On, two: On| std::ptr::fn_addr_eq(one, two);
        for service in SERVICES {
            for row in rows(service.name) {
                for name in actions(row) {
                    let known = updraft_permit::data::action(&name)
                        .unwrap_or_else(|| panic!("the reference has no {name}"));
                    assert_eq!(known.name, name, "the reference writes it so");
                    // Nobody is asked `*` for what could be narrowed, nor a resource where there is none.
                    let anywhere = same(row.on, anything) || same(row.on, nothing);
                    assert_eq!(!known.takes_resources(), anywhere, "{name}");
                }
            }
        }
    }
}
