//! Keeping secrets out of what is shown.

/// What stands in for a secret.
const HIDDEN: &str = "(sensitive value)";

/// Shorter texts are left alone: blotting out every `1` would hide the message, not the secret.
const SHORTEST: usize = 4;

/// What follows these words in a cloud's message is a credential.
const MARKERS: [&str; 10] = [
    "x-amz-security-token:",
    "X-Amz-Security-Token=",
    "X-Amz-Signature=",
    // Keys inside connection strings, shared access signatures and keys of functions.
    "AccountKey=",
    "SharedAccessKey=",
    "InstrumentationKey=",
    "?sig=",
    "&sig=",
    "?code=",
    "&code=",
];

/// Blots secrets out of texts.
#[derive(Clone, Default)]
pub struct Redactor {
    secrets: Vec<String>,
}

impl Redactor {
    /// Takes the texts that must not appear.
    pub fn new<S: Into<String>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let mut secrets: Vec<String> = secrets.into_iter().map(Into::into).collect();
        secrets.retain(|secret| secret.len() >= SHORTEST);
        // A secret that contains another must go first, or its rest would stay.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets }
    }

    /// Returns `text` without the secrets, and without credentials that a cloud repeats.
    pub fn clean(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in &self.secrets {
            clean = clean.replace(secret.as_str(), HIDDEN);
        }
        for marker in MARKERS {
            clean = without_word_after(&clean, marker);
        }
        clean
    }
}

fn without_word_after(text: &str, marker: &str) -> String {
    let mut parts = text.split(marker);
    let mut clean = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_whitespace() || matches!(c, '&' | ';' | '\'' | '"'));
        clean.push_str(marker);
        clean.push_str(HIDDEN);
        clean.push_str(end.and_then(|end| part.get(end..)).unwrap_or_default());
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::Redactor;

    #[test]
    fn secrets_are_blotted_out_longest_first() {
        let redactor = Redactor::new(["hunter2", "hunter2-and-more", "no"]);
        let clean = redactor.clean("no: 'hunter2-and-more' or hunter2");
        assert_eq!(clean, "no: '(sensitive value)' or (sensitive value)");
    }

    #[test]
    fn keys_in_connection_strings_and_addresses_are_blotted_out() {
        let text = "AccountName=a;AccountKey=S1==;EndpointSuffix=x \
            https://f.net/api?code=S2&x=1 'https://a.net/c?sv=1&sig=S3%3D' SharedAccessKey=S4=";
        let clean = Redactor::default().clean(text);
        assert!(!clean.contains("S1") && !clean.contains("S2"), "{clean}");
        assert!(!clean.contains("S3") && !clean.contains("S4"), "{clean}");
        assert!(clean.contains(";EndpointSuffix=x") && clean.contains("&x=1"), "{clean}");
    }

    #[test]
    fn a_session_token_in_a_signature_error_is_blotted_out() {
        let clean = Redactor::default().clean("x-amz-date:1\nx-amz-security-token:SECRET\n\nhost");
        assert_eq!(clean, "x-amz-date:1\nx-amz-security-token:(sensitive value)\n\nhost");
    }
}
