//! What a function's settings become on Google Cloud, and which of them it does not take. Pure.

use std::collections::BTreeMap;

use updraft_contract::{Bounds, Function};

use crate::limits::{CPU, LIMITS, SCALING};

/// The most instances where nobody says how many (Cloud Functions: 100).
const MAX_INSTANCES: u32 = 100;

/// Names that Google gives variables of its own, which it shows with those of the function
/// (<https://cloud.google.com/functions/docs/configuring/env-var>).
pub(super) const GOOGLES_VARIABLES: [&str; 8] = [
    "EVENTARC_CLOUD_EVENT_SOURCE",
    "FUNCTION_SIGNATURE_TYPE",
    "FUNCTION_TARGET",
    "K_CONFIGURATION",
    "K_REVISION",
    "K_SERVICE",
    "LOG_EXECUTION_ID",
    "PORT",
];

/// The build variable that names the file with the function in it, where that is not `main.py`
/// (<https://cloud.google.com/docs/buildpacks/service-specific-configs#google_function_source>).
const SOURCE_FILE: &str = "GOOGLE_FUNCTION_SOURCE";

/// The file that a Python function is in where nothing else is said.
const MAIN: &str = "main";

/// The files that a Node.js function may be in
/// (<https://cloud.google.com/functions/docs/writing#structuring_source_code>).
const NODE_FILES: [&str; 2] = ["index", "function"];

/// What runs a function, in Google's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The runtime, such as `python313`.
    pub(crate) runtime: String,
    /// The function that is called.
    pub(crate) point: String,
    /// Variables of the build.
    pub(crate) build: BTreeMap<String, String>,
}

/// Returns what runs the function, or why nothing does.
pub(crate) fn entry(function: &Function) -> Result<Entry, String> {
    let handler = function
        .handler
        .rsplit_once('.')
        .filter(|(file, name)| !file.is_empty() && !name.is_empty() && !file.contains('.'));
    let Some((file, point)) = handler else {
        return Err(format!(
            "`{}` is not a file and a function, such as main.hello",
            function.handler
        ));
    };
    let python = function.runtime.strip_prefix("python3.").map(|minor| format!("python3{minor}"));
    let node = function.runtime.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x"));
    if let Some(runtime) = python {
        let build = match file {
            MAIN => BTreeMap::new(),
            _ => BTreeMap::from([(SOURCE_FILE.to_owned(), format!("{file}.py"))]),
        };
        return Ok(Entry { runtime, point: point.to_owned(), build });
    }
    let Some(major) = node else {
        return Err(format!(
            "this version deploys Python and Node.js there, and {} is neither",
            function.runtime
        ));
    };
    if !NODE_FILES.contains(&file) {
        return Err(format!(
            "Google looks for Node.js functions in index.js or function.js; rename {file}, and \
             write `handler = \"index.{point}\"`"
        ));
    }
    let (runtime, point) = (format!("nodejs{major}"), point.to_owned());
    Ok(Entry { runtime, point, build: BTreeMap::new() })
}

/// Returns thousandths of a processor: those asked for, or what Google gives with the memory.
pub(crate) fn cpu(function: &Function) -> u32 {
    function.scaling.cpu_millis.unwrap_or_else(|| CPU.usual_for(function.memory_mib))
}

/// Returns how many requests one instance serves at once: one where nothing is said, as everywhere.
pub(crate) fn concurrency(function: &Function) -> u32 {
    function.scaling.instance_concurrency.unwrap_or(1)
}

/// Returns the most instances. Concurrency that is reserved for a function bounds them, too.
pub(crate) fn max_instances(function: &Function) -> u32 {
    let reserved = function.reserved_concurrency;
    let bound = reserved.map(|reserved| reserved.div_ceil(concurrency(function).max(1)).max(1));
    function.scaling.max_instances.or(bound).unwrap_or(MAX_INSTANCES)
}

/// Returns every setting that Google does not take: what, and why.
pub(crate) fn refused(function: &Function) -> Vec<(String, String)> {
    let mut refused = Vec::new();
    if let Err(reason) = entry(function) {
        refused.push((format!("handler {} with {}", function.handler, function.runtime), reason));
    }
    refused.extend(machine(function));
    refused.extend(scaling(function));
    refused.extend(others(function));
    refused
}

