//! Secrets of key vaults, as a manifest names them and as app settings refer to them. Pure.

/// A secret in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretRef {
    /// The vault's name.
    pub(crate) vault: String,
    /// The secret's name.
    pub(crate) name: String,
    /// The version; `None` for the newest.
    pub(crate) version: Option<String>,
}

/// Digits of a version.
const VERSION_DIGITS: usize = 32;

impl SecretRef {
    /// Reads `vault/name`, `vault/name/version`, or `name` where `vault` is the one that is meant
    /// then. `None`: it is none of them, or not what a vault calls its secrets
    /// (<https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates#vault-name-and-object-name>).
    pub(crate) fn parse(text: &str, vault: Option<&str>) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let (vault, name, version) = match parts.as_slice() {
            [name] => (vault?, *name, None),
            [vault, name] => (*vault, *name, None),
            [vault, name, version] => (*vault, *name, Some(*version)),
            _ => return None,
        };
        let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let legal = (3..=24).contains(&vault.len())
            && plain(vault)
            && (1..=127).contains(&name.len())
            && plain(name)
            && version.is_none_or(|it| {
                it.len() == VERSION_DIGITS && it.chars().all(|c| c.is_ascii_hexdigit())
            });
        let (vault, name) = (vault.to_owned(), name.to_owned());
        legal.then(|| Self { vault, name, version: version.map(str::to_owned) })
    }

    /// Returns the value of an app setting that the platform fills with the secret
    /// (<https://learn.microsoft.com/azure/app-service/app-service-key-vault-references>).
    pub(crate) fn reference(&self) -> String {
        let version = self.version.as_deref().unwrap_or_default();
        let (vault, name) = (&self.vault, &self.name);
        let uri = format!("https://{vault}.vault.azure.net/secrets/{name}/{version}");
        format!("@Microsoft.KeyVault(SecretUri={uri})")
    }
}

#[cfg(test)]
mod tests {
    use super::SecretRef;

    #[test]
    fn secrets_are_named_with_their_vault_or_in_the_usual_one() {
        let read = |text, vault| SecretRef::parse(text, vault).map(|it| it.reference());
        let of = |rest: &str| {
            format!("@Microsoft.KeyVault(SecretUri=https://shop.vault.azure.net/secrets/{rest})")
        };
        assert_eq!(read("shop/key", None), Some(of("key/")));
        assert_eq!(read("key", Some("shop")), Some(of("key/")));
        assert_eq!(read("shop/key", Some("other")), Some(of("key/")));
        let version = "0123456789abcdef0123456789abcdef";
        let versioned = format!("shop/key/{version}");
        assert_eq!(read(&versioned, None), Some(of(&format!("key/{version}"))));
        for text in ["key", "", "shop/", "/key", "shop/my_key", "shop/key/1", "a/b/c/d", "sh/key"] {
            assert_eq!(read(text, None), None, "{text}");
        }
    }
}
