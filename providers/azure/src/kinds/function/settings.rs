//! App settings: ours are named in a setting of their own, and all others are kept.
//!
//! Azure writes all of them at once, so that they are read and put together before
//! (<https://learn.microsoft.com/rest/api/appservice/web-apps/update-application-settings>).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use updraft_contract::{CloudError, Known, Secret, Stages, Value};

use crate::api::WEB;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::marks::strings;

/// The setting that names ours.
pub(super) const OURS: &str = "UPDRAFT_SETTINGS";

/// The setting that names those of ours that say where something is, and may be shown.
pub(super) const ADDRESSES: &str = "UPDRAFT_ADDRESSES";

/// The setting that says where traces are sent. It opens nothing, and is not shown all the same.
const TRACES: &str = "APPLICATIONINSIGHTS_CONNECTION_STRING";

/// Reads the app settings of a site.
pub(super) async fn read(cloud: &Cloud, path: &str) -> Result<BTreeMap<String, String>, Failure> {
    let path = format!("{path}/config/appsettings/list");
    let answer = cloud.arm.post(&path, WEB, &Json::Null).await?;
    Ok(strings(answer.get("properties")))
}

/// Returns whether something that was asked for is not there.
pub(super) fn is_not_found(failure: &Failure) -> bool {
    matches!(&failure.error, CloudError::Refused { code, .. } if code == "NotFound")
}

/// Writes app settings: all that are to be there.
pub(super) async fn write(
    cloud: &Cloud,
    path: &str,
    all: &BTreeMap<String, String>,
    stages: &Stages<'_>,
) -> Result<(), Failure> {
    let all = all.iter().map(|(name, value)| (name.clone(), Json::from(value.as_str())));
    let all: Map<String, Json> = all.collect();
    let body = Json::Object(Map::from_iter([("properties".to_owned(), Json::Object(all))]));
    cloud.arm.put(&format!("{path}/config/appsettings"), WEB, &body, stages).await?;
    Ok(())
}

/// Returns what a field asks for.
fn asked(body: &Known, field: &str) -> BTreeMap<String, String> {
    let entries = body.map(field).into_iter().flatten();
    let text = |(name, value): (&String, &Value)| {
        let text =
            if let Value::Secret(secret) = value { secret.reveal() } else { value.as_text()? };
        Some((name.clone(), text.to_owned()))
    };
    entries.filter_map(text).collect()
}

/// Puts settings together: names have no case, what was ours and is no longer wanted goes, and
/// what is others' stays. `traces` is where traces are sent.
pub(super) fn merged(
    live: &BTreeMap<String, String>,
    body: &Known,
    traces: &str,
) -> BTreeMap<String, String> {
    let addresses = asked(body, "addresses");
    let mut environment = asked(body, "environment");
    environment.insert(TRACES.to_owned(), traces.to_owned());
    let before = named(live, OURS);
    let lower = |name: &String| name.to_lowercase();
    let gone: BTreeSet<String> = before.iter().map(lower).collect();
    let new: BTreeSet<String> = addresses.keys().chain(environment.keys()).map(lower).collect();
    let mut all = live.clone();
    all.retain(|name, _| !gone.contains(&lower(name)) && !new.contains(&lower(name)));
    all.retain(|name, _| ![OURS, ADDRESSES].iter().any(|own| name.eq_ignore_ascii_case(own)));
    let names =
        |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let ours: BTreeSet<&String> = addresses.keys().chain(environment.keys()).collect();
    all.insert(OURS.to_owned(), names(ours.into_iter().collect()));
    all.insert(ADDRESSES.to_owned(), names(addresses.keys().collect()));
    all.extend(addresses);
    all.extend(environment);
    all
}

/// Returns whether traces are sent where they should be.
pub(super) fn sends(live: &BTreeMap<String, String>, traces: Option<&str>) -> bool {
    traces.is_some() && self::traces(live) == traces
}

