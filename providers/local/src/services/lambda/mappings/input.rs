//! What creates and updates carry, read and checked against the service's model.

use std::collections::BTreeMap;

use super::super::checks::Checks;
use super::super::refusals::invalid;
use super::super::sheet::Sheet;
use super::filter::{self, Wrong};
use super::model::{PARTIAL, Plan};
use crate::wire::{Refusal, Request};

/// The most patterns of a mapping (developer guide, "Lambda event filtering").
const FILTERS: usize = 5;

/// Members for streams and brokers, which the service refuses for queues.
const OTHERS: &[&str] = &[
    "AmazonManagedKafkaEventSourceConfig",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "Queues",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
];

/// The members of a create or an update; what is absent stays as it is.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// The function, however it is named.
    pub(super) function: Option<String>,
    /// The ARN of the queue.
    pub(super) source: Option<String>,
    /// The tags.
    pub(super) tags: BTreeMap<String, String>,
    enabled: Option<bool>,
    batch_size: Option<i64>,
    window: Option<i64>,
    /// The concurrency, if the request is about it.
    scaling: Option<Scaling>,
    filters: Option<Vec<String>>,
    types: Option<Vec<String>>,
}

/// How a mapping scales.
#[derive(Clone, Copy, Debug)]
struct Scaling {
    /// The most batches at a time, if that is limited.
    most: Option<i64>,
}

impl Input {
    /// Reads the body of a request and checks what needs nothing else.
    pub(super) fn read(request: &Request) -> Result<Self, Refusal> {
        let mut sheet = Sheet::read(request)?;
        let input = Self {
            function: sheet.take("FunctionName")?,
            source: sheet.take("EventSourceArn")?,
            tags: sheet.take("Tags")?.unwrap_or_default(),
            enabled: sheet.take("Enabled")?,
            batch_size: sheet.take("BatchSize")?,
            window: sheet.take("MaximumBatchingWindowInSeconds")?,
            scaling: scaling(&mut sheet)?,
            filters: filters(&mut sheet)?,
            types: sheet.take("FunctionResponseTypes")?,
        };
        input.check()?;
        for other in OTHERS {
            let given: Option<serde_json::Value> = sheet.take(other)?;
            if given.is_some() {
                return Err(invalid(format!("{other} is not valid for SQS event sources.")));
            }
        }
        sheet.end()?;
        Ok(input)
    }

    fn check(&self) -> Result<(), Refusal> {
        let mut checks = Checks::default();
        checks.range(self.batch_size, "batchSize", (1, 10_000));
        checks.range(self.window, "maximumBatchingWindowInSeconds", (0, 300));
        let most = self.scaling.and_then(|scaling| scaling.most);
        checks.range(most, "scalingConfig.maximumConcurrency", (2, 1000));
        for pattern in self.filters.iter().flatten() {
            checks.length(Some(pattern), "filterCriteria.filters.1.member.pattern", 4096);
        }
        if let Some(types) = &self.types {
            let shown = format!("[{}]", types.join(", "));
            let member = (shown.as_str(), "functionResponseTypes");
            checks.that(
                types.len() <= 1,
                member,
                "Member must have length less than or equal to 1",
            );
            let set = "Member must satisfy constraint: [Member must satisfy enum value set: \
                       [ReportBatchItemFailures]]";
            checks.that(types.iter().all(|one| one == PARTIAL), member, set);
        }
        checks.done()?;
        let filters = self.filters.as_deref().unwrap_or_default();
        if filters.len() > FILTERS {
            return Err(invalid(format!("A mapping has at most {FILTERS} filters.")));
        }
        filters.iter().try_for_each(|text| match filter::read(text) {
            Ok(_) => Ok(()),
            Err(Wrong::Definition) => Err(invalid("Invalid filter pattern definition.")),
            Err(Wrong::NotModelled(what)) => {
                Err(Refusal::not_modelled(&format!("{what} in the filters of a mapping")))
            }
        })
    }

    /// Lays what was said over a plan.
    pub(super) fn lay(&self, over: &mut Plan) {
        over.enabled = self.enabled.unwrap_or(over.enabled);
        over.batch_size = self.batch_size.unwrap_or(over.batch_size);
        over.window = self.window.unwrap_or(over.window);
        over.concurrency = self.scaling.map_or(over.concurrency, |scaling| scaling.most);
        if let Some(filters) = &self.filters {
            over.filters.clone_from(filters);
        }
        if let Some(types) = &self.types {
            over.partial = !types.is_empty();
        }
    }
}

fn scaling(sheet: &mut Sheet) -> Result<Option<Scaling>, Refusal> {
    let Some(mut scaling) = sheet.nested("ScalingConfig")? else { return Ok(None) };
    let most = scaling.take("MaximumConcurrency")?;
    scaling.end()?;
    Ok(Some(Scaling { most }))
}

fn filters(sheet: &mut Sheet) -> Result<Option<Vec<String>>, Refusal> {
    let Some(mut criteria) = sheet.nested("FilterCriteria")? else { return Ok(None) };
    let given: Vec<BTreeMap<String, String>> = criteria.take("Filters")?.unwrap_or_default();
    criteria.end()?;
    let mut filters = Vec::new();
    for mut filter in given {
        let pattern = filter.remove("Pattern");
        if let Some(other) = filter.keys().next() {
            return Err(Refusal::not_modelled(&format!("FilterCriteria.Filters.{other}")));
        }
        filters.push(pattern.unwrap_or_default());
    }
    Ok(Some(filters))
}
