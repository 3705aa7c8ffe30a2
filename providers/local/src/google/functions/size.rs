//! Memory and CPU of an instance, and which go together.
//!
//! Source: cloud.google.com/run/docs/configuring/services/cpu and …/memory-limits; defaults from
//! cloud.google.com/functions/docs/configuring/memory.

/// A mebibyte.
const MIB: f64 = 1_048_576.0;

const UNITS: &[(&str, f64)] =
    &[("Ki", 1024.0), ("Mi", MIB), ("Gi", 1024.0 * MIB), ("k", 1e3), ("M", 1e6), ("G", 1e9)];

/// The most memory, in MiB, that goes with a default CPU, in thousandths.
const DEFAULTS: &[(f64, u64)] = &[
    (128.0, 83),
    (256.0, 167),
    (512.0, 333),
    (1024.0, 583),
    (2048.0, 1000),
    (4096.0, 2000),
    (8192.0, 2000),
    (16384.0, 4000),
    (32768.0, 8000),
];

/// Whole CPUs, the least and the most memory in MiB that go with them.
const WHOLE: &[(u64, f64, f64)] = &[
    (1000, 128.0, 4096.0),
    (2000, 128.0, 8192.0),
    (4000, 2048.0, 16384.0),
    (6000, 4096.0, 24576.0),
    (8000, 4096.0, 32768.0),
];

/// Memory in MiB as a quantity says it: `256Mi`, `1G`.
pub(super) fn memory(text: &str) -> Option<f64> {
    let unit = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)));
    let (digits, bytes) = unit.unwrap_or((text, 1.0));
    let amount: f64 = digits
        .parse()
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))?;
    Some(amount * bytes / MIB)
}

/// CPU in thousandths as a quantity says it: `1`, `0.5`, `500m`.
pub(super) fn cpu(text: &str) -> Option<u64> {
    let (digits, factor) = match text.strip_suffix('m') {
        Some(digits) => (digits, 1.0),
        None => (text, 1000.0),
    };
    let amount: f64 = digits
        .parse()
        .ok()
        .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))?;
    whole(amount * factor)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small and not negative"
)]
fn whole(amount: f64) -> Option<u64> {
    (amount < 1e6).then(|| amount.round() as u64)
}

/// The CPU that comes with this much memory when none is asked for.
pub(super) fn default_cpu(memory: f64) -> u64 {
    DEFAULTS.iter().find(|(most, _)| memory <= *most).map_or(8000, |(_, cpu)| *cpu)
}

/// CPU as the service writes it.
pub(super) fn write_cpu(millis: u64) -> String {
    match millis {
        83 => "0.0833".to_owned(),
        167 => "0.1666".to_owned(),
        333 => "0.3333".to_owned(),
        583 => "0.5833".to_owned(),
        _ if millis.is_multiple_of(1000) => (millis / 1000).to_string(),
        _ => format!("0.{millis:03}").trim_end_matches('0').to_owned(),
    }
}

/// What is wrong with a size, if something is.
pub(super) fn trouble(memory: f64, cpu: u64) -> Option<String> {
    // The default, 256M, is less than 256Mi; the least that is taken is 128Mi or 128M.
    if !(122.0..=32768.0).contains(&memory) {
        return Some(
            "Invalid value specified for container memory. Memory must be between 128Mi and 32Gi."
                .to_owned(),
        );
    }
    if cpu < 1000 {
        let least = if memory > 1024.0 {
            1000
        } else if memory > 512.0 {
            500
        } else {
            80
        };
        return (cpu < least).then(|| {
            format!("Invalid value specified for container cpu. For the specified memory, cpu must be at least {}.", write_cpu(least))
        });
    }
    match WHOLE.iter().find(|(known, _, _)| *known == cpu) {
        None => Some("Invalid value specified for container cpu. Must be equal to one of [.08-1], 1, 2, 4, 6, 8.".to_owned()),
        Some((_, least, most)) => (!(memory >= *least && memory <= *most)).then(|| {
            format!(
                "Invalid value specified for container memory. For {} CPU, memory must be between {least}Mi and {most}Mi inclusive.",
                write_cpu(cpu)
            )
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read() {
        assert_eq!(memory("256Mi"), Some(256.0));
        assert_eq!(memory("1Gi"), Some(1024.0));
        assert!(memory("256M").is_some_and(|mib| (244.0..245.0).contains(&mib)));
        assert_eq!((memory("much"), memory("1e9"), memory("-1Mi")), (None, None, None));
        assert_eq!(
            (cpu("1"), cpu("0.5"), cpu("0.1666"), cpu("500m")),
            (Some(1000), Some(500), Some(167), Some(500))
        );
    }

    #[test]
    fn only_legal_sizes_go() {
        assert_eq!(trouble(256.0, default_cpu(256.0)), None);
        assert_eq!(trouble(512.0, 80), None);
        assert!(trouble(1024.0, 333).is_some());
        assert!(trouble(2048.0, 583).is_some());
        assert!(trouble(1024.0, 4000).is_some());
        assert!(trouble(8192.0, 1000).is_some());
        assert!(trouble(2048.0, 3000).is_some());
        assert!(trouble(64.0, 80).is_some());
        for (memory, cpu) in DEFAULTS {
            assert_eq!(trouble(*memory, *cpu), None, "{memory}");
        }
    }
}
