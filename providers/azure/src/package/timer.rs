//! Schedules in the dialect of Azure Functions: NCRONTAB of six fields, the first of them seconds
//! (<https://learn.microsoft.com/azure/azure-functions/functions-bindings-timer#ncrontab-expressions>).
//!
//! It knows neither 7 for Sunday nor ranges that wrap around, and fires on days that are both of
//! the month and of the week.

use std::time::Duration;

use updraft_contract::{Cron, Schedule};

const MINUTES_OF_HOUR: u64 = 60;
const HOURS_OF_DAY: u64 = 24;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Names of the only time zone there is.
const UTC: [&str; 5] = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"];

/// Returns the expression of a schedule, or why there is none.
pub(crate) fn expression(schedule: &Schedule) -> Result<String, String> {
    match schedule {
        Schedule::Rate(every) => rate(*every),
        Schedule::Cron { timezone, .. } if !UTC.contains(&timezone.as_str()) => Err(format!(
            "the clock of this plan is UTC, and {timezone} cannot be chosen; write the times in \
             UTC, and leave out `timezone`"
        )),
        Schedule::Cron { cron, .. } => self::cron(cron),
    }
}

/// Writes an interval that divides the hour or the day; others would lose their rhythm at its end.
fn rate(every: Duration) -> Result<String, String> {
    let minutes = every.as_secs() / 60;
    if minutes == 0 || !every.as_secs().is_multiple_of(60) || every.subsec_nanos() > 0 {
        return Err("the interval must be a whole number of minutes".to_owned());
    }
    let hours = minutes / MINUTES_OF_HOUR;
    let whole_hours = minutes.is_multiple_of(MINUTES_OF_HOUR);
    Ok(match minutes {
        1 => "0 * * * * *".to_owned(),
        _ if MINUTES_OF_HOUR.is_multiple_of(minutes) && !whole_hours => {
            format!("0 */{minutes} * * * *")
        }
        _ if hours == 1 && whole_hours => "0 0 * * * *".to_owned(),
        _ if hours == HOURS_OF_DAY && whole_hours => "0 0 0 * * *".to_owned(),
        _ if whole_hours && HOURS_OF_DAY.is_multiple_of(hours) => format!("0 0 */{hours} * * *"),
        _ => {
            let reason = "an interval there divides the hour or the day, as 1, 2, 3, 4, 5, 6, 10, \
                12, 15, 20 and 30 minutes and 1, 2, 3, 4, 6, 8, 12 and 24 hours do; choose one of \
                them, or write `cron`";
            return Err(reason.to_owned());
        }
    })
}

fn cron(cron: &Cron) -> Result<String, String> {
    if !cron.day_of_month.starts_with('*') && !cron.day_of_week.starts_with('*') {
        let reason = "where others fire on either day, this fires on days that are both; declare \
            a `schedule` trigger for the day of the month and one for the day of the week";
        return Err(reason.to_owned());
    }
    let fields = [
        field(&cron.minute, &[], 59)?,
        field(&cron.hour, &[], 23)?,
        field(&cron.day_of_month, &[], 31)?,
        field(&cron.month, &MONTHS, 12)?,
        field(&cron.day_of_week, &DAYS, 7)?,
    ];
    Ok(format!("0 {}", fields.join(" ")))
}

/// Writes one field: names as numbers, Sunday as 0, ranges of days that wrap around one by one.
fn field(text: &str, names: &[&str], most: u32) -> Result<String, String> {
    let items: Result<Vec<String>, String> =
        text.split(',').map(|item| self::item(item, names, most)).collect();
    Ok(items?.join(","))
}

fn item(item: &str, names: &[&str], most: u32) -> Result<String, String> {
    let odd = || format!("`{item}` has no equal there");
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step.parse::<u32>().map_err(|_| odd())?)),
        None => (item, None),
    };
    if step == Some(0) {
        return Err(odd());
    }
    if range == "*" {
        return Ok(item.to_owned());
    }
    let number = |text: &str| {
        let text = text.to_lowercase();
        // Months count from one, days from zero.
        let first = u32::from(names.len() == MONTHS.len());
        let place = names.iter().position(|name| *name == text);
        let place = place.and_then(|place| u32::try_from(place).ok()).map(|place| place + first);
        let number = place.or_else(|| text.parse().ok()).filter(|number| *number <= most);
        number.ok_or_else(odd)
    };
    let week = names.len() == DAYS.len();
    let Some((from, to)) = range.split_once('-') else {
        let one = number(range)?;
        let one = if week { one % 7 } else { one };
        return Ok(match step {
            // From there to the end, as in `5/15`.
            Some(step) => format!("{one}-{}/{step}", if week { 6 } else { most }),
            None => one.to_string(),
        });
    };
    let (from, mut to) = (number(from)?, number(to)?);
    if week && to < from {
        to += 7;
    }
    if to < from {
        return Err(odd());
    }
    if week && to > 6 {
        let step = usize::try_from(step.unwrap_or(1)).map_err(|_| odd())?;
        let days: Vec<String> =
            (from..=to).step_by(step).map(|day| (day % 7).to_string()).collect();
        return Ok(days.join(","));
    }
    Ok(match step {
        Some(step) => format!("{from}-{to}/{step}"),
        None => format!("{from}-{to}"),
    })
}

