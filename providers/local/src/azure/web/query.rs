//! Queries of a workspace's `AppTraces`: as much of the Kusto query language as reading an app's log takes.
//!
//! Source: <https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format>. A workspace holds the rows of the
//! apps whose component sends to it, if the app may write there.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::logs::{self, Row};
use super::{app, seams};
use crate::azure::service::{Method, ResourceType};
use crate::azure::shape::Shape;
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The query of a workspace.
pub(crate) static QUERY: ResourceType = ResourceType {
    methods: &[Method::post_all(&BODY, query)],
    ..ResourceType::child("Microsoft.OperationalInsights/workspaces/query", &["2017-10-01"])
};

static BODY: Shape = Shape::Object(&[
    ("query", Shape::Required(&Shape::Text)),
    ("timespan", Shape::NotModelled),
    ("workspaces", Shape::NotModelled),
]);

/// The columns there are, with their types.
const COLUMNS: &[(&str, &str)] = &[
    ("TimeGenerated", "datetime"),
    ("AppRoleName", "string"),
    ("OperationName", "string"),
    ("OperationId", "string"),
    ("SeverityLevel", "int"),
    ("Message", "string"),
];

fn query(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let scope = request.label("scope");
    let workspace = request.label("workspaces");
    let id = format!("{scope}/providers/Microsoft.OperationalInsights/workspaces/{workspace}");
    let sent = request.json()?;
    let text = sent.get("query").and_then(Value::as_str).unwrap_or_default();
    let mut stages = text.split('|').map(str::trim);
    if stages.next() != Some("AppTraces") {
        return Err(Refusal::not_modelled("queries of tables other than AppTraces"));
    }
    let mut rows = Vec::new();
    for one in app::every(tx)? {
        if seams::writes_to(tx, context, &one, &id)? {
            rows.extend(logs::rows(tx, &one.name)?);
        }
    }
    rows.sort_by_key(|row| row.time);
    let mut columns: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    for stage in stages {
        apply(stage, &mut rows, &mut columns)?;
    }
    let shown: Vec<Value> =
        rows.iter().map(|row| columns.iter().map(|name| cell(row, name)).collect()).collect();
    let told = columns.iter().map(|name| {
        let kind =
            COLUMNS.iter().find(|(known, _)| known == name).map_or("string", |(_, kind)| kind);
        json!({"name": name, "type": kind})
    });
    let told: Vec<Value> = told.collect();
    Ok(Reply::json(json!({"tables": [{"name": "PrimaryResult", "columns": told, "rows": shown}]})))
}

fn cell(row: &Row, column: &str) -> Value {
    match column {
        "TimeGenerated" => row.time.iso_millis().into(),
        "AppRoleName" => row.role.clone().into(),
        "OperationName" => row.operation.clone().into(),
        "OperationId" => row.id.clone().into(),
        "SeverityLevel" => row.severity.into(),
        _ => row.message.clone().into(),
    }
}

fn unmodelled(stage: &str) -> Refusal {
    Refusal::not_modelled(&format!("'{stage}' in queries"))
}

fn column(name: &str) -> Result<&'static str, Refusal> {
    let found = COLUMNS.iter().find(|(known, _)| *known == name).map(|(known, _)| *known);
    found.ok_or_else(|| {
        let message = format!(
            "'where' operator: Failed to resolve column or scalar expression named '{name}'"
        );
        Refusal::new(400, "BadArgumentError", message)
    })
}

fn apply(stage: &str, rows: &mut Vec<Row>, columns: &mut Vec<&'static str>) -> Result<(), Refusal> {
    let (verb, rest) = stage.split_once(' ').unwrap_or((stage, ""));
    match verb {
        "where" => {
            for condition in rest.split(" and ") {
                let condition =
                    Condition::parse(condition.trim()).ok_or_else(|| unmodelled(stage))?;
                column(&condition.column)?;
                rows.retain(|row| condition.fits(row));
            }
        }
        "order" | "sort" => match rest {
            "by TimeGenerated asc" => rows.sort_by_key(|row| row.time),
            "by TimeGenerated" | "by TimeGenerated desc" => {
                rows.sort_by_key(|row| std::cmp::Reverse(row.time));
            }
            _ => return Err(unmodelled(stage)),
        },
        "take" | "limit" => rows.truncate(rest.parse().map_err(|_| unmodelled(stage))?),
        "project" => {
            *columns = rest.split(',').map(|name| column(name.trim())).collect::<Result<_, _>>()?;
        }
        _ => return Err(unmodelled(stage)),
    }
    Ok(())
}

/// A comparison of a column with a text or a time.
struct Condition {
    column: String,
    operator: String,
    value: String,
}

impl Condition {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ' ');
        let (column, operator, value) = (parts.next()?, parts.next()?, parts.next()?.trim());
        let known = ["==", "=~", "!=", ">=", ">", "contains"].contains(&operator);
        let quoted =
            value.strip_prefix(['\'', '"']).and_then(|rest| rest.strip_suffix(['\'', '"']));
        let time = value.strip_prefix("datetime(").and_then(|rest| rest.strip_suffix(')'));
        let value = quoted.or(time)?.to_owned();
        known.then(|| Self { column: column.to_owned(), operator: operator.to_owned(), value })
    }

    fn fits(&self, row: &Row) -> bool {
        if self.column == "TimeGenerated" {
            let Ok(since) = self.value.parse::<Timestamp>() else { return false };
            // Rows are kept to the millisecond.
            let (time, since) = (row.time.millis(), since.as_millisecond());
            return match self.operator.as_str() {
                ">=" => time >= since,
                ">" => time > since,
                _ => false,
            };
        }
        let found = cell(row, &self.column);
        let found = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        match self.operator.as_str() {
            "==" => found == self.value,
            "=~" => found.eq_ignore_ascii_case(&self.value),
            "!=" => found != self.value,
            "contains" => found.to_lowercase().contains(&self.value.to_lowercase()),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;

    fn rows() -> Vec<Row> {
        let row = |time, role: &str, message: &str| Row {
            time: Moment::from_millis(time),
            role: role.to_owned(),
            operation: "http".to_owned(),
            id: "1".to_owned(),
            severity: 1,
            message: message.to_owned(),
            of_host: false,
        };
        vec![row(1000, "Shop", "one"), row(2000, "shop", "two"), row(3000, "other", "three")]
    }

    #[test]
    fn a_log_is_read_by_role_and_time() {
        let (mut rows, mut columns) = (rows(), vec!["Message"]);
        for stage in [
            "where AppRoleName =~ 'shop'",
            "where TimeGenerated >= datetime(1970-01-01T00:00:01.5Z)",
            "order by TimeGenerated asc",
            "take 10",
            "project TimeGenerated, Message",
        ] {
            apply(stage, &mut rows, &mut columns).unwrap();
        }
        assert_eq!(columns, ["TimeGenerated", "Message"]);
        assert_eq!(rows.iter().map(|row| row.message.as_str()).collect::<Vec<_>>(), ["two"]);
    }

    #[test]
    fn what_is_not_modelled_is_said() {
        let apply = |stage| apply(stage, &mut rows(), &mut Vec::new()).unwrap_err().status;
        assert_eq!(apply("summarize count()"), 501);
        assert_eq!(apply("where Message matches regex 'x'"), 501);
        assert_eq!(apply("where Speed == 'x'"), 400);
    }
}