/// Returns where traces are sent.
pub(super) fn traces(live: &BTreeMap<String, String>) -> Option<&str> {
    let found = live.iter().find(|(name, _)| name.eq_ignore_ascii_case(TRACES));
    found.map(|(_, text)| text.as_str())
}

/// Returns the names that a setting lists.
fn named(live: &BTreeMap<String, String>, setting: &str) -> BTreeSet<String> {
    let found = live.iter().find(|(name, _)| name.eq_ignore_ascii_case(setting));
    let names = found.map(|(_, names)| names.as_str()).unwrap_or_default();
    names.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Returns ours as two fields: where things are, and what is not to be shown.
pub(super) fn fields(live: &BTreeMap<String, String>) -> (Value, Value) {
    let (ours, addresses) = (named(live, OURS), named(live, ADDRESSES));
    let find = |wanted: &String| {
        let found = live.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        Some((wanted.clone(), found.1.clone()))
    };
    let (shown, hidden): (Vec<_>, Vec<_>) = ours
        .iter()
        .filter(|name| *name != TRACES)
        .filter_map(find)
        .partition(|(name, _)| addresses.contains(name));
    let shown = shown.into_iter().map(|(name, value)| (name, Value::Text(value)));
    let hidden = hidden.into_iter().map(|(name, value)| {
        let value = Value::Secret(Secret::hidden(value));
        (name, value)
    });
    (Value::map(shown), Value::map(hidden))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_contract::{Known, Secret, Value};

    use super::{ADDRESSES, OURS, fields, merged, sends};

    fn body(addresses: &[(&str, &str)], environment: &[(&str, &str)]) -> Known {
        let plain = addresses.iter().map(|(name, value)| (*name, Value::from(*value)));
        let secret =
            environment.iter().map(|(name, value)| (*name, Value::Secret(Secret::hidden(*value))));
        Known::new([("addresses", Value::map(plain)), ("environment", Value::map(secret))]).unwrap()
    }

    fn live(settings: &[(&str, &str)]) -> BTreeMap<String, String> {
        let one = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        settings.iter().map(one).collect()
    }

    #[test]
    fn what_is_written_reads_back_and_what_is_others_stays() {
        let wanted = body(&[("AZURE_CLIENT_ID", "c")], &[("KEY", "hunter2"), ("A", "1")]);
        let before = live(&[("FOREIGN", "x"), ("OLD", "y"), ("key", "theirs"), (OURS, "OLD")]);
        let all = merged(&before, &wanted, "t");
        assert_eq!(all["FOREIGN"], "x");
        assert_eq!(
            (all[OURS].as_str(), all[ADDRESSES].as_str()),
            ("A,APPLICATIONINSIGHTS_CONNECTION_STRING,AZURE_CLIENT_ID,KEY", "AZURE_CLIENT_ID")
        );
        // What was ours is gone, and a name has no case.
        assert!(!all.contains_key("OLD") && !all.contains_key("key"), "{all:?}");
        let (addresses, environment) = fields(&all);
        assert_eq!(Some(&addresses), wanted.get("addresses"));
        assert_eq!(Some(&environment), wanted.get("environment"));
        assert!(!format!("{environment:?}").contains("hunter2"));
        assert!(sends(&all, Some("t")) && !sends(&all, Some("u")) && !sends(&all, None));
        assert_eq!(merged(&all, &wanted, "t"), all);
    }

    #[test]
    fn what_somebody_took_away_or_changed_is_seen() {
        let wanted = body(&[], &[("A", "1"), ("B", "2")]);
        let mut all = merged(&live(&[]), &wanted, "t");
        all.remove("B");
        assert_ne!(Some(&fields(&all).1), wanted.get("environment"));
        all.insert("b".into(), "2".into());
        assert_eq!(Some(&fields(&all).1), wanted.get("environment"));
        all.insert("A".into(), "3".into());
        assert_ne!(Some(&fields(&all).1), wanted.get("environment"));
    }
}
