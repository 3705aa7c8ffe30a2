//! Schedules in the dialect of Cloud Scheduler: five fields of Unix cron, or `every 90 minutes`
//! (<https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules>).

use std::time::Duration;

use updraft_contract::Schedule;

const MINUTES_OF_HOUR: u64 = 60;
const HOURS_OF_DAY: u64 = 24;

/// Returns the expression and its time zone, or why there is none.
pub(crate) fn expression(schedule: &Schedule) -> Result<(String, String), String> {
    match schedule {
        Schedule::Rate(every) => Ok((rate(*every)?, "UTC".to_owned())),
        Schedule::Cron { cron, timezone } => {
            let fields =
                [&cron.minute, &cron.hour, &cron.day_of_month, &cron.month, &cron.day_of_week];
            let fields: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
            Ok((fields.join(" "), timezone.clone()))
        }
    }
}

/// Writes an interval as cron where it divides the hour or the day, so that it keeps its rhythm,
/// and in words where it does not.
fn rate(every: Duration) -> Result<String, String> {
    let minutes = every.as_secs() / 60;
    if minutes == 0 || !every.as_secs().is_multiple_of(60) || every.subsec_nanos() > 0 {
        return Err("the interval must be a whole number of minutes".to_owned());
    }
    let hours = minutes / MINUTES_OF_HOUR;
    let whole_hours = minutes.is_multiple_of(MINUTES_OF_HOUR);
    Ok(match minutes {
        1 => "* * * * *".to_owned(),
        _ if MINUTES_OF_HOUR.is_multiple_of(minutes) && !whole_hours => {
            format!("*/{minutes} * * * *")
        }
        _ if hours == 1 && whole_hours => "0 * * * *".to_owned(),
        _ if hours == HOURS_OF_DAY && whole_hours => "0 0 * * *".to_owned(),
        _ if whole_hours && HOURS_OF_DAY.is_multiple_of(hours) => format!("0 */{hours} * * *"),
        _ if whole_hours => format!("every {hours} hours"),
        _ => format!("every {minutes} minutes"),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_contract::{Cron, Schedule};

    use super::expression;

    #[test]
    fn an_interval_keeps_its_rhythm_where_cron_can_say_it() {
        let rate = |minutes: u64| expression(&Schedule::Rate(Duration::from_secs(60 * minutes)));
        let written: Vec<String> =
            [1, 5, 60, 90, 120, 1440, 2880].iter().map(|n| rate(*n).unwrap().0).collect();
        assert_eq!(
            written,
            [
                "* * * * *",
                "*/5 * * * *",
                "0 * * * *",
                "every 90 minutes",
                "0 */2 * * *",
                "0 0 * * *",
                "every 48 hours"
            ]
        );
        assert!(expression(&Schedule::Rate(Duration::from_secs(90))).is_err());
    }

    #[test]
    fn cron_is_what_the_manifest_says() {
        let cron = Cron {
            minute: "0".into(),
            hour: "7".into(),
            day_of_month: "*".into(),
            month: "*".into(),
            day_of_week: "MON-FRI".into(),
        };
        let schedule = Schedule::Cron { cron, timezone: "Europe/Paris".into() };
        let written = expression(&schedule).unwrap();
        assert_eq!(written, ("0 7 * * MON-FRI".to_owned(), "Europe/Paris".to_owned()));
    }
}
