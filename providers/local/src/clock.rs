//! Times as the services store and print them. The only place of this crate that reads a clock.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Moment(i64);

impl Moment {
    /// Reads the clock.
    pub(crate) fn now() -> Self {
        Self(Timestamp::now().as_millisecond())
    }

    /// The point `millis` after the epoch.
    #[cfg(test)]
    pub(crate) fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub(crate) fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch.
    pub(crate) fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Seconds with fraction since the epoch, as `json` protocols send timestamps.
    pub(crate) fn epoch(self) -> f64 {
        Duration::from_millis(u64::try_from(self.0).unwrap_or_default()).as_secs_f64()
    }

    /// The point `millis` later.
    pub(crate) fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(i64::try_from(millis).unwrap_or(i64::MAX)))
    }

    /// `2026-11-21T03:20:46Z`, as IAM and STS print times.
    pub(crate) fn iso(self) -> String {
        self.stamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// `2026-11-21T03:20:46.123Z`, as S3 prints times.
    pub(crate) fn iso_millis(self) -> String {
        self.stamp().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }

    /// `2026-11-21T03:20:46.123+0000`, as Lambda prints `LastModified`.
    pub(crate) fn lambda(self) -> String {
        self.stamp().strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
    }

    /// `Sat, 21 Nov 2026 03:20:46 GMT`, as HTTP headers carry dates.
    pub(crate) fn http(self) -> String {
        self.stamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// The same as a calendar type.
    pub(crate) fn stamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_the_way_each_service_prints_them() {
        let moment = Moment::from_millis(1_795_231_246_123);
        assert_eq!(moment.iso(), "2026-11-21T03:20:46Z");
        assert_eq!(moment.iso_millis(), "2026-11-21T03:20:46.123Z");
        assert_eq!(moment.lambda(), "2026-11-21T03:20:46.123+0000");
        assert_eq!(moment.http(), "Sat, 21 Nov 2026 03:20:46 GMT");
        assert!((moment.epoch() - 1_795_231_246.123).abs() < 1e-6);
    }
}
