//! Numbers, dates and addresses as conditions compare them.
//!
//! Source: IAM user guide, "IAM JSON policy elements: Condition operators".

use std::net::IpAddr;

use jiff::Timestamp;

/// Whether two numbers stand as the operator wants; of `NumericNotEquals`, whether they are equal.
pub(super) fn number(operator: &str, wanted: &str, found: &str) -> bool {
    match (found.parse::<f64>(), wanted.parse::<f64>()) {
        (Ok(found), Ok(wanted)) => compare(operator, found.total_cmp(&wanted)),
        _ => false,
    }
}

/// Whether two points in time stand as the operator wants; of `DateNotEquals`, whether they are the same.
pub(super) fn date(operator: &str, wanted: &str, found: &str) -> bool {
    match (moment(found), moment(wanted)) {
        (Some(found), Some(wanted)) => compare(operator, found.cmp(&wanted)),
        _ => false,
    }
}

/// Reads a time as ISO 8601 writes it, with or without the time of day, or as seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    let whole = || format!("{text}T00:00:00Z").parse().ok();
    text.parse().ok().or_else(whole)
}

fn compare(operator: &str, order: std::cmp::Ordering) -> bool {
    if operator.ends_with("LessThanEquals") {
        order.is_le()
    } else if operator.ends_with("LessThan") {
        order.is_lt()
    } else if operator.ends_with("GreaterThanEquals") {
        order.is_ge()
    } else if operator.ends_with("GreaterThan") {
        order.is_gt()
    } else {
        order.is_eq()
    }
}

/// Whether an address is in a network, `10.0.0.0/8`, or is that address.
pub(super) fn in_network(network: &str, address: &str) -> bool {
    let (base, length) = network
        .split_once('/')
        .map_or((network, None), |(base, length)| (base, Some(length.parse::<u32>())));
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let (Ok(base), Ok(address)) = (base.parse(), address.parse()) else { return false };
    let ((base, width), (address, other)) = (bits(base), bits(address));
    let length = match length {
        None => width,
        Some(Ok(length)) if length <= width => length,
        Some(_) => return false,
    };
    width == other && (base ^ address).checked_shr(width - length).unwrap_or(0) == 0
}
