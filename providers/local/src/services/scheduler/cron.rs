//! Cron expressions as `EventBridge` Scheduler writes them: six fields, Sunday is day 1, exactly one `?`.
//!
//! Source: the Scheduler User Guide, "Schedule types". Expressions outside that grammar are refused.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// A checked cron expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    months: BTreeSet<i16>,
    years: BTreeSet<i16>,
    days: Days,
}

/// Which days it runs; AWS takes a day of the month or a day of the week, never both.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<MonthDay>),
    OfWeek(Vec<WeekDay>),
}

/// One term of the day-of-month field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum MonthDay {
    On(BTreeSet<i16>),
    Last,
    LastWeekday,
    NearestWeekday(i16),
}

/// One term of the day-of-week field.
#[derive(Clone, Debug, PartialEq, Eq)]
enum WeekDay {
    On(BTreeSet<i16>),
    LastOf(i16),
    Nth(i16, i16),
}

/// The values one field may take.
struct Range {
    low: i16,
    high: i16,
    names: &'static [&'static str],
}

const MINUTES: Range = Range { low: 0, high: 59, names: &[] };
const HOURS: Range = Range { low: 0, high: 23, names: &[] };
const MONTH_DAYS: Range = Range { low: 1, high: 31, names: &[] };
const MONTHS: Range = Range {
    low: 1,
    high: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const WEEK_DAYS: Range =
    Range { low: 1, high: 7, names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };
const YEARS: Range = Range { low: 1970, high: 2199, names: &[] };

impl Cron {
    /// Reads the six fields between the brackets of `cron(...)`.
    pub(crate) fn parse(fields: &str) -> Option<Self> {
        let fields: Vec<&str> = fields.split(' ').collect();
        let [minutes, hours, month_days, months, week_days, years] = fields.as_slice() else {
            return None;
        };
        let days = match (*month_days, *week_days) {
            ("?", "?") => return None,
            (of_month, "?") => Days::OfMonth(terms(of_month, month_day)?),
            ("?", of_week) => Days::OfWeek(terms(of_week, week_day)?),
            (_, _) => return None,
        };
        Some(Self {
            minutes: MINUTES.list(minutes)?,
            hours: HOURS.list(hours)?,
            months: MONTHS.list(months)?,
            years: YEARS.list(years)?,
            days,
        })
    }

    /// Returns the first time after `after` at which it runs, or nothing when it never runs again.
    ///
    /// A local time that a clock change skips is not run; one that happens twice is run once, as AWS does
    /// (Scheduler User Guide, "Daylight savings time on `EventBridge` Scheduler").
    pub(crate) fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let mut date = after.to_zoned(zone.clone()).date();
        let last = *self.years.last()?;
        while date.year() <= last {
            if self.on(date)
                && let Some(found) = self.times(date, zone).find(|time| *time > after)
            {
                return Some(found);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    fn on(&self, date: Date) -> bool {
        self.years.contains(&date.year())
            && self.months.contains(&i16::from(date.month()))
            && match &self.days {
                Days::OfMonth(days) => days.iter().any(|day| day.holds(date)),
                Days::OfWeek(days) => days.iter().any(|day| day.holds(date)),
            }
    }

    fn times<'a>(&'a self, date: Date, zone: &'a TimeZone) -> impl Iterator<Item = Timestamp> + 'a {
        self.hours.iter().flat_map(move |hour| {
            self.minutes.iter().filter_map(move |minute| {
                let time = date.at(i8::try_from(*hour).ok()?, i8::try_from(*minute).ok()?, 0, 0);
                let local = zone.to_ambiguous_timestamp(time);
                if matches!(local.offset(), AmbiguousOffset::Gap { .. }) {
                    None
                } else {
                    local.earlier().ok()
                }
            })
        })
    }
}

impl MonthDay {
    fn holds(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let last = i16::from(date.days_in_month());
        match self {
            Self::On(days) => days.contains(&day),
            Self::Last => day == last,
            Self::LastWeekday => nearest_weekday(date, last) == day,
            Self::NearestWeekday(wanted) => {
                *wanted <= last && nearest_weekday(date, *wanted) == day
            }
        }
    }
}

impl WeekDay {
    fn holds(&self, date: Date) -> bool {
        let day = i16::from(date.day());
        let of_week = i16::from(date.weekday().to_sunday_one_offset());
        match self {
            Self::On(days) => days.contains(&of_week),
            Self::LastOf(wanted) => of_week == *wanted && day + 7 > i16::from(date.days_in_month()),
            Self::Nth(wanted, nth) => of_week == *wanted && (day + 6) / 7 == *nth,
        }
    }
}

/// The weekday nearest to a day of the date's month, never leaving that month.
fn nearest_weekday(date: Date, day: i16) -> i16 {
    let last = i16::from(date.days_in_month());
    let Ok(wanted) = Date::new(date.year(), date.month(), i8::try_from(day).unwrap_or(1)) else {
        return day;
    };
    match wanted.weekday().to_sunday_one_offset() {
        7 if day == 1 => 3,
        7 => day - 1,
        1 if day == last => day - 2,
        1 => day + 1,
        _ => day,
    }
}

fn terms<T>(field: &str, term: fn(&str) -> Option<T>) -> Option<Vec<T>> {
    field.split(',').map(term).collect()
}

fn month_day(term: &str) -> Option<MonthDay> {
    match term {
        "L" => return Some(MonthDay::Last),
        "LW" => return Some(MonthDay::LastWeekday),
        _ => {}
    }
    if let Some(day) = term.strip_suffix('W') {
        return MONTH_DAYS.one(day).map(MonthDay::NearestWeekday);
    }
    MONTH_DAYS.term(term).map(MonthDay::On)
}

fn week_day(term: &str) -> Option<WeekDay> {
    if term == "L" {
        return Some(WeekDay::On(BTreeSet::from([WEEK_DAYS.high])));
    }
    if let Some((day, nth)) = term.split_once('#') {
        let nth = digits(nth).filter(|nth| (1..=5).contains(nth))?;
        return WEEK_DAYS.one(day).map(|day| WeekDay::Nth(day, nth));
    }
    if let Some(day) = term.strip_suffix('L')
        && let Some(day) = WEEK_DAYS.one(day)
    {
        return Some(WeekDay::LastOf(day));
    }
    WEEK_DAYS.term(term).map(WeekDay::On)
}

impl Range {
    fn list(&self, field: &str) -> Option<BTreeSet<i16>> {
        let mut values = BTreeSet::new();
        for term in field.split(',') {
            values.extend(self.term(term)?);
        }
        Some(values)
    }

    fn term(&self, term: &str) -> Option<BTreeSet<i16>> {
        let (span, step) = match term.split_once('/') {
            Some((span, step)) => (span, Some(digits(step)?)),
            None => (term, None),
        };
        if step.is_some_and(|step| step < 1) {
            return None;
        }
        let (from, to) = if span == "*" {
            (self.low, self.high)
        } else if let Some((from, to)) = span.split_once('-') {
            (self.one(from)?, self.one(to)?)
        } else {
            let from = self.one(span)?;
            (from, if step.is_some() { self.high } else { from })
        };
        let step = usize::try_from(step.unwrap_or(1)).ok()?;
        if from <= to {
            return Some((from..=to).step_by(step).collect());
        }
        // FRI-MON and 22-2 go round the end of the field.
        let round = (from..=self.high).chain(self.low..=to);
        Some(round.step_by(step).collect())
    }

    fn one(&self, value: &str) -> Option<i16> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(value));
        let number = match named {
            Some(index) => i16::try_from(index).ok()? + 1,
            None => digits(value)?,
        };
        (self.low..=self.high).contains(&number).then_some(number)
    }
}

/// A number without sign or space.
fn digits(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
