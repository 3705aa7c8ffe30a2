//! Schedules in the dialect of `EventBridge` Scheduler.
//!
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>: six fields, of
//! which one of the two days must be `?`; days of the week count from Sunday as 1. Unix cron has
//! five fields, counts Sunday as 0 and 7, and runs on either day when both are given.

use std::collections::BTreeSet;
use std::time::Duration;

use updraft_contract::{Cron, Schedule};

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEK: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Returns the expression and its time zone, or why there is none.
pub(crate) fn expression(schedule: &Schedule) -> Result<(String, String), String> {
    match schedule {
        Schedule::Rate(every) => Ok((rate(*every)?, "UTC".to_owned())),
        Schedule::Cron { cron, timezone } => Ok((cron_expression(cron)?, timezone.clone())),
    }
}

/// Writes an interval in the largest unit that divides it.
fn rate(every: Duration) -> Result<String, String> {
    let minutes = every.as_secs() / 60;
    if minutes == 0 || !every.as_secs().is_multiple_of(60) || every.subsec_nanos() > 0 {
        return Err("the interval must be a whole number of minutes".to_owned());
    }
    let (count, unit) = match minutes {
        whole if whole.is_multiple_of(24 * 60) => (whole / (24 * 60), "day"),
        whole if whole.is_multiple_of(60) => (whole / 60, "hour"),
        whole => (whole, "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    Ok(format!("rate({count} {unit}{plural})"))
}

fn cron_expression(cron: &Cron) -> Result<String, String> {
    let minute = numbers(&cron.minute, &Range { first: 0, last: 59, names: &[] })?;
    let hour = numbers(&cron.hour, &Range { first: 0, last: 23, names: &[] })?;
    let month = numbers(&cron.month, &Range { first: 1, last: 12, names: &MONTHS })?;
    let day = numbers(&cron.day_of_month, &Range { first: 1, last: 31, names: &[] })?;
    let week = week_days(&cron.day_of_week)?;
    let (day, week) = match (day.as_str(), week.as_str()) {
        (_, "*") => (day.as_str(), "?"),
        ("*", _) => ("?", week.as_str()),
        (_, _) => {
            return Err("EventBridge Scheduler cannot run on a day of the month or a day of the \
                        week, whichever comes first; use two triggers"
                .to_owned());
        }
    };
    Ok(format!("cron({minute} {hour} {day} {month} {week} *)"))
}

/// What one field may hold.
struct Range {
    first: u32,
    last: u32,
    names: &'static [&'static str],
}

/// Rewrites a field whose numbers mean the same in both dialects.
fn numbers(field: &str, range: &Range) -> Result<String, String> {
    if is_every(field) {
        return Ok("*".to_owned());
    }
    if let Some((_, step)) = field.split_once('/').filter(|(of, _)| is_every(of)) {
        let step = number(step, &Range { first: 1, last: range.last, names: &[] })?;
        return Ok(if step == 1 { "*".to_owned() } else { format!("{}/{step}", range.first) });
    }
    let mut parts = Vec::new();
    for part in field.split(',') {
        parts.push(if part.contains('/') {
            let items: Vec<String> = items(part, range)?.iter().map(u32::to_string).collect();
            items.join(",")
        } else {
            plain(part, range)?
        });
    }
    Ok(parts.join(","))
}

/// Rewrites a number, a name or a range of them.
fn plain(part: &str, range: &Range) -> Result<String, String> {
    match part.split_once('-') {
        Some((from, to)) => Ok(format!("{}-{}", number(from, range)?, number(to, range)?)),
        None => Ok(number(part, range)?.to_string()),
    }
}

/// Rewrites days of the week, as names because the two dialects number them differently.
fn week_days(field: &str) -> Result<String, String> {
    if is_every(field) {
        return Ok("*".to_owned());
    }
    let range = Range { first: 0, last: 7, names: &WEEK };
    let mut days = BTreeSet::new();
    for part in field.split(',') {
        days.extend(items(part, &range)?.into_iter().map(|day| day % 7));
    }
    if days.len() == WEEK.len() {
        return Ok("*".to_owned());
    }
    let runs: Vec<String> = runs(&days).into_iter().map(|(a, b)| run(a, b)).collect();
    Ok(runs.join(","))
}

/// Writes a run of days: a range from three on.
fn run(from: u32, to: u32) -> String {
    let name = |day: u32| WEEK.get(day as usize).copied().unwrap_or_default();
    match to - from {
        0 => name(from).to_owned(),
        1 => format!("{},{}", name(from), name(to)),
        _ => format!("{}-{}", name(from), name(to)),
    }
}

/// Gathers neighbours.
fn runs(days: &BTreeSet<u32>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == *day => *to = *day,
            Some(_) | None => runs.push((*day, *day)),
        }
    }
    runs
}

