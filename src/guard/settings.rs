//! The rule that nothing that is asked for is silently left out.

use updraft_contract::{
    Architecture, Auth, Cloud, Function, Limits, LogFormat, Managed, ResourceType, Trigger,
};

use super::{Finding, Look, limits_of};

/// A key, and whether it is asked for.
type Key<T> = (&'static str, fn(&T) -> bool);

/// Which keys of a function are asked for. What nobody wrote is not.
const OF_FUNCTIONS: &[Key<Function>] = &[
    ("architecture", |it| it.architecture != Architecture::X86_64),
    // What a function has that asks for nothing is 512 MiB wherever it can be chosen.
    ("ephemeral_storage", |it| it.ephemeral_storage_mib != 512),
    ("description", |it| it.description.is_some()),
    ("tracing", |it| it.tracing),
    ("log_format", |it| it.log_format != LogFormat::Text),
    ("log_retention", |it| it.log_retention_days.is_some()),
    ("concurrency", |it| it.reserved_concurrency.is_some()),
    ("cpu", |it| it.scaling.cpu_millis.is_some()),
    ("instance_concurrency", |it| it.scaling.instance_concurrency.is_some()),
    ("min_instances", |it| it.scaling.min_instances.is_some()),
    ("max_instances", |it| it.scaling.max_instances.is_some()),
    ("ingress", |it| it.network.ingress.is_some()),
    ("vpc_connector", |it| it.network.connector.is_some()),
    ("vpc_egress", |it| it.network.egress.is_some()),
    ("build_identity", |it| it.build_identity.is_some()),
    ("remote_build", |it| it.remote_build),
];

/// Which keys of a trigger are asked for. What follows `=` is the one value that is meant.
const OF_TRIGGERS: &[Key<Trigger>] = &[
    ("http.callers", |it| matches!(it, Trigger::Http { callers, .. } if !callers.is_empty())),
    ("http.auth=key", |it| matches!(it, Trigger::Http { auth: Auth::Key, .. })),
    ("queue.batch_window", |it| matches!(it, Trigger::Queue { batch_window: Some(_), .. })),
    ("queue.partial_failures", |it| matches!(it, Trigger::Queue { partial_failures: true, .. })),
    ("queue.filter", |it| matches!(it, Trigger::Queue { filter: Some(_), .. })),
    ("queue.max_concurrency", |it| matches!(it, Trigger::Queue { max_concurrency: Some(_), .. })),
    ("queue.backoff", |it| matches!(it, Trigger::Queue { backoff: Some(_), .. })),
];

/// Which keys of a resource are asked for.
const OF_RESOURCES: &[Key<Managed>] = &[
    ("bucket.location", |it| it.resource_type == ResourceType::Bucket && it.location.is_some()),
    ("queue.kind", |it| it.resource_type == ResourceType::Queue && it.queue_kind.is_some()),
];

/// The cloud has what is set.
pub(super) fn settings(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for function in &look.app.functions {
        let asked = OF_FUNCTIONS.iter().filter(|(_, asked)| asked(function));
        findings.extend(
            asked.filter_map(|(key, _)| {
                lacking(look, key, &format!("{}.{key}", function.origin.path))
            }),
        );
        for entry in &function.triggers {
            let asked = OF_TRIGGERS.iter().filter(|(_, asked)| asked(&entry.trigger));
            findings.extend(asked.filter_map(|(key, _)| {
                lacking(look, key, &format!("{}.{key}", entry.origin.path))
            }));
        }
    }
    for managed in &look.app.managed {
        let asked = OF_RESOURCES.iter().filter(|(_, asked)| asked(managed));
        findings.extend(asked.filter_map(|(key, _)| {
            let (_, last) = key.split_once('.')?;
            lacking(look, key, &format!("{}.{last}", managed.origin.path))
        }));
    }
    findings
}

/// Returns why a cloud has nothing for `key`, if it has not.
fn reason(limits: &Limits, key: &str) -> Option<&'static str> {
    limits.lacks.iter().find(|(lacking, _)| *lacking == key).map(|(_, reason)| *reason)
}

/// Says that the cloud lacks `key`, if it does.
fn lacking(look: Look, key: &str, path: &str) -> Option<Finding> {
    let why = reason(look.limits?, key)?;
    let last = key.rsplit('.').next().unwrap_or(key);
    let (path, word) = match (path.split_once('='), last.split_once('=')) {
        (Some((path, _)), Some((key, value))) => (path, format!("{key} = \"{value}\"")),
        _ => (path, last.to_owned()),
    };
    let message = format!("{} has no `{word}`", look.cloud.title());
    let finding = Finding::at(path, message).help(why);
    let has_it = |cloud: &&Cloud| limits_of(**cloud).is_none_or(|it| reason(it, key).is_none());
    let elsewhere = look.whole.providers.keys().filter(|cloud| **cloud != look.cloud).find(has_it);
    Some(match elsewhere {
        None => finding.help("remove it"),
        Some(other) => {
            let owner: Vec<&str> = path.split('.').take(2).collect();
            finding.help(format!("remove it, or write it in `[{}.on.{other}]`", owner.join(".")))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{OF_FUNCTIONS, OF_RESOURCES, OF_TRIGGERS};
    use crate::guard::limits_of;
    use updraft_contract::Cloud;

    #[test]
    fn every_key_a_cloud_lacks_is_looked_for() {
        let functions = OF_FUNCTIONS.iter().map(|(key, _)| *key);
        let triggers = OF_TRIGGERS.iter().map(|(key, _)| *key);
        let resources = OF_RESOURCES.iter().map(|(key, _)| *key);
        let known: Vec<&str> = functions.chain(triggers).chain(resources).collect();
        for limits in Cloud::ALL.into_iter().filter_map(limits_of) {
            for (key, reason) in limits.lacks {
                assert!(known.contains(key) && !reason.is_empty(), "{} {key}", limits.cloud);
            }
        }
    }

    #[test]
    fn what_a_cloud_lacks_is_unlimited_there_and_the_rest_is_not() {
        for limits in Cloud::ALL.into_iter().filter_map(limits_of) {
            let lacks = |key| limits.lacks.iter().any(|(lacking, _)| *lacking == key);
            let pairs = [
                ("cpu", limits.scaling.is_none_or(|scaling| scaling.cpu.is_none())),
                ("max_instances", limits.scaling.is_none()),
                ("ephemeral_storage", limits.ephemeral_storage_mib.is_none()),
                ("log_retention", limits.log_retention_days.is_none()),
                ("vpc_connector", limits.connector.is_none()),
                ("http.callers", limits.callers.is_none()),
                ("queue.max_concurrency", limits.queues.max_concurrency.is_none()),
                ("queue.backoff", limits.queues.backoff.is_none()),
                ("queue.filter", limits.queues.filter.is_none()),
            ];
            for (key, unlimited) in pairs {
                assert_eq!(lacks(key), unlimited, "{} {key}", limits.cloud);
            }
        }
    }
}
