//! How often Google lets itself be called, as data.

use updraft_transport::Rate;

/// One row: which operations share a bucket.
struct Row {
    /// What the operation starts with.
    prefix: &'static str,
    /// What it ends with, or empty for all that no earlier row names.
    verbs: &'static [&'static str],
    rate: Rate,
}

const fn row(
    prefix: &'static str,
    verbs: &'static [&'static str],
    (bucket, per_minute): (&'static str, f64),
) -> Row {
    let burst = if per_minute < 300.0 { 10.0 } else { 50.0 };
    Row { prefix, verbs, rate: Rate { bucket, per_second: per_minute / 60.0, burst } }
}

const WRITES: &[&str] = &[".create", ".update", ".delete", ".patch", ".undelete", ".setIamPolicy"];

/// The first row that fits decides; what no row names is not paced.
///
/// Cloud Functions: <https://cloud.google.com/functions/quotas>, where 60 writes a minute are the
/// rule and people measured 40 to 55 (firebase/firebase-tools 7268). IAM:
/// <https://cloud.google.com/iam/quotas>. Scheduler: <https://cloud.google.com/scheduler/quotas>.
const ROWS: &[Row] = &[
    row("cloudfunctions.", WRITES, ("functions-write", 40.0)),
    row("cloudfunctions.", &[], ("functions-read", 1_000.0)),
    row("iam.", WRITES, ("iam-write", 500.0)),
    row("iam.", &[], ("iam-read", 5_000.0)),
    row("resourcemanager.", &[], ("projects", 500.0)),
    row("cloudscheduler.", WRITES, ("scheduler-write", 450.0)),
    row("cloudscheduler.", &[], ("scheduler-read", 1_100.0)),
];

/// Returns the rate that `operation` is kept below.
pub(crate) fn of(operation: &str) -> Option<Rate> {
    let fits = |row: &&Row| {
        operation.starts_with(row.prefix)
            && (row.verbs.is_empty() || row.verbs.iter().any(|verb| operation.ends_with(verb)))
    };
    ROWS.iter().find(fits).map(|row| row.rate)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn writes_and_reads_have_buckets_of_their_own() {
        let bucket = |operation| of(operation).map(|rate| rate.bucket);
        assert_eq!(bucket("cloudfunctions.functions.create"), Some("functions-write"));
        assert_eq!(bucket("cloudfunctions.operations.get"), Some("functions-read"));
        assert_eq!(bucket("iam.serviceAccounts.list"), Some("iam-read"));
        assert_eq!(bucket("pubsub.topics.list"), None);
    }
}
