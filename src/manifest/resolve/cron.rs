//! Reads schedules: rates, cron expressions and time zones.
//!
//! Mistakes are returned as lines: what is wrong, then help.

use std::time::Duration;

use croner::parser::{CronParser, Seconds};
use jiff::tz::TimeZoneDatabase;
use updraft_contract::Cron;

use crate::guard::nearest::did_you_mean;

/// The fields of a cron expression.
const FIELDS: [&str; 5] = ["minute", "hour", "day of month", "month", "day of week"];

/// Reads a rate: whole minutes, at least one.
pub(super) fn rate(path: &str, rate: Duration) -> Result<Duration, Vec<String>> {
    let minute = Duration::from_mins(1);
    if rate >= minute && rate.as_secs().is_multiple_of(60) && rate.subsec_nanos() == 0 {
        return Ok(rate);
    }
    let message = format!("`{path}.rate` must be whole minutes, at least one");
    Err(vec![message, "write \"1m\", \"5m\" or \"1h\"".to_owned()])
}

/// Reads a cron expression of five fields.
pub(super) fn parse(path: &str, text: &str) -> Result<Cron, Vec<String>> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let &[minute, hour, day_of_month, month, day_of_week] = fields.as_slice() else {
        return Err(field_count(path, fields.len()));
    };
    foreign(path, text)?;
    let parser = CronParser::builder().seconds(Seconds::Disallowed).build();
    if let Err(error) = parser.parse(text) {
        let help = wrong_field(parser, &fields).unwrap_or_else(|| error.to_string());
        return Err(vec![format!("`{path}.cron` is not a cron expression"), help]);
    }
    let field = |text: &str| text.to_ascii_uppercase();
    Ok(Cron {
        minute: field(minute),
        hour: field(hour),
        day_of_month: field(day_of_month),
        month: field(month),
        day_of_week: field(day_of_week),
    })
}

fn field_count(path: &str, count: usize) -> Vec<String> {
    let help = match count {
        1 => "`@daily` and the like are not available",
        6 => "there is no field for seconds or years",
        _ => "write five: \"0 7 * * *\" is every day at seven",
    };
    let message = format!("`{path}.cron` needs five fields, and has {count}");
    vec![message, format!("the fields are {}", FIELDS.join(", ")), help.to_owned()]
}

/// Refuses what only some dialects know, such as `L`, `W`, `#` and `?`.
fn foreign(path: &str, text: &str) -> Result<(), Vec<String>> {
    let usual = |c: &char| c.is_ascii_alphanumeric() || " \t*,-/".contains(*c);
    let stranger = text.chars().find(|c| !usual(c)).map(String::from);
    let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let mut letters = words.filter(|word| word.len() != 3);
    let Some(found) = stranger.or_else(|| letters.next().map(str::to_owned)) else {
        return Ok(());
    };
    let message = format!("`{path}.cron` uses `{found}`, which not every cloud knows");
    let help = "fields hold numbers, names such as `MON`, and `*`, `,`, `-` and `/`";
    Err(vec![message, help.to_owned()])
}

/// Names the first field that is wrong on its own.
fn wrong_field(parser: CronParser, fields: &[&str]) -> Option<String> {
    let alone = |index: usize, field: &str| {
        let mut pattern = ["*"; 5];
        if let Some(slot) = pattern.get_mut(index) {
            *slot = field;
        }
        pattern.join(" ")
    };
    let at = (0..fields.len())
        .find(|&at| fields.get(at).is_some_and(|field| parser.parse(&alone(at, field)).is_err()))?;
    let ranges = ["0 to 59", "0 to 23", "1 to 31", "1 to 12 or JAN to DEC", "0 to 7 or SUN to SAT"];
    let (name, range, field) = (FIELDS.get(at)?, ranges.get(at)?, fields.get(at)?);
    Some(format!("the {name} cannot be `{field}`: it goes from {range}"))
}

/// Checks the name of a time zone against the IANA database that is built in.
pub(super) fn timezone(path: &str, name: &str) -> Result<String, Vec<String>> {
    let known = TimeZoneDatabase::bundled();
    if known.available().any(|zone| zone.as_str() == name) {
        return Ok(name.to_owned());
    }
    let message = format!("`{path}.timezone` cannot be `{name}`: there is no such time zone");
    let zones: Vec<String> = known.available().map(|zone| zone.as_str().to_owned()).collect();
    Err(match did_you_mean(name, &zones) {
        Some(close) => vec![message, format!("did you mean `{close}`?")],
        None => {
            vec![message, "write a name of the IANA database such as `Europe/Paris`".to_owned()]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{parse, rate, timezone};
    use std::time::Duration;

    #[test]
    fn five_plain_fields_are_read() {
        let cron = parse("x", "*/5 0-6 1,15 jan mon-fri").unwrap();
        assert_eq!((cron.minute.as_str(), cron.month.as_str()), ("*/5", "JAN"));
        assert_eq!(cron.day_of_week, "MON-FRI");
    }

    #[test]
    fn foreign_dialects_and_nonsense_are_refused() {
        for text in [
            "@daily",
            "0 7 * *",
            "0 0 7 * * *",
            "60 * * * *",
            "0 7 L * *",
            "0 7 ? * *",
            "0 7 * * MON#2",
            "0 7 15W * *",
            "5-1 * * * *",
            "",
            "0 7 * * FUNDAY",
        ] {
            assert!(parse("x", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn rates_are_whole_minutes() {
        assert!(rate("x", Duration::from_mins(5)).is_ok());
        assert!(rate("x", Duration::from_secs(59)).is_err());
        assert!(rate("x", Duration::from_secs(90)).is_err());
    }

    #[test]
    fn time_zones_are_checked_without_the_machine() {
        assert!(timezone("x", "Europe/Paris").is_ok());
        assert!(timezone("x", "UTC").is_ok());
        assert!(timezone("x", "Europe/Pariss").is_err());
    }
}
