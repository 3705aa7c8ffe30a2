//! Recognises secrets, preferring to miss one over crying wolf.

/// Returns what kind of secret a text is, judged by its form alone.
pub(crate) fn recognised(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a private key");
    }
    if has_credentials_in_url(text) {
        return Some("a URL with a password");
    }
    let separators = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.');
    text.split(separators).find_map(token)
}

/// The published forms of tokens: prefix, least characters after it, what it is.
const TOKENS: &[(&str, usize, &str)] = &[
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("github_pat_", 50, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("xoxp-", 20, "a Slack token"),
    ("sk_live_", 20, "a Stripe key"),
    ("rk_live_", 20, "a Stripe key"),
    ("sk-ant-", 20, "an API key"),
    ("SG.", 40, "a SendGrid key"),
    ("npm_", 36, "an npm token"),
    ("AIza", 35, "a Google API key"),
];

fn token(word: &str) -> Option<&'static str> {
    let access_key = ["AKIA", "ASIA"].iter().find_map(|prefix| word.strip_prefix(prefix));
    let is_key = |rest: &str| {
        rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    if access_key.is_some_and(is_key) {
        return Some("an AWS access key");
    }
    if is_web_token(word) {
        return Some("a signed token");
    }
    let known = TOKENS.iter().find(|(prefix, least, _)| {
        word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= *least)
    });
    known.map(|(_, _, what)| *what)
}

/// A JSON Web Token: two JSON objects and a signature in base64.
fn is_web_token(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    parts.len() == 3
        && parts.iter().take(2).all(|part| part.starts_with("eyJ"))
        && parts.iter().all(|part| part.len() >= 16)
}

fn has_credentials_in_url(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let Some((user_info, _)) = authority.rsplit_once('@') else { return false };
    user_info.split_once(':').is_some_and(|(_, password)| {
        !password.is_empty() && !password.contains("${") && !password.starts_with('<')
    })
}

/// The ends of names that hold secrets.
const SECRET_NAMES: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "SECRET_KEY",
    "SECRET_ACCESS_KEY",
    "API_KEY",
    "APIKEY",
    "AUTH_TOKEN",
    "ACCESS_TOKEN",
    "PRIVATE_KEY",
    "CLIENT_SECRET",
    "TOKEN",
];

/// Returns whether a variable of this name holds a secret, and this text can be one.
pub(crate) fn names_a_secret(name: &str, text: &str) -> bool {
    let name = name.to_ascii_uppercase().replace('-', "_");
    let secret = SECRET_NAMES.iter().any(|end| name == *end || name.ends_with(&format!("_{end}")));
    secret && can_be_secret(text)
}

/// Refers to where a secret is kept, or is too plain to be one.
fn can_be_secret(text: &str) -> bool {
    let refers = ["arn:", "${", "/", "http://", "https://", "projects/", "ssm:", "vault:"];
    let plain = ["true", "false", "none", "null", "disabled", "enabled", "optional", "required"];
    text.len() >= 4
        && !refers.iter().any(|start| text.starts_with(start))
        && !text.contains("${")
        && !text.contains('/')
        && !plain.contains(&text.to_ascii_lowercase().as_str())
        && !text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{names_a_secret, recognised};

    #[test]
    fn secrets_are_recognised_by_their_form() {
        let key = format!("AKIA{}", "ABCDEFGHIJKLMNOP");
        for text in [
            key.as_str(),
            "-----BEGIN RSA PRIVATE KEY-----\nabc",
            "postgres://shop:hunter2@db.example.com/shop",
            &format!("ghp_{}", "a".repeat(36)),
            &format!("eyJ{0}.eyJ{0}.{0}", "a".repeat(20)),
        ] {
            assert!(recognised(text).is_some(), "{text}");
        }
    }

    #[test]
    fn ordinary_texts_are_not() {
        for text in [
            "https://example.com/a@b:c",
            "AKIA",
            "photo/api-key",
            "arn:aws:s3:::x",
            "sk-learn",
            "postgres://shop:${var.password}@db/shop",
            "user@example.com",
            "v1.2.3",
        ] {
            assert!(recognised(text).is_none(), "{text}");
        }
    }

    #[test]
    fn names_give_secrets_away_but_references_and_flags_do_not() {
        assert!(names_a_secret("DB_PASSWORD", "hunter2"));
        assert!(names_a_secret("stripe-api-key", "abcd1234"));
        for (name, text) in [
            ("DB_PASSWORD", "${var.password}"),
            ("TOKEN_URL", "https://example.com"),
            ("API_KEY", "photo/api-key"),
            ("PASSWORD", ""),
            ("TOKEN", "true"),
            ("MAX_TOKEN", "4096"),
            ("TOKENS", "abcd1234"),
            ("MONKEY", "bananas"),
        ] {
            assert!(!names_a_secret(name, text), "{name} {text}");
        }
    }
}
