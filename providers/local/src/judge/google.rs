//! What methods of Google ask, and whether the caller may.
//!
//! Source: each service's "IAM permissions" or "Access control" page, and the reference of each method.

use serde_json::{Value, json};

use super::Deployer;
use crate::cloud::{Cloud, Context};
use crate::google::{self, condition_holds, denied, detailed};
use crate::wire::{Refusal, Request};

/// Some methods and the permission they take.
type Row = (&'static str, &'static [&'static str], &'static str);

/// The permission of every method, by the service's name here. Methods that ask nothing have an empty one.
const ROWS: &[Row] = &[
    ("credentials", &["GenerateIdToken"], "iam.serviceAccounts.getOpenIdToken"),
    ("functions", &["CreateFunction"], "cloudfunctions.functions.create"),
    ("functions", &["UpdateFunction"], "cloudfunctions.functions.update"),
    ("functions", &["DeleteFunction"], "cloudfunctions.functions.delete"),
    ("functions", &["GetFunction"], "cloudfunctions.functions.get"),
    ("functions", &["ListFunctions"], "cloudfunctions.functions.list"),
    ("functions", &["ListRuntimes"], "cloudfunctions.runtimes.list"),
    ("functions", &["GetOperation"], "cloudfunctions.operations.get"),
    ("iam", &["CreateServiceAccount"], "iam.serviceAccounts.create"),
    ("iam", &["ListServiceAccounts"], "iam.serviceAccounts.list"),
    ("iam", &["GetServiceAccount"], "iam.serviceAccounts.get"),
    ("iam", &["PatchServiceAccount"], "iam.serviceAccounts.update"),
    ("iam", &["DeleteServiceAccount"], "iam.serviceAccounts.delete"),
    ("iam", &["UndeleteServiceAccount"], "iam.serviceAccounts.undelete"),
    ("iam", &["EnableServiceAccount"], "iam.serviceAccounts.enable"),
    ("iam", &["DisableServiceAccount"], "iam.serviceAccounts.disable"),
    ("iam", &["GetIamPolicy"], "iam.serviceAccounts.getIamPolicy"),
    ("iam", &["SetIamPolicy"], "iam.serviceAccounts.setIamPolicy"),
    ("logging", &["ListLogEntries"], "logging.logEntries.list"),
    ("logging", &["WriteLogEntries"], "logging.logEntries.create"),
    ("projects", &["GetProject"], "resourcemanager.projects.get"),
    ("projects", &["GetIamPolicy"], "resourcemanager.projects.getIamPolicy"),
    ("projects", &["SetIamPolicy"], "resourcemanager.projects.setIamPolicy"),
    ("pubsub", &["CreateTopic"], "pubsub.topics.create"),
    ("pubsub", &["GetTopic", "ListTopicSubscriptions"], "pubsub.topics.get"),
    ("pubsub", &["ListTopics"], "pubsub.topics.list"),
    ("pubsub", &["UpdateTopic"], "pubsub.topics.update"),
    ("pubsub", &["DeleteTopic"], "pubsub.topics.delete"),
    ("pubsub", &["Publish"], "pubsub.topics.publish"),
    ("pubsub", &["CreateSubscription"], "pubsub.subscriptions.create"),
    ("pubsub", &["GetSubscription"], "pubsub.subscriptions.get"),
    ("pubsub", &["ListSubscriptions"], "pubsub.subscriptions.list"),
    ("pubsub", &["UpdateSubscription", "ModifyPushConfig"], "pubsub.subscriptions.update"),
    ("pubsub", &["DeleteSubscription"], "pubsub.subscriptions.delete"),
    ("pubsub", &["DetachSubscription"], "pubsub.topics.detachSubscription"),
    ("pubsub", &["GetIamPolicy"], TOPIC_POLICY),
    ("pubsub", &["SetIamPolicy"], TOPIC_POLICY_SET),
    ("pubsub", &["Pull", "Acknowledge", "ModifyAckDeadline"], "pubsub.subscriptions.consume"),
    ("run", &["ListServices"], "run.services.list"),
    ("run", &["GetService"], "run.services.get"),
    ("run", &["GetIamPolicy"], "run.services.getIamPolicy"),
    ("run", &["SetIamPolicy"], "run.services.setIamPolicy"),
    ("scheduler", &["CreateJob"], "cloudscheduler.jobs.create"),
    ("scheduler", &["ListJobs"], "cloudscheduler.jobs.list"),
    ("scheduler", &["GetJob"], "cloudscheduler.jobs.get"),
    ("scheduler", &["UpdateJob"], "cloudscheduler.jobs.update"),
    ("scheduler", &["DeleteJob"], "cloudscheduler.jobs.delete"),
    ("scheduler", &["PauseJob"], "cloudscheduler.jobs.pause"),
    ("scheduler", &["ResumeJob"], "cloudscheduler.jobs.enable"),
    ("scheduler", &["RunJob"], "cloudscheduler.jobs.run"),
    ("secretmanager", &["CreateSecret"], "secretmanager.secrets.create"),
    ("secretmanager", &["ListSecrets"], "secretmanager.secrets.list"),
    ("secretmanager", &["GetSecret"], "secretmanager.secrets.get"),
    ("secretmanager", &["UpdateSecret"], "secretmanager.secrets.update"),
    ("secretmanager", &["DeleteSecret"], "secretmanager.secrets.delete"),
    ("secretmanager", &["AddSecretVersion"], "secretmanager.versions.add"),
    ("secretmanager", &["ListSecretVersions"], "secretmanager.versions.list"),
    ("secretmanager", &["GetSecretVersion"], "secretmanager.versions.get"),
    ("secretmanager", &["AccessSecretVersion"], "secretmanager.versions.access"),
    ("secretmanager", &["EnableSecretVersion"], "secretmanager.versions.enable"),
    ("secretmanager", &["DisableSecretVersion"], "secretmanager.versions.disable"),
    ("secretmanager", &["DestroySecretVersion"], "secretmanager.versions.destroy"),
    ("secretmanager", &["GetIamPolicy"], "secretmanager.secrets.getIamPolicy"),
    ("secretmanager", &["SetIamPolicy"], "secretmanager.secrets.setIamPolicy"),
    ("serviceusage", &["ListServices"], "serviceusage.services.list"),
    ("serviceusage", &["GetService", "BatchGetServices"], "serviceusage.services.get"),
    // An identity is made for a service when it is enabled; asking for it takes the same permission.
    (
        "serviceusage",
        &["BatchEnableServices", "GenerateServiceIdentity"],
        "serviceusage.services.enable",
    ),
    ("serviceusage", &["GetOperation"], "serviceusage.operations.get"),
    ("storage", &["ListBuckets"], "storage.buckets.list"),
    ("storage", &["CreateBucket"], "storage.buckets.create"),
    ("storage", &["GetBucket"], "storage.buckets.get"),
    ("storage", &["PatchBucket", "UpdateBucket"], "storage.buckets.update"),
    ("storage", &["DeleteBucket"], "storage.buckets.delete"),
    ("storage", &["GetIamPolicy"], "storage.buckets.getIamPolicy"),
    ("storage", &["SetIamPolicy"], "storage.buckets.setIamPolicy"),
    ("storage", &["GetServiceAccount"], "resourcemanager.projects.get"),
    ("storage", &["ListObjects"], "storage.objects.list"),
    ("storage", &["GetObject", "CopyObject", "RewriteObject"], "storage.objects.get"),
    ("storage", &["InsertObject", "CopyObject", "RewriteObject"], "storage.objects.create"),
    ("storage", &["PatchObject"], "storage.objects.update"),
    ("storage", &["DeleteObject"], "storage.objects.delete"),
    // The address of an upload that began is what lets it go on.
    ("storage", &["CancelUpload"], ""),
    // What one may is always told.
    ("", &["TestIamPermissions"], ""),
];

const TOPIC_POLICY: &str = "pubsub.topics.getIamPolicy";
const TOPIC_POLICY_SET: &str = "pubsub.topics.setIamPolicy";

/// The permission of a method of Pub/Sub that topics and subscriptions share.
fn of_kind(request: &Request, permission: &'static str) -> &'static str {
    match (request.label("subscription"), permission) {
        ("", _) => permission,
        (_, TOPIC_POLICY) => "pubsub.subscriptions.getIamPolicy",
        (_, TOPIC_POLICY_SET) => "pubsub.subscriptions.setIamPolicy",
        _ => permission,
    }
}

/// The accounts as which something will run: whoever says so must be allowed to act as them.
const ACTS_AS: &[(&str, &[&str], &[&str])] = &[
    (
        "functions",
        &["CreateFunction", "UpdateFunction"],
        &["/serviceConfig/serviceAccountEmail", "/eventTrigger/serviceAccountEmail"],
    ),
    ("scheduler", &["CreateJob", "UpdateJob"], &["/httpTarget/oidcToken/serviceAccountEmail"]),
    (
        "pubsub",
        &["CreateSubscription", "UpdateSubscription", "ModifyPushConfig"],
        &[
            "/pushConfig/oidcToken/serviceAccountEmail",
            "/subscription/pushConfig/oidcToken/serviceAccountEmail",
        ],
    ),
];

/// One thing that must be allowed.
struct Asked {
    permission: &'static str,
    resource: String,
}

/// Refuses the caller what its rights do not say. Functions ask at an address of their own and are not meant.
pub(crate) fn admit(
    cloud: &Cloud,
    service: &google::Service,
    request: &Request,
) -> Result<(), Refusal> {
    let Some(deployer) = cloud.asked.deployer().filter(|_| !request.inside) else {
        return Ok(());
    };
    let asked = asked(service, request)?;
    for one in &asked {
        cloud.asked.note("gcp", one.permission, &one.resource);
    }
    match asked.into_iter().find(|one| !deployer.may_on_google(one.permission, &one.resource)) {
        None => Ok(()),
        Some(refused) => Err(refusal(service, request, &refused)),
    }
}

fn asked(service: &google::Service, request: &Request) -> Result<Vec<Asked>, Refusal> {
    let method = request.action.as_str();
    let rows = ROWS.iter().filter(|(of, methods, _)| {
        (of.is_empty() || *of == service.name) && methods.contains(&method)
    });
    let permissions: Vec<&'static str> =
        rows.map(|(_, _, permission)| of_kind(request, permission)).collect();
    if permissions.is_empty() {
        return Err(Refusal::not_modelled(&format!("the permissions of {method}")));
    }
    let resource = resource(request);
    // A part of an upload goes on with what its beginning was allowed.
    let goes_on = method == "InsertObject" && request.query("upload_id").is_some();
    let own = permissions.into_iter().filter(|permission| !permission.is_empty() && !goes_on);
    let mut asked: Vec<Asked> =
        own.map(|permission| Asked { permission, resource: resource.clone() }).collect();
    let body = request.json().unwrap_or(Value::Null);
    let paths =
        ACTS_AS.iter().filter(|(of, methods, _)| *of == service.name && methods.contains(&method));
    for path in paths.flat_map(|(_, _, paths)| *paths) {
        if let Some(account) = body.pointer(path).and_then(Value::as_str) {
            let resource = format!("projects/-/serviceAccounts/{account}");
            asked.push(Asked { permission: "iam.serviceAccounts.actAs", resource });
        }
    }
    if (service.name, method) == ("pubsub", "CreateSubscription") {
        let topic = body.get("topic").and_then(Value::as_str).unwrap_or_default().to_owned();
        asked.push(Asked { permission: "pubsub.topics.attachSubscription", resource: topic });
    }
    Ok(asked)
}

/// The name of what is asked for, as conditions and scopes have it: of what is there, or of where it will be.
fn resource(request: &Request) -> String {
    let bucket = request.label("bucket");
    if !bucket.is_empty() {
        let object = request.label("object");
        let bucket = format!("projects/_/buckets/{bucket}");
        return if object.is_empty() { bucket } else { format!("{bucket}/objects/{object}") };
    }
    // Clients of gRPC say in a header what a request is about (google.aip.dev/client-libraries/4222).
    if let Some(header) = request.header("x-goog-request-params") {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(header).unwrap_or_default();
        if let Some((_, name)) = pairs.into_iter().next() {
            return name;
        }
    }
    let path = request.path.trim_start_matches('/');
    let path = path.split_once('/').map_or(path, |(_, path)| path);
    let path = path.split(':').next().unwrap_or(path);
    percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned()
}

fn refusal(service: &google::Service, request: &Request, asked: &Asked) -> Refusal {
    let Asked { permission, resource } = asked;
    let message = if service.name == "storage" {
        format!(
            "deployer@example.com does not have {permission} access to the Google Cloud Storage {}. Permission \
             '{permission}' denied on resource (or it may not exist).",
            if request.label("object").is_empty() { "bucket" } else { "object" }
        )
    } else {
        format!(
            "Permission '{permission}' denied on resource '//{}/{resource}' (or it may not exist).",
            service.api
        )
    };
    let detail = json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "IAM_PERMISSION_DENIED",
        "domain": service.api,
        "metadata": {"permission": permission, "resource": resource},
    });
    detailed(denied(message), detail).about(permission, resource)
}

