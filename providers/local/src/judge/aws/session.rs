//! Credentials of functions: a key id that names the account, as those of AWS do, and a token that names the role.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::clock::Moment;
use crate::token;

/// The credentials of an instance.
#[derive(Clone)]
pub(crate) struct Session {
    /// `ASIA…`.
    pub(crate) key: String,
    /// Nobody checks signatures here.
    pub(crate) secret: String,
    /// Names the role and the function.
    pub(crate) token: String,
}

/// Who acts with such credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acting {
    /// The role's ARN.
    pub(crate) role: String,
    /// The function's ARN.
    pub(crate) function: String,
}

/// What the key ids of sessions start with.
const PREFIX: &str = "ASIA";

/// The letters of key ids (RFC 4648, base32).
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// How long credentials are good for, in seconds: longer than any instance lives.
const LIFE_S: i64 = 10 * 365 * 24 * 3600;

impl Session {
    /// Credentials of a function's instance.
    pub(crate) fn new(account: &str, acting: &Acting, now: Moment) -> Self {
        let seed = Sha256::digest(format!("{}\n{}", acting.role, acting.function));
        let key = key_id(account, seed.as_slice());
        let claims = json!({
            "key": key,
            "role": acting.role,
            "function": acting.function,
            "exp": now.seconds() + LIFE_S,
        });
        let secret = seed.iter().map(|byte| format!("{byte:02x}")).take(20).collect();
        Self { key, secret, token: token::write(&claims) }
    }
}

impl Acting {
    /// Who has this token beside this key id; `None` when it was not made for it here.
    pub(crate) fn read(key: &str, token: &str, now: Moment) -> Option<Self> {
        let claims = token::read(token, now)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        (text("key")? == key).then_some(())?;
        Some(Self { role: text("role")?, function: text("function")? })
    }

    /// The ARN of the session: the role without its path, and the function's name.
    pub(crate) fn arn(&self) -> String {
        let account = self.role.split(':').nth(4).unwrap_or_default();
        let role = self.role.rsplit('/').next().unwrap_or_default();
        let function = self.function.rsplit(':').next().unwrap_or_default();
        format!("arn:aws:sts::{account}:assumed-role/{role}/{function}")
    }
}

/// A key id: the account stands in it where AWS has it too, and three bytes tell our own ids from those of AWS.
fn key_id(account: &str, seed: &[u8]) -> String {
    let number: u64 = account.parse().unwrap_or_default();
    let own = seed.iter().take(2).fold(0, |own, byte| (own << 8) | u64::from(*byte));
    let head = (1 << 55) | (number << 15) | (own & 0x7fff);
    let head = head.to_be_bytes();
    let head = head.get(1..).unwrap_or_default();
    let check = Sha256::digest(head);
    let bytes = head.iter().chain(check.iter().take(3));
    let value = bytes.fold(0_u128, |value, byte| (value << 8) | u128::from(*byte));
    (0..16).rev().fold(PREFIX.to_owned(), |mut id, place| {
        let letter = usize::try_from((value >> (place * 5)) & 31).unwrap_or_default();
        id.extend(LETTERS.get(letter).map(|letter| char::from(*letter)));
        id
    })
}

/// The account in a key id that was made here.
pub(crate) fn account_of(key: &str) -> Option<String> {
    let letters = key.strip_prefix(PREFIX).filter(|letters| letters.len() == 16)?;
    let mut value = 0_u128;
    for letter in letters.bytes() {
        let at = LETTERS.iter().position(|known| *known == letter)?;
        value = (value << 5) | u128::try_from(at).ok()?;
    }
    let bytes = value.to_be_bytes();
    let (head, check) = (bytes.get(6..13)?, bytes.get(13..)?);
    if Sha256::digest(head).get(..3) != Some(check) {
        return None;
    }
    let head = head.iter().fold(0_u64, |head, byte| (head << 8) | u64::from(*byte));
    Some(format!("{:012}", (head >> 15) & 0xff_ffff_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_names_its_account_and_a_token_its_role() {
        let acting = Acting {
            role: "arn:aws:iam::111122223333:role/a/b/worker".to_owned(),
            function: "arn:aws:lambda:eu-west-1:111122223333:function:f".to_owned(),
        };
        let now = Moment::from_millis(1_795_231_246_123);
        for account in ["111122223333", "000000000000", "999999999999"] {
            let session = Session::new(account, &acting, now);
            assert_eq!(session.key.len(), 20);
            assert_eq!(account_of(&session.key).as_deref(), Some(account));
        }
        let session = Session::new("111122223333", &acting, now);
        assert_eq!(Acting::read(&session.key, &session.token, now).as_ref(), Some(&acting));
        assert_eq!(Acting::read("ASIAOTHER", &session.token, now), None);
        assert_eq!(acting.arn(), "arn:aws:sts::111122223333:assumed-role/worker/f");
    }

    #[test]
    fn key_ids_of_aws_itself_are_not_taken_for_our_own() {
        assert_eq!(account_of("ASIAQNZGKIQY56JQ7WML"), None);
        assert_eq!(account_of("AKIAIOSFODNN7EXAMPLE"), None);
    }
}
