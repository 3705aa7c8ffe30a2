//! Schedules in unix-cron format: minute, hour, day of the month, month, day of the week (0 or 7 is Sunday).
//!
//! Where both days are restricted either is enough, as in every unix cron.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// A checked schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: BTreeSet<i8>,
    hours: BTreeSet<i8>,
    days: BTreeSet<i8>,
    months: BTreeSet<i8>,
    weekdays: BTreeSet<i8>,
    any_day: bool,
    any_weekday: bool,
}

const MONTHS: &[&str] =
    &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// How far ahead a next time is looked for: a 29 February on a given weekday comes within 40 years.
const DAYS_AHEAD: i32 = 366 * 40;

impl Cron {
    /// Reads a schedule; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let weekdays_read = field(weekdays, (0, 7), DAYS, 0)?;
        Some(Self {
            minutes: field(minutes, (0, 59), &[], 0)?,
            hours: field(hours, (0, 23), &[], 0)?,
            days: field(days, (1, 31), &[], 0)?,
            months: field(months, (1, 12), MONTHS, 1)?,
            weekdays: weekdays_read.into_iter().map(|day| day % 7).collect(),
            any_day: days.starts_with('*'),
            any_weekday: weekdays.starts_with('*'),
        })
    }

    /// The first time after `since`.
    pub(super) fn next(&self, since: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let start = since.to_zoned(zone.clone()).date();
        for ahead in 0..DAYS_AHEAD {
            let date = start.checked_add(ahead.days()).ok()?;
            if !self.months.contains(&date.month()) || !self.runs_on(date) {
                continue;
            }
            for hour in &self.hours {
                for minute in &self.minutes {
                    let time: DateTime = date.at(*hour, *minute, 0, 0);
                    // A time that a change of the clocks leaves out does not come that day.
                    let Ok(at) = zone.to_ambiguous_zoned(time).compatible() else { continue };
                    if at.datetime() == time && at.timestamp() > since {
                        return Some(at.timestamp());
                    }
                }
            }
        }
        None
    }

    fn runs_on(&self, date: jiff::civil::Date) -> bool {
        let day = self.days.contains(&date.day());
        let weekday = self.weekdays.contains(&date.weekday().to_sunday_zero_offset());
        match (self.any_day, self.any_weekday) {
            (false, false) => day || weekday,
            (true, false) => weekday,
            (false | true, true) => day,
        }
    }
}

/// The values of one field: `*`, numbers, names, ranges, lists, each with a step.
fn field(text: &str, (low, high): (i8, i8), names: &[&str], first: i8) -> Option<BTreeSet<i8>> {
    let mut values = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<i8>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let number = |text: &str| {
            let found = names.iter().position(|name| text.eq_ignore_ascii_case(name));
            match found {
                Some(index) => i8::try_from(index).ok().map(|index| index + first),
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
        let mut value = i16::from(from);
        while value <= i16::from(to) {
            values.insert(i8::try_from(value).ok()?);
            value += i16::from(step);
        }
    }
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(schedule: &str, zone: &str, since: &str) -> Option<String> {
        let zone = TimeZone::get(zone).unwrap();
        let since: Timestamp = since.parse().unwrap();
        Some(Cron::parse(schedule)?.next(since, &zone)?.to_string())
    }

    #[test]
    fn the_next_time_is_found() {
        let since = "2026-11-21T03:20:46Z";
        let utc = |schedule| next(schedule, "UTC", since);
        assert_eq!(utc("*/5 * * * *").as_deref(), Some("2026-11-21T03:25:00Z"));
        assert_eq!(utc("0 9 * * MON-FRI").as_deref(), Some("2026-11-23T09:00:00Z"));
        assert_eq!(utc("0 0 1 jan *").as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(utc("0 0 29 2 *").as_deref(), Some("2028-02-29T00:00:00Z"));
        assert_eq!(
            utc("30 4 1 * 7").as_deref(),
            Some("2026-11-22T04:30:00Z"),
            "either day is enough"
        );
        assert_eq!(utc("5/20 3 * * *").as_deref(), Some("2026-11-21T03:25:00Z"));
        let berlin = next("0 9 * * *", "Europe/Berlin", since);
        assert_eq!(berlin.as_deref(), Some("2026-11-21T08:00:00Z"));
    }

    #[test]
    fn a_time_the_clocks_leave_out_does_not_come() {
        let next = next("30 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00Z");
        assert_eq!(next.as_deref(), Some("2027-03-29T00:30:00Z"));
    }

    #[test]
    fn what_is_no_unix_cron_is_refused() {
        for wrong in [
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* * 0 * *",
            "* * L * *",
            "? * * * *",
            "*/0 * * * *",
            "5-1 * * * *",
        ] {
            assert_eq!(Cron::parse(wrong), None, "{wrong}");
        }
    }
}
