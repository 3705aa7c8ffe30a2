//! The runtimes functions can be deployed with, of the languages that are modelled.
//!
//! Source: cloud.google.com/functions/docs/runtime-support.

use serde_json::{Value, json};

use super::check;
use crate::cloud::Context;
use crate::members::set;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// A runtime: its name, its title, its stage, when it is deprecated and when it is over.
type Runtime = (&'static str, &'static str, &'static str, Option<[i32; 3]>, Option<[i32; 3]>);

const RUNTIMES: &[Runtime] = &[
    ("nodejs18", "Node.js 18", "DECOMMISSIONED", Some([2025, 4, 30]), Some([2025, 10, 30])),
    ("nodejs20", "Node.js 20", "DECOMMISSIONED", Some([2026, 4, 30]), Some([2026, 10, 30])),
    ("nodejs22", "Node.js 22", "GA", Some([2027, 4, 30]), Some([2027, 10, 31])),
    ("nodejs24", "Node.js 24", "GA", Some([2028, 4, 30]), Some([2028, 10, 31])),
    ("python310", "Python 3.10", "DEPRECATED", Some([2026, 10, 4]), Some([2027, 4, 30])),
    ("python311", "Python 3.11", "GA", Some([2027, 10, 24]), Some([2028, 4, 30])),
    ("python312", "Python 3.12", "GA", Some([2028, 10, 2]), Some([2029, 4, 30])),
    ("python313", "Python 3.13", "GA", Some([2029, 10, 10]), Some([2030, 4, 30])),
    ("python314", "Python 3.14", "GA", Some([2030, 10, 10]), Some([2031, 4, 30])),
];

/// Why a function cannot be built with a runtime, if it cannot.
pub(super) fn trouble(runtime: &str) -> Option<String> {
    match RUNTIMES.iter().find(|(name, ..)| *name == runtime) {
        None => Some(format!("Runtime \"{runtime}\" is not a supported runtime.")),
        Some((_, _, "DECOMMISSIONED", ..)) => Some(format!(
            "Runtime \"{runtime}\" is decommissioned and no longer allowed. Please use a supported runtime."
        )),
        Some(_) => None,
    }
}

/// Answers with all of them.
pub(super) fn list(request: &Request, _: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    check::location(&request.region)?;
    let filter = request.query("filter").unwrap_or_default().replace('"', "");
    if !["", "environment=GEN_2"].contains(&filter.as_str()) {
        return Err(Refusal::not_modelled(&format!("the filter {filter}")));
    }
    let date = |date: Option<[i32; 3]>| {
        date.map(|[year, month, day]| json!({"year": year, "month": month, "day": day}))
    };
    let shown = RUNTIMES.iter().map(|(name, title, stage, deprecated, over)| {
        let mut shown = json!({
            "name": name, "displayName": title, "stage": stage, "environment": "GEN_2",
        });
        for (field, date) in
            [("deprecationDate", date(*deprecated)), ("decommissionDate", date(*over))]
        {
            if let Some(date) = date {
                set(&mut shown, field, date);
            }
        }
        shown
    });
    Ok(Reply::json(json!({"runtimes": shown.collect::<Vec<Value>>()})))
}
