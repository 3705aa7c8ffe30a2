//! What the caller may do, as the settings say it: the file that `updraft deployer-policy --json` writes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::policy::{self, Kind};

/// The rights of the caller on each cloud. Whatever they do not say is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deployer {
    /// Policy documents of AWS.
    pub aws: Vec<String>,
    /// Roles of Azure.
    pub azure: Vec<Role>,
    /// Roles of Google.
    pub gcp: Vec<Role>,
}

/// What a role of Azure or Google allows, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// Actions of Azure's control plane, or permissions of Google.
    pub actions: Vec<String>,
    /// Actions taken out of those.
    pub not_actions: Vec<String>,
    /// Actions of Azure's data planes.
    pub data_actions: Vec<String>,
    /// Actions taken out of those.
    pub not_data_actions: Vec<String>,
    /// The scopes of Azure or resources of Google it is for; none for everywhere.
    pub scopes: Vec<String>,
    /// Google: when it counts, in the language of its conditions; empty for always.
    pub condition: String,
}

/// The major version of the file that is understood.
const VERSION: &str = "1";

impl Deployer {
    /// Reads the file. The error says what is wrong with it.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let version = file.get("format_version").and_then(Value::as_str).unwrap_or_default();
        if version.split('.').next() != Some(VERSION) {
            return Err(format!("format_version is {version:?}, not {VERSION}.x"));
        }
        let clouds = file.get("clouds").and_then(Value::as_object).ok_or("there is no `clouds`")?;
        if let Some(unknown) =
            clouds.keys().find(|cloud| !["aws", "azure", "gcp"].contains(&cloud.as_str()))
        {
            return Err(format!("there is no cloud {unknown:?}"));
        }
        let aws = documents(clouds, "aws")?;
        let aws = aws.iter().map(checked).collect::<Result<_, _>>()?;
        let roles = |cloud| -> Result<Vec<Role>, String> {
            documents(clouds, cloud)?.iter().map(Role::read).collect()
        };
        Ok(Self { aws, azure: roles("azure")?, gcp: roles("gcp")? })
    }
}

/// The documents of a cloud: objects, or texts that hold one.
fn documents(clouds: &Map<String, Value>, cloud: &str) -> Result<Vec<Value>, String> {
    let Some(listed) = clouds.get(cloud) else { return Ok(Vec::new()) };
    let listed = listed.as_array().ok_or_else(|| format!("`clouds.{cloud}` is not a list"))?;
    let mut documents = Vec::new();
    for entry in listed {
        match entry.get("document") {
            Some(Value::String(text)) => {
                documents.push(serde_json::from_str(text).map_err(|error| error.to_string())?);
            }
            Some(document @ Value::Object(_)) => documents.push(document.clone()),
            Some(_) | None => return Err(format!("an entry of `clouds.{cloud}` has no document")),
        }
    }
    Ok(documents)
}

/// A policy of AWS that can be evaluated here.
fn checked(document: &Value) -> Result<String, String> {
    let text = document.to_string();
    let policy = policy::parse(&text, Kind::Identity)?;
    let conditions = policy.statements.iter().flat_map(|statement| &statement.conditions);
    match conditions.into_iter().find(|condition| !policy::is_tested(&condition.operator)) {
        Some(condition) => Err(format!("{} cannot be tested here", condition.operator)),
        None => Ok(text),
    }
}

impl Role {
    fn read(document: &Value) -> Result<Self, String> {
        let mut role = Self::default();
        role.take(document)?;
        if role.actions.is_empty() && role.data_actions.is_empty() {
            return Err("a role allows nothing".to_owned());
        }
        Ok(role)
    }

    /// Takes what a document says, in the spelling of the REST API or in that of the command line.
    fn take(&mut self, document: &Value) -> Result<(), String> {
        let Some(members) = document.as_object() else {
            return Err("a role is no object".to_owned());
        };
        for (name, value) in members {
            match name.to_ascii_lowercase().as_str() {
                "actions" | "includedpermissions" => self.actions.extend(texts(value)),
                "notactions" => self.not_actions.extend(texts(value)),
                "dataactions" => self.data_actions.extend(texts(value)),
                "notdataactions" => self.not_data_actions.extend(texts(value)),
                "assignablescopes" | "scopes" | "scope" | "resources" => {
                    self.scopes.extend(texts(value));
                }
                "condition" => {
                    let expression = value.get("expression").unwrap_or(value);
                    expression.as_str().unwrap_or_default().clone_into(&mut self.condition);
                }
                "properties" => self.take(value)?,
                "permissions" => {
                    value.as_array().into_iter().flatten().try_for_each(|part| self.take(part))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn texts(value: &Value) -> Vec<String> {
    let own = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(items) => items.iter().filter_map(own).collect(),
        Value::String(_) => own(value).into_iter().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_in_each_clouds_own_form() {
        let text = r#"{"format_version":"1.0","task":"apply","clouds":{
            "aws":[{"name":"a","document":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}}],
            "azure":[{"name":"b","document":{"Name":"b","IsCustom":true,"Actions":["Microsoft.Web/sites/read"],"DataActions":[],"AssignableScopes":["/subscriptions/s"]}},
                     {"name":"c","document":{"properties":{"permissions":[{"actions":["*/read"],"notActions":["x/read"]}],"assignableScopes":["/subscriptions/s"]}}}],
            "gcp":[{"name":"d","document":"{\"title\":\"d\",\"includedPermissions\":[\"run.services.get\"]}"}]}}"#;
        let read = Deployer::read(text).unwrap();
        assert_eq!(read.aws.len(), 1);
        assert_eq!(read.azure[0].scopes, ["/subscriptions/s"]);
        assert_eq!(read.azure[1].not_actions, ["x/read"]);
        assert_eq!(read.gcp[0].actions, ["run.services.get"]);
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for (text, said) in [
            ("{", "EOF"),
            (r#"{"format_version":"2.0","clouds":{}}"#, "format_version"),
            (r#"{"format_version":"1.0"}"#, "clouds"),
            (r#"{"format_version":"1.0","clouds":{"moon":[]}}"#, "moon"),
            (r#"{"format_version":"1.0","clouds":{"gcp":[{"document":{}}]}}"#, "allows nothing"),
            (
                r#"{"format_version":"1.0","clouds":{"aws":[{"document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"BinaryEquals":{"aws:x":"eA=="}}}}}]}}"#,
                "BinaryEquals",
            ),
            (
                r#"{"format_version":"1.0","clouds":{"aws":[{"document":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Sounds":{"aws:x":"y"}}}}}]}}"#,
                "Sounds",
            ),
        ] {
            let error = Deployer::read(text).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