/// Whether the settings let the caller do something to what it asks about, as `testIamPermissions` tells.
pub(crate) fn may(context: &Context<'_>, request: &Request, permission: &str) -> bool {
    let settings = context.settings;
    let resource = &resource(request);
    !settings.denied_permissions.contains(permission)
        && context.deployer.is_none_or(|deployer| deployer.may_on_google(permission, resource))
}

impl Deployer {
    fn may_on_google(&self, permission: &str, resource: &str) -> bool {
        self.gcp.iter().any(|role| {
            let within =
                role.scopes.is_empty() || role.scopes.iter().any(|scope| covers(scope, resource));
            let holds = role.condition.is_empty()
                || condition_holds(&role.condition, resource) == Some(true);
            role.actions.iter().any(|one| one == permission) && within && holds
        })
    }
}

/// Whether a scope covers a resource: a project covers all there is, for there is one project to a deployment.
fn covers(scope: &str, resource: &str) -> bool {
    let scope = match scope.strip_prefix("//") {
        Some(full) => full.split_once('/').map_or(full, |(_, name)| name),
        None => scope,
    };
    let is_project = scope.strip_prefix("projects/").is_some_and(|rest| !rest.contains('/'));
    is_project
        || resource.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::google::SERVICES;

    #[test]
    fn every_method_has_its_rows_and_every_row_its_methods() {
        for service in SERVICES {
            for method in service.methods {
                let known = ROWS.iter().any(|(of, methods, _)| {
                    (of.is_empty() || *of == service.name) && methods.contains(&method.name)
                });
                assert!(known, "{}: {}", service.name, method.name);
            }
        }
        for (of, methods, _) in ROWS {
            for method in *methods {
                let known = SERVICES.iter().any(|service| {
                    (of.is_empty() || *of == service.name)
                        && service.methods.iter().any(|one| one.name == *method)
                });
                assert!(known, "{of}: {method}");
            }
        }
    }

    #[test]
    fn a_scope_covers_what_is_in_it() {
        assert!(covers("projects/p", "projects/_/buckets/b"));
        assert!(covers("projects/p/topics/t", "projects/p/topics/t"));
        assert!(!covers("projects/p/topics/t", "projects/p/topics/tt"));
        assert!(covers(
            "//storage.googleapis.com/projects/_/buckets/b",
            "projects/_/buckets/b/objects/o"
        ));
    }
}
