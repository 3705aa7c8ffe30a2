//! Preconditions of requests: generations and metagenerations that must or must not be there.
//!
//! Source: docs.cloud.google.com/storage/docs/request-preconditions.

use serde_json::Value;

use crate::google::refusals::invalid;
use crate::wire::{Refusal, Request};

/// What must hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Conditions {
    generation: Option<i64>,
    not_generation: Option<i64>,
    metageneration: Option<i64>,
    not_metageneration: Option<i64>,
}

/// The names of the parameters.
pub(super) const NAMES: [&str; 4] = [
    "ifGenerationMatch",
    "ifGenerationNotMatch",
    "ifMetagenerationMatch",
    "ifMetagenerationNotMatch",
];

impl Conditions {
    /// Those in the query.
    pub(super) fn of_query(request: &Request) -> Result<Self, Refusal> {
        Self::of(|name| request.query(name))
    }

    /// Those of a gRPC request.
    pub(super) fn of_message(message: &Value) -> Result<Self, Refusal> {
        Self::of(|name| message.get(name).and_then(Value::as_str))
    }

    /// Those in another request's query, kept as an object.
    fn of<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let number = |name: &str| match value(name) {
            None => Ok(None),
            Some(text) => text.parse::<i64>().map(Some).map_err(|_| {
                invalid(format!("Invalid unsigned long value: '{text}' for parameter {name}."))
            }),
        };
        let [generation, not_generation, metageneration, not_metageneration] = NAMES;
        Ok(Self {
            generation: number(generation)?,
            not_generation: number(not_generation)?,
            metageneration: number(metageneration)?,
            not_metageneration: number(not_metageneration)?,
        })
    }

    /// Refuses unless they hold for what is there. Generation 0 stands for nothing being there.
    pub(super) fn check(self, there: Option<&Value>) -> Result<(), Refusal> {
        let of = |name: &str| -> i64 {
            let text = there.and_then(|there| there.get(name)).and_then(Value::as_str);
            text.and_then(|text| text.parse().ok()).unwrap_or_default()
        };
        let (generation, metageneration) = (of("generation"), of("metageneration"));
        let holds = self.generation.is_none_or(|wanted| wanted == generation)
            && self.not_generation.is_none_or(|unwanted| unwanted != generation)
            && self.metageneration.is_none_or(|wanted| wanted == metageneration)
            && self.not_metageneration.is_none_or(|unwanted| unwanted != metageneration);
        if holds { Ok(()) } else { Err(unmet()) }
    }
}

fn unmet() -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold.";
    Refusal::new(412, "FAILED_PRECONDITION", message).with("reason", "conditionNotMet")
}
