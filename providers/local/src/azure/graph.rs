//! Azure Resource Graph: the one query that is modelled, over an index that is late and shows ghosts.
//!
//! `resources | where tags['k'] =~ 'v' and tags['l'] =~ 'w' or type =~ 't' | project id, tags | order by id asc`, with
//! or without a type. Source:
//! <https://learn.microsoft.com/rest/api/azureresourcegraph/resourcegraph/resources>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::path::same;
use super::refusals::{front, invalid};
use super::rights::{self, Side};
use super::service::{Level, Method, ResourceType};
use super::shape::Shape;
use super::shelf::{self, INDEX, Resource};
use super::types;
use crate::cloud::Context;
use crate::members::{at, set};
use crate::page::{Cut, Page, page};
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// The endpoint for queries.
pub(super) static RESOURCES: ResourceType = ResourceType {
    methods: &[Method::post_all(&BODY, query)],
    ..ResourceType::of_tenant(
        "Microsoft.ResourceGraph/resources",
        &["2021-03-01", "2022-10-01", "2024-04-01"],
    )
};

static BODY: Shape = Shape::Object(&[
    ("subscriptions", Shape::Required(&Shape::List(&Shape::Text))),
    ("query", Shape::Required(&Shape::Text)),
    (
        "options",
        Shape::Object(&[
            ("$top", Shape::Number),
            ("$skipToken", Shape::Text),
            ("$skip", Shape::NotModelled),
            ("resultFormat", Shape::Choice(&["objectArray", "table"])),
            ("allowPartialScopes", Shape::NotModelled),
            ("authorizationScopeFilter", Shape::NotModelled),
        ]),
    ),
    ("facets", Shape::NotModelled),
    ("managementGroups", Shape::NotModelled),
]);

/// The most rows of a page.
const ROWS: usize = 1000;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Query {
    tags: Vec<(String, String)>,
    /// Everything of this type, whatever its tags.
    kind: Option<String>,
    columns: Vec<String>,
}

/// The columns there are.
const COLUMNS: &[&str] = &["id", "name", "type", "tags", "resourceGroup", "subscriptionId"];

fn not_modelled(query: &str) -> Refusal {
    Refusal::not_modelled(&format!("the Resource Graph query {query}"))
}

fn parse(query: &str) -> Result<Query, Refusal> {
    let parts: Vec<&str> = query.split(" | ").map(str::trim).collect();
    let ["resources", wheres, project, "order by id asc"] = parts.as_slice() else {
        return Err(not_modelled(query));
    };
    let wheres = wheres.strip_prefix("where ").ok_or_else(|| not_modelled(query))?;
    let project = project.strip_prefix("project ").ok_or_else(|| not_modelled(query))?;
    let tag = |part: &str| {
        let (name, value) = part.trim().strip_prefix("tags['")?.split_once("'] =~ '")?;
        let value = value.strip_suffix('\'')?;
        Some((name.to_owned(), value.replace("''", "'")))
    };
    let quoted = |part: &str| Some(part.strip_prefix("type =~ '")?.strip_suffix('\'')?.to_owned());
    let (wheres, kind) = match wheres.split_once(" or ") {
        Some((wheres, kind)) => (wheres, Some(quoted(kind).ok_or_else(|| not_modelled(query))?)),
        None => (wheres, None),
    };
    let tags = wheres.split(" and ").map(tag).collect::<Option<Vec<_>>>();
    let columns: Vec<String> = project.split(',').map(|column| column.trim().to_owned()).collect();
    let known = columns.iter().all(|column| COLUMNS.contains(&column.as_str()));
    match tags {
        Some(tags) if known => Ok(Query { tags, kind, columns }),
        Some(_) | None => Err(not_modelled(query)),
    }
}

fn row(query: &Query, id: &str, tags: &BTreeMap<String, String>) -> Value {
    let parts: Vec<&str> = id.split('/').collect();
    let part = |index: usize| parts.get(index).copied().unwrap_or_default();
    let mut row = Map::new();
    for column in &query.columns {
        let value = match column.as_str() {
            "id" => json!(id),
            "name" => json!(parts.last()),
            "type" => json!(format!("{}/{}", part(6), part(7)).to_lowercase()),
            "tags" => json!(tags),
            "resourceGroup" => json!(part(4).to_lowercase()),
            _ => json!(part(2)),
        };
        row.insert(column.clone(), value);
    }
    Value::Object(row)
}

