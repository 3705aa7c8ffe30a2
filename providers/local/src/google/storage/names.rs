//! Names and locations of buckets, and names of objects.
//!
//! Source: docs.cloud.google.com/storage/docs/buckets#naming, /objects#naming and /locations.

use crate::google::refusals::{denied, invalid};
use crate::wire::Refusal;

const MULTI_REGIONS: &[&str] = &["ASIA", "EU", "US"];
const DUAL_REGIONS: &[&str] = &["ASIA1", "EUR4", "EUR5", "EUR7", "EUR8", "NAM4"];
const REGIONS: &[&str] = &[
    "AFRICA-SOUTH1",
    "ASIA-EAST1",
    "ASIA-EAST2",
    "ASIA-NORTHEAST1",
    "ASIA-NORTHEAST2",
    "ASIA-NORTHEAST3",
    "ASIA-SOUTH1",
    "ASIA-SOUTH2",
    "ASIA-SOUTHEAST1",
    "ASIA-SOUTHEAST2",
    "AUSTRALIA-SOUTHEAST1",
    "AUSTRALIA-SOUTHEAST2",
    "EUROPE-CENTRAL2",
    "EUROPE-NORTH1",
    "EUROPE-NORTH2",
    "EUROPE-SOUTHWEST1",
    "EUROPE-WEST1",
    "EUROPE-WEST10",
    "EUROPE-WEST12",
    "EUROPE-WEST2",
    "EUROPE-WEST3",
    "EUROPE-WEST4",
    "EUROPE-WEST6",
    "EUROPE-WEST8",
    "EUROPE-WEST9",
    "ME-CENTRAL1",
    "ME-CENTRAL2",
    "ME-WEST1",
    "NORTHAMERICA-NORTHEAST1",
    "NORTHAMERICA-NORTHEAST2",
    "NORTHAMERICA-SOUTH1",
    "SOUTHAMERICA-EAST1",
    "SOUTHAMERICA-WEST1",
    "US-CENTRAL1",
    "US-EAST1",
    "US-EAST4",
    "US-EAST5",
    "US-SOUTH1",
    "US-WEST1",
    "US-WEST2",
    "US-WEST3",
    "US-WEST4",
];

/// Returns a location as buckets show it, and its type.
pub(super) fn location(asked: &str) -> Result<(String, &'static str), Refusal> {
    let asked = asked.to_ascii_uppercase();
    let kinds =
        [(MULTI_REGIONS, "multi-region"), (DUAL_REGIONS, "dual-region"), (REGIONS, "region")];
    let found = kinds.iter().find(|(names, _)| names.contains(&asked.as_str()));
    let (_, kind) =
        found.ok_or_else(|| invalid("The specified location constraint is not valid."))?;
    Ok((asked, kind))
}

/// Refuses what cannot be the name of a bucket.
pub(super) fn check_bucket(name: &str) -> Result<(), Refusal> {
    let end = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let inner = |letter: u8| end(letter) || matches!(letter, b'-' | b'_' | b'.');
    let bytes = name.as_bytes();
    let ends = bytes.first().is_some_and(|first| end(*first))
        && bytes.last().is_some_and(|last| end(*last));
    let parts = name.split('.').all(|part| !part.is_empty() && part.len() <= 63);
    let address =
        name.split('.').count() == 4 && name.split('.').all(|part| part.parse::<u8>().is_ok());
    let longest = if name.contains('.') { 222 } else { 63 };
    let reserved = name.starts_with("goog") || name.contains("google") || name.contains("g00gle");
    let fits = ends
        && bytes.iter().all(|letter| inner(*letter))
        && parts
        && !address
        && !reserved
        && (3..=longest).contains(&name.len());
    if !fits {
        return Err(invalid(format!("Invalid bucket name: '{name}'")));
    }
    if name.contains('.') {
        return Err(denied(
            "The bucket you tried to create is a domain name owned by another user.",
        ));
    }
    Ok(())
}

/// Refuses what cannot be the name of an object.
pub(super) fn check_object(name: &str) -> Result<(), Refusal> {
    let fits = (1..=1024).contains(&name.len())
        && !name.contains(['\r', '\n'])
        && !matches!(name, "." | "..")
        && !name.starts_with(".well-known/acme-challenge/");
    if fits { Ok(()) } else { Err(invalid(format!("Invalid object name: '{name}'"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_locations_are_those_of_cloud_storage() {
        assert!(check_bucket("shop-dev-photos").is_ok());
        for name in
            ["ab", "Photos", "-a-b", "a..b", "192.168.5.4", "goog-x", "my-google-b", "example.com"]
        {
            assert!(check_bucket(name).is_err(), "{name}");
        }
        assert_eq!(location("eu").unwrap(), ("EU".to_owned(), "multi-region"));
        assert_eq!(location("europe-west1").unwrap().1, "region");
        assert!(location("moon-1").is_err());
        assert!(check_object("a/b.png").is_ok() && check_object("").is_err());
    }
}