/// Memory and processor have to fit each other.
fn machine(function: &Function) -> Vec<(String, String)> {
    let (memory, cpu) = (function.memory_mib, cpu(function));
    let what = format!("{} MiB of memory with {} CPU", memory, decimal(cpu));
    let mut reasons = Vec::new();
    if !within(LIMITS.memory_mib, memory) {
        reasons.push("memory is 128 MiB to 32 GiB there".to_owned());
    }
    let whole = CPU.whole.iter().find(|(millis, _)| *millis == cpu);
    if !within(CPU.part_millis, cpu) && whole.is_none() {
        reasons.push("CPU is 0.08 up to 1, or 1, 2, 4, 6 or 8 there".to_owned());
    }
    let least = CPU.least_for(memory);
    if cpu < least {
        reasons.push(format!("so much memory takes {} CPU at least", decimal(least)));
    }
    if let Some((_, least)) = whole
        && memory < *least
    {
        reasons.push(format!("so much CPU takes {least} MiB of memory at least"));
    }
    reasons.into_iter().map(|reason| (what.clone(), reason)).collect()
}

fn within(bounds: Bounds, value: u32) -> bool {
    (bounds.least..=bounds.most).contains(&u64::from(value))
}

fn scaling(function: &Function) -> Vec<(String, String)> {
    let mut refused = Vec::new();
    let (at_once, most) = (concurrency(function), max_instances(function));
    let mut refuse = |what: String, reason: &str| refused.push((what, reason.to_owned()));
    if !within(SCALING.instance_concurrency, at_once) {
        refuse(format!("`instance_concurrency` {at_once}"), "it is 1 to 1000 there");
    }
    if at_once > 1 && cpu(function) < CPU.sharing_millis {
        let reason = "an instance that serves more than one request at once needs `cpu = 1`";
        refuse(format!("`instance_concurrency` {at_once}"), reason);
    }
    if function.scaling.min_instances.unwrap_or(0) > most {
        refuse("`min_instances`".to_owned(), "it is more than there may be instances");
    }
    if most == 0 || function.reserved_concurrency == Some(0) {
        let reason =
            "no function is stopped by a limit there; remove its triggers, or the function";
        refuse("a limit of no instances".to_owned(), reason);
    }
    refused
}

fn others(function: &Function) -> Vec<(String, String)> {
    let mut refused = Vec::new();
    let mut refuse = |what: &str, reason: &str| refused.push((what.to_owned(), reason.to_owned()));
    if function.architecture == updraft_contract::Architecture::Arm64 {
        refuse("`architecture = \"arm64\"`", "Cloud Functions run on x86-64 only");
    }
    if function.ephemeral_storage_mib != 512 {
        let reason = "files in /tmp take up the function's memory there; raise `memory`, and remove \
            `ephemeral_storage`";
        refuse("`ephemeral_storage`", reason);
    }
    if function.log_format == updraft_contract::LogFormat::Json {
        let reason = "functions there write their own lines; print one JSON object per line, and \
            Cloud Logging reads its fields";
        refuse("`log_format = \"json\"`", reason);
    }
    if function.log_retention_days.is_some_and(|days| days != 30) {
        let reason = "Cloud Logging keeps all logs of a project for 30 days unless its bucket says \
            otherwise; remove `log_retention`";
        refuse("`log_retention`", reason);
    }
    if function.network.egress.is_some() && function.network.connector.is_none() {
        refuse("`vpc_egress`", "it says which traffic takes the connector; set `vpc_connector`");
    }
    let variables = function.environment.keys().chain(function.secrets.keys());
    for name in variables {
        let rules = LIMITS.environment;
        let starts = |prefix: &&str| name.starts_with(*prefix);
        if rules.reserved.contains(&name.as_str()) || rules.reserved_prefixes.iter().any(starts) {
            refuse(&format!("the variable {name}"), "Google sets it itself");
        }
    }
    refused
}

