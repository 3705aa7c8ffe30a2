//! Rules about processors, instances and networks.

use updraft_contract::{CpuLimits, Function, ScalingLimits};

use super::limits::outside;
use super::{Finding, Look};

/// Processors are a number the cloud has.
pub(super) fn processors(look: Look) -> Vec<Finding> {
    each(look, |function, scaling| {
        let (millis, cpu) = (function.scaling.cpu_millis?, scaling.cpu?);
        if offered(cpu, millis) {
            return None;
        }
        let message = format!("there are no instances with {} processors", number(millis));
        let whole: Vec<String> = cpu.whole.iter().map(|(millis, _)| number(*millis)).collect();
        let help = format!(
            "write a part of one, from {} on, or {}",
            number(u32::try_from(cpu.part_millis.least).unwrap_or(u32::MAX)),
            whole.join(", "),
        );
        Some(Finding::at(path(function, "cpu"), message).help(help).source(cpu.source))
    })
}

fn offered(cpu: CpuLimits, millis: u32) -> bool {
    let part = cpu.part_millis;
    (part.least..=part.most).contains(&u64::from(millis))
        || cpu.whole.iter().any(|(whole, _)| *whole == millis)
}

/// Memory and processors go together.
pub(super) fn proportion(look: Look) -> Vec<Finding> {
    each(look, |function, scaling| {
        let (millis, cpu) = (function.scaling.cpu_millis?, scaling.cpu?);
        if !offered(cpu, millis) {
            return None;
        }
        let mib = function.memory_mib;
        let least = cpu.least_for(mib);
        if millis < least {
            let message =
                format!("{mib} MiB of memory need more than {} processors", number(millis));
            let help = format!("write `cpu = {}`, or less memory", number(least));
            return Some(Finding::at(path(function, "cpu"), message).help(help).source(cpu.source));
        }
        let (_, least) = cpu.whole.iter().find(|(whole, _)| *whole == millis)?;
        (mib < *least).then(|| {
            let message =
                format!("{} processors need more than {mib} MiB of memory", number(millis));
            let help = format!("write `memory = \"{least}MiB\"`, or fewer processors");
            Finding::at(path(function, "cpu"), message).help(help).source(cpu.source)
        })
    })
}

/// An instance that serves several requests at once has a processor.
pub(super) fn sharing(look: Look) -> Vec<Finding> {
    each(look, |function, scaling| {
        let (at_once, cpu) = (function.scaling.instance_concurrency?, scaling.cpu?);
        let given = function.scaling.cpu_millis;
        let millis = given.unwrap_or_else(|| cpu.usual_for(function.memory_mib));
        if at_once <= 1 || millis >= cpu.sharing_millis {
            return None;
        }
        let message = format!(
            "an instance with {} of a processor serves one request at a time, not {at_once}",
            number(millis)
        );
        let finding = Finding::at(path(function, "instance_concurrency"), message);
        let finding = finding.help(format!("write `cpu = {}`", number(cpu.sharing_millis)));
        Some(
            match given {
                Some(_) => finding,
                None => finding.label("`cpu` follows the memory where it is not given"),
            }
            .source(cpu.source),
        )
    })
}

/// Instances are within the cloud's limits.
pub(super) fn instances(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (function, limits) in look.limited() {
        let (Some(scaling), of) = (limits.scaling, &function.scaling) else { continue };
        let values = [
            ("instance_concurrency", of.instance_concurrency, scaling.instance_concurrency),
            ("min_instances", of.min_instances, scaling.min_instances),
            ("max_instances", of.max_instances, scaling.max_instances),
        ];
        for (key, value, bounds) in values {
            let Some(value) = value else { continue };
            findings.extend(outside(look, &path(function, key), (u64::from(value), ""), bounds));
        }
        if let (Some(least), Some(most)) = (of.min_instances, of.max_instances)
            && least > most
        {
            let message = format!("there are at least {least} instances and at most {most}");
            findings.push(
                Finding::at(path(function, "min_instances"), message)
                    .help("`min_instances` are kept warm, of `max_instances` in all"),
            );
        }
    }
    findings
}

/// A way into a private network leads somewhere.
pub(super) fn network(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (function, limits) in look.limited() {
        let Some(form) = limits.connector else { continue };
        let network = &function.network;
        if let Some(connector) = &network.connector
            && !fits(form, connector)
        {
            let message = format!("`{connector}` is not a connector");
            let finding = Finding::at(path(function, "vpc_connector"), message);
            findings.push(finding.help(format!("write it in full: `{form}`")));
        }
        if network.egress.is_some() && network.connector.is_none() {
            let message = "no traffic takes a connector: there is none";
            let finding = Finding::at(path(function, "vpc_egress"), message);
            findings
                .push(finding.help(format!("write `vpc_connector = \"{form}\"`, or remove it")));
        }
    }
    findings
}

/// Returns whether a text has a form; what is in capitals there may be anything.
fn fits(form: &str, text: &str) -> bool {
    let (form, text): (Vec<&str>, Vec<&str>) =
        (form.split('/').collect(), text.split('/').collect());
    let placeholder = |word: &str| word.chars().all(|c| c.is_ascii_uppercase());
    form.len() == text.len()
        && form
            .iter()
            .zip(text)
            .all(|(word, found)| if placeholder(word) { !found.is_empty() } else { *word == found })
}

/// Asks about every function on a cloud where one can choose how it scales.
fn each(look: Look, found: impl Fn(&Function, ScalingLimits) -> Option<Finding>) -> Vec<Finding> {
    look.limited().filter_map(|(function, limits)| found(function, limits.scaling?)).collect()
}

fn path(function: &Function, key: &str) -> String {
    format!("{}.{key}", function.origin.path)
}

/// Writes thousandths as people do: `0.5`, `2`.
fn number(millis: u32) -> String {
    let text = format!("{}.{:03}", millis / 1000, millis % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{fits, number};

    #[test]
    fn processors_are_written_as_people_do() {
        assert_eq!([80, 500, 1000, 1500, 8000].map(number), ["0.08", "0.5", "1", "1.5", "8"]);
    }

    #[test]
    fn a_connector_is_written_in_full() {
        let form = "projects/P/locations/R/connectors/C";
        assert!(fits(form, "projects/shop-1/locations/europe-west1/connectors/main"));
        for text in
            ["main", "projects/shop-1/regions/r/connectors/c", "projects//locations/r/connectors/c"]
        {
            assert!(!fits(form, text), "{text}");
        }
    }
}
