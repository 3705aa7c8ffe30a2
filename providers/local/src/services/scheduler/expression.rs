//! Schedule expressions: `rate(...)`, `cron(...)` and `at(...)`, and when they run next.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::cron::Cron;

/// A checked schedule expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expression {
    /// Every so often, counted from the schedule's start.
    Rate(SignedDuration),
    /// At the times a cron expression names.
    Cron(Box<Cron>),
    /// Once, at a local time.
    At(DateTime),
}

impl Expression {
    /// Reads an expression, or returns nothing when AWS would refuse it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once('(')?;
        let inside = rest.strip_suffix(')')?;
        match kind {
            "rate" => rate(inside),
            "cron" => Cron::parse(inside).map(|cron| Self::Cron(Box::new(cron))),
            "at" => at(inside),
            _ => None,
        }
    }

    /// Returns the first run after `after` of a schedule that started at `start`.
    pub(crate) fn next(
        &self,
        start: Timestamp,
        after: Timestamp,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => {
                let seconds = every.as_secs();
                let passed = after.as_second().saturating_sub(start.as_second()).max(0);
                let runs = passed.checked_div(seconds)? + 1;
                Timestamp::from_second(start.as_second() + runs * seconds).ok()
            }
            Self::Cron(cron) => cron.next(after, zone),
            Self::At(time) => {
                let run = zone.to_timestamp(*time).ok()?;
                (run > after).then_some(run)
            }
        }
    }
}

/// `rate(value unit)`; one space, whole positive numbers, minutes at the finest.
fn rate(inside: &str) -> Option<Expression> {
    let (value, unit) = inside.split_once(' ')?;
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = value.parse().ok().filter(|value| *value > 0)?;
    let minutes = match unit {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => return None,
    };
    Some(Expression::Rate(SignedDuration::from_mins(
        value.checked_mul(minutes).filter(|all| *all < 1 << 40)?,
    )))
}

/// `at(yyyy-mm-ddThh:mm:ss)`; no zone, no fraction.
fn at(inside: &str) -> Option<Expression> {
    let shape = inside.len() == 19 && inside.as_bytes().get(10) == Some(&b'T');
    shape.then(|| inside.parse::<DateTime>().ok()).flatten().map(Expression::At)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, after: &str, zone: &str) -> String {
        let after: Timestamp = after.parse().unwrap();
        let zone = TimeZone::get(zone).unwrap();
        Expression::parse(expression)
            .unwrap()
            .next(after, after, &zone)
            .map_or_else(|| "never".to_owned(), |time| time.to_string())
    }

    // The list is the one recorded against AWS by LocalStack's tests (tests/aws/services/scheduler).
    #[test]
    fn expressions_aws_refuses_are_refused() {
        for text in [
            "cron(0 1 * * * *)",
            "cron(7 20 * * NOT *)",
            "cron(INVALID)",
            "cron(0 dummy ? * MON-FRI *)",
            "cron(71 8 1 * ? *)",
            "cron()",
            "cron(0 8 ? * ? *)",
            "cron(0 8 1 * MON *)",
            "rate(10 seconds)",
            "rate(10 years)",
            "rate()",
            "rate(10)",
            "rate(10 minutess)",
            "rate(foo minutes)",
            "rate(0 minutes)",
            "rate(-10 minutes)",
            "rate( 10 minutes )",
            " rate(10 minutes)",
            "at(2021-12-31T23:59:59Z)",
            "at(2021-12-31)",
            "every(5 minutes)",
            "* * * * *",
        ] {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
    }

    #[test]
    fn expressions_aws_takes_are_taken() {
        for text in [
            "cron(0 8 1 * ? *)",
            "cron(0/15 * * * ? *)",
            "cron(*/5 8-17 ? * MON-FRI *)",
            "cron(0 10 ? * 6L 2025-2030)",
            "cron(0 10 ? * TUE#2 *)",
            "cron(0 10 15W * ? *)",
            "cron(0 10 LW * ? *)",
            "cron(0 10 L JAN,jul ? *)",
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "rate(12 days)",
            "at(2021-12-31T23:59:59)",
        ] {
            assert!(Expression::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn sunday_is_day_one() {
        assert_eq!(
            next("cron(0 9 ? * 1 *)", "2026-11-21T00:00:00Z", "UTC"),
            "2026-11-22T09:00:00Z"
        );
        assert_eq!(
            next("cron(0 9 ? * MON-FRI *)", "2026-11-21T00:00:00Z", "UTC"),
            "2026-11-23T09:00:00Z"
        );
        assert_eq!(
            next("cron(0 9 ? * TUE#2 *)", "2026-11-01T00:00:00Z", "UTC"),
            "2026-11-10T09:00:00Z"
        );
        assert_eq!(
            next("cron(0 9 ? * 6L *)", "2026-11-01T00:00:00Z", "UTC"),
            "2026-11-27T09:00:00Z"
        );
    }

    #[test]
    fn days_of_the_month_know_their_month() {
        assert_eq!(
            next("cron(0 9 L * ? *)", "2028-02-01T00:00:00Z", "UTC"),
            "2028-02-29T09:00:00Z"
        );
        assert_eq!(
            next("cron(0 9 31 * ? *)", "2026-11-01T00:00:00Z", "UTC"),
            "2026-12-31T09:00:00Z"
        );
        assert_eq!(
            next("cron(0 9 1W * ? *)", "2026-08-01T00:00:00Z", "UTC"),
            "2026-08-03T09:00:00Z"
        );
        assert_eq!(next("cron(0 9 30 2 ? *)", "2026-08-01T00:00:00Z", "UTC"), "never");
        assert_eq!(next("cron(0 9 1 1 ? 2025)", "2026-08-01T00:00:00Z", "UTC"), "never");
    }

    #[test]
    fn a_time_zone_moves_the_run_and_a_skipped_hour_is_not_run() {
        assert_eq!(
            next("cron(0 9 * * ? *)", "2026-07-01T00:00:00Z", "Europe/Paris"),
            "2026-07-01T07:00:00Z"
        );
        // 2026-03-29 02:30 does not exist in Paris.
        assert_eq!(
            next("cron(30 2 * * ? *)", "2026-03-28T12:00:00Z", "Europe/Paris"),
            "2026-03-30T00:30:00Z"
        );
    }

    #[test]
    fn a_rate_counts_from_the_start() {
        let expression = Expression::parse("rate(5 minutes)").unwrap();
        let start: Timestamp = "2026-11-21T00:01:00Z".parse().unwrap();
        let after: Timestamp = "2026-11-21T00:12:30Z".parse().unwrap();
        let run = expression.next(start, after, &TimeZone::UTC).unwrap();
        assert_eq!(run.to_string(), "2026-11-21T00:16:00Z");
    }
}