/// Returns an expression in the form in which two that mean the same are mostly the same: one
/// space between fields, names as numbers. What is no expression stays as it is.
pub(crate) fn normal(text: &str) -> String {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [second, minute, hour, day, month, week] = fields.as_slice() else {
        return text.to_owned();
    };
    let rest = [
        field(second, &[], 59),
        field(minute, &[], 59),
        field(hour, &[], 23),
        field(day, &[], 31),
        field(month, &MONTHS, 12),
        field(week, &DAYS, 7),
    ];
    let rest: Result<Vec<String>, String> = rest.into_iter().collect();
    rest.map_or_else(|_| text.to_owned(), |rest| rest.join(" "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::{Cron, Schedule};

    use super::{expression, normal};

    fn told(text: &str, timezone: &str) -> Result<String, String> {
        let fields: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let [minute, hour, day_of_month, month, day_of_week] = fields.try_into().unwrap();
        let cron = Cron { minute, hour, day_of_month, month, day_of_week };
        expression(&Schedule::Cron { cron, timezone: timezone.to_owned() })
    }

    #[test]
    fn intervals_divide_the_hour_or_the_day() {
        let rate = |minutes: u64| expression(&Schedule::Rate(Duration::from_mins(minutes)));
        let written: Vec<String> =
            [1, 5, 60, 120, 1440].iter().map(|n| rate(*n).unwrap()).collect();
        assert_eq!(
            written,
            ["0 * * * * *", "0 */5 * * * *", "0 0 * * * *", "0 0 */2 * * *", "0 0 0 * * *"]
        );
        for minutes in [7, 45, 90, 300, 2880] {
            assert!(rate(minutes).unwrap_err().contains("write `cron`"), "{minutes}");
        }
        assert!(expression(&Schedule::Rate(Duration::from_secs(90))).is_err());
    }

    #[test]
    fn cron_has_seconds_and_numbers() {
        let same = |cron: &str, written: &str| assert_eq!(told(cron, "UTC").unwrap(), written);
        same("0 7 * * MON-FRI", "0 0 7 * * 1-5");
        same("*/5 0-6 1,15 JAN,dec *", "0 */5 0-6 1,15 1,12 *");
        same("0 7 * * 7", "0 0 7 * * 0");
        same("0 7 * * 5-7", "0 0 7 * * 5,6,0");
        same("0 7 * * FRI-SUN", "0 0 7 * * 5,6,0");
        same("0 7 * * 1-7/2", "0 0 7 * * 1,3,5,0");
        same("0 7 * * sat,sun", "0 0 7 * * 6,0");
        same("0 7 */2 * 1", "0 0 7 */2 * 1");
        same("10-50/20 7 * * *", "0 10-50/20 7 * * *");
    }

    #[test]
    fn what_means_something_else_there_is_refused() {
        assert!(told("0 7 1 * MON", "UTC").unwrap_err().contains("days that are both"));
        assert!(told("0 7 * * *", "Europe/Paris").unwrap_err().contains("UTC"));
        assert_eq!(told("0 7 * * *", "Etc/UTC").unwrap(), "0 0 7 * * *");
        for cron in ["0 22-2 * * *", "0 7 L * *", "0 7 * * MON#1", "99 * * * *", "*/0 * * * *"] {
            assert!(told(cron, "UTC").is_err(), "{cron}");
        }
    }

    #[test]
    fn two_that_mean_the_same_are_alike() {
        assert_eq!(normal("0  0 7 * * MON-FRI"), "0 0 7 * * 1-5");
        assert_eq!(normal("%SCHEDULE%"), "%SCHEDULE%");
    }
}