fn query(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let body = request.json()?;
    let asked = parse(at(&body, "/query").as_str().unwrap_or_default())?;
    if at(&body, "/options/resultFormat").as_str() == Some("table") {
        return Err(not_modelled("as a table"));
    }
    let mut rows = Vec::new();
    // Nobody is refused; everybody sees what they may read.
    let caller = rights::caller(request, context.now);
    for subscription in at(&body, "/subscriptions").as_array().into_iter().flatten() {
        let subscription = subscription.as_str().unwrap_or_default().to_lowercase();
        super::subscriptions::check(context.settings, &subscription)?;
        let mut seen_there = tagging::seen_in(tx, context, (&subscription, INDEX))?;
        let of_kind = untagged(tx, context, (&subscription, asked.kind.as_deref()))?;
        for (id, tags) in &of_kind {
            seen_there.entry(id.clone()).or_insert_with(|| tags.clone());
        }
        for (id, tags) in seen_there {
            // The table `resources` holds resources of their own, no groups and nothing below another.
            let of = format!(
                "{}/{}",
                id.split('/').nth(6).unwrap_or_default(),
                id.split('/').nth(7).unwrap_or_default()
            );
            let top = types::named(&of).is_some_and(|row| row.tracked && row.level == Level::Group);
            let has = |(name, value): &(String, String)| {
                tags.iter().any(|(tag, found)| tag == name && same(found, value))
            };
            let read = format!("{of}/read");
            let seen = |caller| rights::allows(tx, context, caller, (Side::Control, &read, &id));
            let fits = of_kind.contains_key(&id) || asked.tags.iter().all(has);
            if top && fits && caller.as_ref().map_or(Ok(false), seen)? {
                rows.push((id.to_lowercase(), row(&asked, &id, &tags)));
            }
        }
    }
    rows.sort_by(|(left, _), (right, _)| left.cmp(right));
    answer(&body, context, rows)
}

/// What is of a type, once the index knows it: that of tags has only what has some.
fn untagged(
    tx: &Tx,
    context: &Context<'_>,
    (subscription, kind): (&str, Option<&str>),
) -> Result<BTreeMap<String, BTreeMap<String, String>>, Refusal> {
    let Some(row) = kind.and_then(types::named) else { return Ok(BTreeMap::new()) };
    let all = shelf::all(tx, &format!("/subscriptions/{subscription}"), row.name)?;
    let known = |one: &Resource| one.created.plus(context.settings.tag_lag_ms) <= context.now;
    Ok(all.into_iter().filter(known).map(|one| (one.id, one.tags)).collect())
}

fn answer(
    body: &Value,
    context: &Context<'_>,
    rows: Vec<(String, Value)>,
) -> Result<Reply, Refusal> {
    let top = at(body, "/options/$top").as_u64().unwrap_or(100);
    let top = usize::try_from(top).unwrap_or(ROWS);
    if !(1..=ROWS).contains(&top) {
        let message = format!("The value of $top must be between 1 and {ROWS}.");
        return Err(invalid("BadRequest", message));
    }
    let token = at(body, "/options/$skipToken");
    let total = rows.len();
    let cut = Cut { limit: context.page_limit(Some(top), ROWS), token: token.as_str() };
    let Some(Page { items, next }) = page(rows, cut, |(id, _)| id.clone()) else {
        return Err(front(400, "InvalidSkipToken", "The skip token is not valid."));
    };
    let data: Vec<Value> = items.into_iter().map(|(_, row)| row).collect();
    let mut answer = json!({
        "totalRecords": total,
        "count": data.len(),
        "resultTruncated": "false",
        "facets": [],
        "data": data,
    });
    if let Some(next) = next {
        set(&mut answer, "$skipToken", next);
    }
    Ok(Reply::json(answer)
        .header("x-ms-user-quota-remaining", "14")
        .header("x-ms-user-quota-resets-after", "00:00:05"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_of_query_is_modelled() {
        let text = "resources | where tags['a'] =~ 'x''y' and tags['b'] =~ 'z' | project id, tags | order by id asc";
        let query = parse(text).unwrap();
        assert_eq!(
            query.tags,
            [("a".to_owned(), "x'y".to_owned()), ("b".to_owned(), "z".to_owned())]
        );
        assert_eq!((query.columns, query.kind), (vec!["id".to_owned(), "tags".to_owned()], None));
        let text = text.replace(" | project", " or type =~ 'a/b' | project");
        assert_eq!(parse(&text).unwrap().kind.as_deref(), Some("a/b"));
        for other in [
            "resources",
            "resources | take 1",
            "resources | where name =~ 'x' | project id | order by id asc",
        ] {
            assert_eq!(parse(other).unwrap_err().status, 501);
        }
    }
}
