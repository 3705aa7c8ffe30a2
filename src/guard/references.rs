//! Rules about references from one part of the manifest to another.

use updraft_contract::{ResourceType, Trigger};

use super::nearest::did_you_mean;
use super::{Finding, Look};

/// A reference names something.
pub(super) fn triggers(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in &look.app.functions {
        for entry in &function.triggers {
            let Some((key, resource_type, text)) = reference(&entry.trigger) else { continue };
            let path = format!("{}.{key}", entry.origin.path);
            findings.extend(dangling(look, &path, &[resource_type], text));
        }
        for access in &function.access {
            findings.extend(dangling(
                look,
                &format!("{}.to", access.origin.path),
                &ALL,
                &access.to,
            ));
            findings.extend(nobody(look, &access.origin.path, &access.to));
        }
        let dead_letter = function.retry.as_ref().and_then(|retry| retry.dead_letter.as_ref());
        if let Some(text) = dead_letter {
            let path = format!("function.{}.retry.dead_letter", function.name);
            let types = [ResourceType::Queue, ResourceType::Topic];
            findings.extend(dangling(look, &path, &types, text));
        }
    }
    for queue in &look.app.managed {
        let Some(dead_letter) = &queue.dead_letter else { continue };
        let path = format!("{}.dead_letter.queue", queue.origin.path);
        findings.extend(dangling(look, &path, &[ResourceType::Queue], &dead_letter.queue));
    }
    findings
}

/// Returns what is wrong with a reference to a function.
fn nobody(look: Look, path: &str, text: &str) -> Option<Finding> {
    let name = text.strip_prefix("function.")?;
    let declared: Vec<&str> = look.app.functions.iter().map(|it| it.name.as_str()).collect();
    if declared.contains(&name) {
        return None;
    }
    let path = format!("{path}.to");
    let there = look.whole.functions.iter().find(|it| it.name == name);
    if let Some(there) = there {
        let (here, there) = (look.cloud.title(), there.cloud.title());
        return Some(Finding::at(path, format!("`{text}` is on {there}, and not on {here}")));
    }
    let finding = Finding::at(path, format!("`{text}` is not declared"));
    Some(match did_you_mean(name, &declared) {
        Some(close) => finding.help(format!("did you mean `function.{close}`?")),
        None => finding,
    })
}

const ALL: [ResourceType; 6] = [
    ResourceType::Bucket,
    ResourceType::Queue,
    ResourceType::Topic,
    ResourceType::Stream,
    ResourceType::Table,
    ResourceType::Bus,
];

fn reference(trigger: &Trigger) -> Option<(&'static str, ResourceType, &str)> {
    match trigger {
        Trigger::Storage { bucket, .. } => Some(("storage.bucket", ResourceType::Bucket, bucket)),
        Trigger::Queue { queue, .. } => Some(("queue.queue", ResourceType::Queue, queue)),
        Trigger::Topic { topic, .. } => Some(("topic.topic", ResourceType::Topic, topic)),
        Trigger::Stream { stream, .. } => Some(("stream.stream", ResourceType::Stream, stream)),
        Trigger::Database { table, .. } => Some(("database.table", ResourceType::Table, table)),
        Trigger::Event { bus, .. } => Some(("event.bus", ResourceType::Bus, bus.as_deref()?)),
        Trigger::Http { .. } | Trigger::Schedule { .. } | Trigger::Iot { .. } => None,
    }
}

/// Returns what is wrong with a reference to one of `types`.
fn dangling(look: Look, path: &str, types: &[ResourceType], text: &str) -> Option<Finding> {
    let names = |wanted: ResourceType| {
        let of = look.app.managed.iter().filter(move |it| it.resource_type == wanted);
        of.map(|it| it.name.as_str()).collect::<Vec<_>>()
    };
    let split =
        ALL.iter().find_map(|it| Some((*it, text.strip_prefix(it.word())?.strip_prefix('.')?)));
    let Some((found, name)) = split else {
        // A cloud's own name, unless something of that name is declared here.
        let meant = types.iter().find(|it| names(**it).contains(&text))?;
        let message = format!("`{text}` is declared here, but not referred to");
        return Some(Finding::at(path, message).help(format!("write `{}.{text}`", meant.word())));
    };
    if !types.contains(&found) {
        let wanted: Vec<&str> = types.iter().map(|it| it.word()).collect();
        let message = format!("`{text}` is a {}, not a {}", found.word(), wanted.join(" or a "));
        return Some(Finding::at(path, message));
    }
    let declared = names(found);
    if declared.contains(&name) {
        return None;
    }
    let word = found.word();
    let elsewhere =
        look.whole.managed.iter().find(|it| it.resource_type == found && it.name == name);
    if let Some(elsewhere) = elsewhere {
        let (here, there) = (look.cloud.title(), elsewhere.cloud.title());
        let message = format!("`{text}` is on {there}, and not on {here}");
        let help = format!("name both clouds in `[{text}]`, or remove its `provider`");
        return Some(Finding::at(path, message).help(help));
    }
    let finding = Finding::at(path, format!("`{text}` is not declared"));
    Some(match did_you_mean(name, &declared) {
        Some(close) => finding.help(format!("did you mean `{word}.{close}`?")),
        None => finding
            .help(format!("declare it: `[{word}.{name}]`, with `existing = true` if it exists")),
    })
}
