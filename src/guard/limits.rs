//! Rules about sizes, times and lengths.

use std::collections::BTreeMap;

use updraft_contract::{Bounds, EnvironmentSize, Function, Limits, Numbers, TriggerType};

use super::{Finding, Look};

/// Memory is within the cloud's limits.
pub(super) fn memory(look: Look) -> Vec<Finding> {
    let mut findings = within(look, "memory", "MiB", |function, limits| {
        Some((u64::from(function.memory_mib), limits.memory_mib))
    });
    findings.extend(look.limited().filter_map(|(function, limits)| odd_size(function, limits)));
    findings
}

/// Returns what is wrong with memory of a size between those there are.
fn odd_size(function: &Function, limits: &Limits) -> Option<Finding> {
    let (mib, Bounds { least, most, .. }) = (function.memory_mib, limits.memory_mib);
    let Numbers { numbers: sizes, source } = limits.memory_sizes_mib?;
    if sizes.contains(&mib) || !(least..=most).contains(&u64::from(mib)) {
        return None;
    }
    let message = format!("{} has no instances with {mib} MiB of memory", limits.cloud.title());
    let near = around(mib, sizes, |mib| format!("\"{mib}MiB\""));
    let finding = Finding::at(format!("function.{}.memory", function.name), message);
    Some(finding.help(format!("write {near}")).source(source))
}

/// A timeout is within the cloud's limits.
pub(super) fn timeout(look: Look) -> Vec<Finding> {
    let mut findings = within(look, "timeout", "s", |function, limits| {
        Some((function.timeout.as_secs(), limits.timeout))
    });
    for (function, limits) in look.limited() {
        let seconds = function.timeout.as_secs();
        let called = |of| function.triggers.iter().any(|entry| entry.trigger.trigger_type() == of);
        for limit in limits.trigger_timeouts {
            // Beyond what any function may take it is said already, and what nobody wrote is the
            // cloud's own choice.
            let said = seconds > limits.timeout.most || seconds == limits.defaults.timeout;
            if seconds <= limit.most || said || !called(limit.trigger) {
                continue;
            }
            let message = format!(
                "{} waits {} s, less than the function's {seconds} s",
                limit.name, limit.most
            );
            let (most, word) = (limit.most, limit.trigger.word());
            let mut finding = Finding::at(format!("function.{}.timeout", function.name), message)
                .label(format!("at most {most} s with a `{word}` trigger"))
                .source(limit.source);
            // A caller gives up and the function does not: what calls it otherwise may need the
            // time.
            let http = |of| of == TriggerType::Http;
            let types = function.triggers.iter().map(|entry| entry.trigger.trigger_type());
            finding.warning = http(limit.trigger) && !types.into_iter().all(http);
            findings.push(finding);
        }
    }
    findings
}

/// `/tmp` is within the cloud's limits.
pub(super) fn storage(look: Look) -> Vec<Finding> {
    within(look, "ephemeral_storage", "MiB", |function, limits| {
        Some((u64::from(function.ephemeral_storage_mib), limits.ephemeral_storage_mib?))
    })
}

/// Environment variables fit.
pub(super) fn environment(look: Look) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let most = limits.environment.bytes.most;
        let size = environment_bytes(function, limits.environment.size);
        (size > most).then(|| {
            let message = format!("the environment variables take {size} bytes, more than {most}");
            Finding::named(format!("function.{}.environment", function.name), message)
                .help("put large values into a file of the source, or into the cloud's store")
                .source(limits.environment.bytes.source)
        })
    });
    each.collect()
}

/// Returns the size as the cloud measures it.
fn environment_bytes(function: &Function, size: EnvironmentSize) -> u64 {
    let pairs = function.environment.iter();
    let plain: BTreeMap<&str, &str> =
        pairs.map(|(name, value)| (name.as_str(), value.text.as_str())).collect();
    match size {
        EnvironmentSize::Json => serde_json::to_string(&plain).map_or(0, |json| json.len() as u64),
        EnvironmentSize::NamesAndValues => {
            plain.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum()
        }
    }
}

/// A description is short.
pub(super) fn description(look: Look) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let length = function.description.as_ref()?.chars().count() as u64;
        let Bounds { most, source, .. } = limits.description_chars?;
        (length > most).then(|| {
            let message = format!("the description has {length} characters, more than {most}");
            Finding::named(format!("function.{}.description", function.name), message)
                .source(source)
        })
    });
    each.collect()
}

/// Log lines are kept as long as the cloud can.
pub(super) fn retention(look: Look) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let days = function.log_retention_days?;
        let Numbers { numbers: legal, source } = limits.log_retention_days?;
        (!legal.contains(&days)).then(|| {
            let message = format!("log lines cannot be kept for {days} days");
            let near = around(days, legal, |days| format!("\"{days}d\""));
            Finding::at(format!("function.{}.log_retention", function.name), message)
                .help(format!("write {near}, or \"forever\""))
                .source(source)
        })
    });
    each.collect()
}

/// Writes the legal numbers on both sides.
fn around(number: u32, legal: &[u32], written: impl Fn(&u32) -> String) -> String {
    let below = legal.iter().rfind(|legal| **legal < number);
    let above = legal.iter().find(|legal| **legal > number);
    let sides: Vec<String> = [below, above].into_iter().flatten().map(written).collect();
    sides.join(" or ")
}

/// Measures something of every function.
fn within(
    look: Look,
    key: &str,
    unit: &str,
    measure: impl Fn(&Function, &Limits) -> Option<(u64, Bounds)>,
) -> Vec<Finding> {
    let each = look.limited().filter_map(|(function, limits)| {
        let (value, bounds) = measure(function, limits)?;
        let path = format!("function.{}.{key}", function.name);
        outside(look, &path, (value, unit), bounds)
    });
    each.collect()
}

/// Returns what is wrong with a value outside its bounds; the last key of `path` names it.
pub(super) fn outside(
    look: Look,
    path: &str,
    (value, unit): (u64, &str),
    bounds: Bounds,
) -> Option<Finding> {
    let Bounds { least, most, source } = bounds;
    if (least..=most).contains(&value) {
        return None;
    }
    let side = if value < least { "below" } else { "above" };
    let key = path.rsplit('.').next().unwrap_or(path).replace('_', " ");
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let message = format!("{key} of {value}{unit} is {side} what {} allows", look.cloud.title());
    let label = format!("from {least}{unit} to {most}{unit}");
    Some(Finding::at(path, message).label(label).source(source))
}
