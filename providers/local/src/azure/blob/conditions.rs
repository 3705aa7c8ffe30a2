//! Conditional headers.
//!
//! Source: `learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations`.

use jiff::fmt::rfc2822;

use super::record::Record;
use crate::azure::storage::conflict;
use crate::wire::{Refusal, Request};

/// Whether a request reads or writes: a condition that does not hold is told in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// It reads.
    Reads,
    /// It writes.
    Writes,
}

/// Refuses unless the conditions of a request hold for what is there.
pub(super) fn check(
    request: &Request,
    there: Option<&Record>,
    access: Access,
) -> Result<(), Refusal> {
    let etag = there.map(|record| record.etag.as_str());
    let is = |wanted: &str| {
        wanted.split(',').any(|one| {
            let one = one.trim();
            (one == "*" && etag.is_some()) || Some(one.trim_matches('"')) == etag
        })
    };
    if request.header("if-match").is_some_and(|wanted| !is(wanted)) {
        return Err(unmet(412));
    }
    if let Some(unwanted) = request.header("if-none-match").filter(|unwanted| is(unwanted)) {
        return Err(match access {
            Access::Reads => unmet(304),
            Access::Writes if unwanted.trim() == "*" => conflict("BlobAlreadyExists"),
            Access::Writes => unmet(412),
        });
    }
    let Some(record) = there else { return Ok(()) };
    let modified = record.modified.seconds();
    if date(request, "if-modified-since").is_some_and(|since| modified <= since) {
        return Err(unmet(if access == Access::Reads { 304 } else { 412 }));
    }
    if date(request, "if-unmodified-since").is_some_and(|since| modified > since) {
        return Err(unmet(412));
    }
    Ok(())
}

fn date(request: &Request, header: &str) -> Option<i64> {
    let stamp = rfc2822::parse(request.header(header)?).ok()?;
    Some(stamp.timestamp().as_second())
}

fn unmet(status: u16) -> Refusal {
    let message = "The condition specified using HTTP conditional header(s) is not met.";
    Refusal::new(status, "ConditionNotMet", message)
}
