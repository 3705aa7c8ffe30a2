//! Numbers and instants, exact enough to find a value between any two of them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Parts of one: a billionth, halved so that there is a value between any two.
const PARTS: i128 = 2_000_000_000;

/// The largest whole number that is understood.
const LARGEST: i128 = 1_000_000_000_000_000_000;

/// A number, or the seconds since 1970 of an instant, in parts of one.
pub(super) type Point = i128;

/// How one compares with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Comparing {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparing {
    /// Whether `one` compares so with `other`.
    pub(super) fn holds(self, one: Point, other: Point) -> bool {
        match self {
            Comparing::Equal => one == other,
            Comparing::Less => one < other,
            Comparing::LessOrEqual => one <= other,
            Comparing::Greater => one > other,
            Comparing::GreaterOrEqual => one >= other,
        }
    }
}

/// Reads a decimal number; `None` if it is none, or has more digits than are understood.
pub(super) fn number(text: &str) -> Option<Point> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let digits_only = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits_only(whole) || !digits_only(part) || part.len() > 9 {
        return None;
    }
    let whole: i128 = whole.parse().ok().filter(|whole| *whole <= LARGEST)?;
    let part: i128 = format!("{part:0<9}").parse().ok()?;
    Some(sign * (whole * PARTS + part * 2))
}

/// Writes a number.
pub(super) fn written(point: Point) -> String {
    let sign = if point < 0 { "-" } else { "" };
    let (whole, part) = (point.abs() / PARTS, point.abs() % PARTS * 5);
    let part = format!("{part:010}");
    let part = part.trim_end_matches('0');
    if part.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// Reads an instant: ISO 8601 in UTC or with an offset, a date, or seconds since 1970.
pub(super) fn instant(text: &str) -> Option<Point> {
    let text = text.trim();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.as_nanosecond() * 2);
    }
    if text.parse::<i64>().is_ok() && text.len() > 4 {
        return number(text);
    }
    let civil = match text.trim_end_matches('Z') {
        day if day.len() == 10 => {
            day.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())
        }
        other => other.parse::<DateTime>().ok()?,
    };
    Some(TimeZone::UTC.to_timestamp(civil).ok()?.as_nanosecond() * 2)
}

/// Writes an instant, or its seconds where no calendar has it.
pub(super) fn written_instant(point: Point) -> String {
    match Timestamp::from_nanosecond(point.div_euclid(2)) {
        Ok(timestamp) => timestamp.to_string(),
        Err(_) => written(point),
    }
}
