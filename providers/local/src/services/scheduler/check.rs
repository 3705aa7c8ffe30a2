//! The constraints of the service's model: names, lengths and ranges.

use crate::wire::Refusal;

use super::refusals::constraint;

/// Checks the name of a schedule or group.
pub(crate) fn name(member: &str, name: &str) -> Result<(), Refusal> {
    length(member, name, (1, 64))?;
    let fine = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fine {
        return Ok(());
    }
    Err(constraint(member, "Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$"))
}

/// Checks a client token.
pub(crate) fn token(token: &str) -> Result<(), Refusal> {
    length("clientToken", token, (1, 64))?;
    let fine = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if fine {
        return Ok(());
    }
    Err(constraint(
        "clientToken",
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9-_]+$",
    ))
}

/// Checks a length in characters.
pub(crate) fn length(
    member: &str,
    text: &str,
    (least, most): (usize, usize),
) -> Result<(), Refusal> {
    let length = text.chars().count();
    if length < least {
        return Err(constraint(
            member,
            &format!("Member must have length greater than or equal to {least}"),
        ));
    }
    if length > most {
        return Err(constraint(
            member,
            &format!("Member must have length less than or equal to {most}"),
        ));
    }
    Ok(())
}

/// Checks a number.
pub(crate) fn range(member: &str, number: i64, (least, most): (i64, i64)) -> Result<(), Refusal> {
    if number < least {
        return Err(constraint(
            member,
            &format!("Member must have value greater than or equal to {least}"),
        ));
    }
    if number > most {
        return Err(constraint(
            member,
            &format!("Member must have value less than or equal to {most}"),
        ));
    }
    Ok(())
}

/// Checks a word against the ones allowed.
pub(crate) fn one_of(member: &str, word: &str, words: &[&str]) -> Result<(), Refusal> {
    if words.contains(&word) {
        return Ok(());
    }
    Err(constraint(member, &format!("Member must satisfy enum value set: [{}]", words.join(", "))))
}
