//! ISO 8601 durations as Service Bus reads and prints them: `PT1M`, `P14D`.

/// The longest there is, printed for what never ends.
pub(super) const FOREVER: &str = "P10675199DT2H48M5.4775807S";

/// Milliseconds of a duration; `None` for what is none, or has years or months.
pub(super) fn millis(text: &str) -> Option<u64> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = match rest.split_once('T') {
        Some((days, time)) => (days, Some(time)),
        None => (rest, None),
    };
    let mut total = 0;
    let mut any = false;
    if !days.is_empty() {
        let days: u64 = days.strip_suffix('D')?.parse().ok()?;
        total += days.checked_mul(86_400_000)?;
        any = true;
    }
    let mut left = time.unwrap_or_default();
    for (unit, size) in [('H', 3_600_000), ('M', 60_000), ('S', 1000)] {
        let Some((number, rest)) = left.split_once(unit) else { continue };
        total += if unit == 'S' {
            seconds(number)?
        } else {
            number.parse::<u64>().ok()?.checked_mul(size)?
        };
        left = rest;
        any = true;
    }
    let whole = left.is_empty() && time != Some("");
    (any && whole).then_some(total)
}

/// Seconds with or without a fraction, in milliseconds.
fn seconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(digits.parse().ok()?)
}

/// A duration as it is printed: the largest units first.
pub(super) fn print(text: &str) -> Option<String> {
    if text == FOREVER {
        return Some(text.to_owned());
    }
    let total = millis(text)?;
    let (days, rest) = (total / 86_400_000, total % 86_400_000);
    let (hours, rest) = (rest / 3_600_000, rest % 3_600_000);
    let (minutes, rest) = (rest / 60_000, rest % 60_000);
    let unit = |count: u64, unit: char| {
        if count > 0 { format!("{count}{unit}") } else { String::new() }
    };
    let fraction = format!(".{:03}", rest % 1000);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let whole = rest / 1000;
    let seconds =
        if rest > 0 || total == 0 { format!("{whole}{fraction}S") } else { String::new() };
    let time = [unit(hours, 'H'), unit(minutes, 'M'), seconds].concat();
    let joint = if time.is_empty() { "" } else { "T" };
    Some(format!("P{}{joint}{time}", unit(days, 'D')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed_in_one_way() {
        assert_eq!(millis("PT1M30S"), Some(90_000));
        assert_eq!(millis("P1DT2H"), Some(93_600_000));
        assert_eq!(millis(FOREVER).map(|millis| millis / 86_400_000), Some(10_675_199));
        for wrong in ["", "P", "PT", "1M", "PT1X", "P1Y", "P1M", "PT1M2", "P1DT"] {
            assert_eq!(millis(wrong), None, "{wrong}");
        }
        assert_eq!(print("PT60S").as_deref(), Some("PT1M"));
        assert_eq!(print("PT36H").as_deref(), Some("P1DT12H"));
        assert_eq!(print("PT0.5S").as_deref(), Some("PT0.5S"));
        assert_eq!(print(FOREVER).as_deref(), Some(FOREVER));
    }
}
