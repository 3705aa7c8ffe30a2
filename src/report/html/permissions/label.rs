//! Short names for what permissions are about.

use updraft_permit::Level;

/// The kinds of access, weakest first: the letter of the matrix, and the word.
pub(super) const LEVELS: &[(Level, &str, &str)] = &[
    (Level::List, "L", "list"),
    (Level::Read, "R", "read"),
    (Level::Tagging, "T", "tagging"),
    (Level::Write, "W", "write"),
    (Level::PermissionsManagement, "P", "permissions management"),
    (Level::Unknown, "?", "unknown"),
];

/// Returns the letter and the word of a kind of access.
pub(super) fn level(level: Level) -> (&'static str, &'static str) {
    LEVELS
        .iter()
        .find(|(one, ..)| *one == level)
        .map_or(("?", "unknown"), |(_, letter, word)| (letter, word))
}

/// Returns a short name for a resource: what kind of thing it is, and what it is called.
pub(super) fn resource(full: &str) -> String {
    if full == "*" {
        return "everything".to_owned();
    }
    if let Some(arn) = full.strip_prefix("arn:") {
        return of_arn(arn).unwrap_or_else(|| full.to_owned());
    }
    let parts: Vec<&str> = full.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [.., kind, name] if parts.len() > 2 => format!("{kind} {name}"),
        _ => full.to_owned(),
    }
}

/// Shortens `aws:s3:::photos/uploads/*` to `s3 photos`, `aws:sqs:eu-west-1:111:done` to `sqs done`.
fn of_arn(arn: &str) -> Option<String> {
    let mut fields = arn.splitn(5, ':').skip(1);
    let service = fields.next()?;
    let rest = fields.nth(2)?;
    let name = match service {
        "s3" => rest.split('/').next()?,
        "dynamodb" => rest.strip_prefix("table/")?.split('/').next()?,
        "logs" => rest.strip_prefix("log-group:").unwrap_or(rest).split(':').next()?,
        _ => rest,
    };
    Some(format!("{service} {name}"))
}

/// Cuts a name to so many characters, in the middle, where names differ least.
pub(super) fn cut(name: &str, most: usize) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= most {
        return name.to_owned();
    }
    let head = most / 2;
    let tail = most.saturating_sub(head + 1);
    let start: String = letters.iter().take(head).collect();
    let end: String = letters.iter().skip(letters.len() - tail).collect();
    format!("{start}…{end}")
}
