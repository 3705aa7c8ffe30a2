//! Schedules in words every cloud shares; each provider turns them into its own dialect.

use std::time::Duration;

/// When a function runs on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At a fixed interval. Whole minutes, at least one.
    Rate(Duration),
    /// At the times a cron expression names.
    Cron {
        /// The expression.
        cron: Cron,
        /// An IANA time zone such as `Europe/Paris`. UTC where the manifest names none.
        timezone: String,
    },
}

/// A cron expression of five fields, already checked: minute, hour, day of month, month, day of week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// 0–59.
    pub minute: String,
    /// 0–23.
    pub hour: String,
    /// 1–31.
    pub day_of_month: String,
    /// 1–12 or names.
    pub month: String,
    /// 0–7 or names; 0 and 7 are Sunday, as in Unix cron.
    pub day_of_week: String,
}
