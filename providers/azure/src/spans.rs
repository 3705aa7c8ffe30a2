//! Spans of time as Azure writes them, such as `PT1M30S`, and back. Pure.
//!
//! ISO 8601: <https://learn.microsoft.com/rest/api/servicebus/controlplane-stable/queues/create-or-update>.

/// The longest span there is, which stands for no end: that of .NET's `TimeSpan`.
pub(crate) const ENDLESS: &str = "P10675199DT2H48M5.4775807S";

/// The seconds of the longest span.
const ENDLESS_SECONDS: u64 = 922_337_203_685;

/// Seconds of a day, an hour and a minute, with the letters they are written with.
const DATE: &[(char, u64)] = &[('D', 86_400)];
const TIME: &[(char, u64)] = &[('H', 3_600), ('M', 60), ('S', 1)];

/// Writes whole seconds.
pub(crate) fn written(seconds: u64) -> String {
    if seconds >= ENDLESS_SECONDS {
        return ENDLESS.to_owned();
    }
    let mut left = seconds;
    let mut part = |units: &[(char, u64)]| {
        let mut text = String::new();
        for (letter, unit) in units {
            let count = left / unit;
            left %= unit;
            if count > 0 {
                text.push_str(&count.to_string());
                text.push(*letter);
            }
        }
        text
    };
    let (date, time) = (part(DATE), part(TIME));
    match (date.is_empty(), time.is_empty()) {
        (true, true) => "PT0S".to_owned(),
        (false, true) => format!("P{date}"),
        (_, false) => format!("P{date}T{time}"),
    }
}

/// Reads whole seconds; fractions are dropped. `None`: it is no span of days and less.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    sum(date, DATE)?.checked_add(sum(time, TIME)?)
}

/// Returns whether a number of seconds stands for no end.
pub(crate) fn is_endless(seconds: u64) -> bool {
    seconds >= ENDLESS_SECONDS
}

fn sum(text: &str, units: &[(char, u64)]) -> Option<u64> {
    let (mut total, mut number) = (0_u64, String::new());
    for c in text.chars() {
        if c.is_ascii_digit() || c == '.' {
            number.push(c);
            continue;
        }
        let (_, unit) = units.iter().find(|(letter, _)| *letter == c)?;
        let whole: u64 = number.split('.').next()?.parse().ok()?;
        total = total.checked_add(whole.checked_mul(*unit)?)?;
        number.clear();
    }
    number.is_empty().then_some(total)
}

#[cfg(test)]
mod tests {
    use super::{ENDLESS, is_endless, seconds, written};

    #[test]
    fn spans_come_back_as_they_were_written() {
        for (count, text) in [
            (0, "PT0S"),
            (30, "PT30S"),
            (60, "PT1M"),
            (90, "PT1M30S"),
            (86_400, "P1D"),
            (14 * 86_400 + 3_600, "P14DT1H"),
        ] {
            assert_eq!(written(count), text);
            assert_eq!(seconds(text), Some(count));
        }
        assert!(is_endless(seconds(ENDLESS).unwrap()));
        assert_eq!(written(u64::MAX), ENDLESS);
    }

    #[test]
    fn the_same_span_may_be_written_in_several_ways() {
        assert_eq!(seconds("PT60S"), seconds("PT1M"));
        assert_eq!(seconds("PT24H"), seconds("P1D"));
        assert_eq!(seconds("PT0.5S"), Some(0));
        for text in ["", "60", "P1Y", "PT5", "PTS", "P1H"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
