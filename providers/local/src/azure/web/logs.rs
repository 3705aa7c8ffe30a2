//! What functions print and what their hosts say, kept as the rows of Application Insights' traces.
//!
//! Source: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces>.

use serde::{Deserialize, Serialize};

use crate::azure::shelf::Resource;
use crate::clock::Moment;
use crate::cloud::Cloud;
use crate::runtime::{Line, Stream};
use crate::store::{Place, Tx};
use crate::wire::Refusal;

/// How many rows a site keeps; the oldest go first beyond this many.
const KEPT: usize = 10_000;

/// Whose rows they are.
pub(super) struct Source<'a> {
    /// The site.
    pub(super) site: &'a Resource,
    /// The function; empty for the host.
    pub(super) function: &'a str,
    /// The invocation.
    pub(super) id: &'a str,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// When.
    pub(crate) time: Moment,
    /// The site: `AppRoleName`.
    pub(crate) role: String,
    /// The function: `OperationName`; empty for the host.
    pub(crate) operation: String,
    /// The invocation: `OperationId`.
    pub(crate) id: String,
    /// `SeverityLevel`: 1 for information, 3 for errors.
    pub(crate) severity: u8,
    /// The text.
    pub(crate) message: String,
    /// Whether the host says it, not the function.
    pub(crate) of_host: bool,
}

fn place() -> Place {
    Place::new("azure", "traces", "global")
}

/// Keeps what a function printed.
pub(super) fn printed(cloud: &Cloud, source: &Source<'_>, lines: &[Line]) {
    let rows = lines.iter().map(|line| {
        let severity = match line.from {
            Stream::Out => 1,
            Stream::Err => 3,
        };
        row(source, &line.text, severity)
    });
    keep(cloud, &rows.collect::<Vec<_>>());
}

/// Keeps what the host says.
pub(super) fn note(cloud: &Cloud, source: &Source<'_>, text: &str) {
    keep(cloud, &[Row { of_host: true, ..row(source, text, 1) }]);
}

/// Keeps an error of the host.
pub(super) fn fail(cloud: &Cloud, site: &Resource, text: &str) {
    let source = Source { site, function: "", id: "" };
    keep(cloud, &[Row { of_host: true, ..row(&source, text, 3) }]);
}

fn row(source: &Source<'_>, message: &str, severity: u8) -> Row {
    Row {
        time: Moment::now(),
        role: source.site.name.clone(),
        operation: source.function.to_owned(),
        id: source.id.to_owned(),
        severity,
        message: message.to_owned(),
        of_host: false,
    }
}

fn keep(cloud: &Cloud, rows: &[Row]) {
    // A log that cannot be kept is no reason to fail what it is about.
    cloud.transact(|tx, _| put(tx, rows)).ok();
}

fn put(tx: &mut Tx, rows: &[Row]) -> Result<(), Refusal> {
    let counter = place().key("count", &[]);
    let mut count: u64 = tx.get(&counter)?.unwrap_or_default();
    for row in rows {
        count += 1;
        let role = row.role.to_ascii_lowercase();
        tx.put(&place().key("row", &[&role, &format!("{count:012x}")]), row)?;
        if count.is_multiple_of(1000) {
            let keys = tx.keys(&place().prefix("row", &[&role]))?;
            for key in keys.iter().take(keys.len().saturating_sub(KEPT)) {
                tx.remove(key)?;
            }
        }
    }
    Ok(tx.put(&counter, &count)?)
}

/// The rows of a site in the order they came.
pub(crate) fn rows(tx: &Tx, site: &str) -> Result<Vec<Row>, Refusal> {
    Ok(tx.list(&place().prefix("row", &[&site.to_ascii_lowercase()]))?)
}

/// Forgets the rows of a site.
pub(super) fn forget(tx: &mut Tx, site: &str) -> Result<(), Refusal> {
    tx.remove_all(&place().prefix("row", &[&site.to_ascii_lowercase()]))?;
    Ok(())
}