/// Lists what one part of a field names: `*/2`, `1-5/2`, `3`, `MON-FRI`.
fn items(part: &str, range: &Range) -> Result<Vec<u32>, String> {
    let (of, step) = match part.split_once('/') {
        Some((of, step)) => (of, number(step, &Range { first: 1, last: 99, names: &[] })?),
        None => (part, 1),
    };
    // Sunday is both 0 and 7 in Unix cron; "every day" counts it once.
    let last = if range.names.len() == WEEK.len() { 6 } else { range.last };
    let (from, to) = match of.split_once('-') {
        Some((from, to)) => (number(from, range)?, number(to, range)?),
        None if is_every(of) => (range.first, last),
        None if part.contains('/') => (number(of, range)?, last),
        None => (number(of, range)?, number(of, range)?),
    };
    let step = usize::try_from(step).unwrap_or(1);
    if from <= to {
        return Ok((from..=to).step_by(step).collect());
    }
    // A range that goes round the end, such as `FRI-MON`.
    Ok((from..=last).chain(range.first..=to).step_by(step).collect())
}

fn number(text: &str, range: &Range) -> Result<u32, String> {
    let named = range.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    let offset = u32::from(range.names.len() == MONTHS.len());
    let value = match named.and_then(|at| u32::try_from(at).ok()) {
        Some(at) => at + offset,
        None => text.parse().map_err(|_| format!("`{text}` in a cron expression"))?,
    };
    if value < range.first || value > range.last {
        return Err(format!("`{text}` is not within {} to {}", range.first, range.last));
    }
    Ok(value)
}

fn is_every(field: &str) -> bool {
    matches!(field, "*" | "?")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::{Cron, Schedule};

    use super::expression;

    fn cron(text: &str) -> Result<String, String> {
        let fields: Vec<&str> = text.split(' ').collect();
        let cron = Cron {
            minute: fields[0].into(),
            hour: fields[1].into(),
            day_of_month: fields[2].into(),
            month: fields[3].into(),
            day_of_week: fields[4].into(),
        };
        let schedule = Schedule::Cron { cron, timezone: "Europe/Paris".into() };
        expression(&schedule).map(|(text, zone)| {
            assert_eq!(zone, "Europe/Paris");
            text
        })
    }

    #[test]
    fn an_interval_is_written_in_its_largest_unit() {
        let rate = |minutes: u64| expression(&Schedule::Rate(Duration::from_secs(60 * minutes)));
        let written: Vec<String> =
            [1, 5, 60, 90, 1440, 2880].iter().map(|n| rate(*n).unwrap().0).collect();
        assert_eq!(
            written,
            [
                "rate(1 minute)",
                "rate(5 minutes)",
                "rate(1 hour)",
                "rate(90 minutes)",
                "rate(1 day)",
                "rate(2 days)"
            ]
        );
        assert!(expression(&Schedule::Rate(Duration::from_secs(90))).is_err());
    }

    #[test]
    fn one_of_the_two_days_becomes_a_question_mark() {
        assert_eq!(cron("0 7 * * *").unwrap(), "cron(0 7 * * ? *)");
        assert_eq!(cron("30 6 1 * *").unwrap(), "cron(30 6 1 * ? *)");
        assert_eq!(cron("0 12 * * 1-5").unwrap(), "cron(0 12 ? * MON-FRI *)");
        assert!(cron("0 0 13 * 5").unwrap_err().contains("two triggers"));
    }

    #[test]
    fn days_of_the_week_are_named_because_the_numbers_differ() {
        assert_eq!(cron("0 0 * * 0").unwrap(), "cron(0 0 ? * SUN *)");
        assert_eq!(cron("0 0 * * 7").unwrap(), "cron(0 0 ? * SUN *)");
        assert_eq!(cron("0 0 * * 5-7").unwrap(), "cron(0 0 ? * SUN,FRI,SAT *)");
        assert_eq!(cron("0 0 * * sat,sun").unwrap(), "cron(0 0 ? * SUN,SAT *)");
        assert_eq!(cron("0 0 * * */2").unwrap(), "cron(0 0 ? * SUN,TUE,THU,SAT *)");
        assert_eq!(cron("0 0 * * 0-6").unwrap(), "cron(0 0 * * ? *)");
    }

    #[test]
    fn steps_start_where_the_range_does() {
        assert_eq!(cron("*/15 * * * *").unwrap(), "cron(0/15 * * * ? *)");
        assert_eq!(cron("0 8-18/5 */2 jan,6 *").unwrap(), "cron(0 8,13,18 1/2 1,6 ? *)");
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        assert!(cron("60 0 * * *").is_err());
        assert!(cron("0 0 0 * *").is_err());
        assert!(cron("0 0 * * 8").is_err());
    }
}
