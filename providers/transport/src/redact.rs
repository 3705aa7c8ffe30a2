//! Keeping secrets out of what is shown.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

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
    /// Takes the texts that must not appear, in none of the forms that texts are sent in.
    pub fn new<S: Into<String>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let given: Vec<String> = secrets.into_iter().map(Into::into).collect();
        let long = given.into_iter().filter(|secret| secret.len() >= SHORTEST);
        let mut secrets: Vec<String> = long.flat_map(|secret| forms(&secret)).collect();
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

/// Returns a text as it is, and as it is written inside JSON, XML, addresses and base64.
fn forms(text: &str) -> BTreeSet<String> {
    let json = text.replace('\\', "\\\\").replace('"', "\\\"");
    let xml = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = xml.replace('"', "&quot;").replace('\'', "&#39;");
    let unreserved = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let percent = |byte: u8| {
        if unreserved(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    let small = |byte: u8| if unreserved(&byte) { percent(byte) } else { format!("%{byte:02x}") };
    let small: String = text.bytes().map(small).collect();
    let percent: String = text.bytes().map(percent).collect();
    let plus = percent.replace("%20", "+");
    let base64 = [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD].map(|engine| engine.encode(text));
    let twice = json.replace('\\', "\\\\").replace('"', "\\\"");
    let forms = [text.to_owned(), json, twice, xml, quoted, small, percent, plus];
    forms.into_iter().chain(base64).collect()
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
    fn a_secret_is_blotted_out_in_every_form_that_it_is_sent_in() {
        let redactor = Redactor::new([r#"a/"b"&<c>"#]);
        for form in [
            r#"a/"b"&<c>"#,
            r#"a/\"b\"&<c>"#,
            "a/&quot;b&quot;&amp;&lt;c&gt;",
            "a%2F%22b%22%26%3Cc%3E",
            "a%2f%22b%22%26%3cc%3e",
            "YS8iYiImPGM+",
            "YS8iYiImPGM-",
        ] {
            assert_eq!(redactor.clean(&format!("no: {form}!")), "no: (sensitive value)!", "{form}");
        }
    }

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
