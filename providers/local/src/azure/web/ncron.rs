//! NCRONTAB schedules: six fields from seconds to days of the week, in UTC, and when the next run is.
//!
//! Both a day of the month and one of the week must fit when both are given. Source:
//! <https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions>.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

/// How far ahead a run is looked for: past the next 29th of February.
const DAYS_AHEAD: i32 = 366 * 9;

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ncron {
    seconds: BTreeSet<i8>,
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: BTreeSet<i8>,
    months: BTreeSet<i8>,
    weekdays: BTreeSet<i8>,
}

impl Ncron {
    /// Reads a schedule of five or six fields; with five the seconds are 0.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut fields: Vec<&str> = text.split_whitespace().collect();
        if fields.len() == 5 {
            fields.insert(0, "0");
        }
        let [seconds, minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return None;
        };
        Some(Self {
            seconds: field(seconds, (0, 59), &[])?,
            minutes: field(minutes, (0, 59), &[])?,
            hours: field(hours, (0, 23), &[])?,
            days: field(days, (1, 31), &[])?,
            months: field(months, (1, 12), MONTHS)?,
            weekdays: field(weekdays, (0, 6), DAYS)?,
        })
    }

    /// The first time after `since`.
    pub(super) fn next(&self, since: Timestamp) -> Option<Timestamp> {
        let start = since.to_zoned(TimeZone::UTC).date();
        for ahead in 0..DAYS_AHEAD {
            let date = start.checked_add(ahead.days()).ok()?;
            let fits = self.months.contains(&date.month())
                && self.days.contains(&date.day())
                && self.weekdays.contains(&date.weekday().to_sunday_zero_offset());
            if !fits {
                continue;
            }
            let times = self.hours.iter().flat_map(|hour| {
                let minutes = self.minutes.iter();
                minutes.flat_map(move |minute| {
                    self.seconds.iter().map(move |second| (*hour, *minute, *second))
                })
            });
            for (hour, minute, second) in times {
                let at = date.at(hour, minute, second, 0).to_zoned(TimeZone::UTC).ok()?.timestamp();
                if at > since {
                    return Some(at);
                }
            }
        }
        None
    }
}

/// The values of one field: `*`, numbers, names, ranges, lists, each with a step.
fn field(text: &str, (low, high): (i8, i8), names: &[&str]) -> Option<BTreeSet<i8>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<i8>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let number = |text: &str| {
            let name = text.get(..3).unwrap_or(text);
            let found = names.iter().position(|known| known.eq_ignore_ascii_case(name));
            match found {
                Some(index) => i8::try_from(index).ok().map(|index| index + low),
                None => text.parse().ok(),
            }
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (number(from)?, number(to)?),
            None => {
                let one = number(range)?;
                (one, if part.contains('/') { high } else { one })
            }
        };
        if from < low || to > high || from > to {
            return None;
        }
        let step = usize::try_from(step).ok()?;
        values.extend((from..=to).step_by(step));
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str) -> Option<String> {
        let since: Timestamp = "2026-11-21T03:20:46Z".parse().unwrap();
        Some(Ncron::parse(schedule)?.next(since)?.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        assert_eq!(next("0 */5 * * * *").as_deref(), Some("2026-11-21T03:25:00Z"));
        assert_eq!(next("*/2 * * * * *").as_deref(), Some("2026-11-21T03:20:48Z"));
        assert_eq!(next("30 0 9 * * Mon-Fri").as_deref(), Some("2026-11-23T09:00:30Z"));
        assert_eq!(next("0 0 0 1 January *").as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(next("*/5 * * * *").as_deref(), Some("2026-11-21T03:25:00Z"), "five fields");
        let both = next("0 0 0 1 * 1");
        assert_eq!(both.as_deref(), Some("2027-02-01T00:00:00Z"), "both days must fit");
    }

    #[test]
    fn what_is_no_ncrontab_is_refused() {
        for wrong in [
            "* * * *",
            "0 0 0 ? * *",
            "0 60 * * * *",
            "0 0 0 L * *",
            "0 0 0 * * 7",
            "00:05:00",
            "0 0 0 * * * 2026",
        ] {
            assert_eq!(Ncron::parse(wrong), None, "{wrong}");
        }
    }
}
