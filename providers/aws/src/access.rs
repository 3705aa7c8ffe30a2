//! What a function may do beyond writing its log: what its triggers and its declared access take.
//! Pure.

use updraft_contract::{Access, App, Function, ResourceType, Value};

use crate::place::Names;
use crate::policy::{Allow, among};
use crate::sources::pulls;
use crate::subject::Subject;

/// What one verb allows: on the objects of a bucket, or on the bucket or queue itself.
struct VerbRow {
    on: ResourceType,
    verb: &'static str,
    actions: &'static [&'static str],
    /// Whether it is about the objects in a bucket.
    objects: bool,
}

const fn row(
    on: ResourceType,
    verb: &'static str,
    actions: &'static [&'static str],
    objects: bool,
) -> VerbRow {
    VerbRow { on, verb, actions, objects }
}

/// The actions of each verb, by the service authorization reference.
///
/// Listing is apart from reading: it shows the names of all objects, read or not.
const VERBS: &[VerbRow] = &[
    row(ResourceType::Bucket, "read", &["s3:GetObject"], true),
    row(ResourceType::Bucket, "write", &["s3:AbortMultipartUpload", "s3:PutObject"], true),
    row(ResourceType::Bucket, "delete", &["s3:DeleteObject"], true),
    row(ResourceType::Bucket, "list", &["s3:ListBucket"], false),
    row(ResourceType::Queue, "send", &["sqs:GetQueueUrl", "sqs:SendMessage"], false),
    row(
        ResourceType::Queue,
        "receive",
        &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
        ],
        false,
    ),
];

/// Returns the statements that the execution role of `function` holds beside its log's.
///
/// Lambda's poller receives with the function's role:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
pub(crate) fn statements(names: Names<'_>, app: &App, function: &Function) -> Vec<Value> {
    let mut statements = Vec::new();
    let pulled: Vec<Value> = pulls(app)
        .filter(|pull| pull.function.name == function.name)
        .map(|pull| Value::from(pull.queue.arn(names)))
        .collect();
    if !pulled.is_empty() {
        let receive = Allow {
            sid: "Receive",
            actions: &["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            resource: among(pulled),
        };
        statements.push(receive.statement());
    }
    for (at, access) in function.access.iter().enumerate() {
        statements.extend(declared(names, app, at, access));
    }
    statements
}

/// Returns the statements of one declared access: one for each verb.
fn declared(names: Names<'_>, app: &App, at: usize, access: &Access) -> Vec<Value> {
    let Ok(subject) = Subject::of_any(app, &access.to) else { return Vec::new() };
    let arn = subject.arn(names);
    let rows = access.verbs.iter().filter_map(|verb| found(subject.resource_type(), verb));
    let prefix = access.prefix.as_deref();
    rows.map(|row| {
        let sid = format!("Access{at}{}", capital(row.verb));
        let resource = if row.objects {
            Value::from(format!("{arn}/{}*", prefix.unwrap_or_default()))
        } else {
            Value::from(arn.as_str())
        };
        let allow = Allow { sid: &sid, actions: row.actions, resource };
        match prefix.filter(|_| row.on == ResourceType::Bucket && !row.objects) {
            Some(prefix) => {
                let below = Value::from(format!("{prefix}*"));
                allow.statement_if(("StringLike", "s3:prefix", below))
            }
            None => allow.statement(),
        }
    })
    .collect()
}

/// Returns the variables that tell a function what it uses is called: a bucket's name, a queue's URL.
pub(crate) fn variables<'a>(
    names: Names<'_>,
    app: &App,
    function: &'a Function,
) -> Vec<(&'a str, String)> {
    let each = function.access.iter().filter_map(|access| {
        let subject = Subject::of_any(app, &access.to).ok()?;
        let name = subject.physical(names);
        let text = match subject.resource_type() {
            ResourceType::Queue => names.place.queue_url(&name),
            ResourceType::Bucket
            | ResourceType::Topic
            | ResourceType::Stream
            | ResourceType::Table
            | ResourceType::Bus => name,
        };
        Some((access.variable.as_deref()?, text))
    });
    each.collect()
}

/// Returns why `access` cannot be given.
pub(crate) fn problem(app: &App, access: &Access) -> Option<String> {
    let subject = match Subject::of_any(app, &access.to) {
        Ok(subject) => subject,
        Err(reason) => return Some(reason),
    };
    let of_type = subject.resource_type();
    if !access.to.starts_with("arn:") {
        // The rules over the manifest judge what is declared in it.
        return None;
    }
    let mut verbs = access.verbs.iter();
    if let Some(unknown) = verbs.find(|verb| found(of_type, verb).is_none()) {
        let known = VERBS.iter().filter(|row| row.on == of_type).map(|row| row.verb);
        let known: Vec<String> = known.map(|verb| format!("`{verb}`")).collect();
        let word = of_type.word();
        return Some(format!("a {word} has no verb `{unknown}`; use {}", known.join(", ")));
    }
    let prefixed = access.prefix.is_some() && of_type == ResourceType::Queue;
    prefixed.then(|| "a queue has no parts; remove `prefix`".to_owned())
}

fn found(on: ResourceType, verb: &str) -> Option<&'static VerbRow> {
    VERBS.iter().find(|row| row.on == on && row.verb == verb)
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
