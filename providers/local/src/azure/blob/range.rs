//! Ranges of bytes: `bytes=0-99`, `bytes=100-`.

use crate::wire::{Refusal, Request};

/// The part of a blob that a request asks for, as first byte and the byte after the last; `None` for all of it.
pub(super) fn of(request: &Request, length: usize) -> Result<Option<(usize, usize)>, Refusal> {
    let Some(header) = request.header("x-ms-range").or_else(|| request.header("range")) else {
        return Ok(None);
    };
    let range = header.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
    let parsed = range.and_then(|(first, last)| {
        let first: usize = first.parse().ok()?;
        let end =
            if last.is_empty() { length } else { last.parse::<usize>().ok()?.checked_add(1)? };
        Some((first, end.min(length)))
    });
    // What is no range is not looked at, as HTTP says.
    let Some((first, end)) = parsed else { return Ok(None) };
    if first >= length || first >= end {
        let message = "The range specified is invalid for the current size of the resource.";
        return Err(Refusal::new(416, "InvalidRange", message)
            .header("content-range", format!("bytes */{length}")));
    }
    Ok(Some((first, end)))
}
