//! The runtimes for zip archives, and since when functions can no longer be created with them.
//!
//! Source: developer guide, "Lambda runtimes", tables of supported and deprecated runtimes,
//! November 2026. Where a table names no day, it is thirty days after deprecation.

use super::refusals::invalid;
use crate::clock::Moment;
use crate::wire::Refusal;

/// Every runtime that was or is; with a day, creating is blocked from then on.
const RUNTIMES: &[(&str, &str)] = &[
    ("python3.14", ""),
    ("python3.13", ""),
    ("python3.12", ""),
    ("python3.11", ""),
    ("python3.10", "2026-11-30"),
    ("nodejs24.x", ""),
    ("nodejs22.x", ""),
    ("java25", ""),
    ("java21", ""),
    ("java17", ""),
    ("java17.al2023", ""),
    ("java11", ""),
    ("java11.al2023", ""),
    ("java8.al2", ""),
    ("java8.al2023", ""),
    ("dotnet10", ""),
    ("dotnet8", "2026-12-10"),
    ("ruby4.0", ""),
    ("ruby3.4", ""),
    ("ruby3.3", ""),
    ("provided.al2023", ""),
    ("provided.al2", "2026-07-31"),
    ("nodejs20.x", "2026-08-31"),
    ("ruby3.2", "2026-04-30"),
    ("python3.9", "2026-01-14"),
    ("nodejs18.x", "2025-10-01"),
    ("python3.8", "2025-02-28"),
    ("nodejs16.x", "2025-02-28"),
    ("dotnet6", "2025-02-28"),
    ("python3.7", "2024-01-09"),
    ("nodejs14.x", "2024-07-09"),
    ("ruby2.7", "2024-01-09"),
    ("go1.x", "2024-02-08"),
    ("java8", "2024-02-08"),
    ("provided", "2024-02-08"),
    ("nodejs12.x", "2023-03-31"),
    ("dotnetcore3.1", "2023-04-03"),
    ("python3.6", "2022-07-18"),
    ("dotnetcore2.1", "2022-01-05"),
    ("python2.7", "2021-07-15"),
    ("nodejs10.x", "2021-07-30"),
    ("ruby2.5", "2021-07-30"),
    ("nodejs8.10", "2020-02-03"),
    ("nodejs6.10", "2019-06-30"),
    ("nodejs4.3", "2019-04-30"),
    ("nodejs4.3-edge", "2019-04-30"),
    ("nodejs", "2016-10-31"),
    ("dotnetcore2.0", "2019-04-30"),
    ("dotnetcore1.0", "2019-07-30"),
];

/// Refuses a runtime that does not exist or that functions can no longer be created with.
pub(super) fn check(runtime: &str, now: Moment) -> Result<(), Refusal> {
    let today: String = now.iso().chars().take(10).collect();
    let open = |blocked: &str| blocked.is_empty() || blocked > today.as_str();
    match RUNTIMES.iter().find(|(name, _)| *name == runtime) {
        Some((_, blocked)) if open(blocked) => Ok(()),
        Some(_) => Err(invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating \
             AWS Lambda functions. We recommend you use a supported runtime while creating or \
             updating functions."
        ))),
        None => {
            let known: Vec<&str> =
                RUNTIMES.iter().filter(|(_, day)| open(day)).map(|(name, _)| *name).collect();
            Err(invalid(format!(
                "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy \
                 enum value set: [{}] or be a valid ARN",
                known.join(", ")
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_blocked_from_its_day_on() {
        let on = |day: &str| {
            Moment::from_millis(
                format!("{day}T00:00:00Z").parse::<jiff::Timestamp>().unwrap().as_millisecond(),
            )
        };
        assert!(check("nodejs20.x", on("2026-08-30")).is_ok());
        assert!(check("nodejs20.x", on("2026-08-31")).is_err());
        assert!(check("python3.13", on("2026-08-31")).is_ok());
        assert!(check("python4", on("2026-08-31")).unwrap_err().message.contains("python3.13"));
    }
}
