//! Short names for what permissions are about.

use updraft_permit::{Level, Review};

use crate::report::permission as words;

/// The kinds of access, weakest first, and their letters in the matrix.
pub(super) const LEVELS: &[(Level, &str)] = &[
    (Level::List, "L"),
    (Level::Read, "R"),
    (Level::Tagging, "T"),
    (Level::Write, "W"),
    (Level::PermissionsManagement, "P"),
    (Level::Unknown, "?"),
];

/// What a kind of resource is called: in an ARN by its service, elsewhere by the part before its name.
const KINDS: &[(&str, &str)] = &[
    ("s3", "bucket"),
    ("sqs", "queue"),
    ("sns", "topic"),
    ("dynamodb", "table"),
    ("kinesis", "stream"),
    ("logs", "log group"),
    ("secretsmanager", "secret"),
    ("ssm", "parameter"),
    ("kms", "key"),
    ("lambda", "function"),
    ("events", "event bus"),
    ("states", "state machine"),
    ("buckets", "bucket"),
    ("components", "Application Insights"),
    ("containers", "container"),
    ("cryptoKeys", "key"),
    ("databases", "database"),
    ("eventhubs", "event hub"),
    ("functions", "function"),
    ("projects", "project"),
    ("queues", "queue"),
    ("resourceGroups", "resource group"),
    ("secrets", "secret"),
    ("serviceAccounts", "service account"),
    ("services", "service"),
    ("sites", "function app"),
    ("storageAccounts", "storage account"),
    ("subscriptions", "subscription"),
    ("tables", "table"),
    ("topics", "topic"),
    ("vaults", "vault"),
];

/// Returns the letter of a kind of access.
pub(super) fn letter(level: Level) -> &'static str {
    LEVELS.iter().find(|(one, _)| *one == level).map_or("?", |(_, letter)| letter)
}

/// What permissions about no function are about.
pub(super) const PROJECT: &str = "the project";

/// Names a function; what is about none is about the project.
pub(super) fn function(name: &str) -> String {
    if name.is_empty() { PROJECT.to_owned() } else { name.to_owned() }
}

/// Shortens names by what every name of a project and stage begins with.
pub(super) struct Labels {
    prefix: String,
}

impl Labels {
    /// Shortens the names of a report.
    pub(super) fn of(review: &Review) -> Self {
        Self { prefix: format!("{}-{}-", review.project, review.stage) }
    }

    /// Returns a short name for a resource: what kind of thing it is, and what it is called.
    pub(super) fn resource(&self, full: &str) -> String {
        if full == "*" {
            return "everything".to_owned();
        }
        if let Some(arn) = full.strip_prefix("arn:") {
            return self.of_arn(arn).unwrap_or_else(|| full.to_owned());
        }
        let parts: Vec<&str> = full.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [.., kind, name] => format!("{} {}", named(kind), self.own(name)),
            _ => full.to_owned(),
        }
    }

    /// Returns a short name for who calls: without the word for its kind where the name tells.
    pub(super) fn caller(&self, full: &str) -> String {
        match full.split_once(' ') {
            Some(("Service", name)) => name.to_owned(),
            Some(("serviceAccount", name)) => {
                self.own(name.split('@').next().unwrap_or(name)).to_owned()
            }
            Some(_) => full.to_owned(),
            None => match full.strip_prefix("arn:").and_then(|arn| self.of_arn(arn)) {
                Some(name) => name,
                None => full.to_owned(),
            },
        }
    }

    /// Shortens `aws:s3:::shop-dev-photos/uploads/*` to `bucket photos`.
    fn of_arn(&self, arn: &str) -> Option<String> {
        let mut fields = arn.splitn(5, ':').skip(1);
        let service = fields.next()?;
        let rest = fields.nth(2)?;
        let name = match service {
            "s3" => rest.split('/').next()?,
            "dynamodb" => rest.strip_prefix("table/")?.split('/').next()?,
            "logs" => {
                let name = rest.strip_prefix("log-group:").unwrap_or(rest).split(':').next()?;
                name.strip_prefix("/aws/lambda/").unwrap_or(name)
            }
            "lambda" => rest.strip_prefix("function:").unwrap_or(rest),
            "iam" => {
                let (kind, name) = rest.split_once('/')?;
                let name = name.rsplit('/').next().unwrap_or(name);
                return Some(format!("{kind} {}", self.own(name)));
            }
            _ => rest,
        };
        Some(format!("{} {}", named(service), self.own(name)))
    }

    fn own<'n>(&self, name: &'n str) -> &'n str {
        name.strip_prefix(&self.prefix).filter(|rest| !rest.is_empty()).unwrap_or(name)
    }
}

fn named(kind: &str) -> &str {
    let known = KINDS.iter().find(|(one, _)| one.eq_ignore_ascii_case(kind));
    known.map_or(kind, |(_, name)| name)
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

/// Cuts what a name ends with, and keeps what follows it whole.
pub(super) fn ended(name: &str, end: &str, most: usize) -> String {
    let most = most.saturating_sub(end.chars().count());
    if name.chars().count() <= most {
        return format!("{name}{end}");
    }
    let start: String = name.chars().take(most.saturating_sub(1)).collect();
    format!("{start}…{end}")
}

/// Writes kinds of access in words.
pub(super) fn levels(levels: impl IntoIterator<Item = Level>) -> String {
    levels.into_iter().map(words::level).collect::<Vec<_>>().join(", ")
}
