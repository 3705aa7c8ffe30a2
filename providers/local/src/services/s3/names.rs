//! Which bucket names and keys S3 takes. Source: S3 user guide, "General purpose bucket naming rules".

use crate::wire::Refusal;

/// Refuses a bucket name S3 does not take.
pub(super) fn check_bucket(name: &str) -> Result<(), Refusal> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (first, last) = (name.bytes().next(), name.bytes().last());
    let legal = (3..=63).contains(&name.len())
        && name.bytes().all(|byte| fits(byte) || b".-".contains(&byte))
        && first.is_some_and(fits)
        && last.is_some_and(fits)
        && !name.contains("..")
        && name.parse::<std::net::Ipv4Addr>().is_err()
        && !["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| name.starts_with(prefix))
        && !["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"]
            .iter()
            .any(|suffix| name.ends_with(suffix));
    if legal {
        return Ok(());
    }
    Err(Refusal::new(400, "InvalidBucketName", "The specified bucket is not valid.")
        .with("BucketName", name))
}

/// Refuses a key S3 does not take.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    if key.len() <= 1024 {
        return Ok(());
    }
    Err(Refusal::new(400, "KeyTooLongError", "Your key is too long"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules() {
        for good in ["abc", "my.bucket-1", "0ab"] {
            check_bucket(good).unwrap();
        }
        for bad in ["ab", "Abc", "a_b", "-ab", "ab-", "a..b", "192.168.0.1", "xn--a", "abc-s3alias"]
        {
            assert!(check_bucket(bad).is_err(), "{bad}");
        }
    }
}
