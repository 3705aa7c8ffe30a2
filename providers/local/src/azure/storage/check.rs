//! Names of accounts, containers and queues.
//!
//! Source: `learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules`, Microsoft.Storage.

use crate::azure::refusals::invalid;
use crate::wire::Refusal;

/// Refuses what cannot be the name of an account.
pub(super) fn account_name(name: &str) -> Result<(), Refusal> {
    let legal = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if legal && (3..=24).contains(&name.len()) {
        return Ok(());
    }
    let message = format!(
        "{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in \
         length and use numbers and lower-case letters only."
    );
    Err(invalid("AccountNameInvalid", message))
}

/// Whether a container could have this name. `$root`, `$web` and `$logs` are the service's own.
pub(crate) fn container_name(name: &str) -> bool {
    name_fits(name) || matches!(name, "$root" | "$web")
}

/// Whether a queue could have this name.
pub(crate) fn queue_name(name: &str) -> bool {
    name_fits(name)
}

/// 3 to 63 small letters, digits and single hyphens between them.
fn name_fits(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=63).contains(&name.len())
        && name.bytes().all(legal)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_azure_storage() {
        assert!(account_name("shopdevh1a2b3c4d").is_ok());
        for name in ["ab", "Shop", "shop-dev", "a2345678901234567890123456"] {
            assert_eq!(account_name(name).unwrap_err().code, "AccountNameInvalid", "{name}");
        }
        assert!(container_name("photos-2") && queue_name("jobs-poison"));
        for name in ["ab", "-abc", "abc-", "a--b", "Photos", "a_b"] {
            assert!(!container_name(name) && !queue_name(name), "{name}");
        }
    }
}