/// Writes thousandths as a decimal: `0.583`, `1`.
pub(super) fn decimal(thousandths: u32) -> String {
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    let text = format!("{whole}.{rest:03}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a decimal, such as `0.583`, `.083` or `1`, as thousandths.
pub(super) fn thousandths(decimal: &str) -> Option<u32> {
    let (whole, rest) = decimal.split_once('.').unwrap_or((decimal, ""));
    if rest.len() > 3 {
        let cut: String = rest.chars().take(3).collect();
        return thousandths(&format!("{whole}.{cut}"));
    }
    let whole: u32 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let rest: u32 = format!("{rest:0<3}").parse().ok()?;
    whole.checked_mul(1000)?.checked_add(rest)
}

/// Reads an amount of memory, such as `256Mi`, `1Gi` or Google's own default `256M`, as bytes.
pub(super) fn bytes(amount: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 9] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("", 1),
    ];
    let (unit, factor) = UNITS.iter().find(|(unit, _)| amount.ends_with(unit))?;
    amount.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::{bytes, cpu, decimal, entry, max_instances, refused, thousandths};
    use crate::kinds::function::tests::function;

    fn reasons(function: &updraft_contract::Function) -> String {
        let told = refused(function).into_iter().map(|(what, why)| format!("{what}: {why}"));
        told.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn runtimes_and_handlers_are_written_in_googles_words() {
        let mut api = function("api");
        api.handler = "app.handler".into();
        let python = entry(&api).unwrap();
        assert_eq!((python.runtime.as_str(), python.point.as_str()), ("python313", "handler"));
        assert_eq!(python.build.get("GOOGLE_FUNCTION_SOURCE").map(String::as_str), Some("app.py"));
        api.handler = "main.handler".into();
        assert!(entry(&api).unwrap().build.is_empty());
        api.runtime = "nodejs22.x".into();
        assert!(entry(&api).unwrap_err().contains("index.js"));
        api.handler = "index.hello".into();
        assert_eq!(entry(&api).unwrap().runtime, "nodejs22");
        api.runtime = "java21".into();
        assert!(entry(&api).is_err());
    }

    #[test]
    fn every_legal_pair_of_memory_and_cpu_is_taken_and_no_other() {
        let mut api = function("api");
        for memory in [128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768] {
            api.memory_mib = memory;
            api.scaling.cpu_millis = None;
            assert_eq!(reasons(&api), "", "{memory} with {}", cpu(&api));
        }
        for (memory, cpu) in [(128, 500), (512, 1000), (2048, 4000), (4096, 8000), (4096, 1000)] {
            (api.memory_mib, api.scaling.cpu_millis) = (memory, Some(cpu));
            assert_eq!(reasons(&api), "", "{memory} with {cpu}");
        }
        let illegal = [
            (64, 500),
            (1024, 333),
            (2048, 583),
            (256, 1500),
            (512, 4000),
            (8192, 1000),
            (128, 50),
        ];
        for (memory, cpu) in illegal {
            (api.memory_mib, api.scaling.cpu_millis) = (memory, Some(cpu));
            assert_ne!(reasons(&api), "", "{memory} with {cpu}");
        }
    }

    #[test]
    fn reserved_concurrency_bounds_the_instances() {
        let mut api = function("api");
        assert_eq!(max_instances(&api), 100);
        api.reserved_concurrency = Some(10);
        assert_eq!(max_instances(&api), 10);
        api.scaling.instance_concurrency = Some(4);
        assert_eq!(max_instances(&api), 3);
        assert!(reasons(&api).contains("cpu = 1"));
    }

    #[test]
    fn what_google_does_not_take_is_refused_with_its_reason() {
        let mut api = function("api");
        api.architecture = updraft_contract::Architecture::Arm64;
        api.ephemeral_storage_mib = 1024;
        api.log_retention_days = Some(7);
        api.secrets.insert("PORT".into(), "x".into());
        let all = reasons(&api);
        for word in ["x86-64", "/tmp", "30 days", "variable PORT"] {
            assert!(all.contains(word), "{word} in {all}");
        }
    }

    #[test]
    fn amounts_are_read_in_every_form_google_writes_them() {
        assert_eq!(
            (decimal(583), decimal(1000), decimal(80)),
            ("0.583".into(), "1".into(), "0.08".into())
        );
        let read = [".083", "0.0833", "1", "0.5"].map(thousandths);
        assert_eq!(read, [Some(83), Some(83), Some(1000), Some(500)]);
        assert_eq!(
            (bytes("256Mi"), bytes("1Gi"), bytes("256M")),
            (Some(256 << 20), Some(1 << 30), Some(256_000_000))
        );
    }
}
