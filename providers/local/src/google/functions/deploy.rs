//! A deployment: where its source comes from, at which stage it fails if it does, and what serves afterwards.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::record::{Function, Name};
use super::trigger::Trouble;
use super::{runtimes, show, size, trigger};
use crate::clock::Moment;
use crate::cloud::Context;
use crate::google::engine::{self, Build};
use crate::google::operations::{End, Operation};
use crate::google::run::{self, Deployment, SecretRef};
use crate::google::{policy, project, seams};
use crate::members::set;
use crate::store::Tx;
use crate::wire::Refusal;

/// The stages of a deployment, in order; the last one is there only if events call the function.
const STAGES: &[&str] = &["ARTIFACT_REGISTRY", "BUILD", "SERVICE", "TRIGGER"];

/// The source of a deployment.
pub(super) enum Source {
    /// A new archive.
    New(Vec<u8>),
    /// The one Google kept of the last deployment.
    Kept(String),
    /// None: why.
    Missing(String),
}

/// Reads the archive a configuration names. `kept` is the digest of the last deployment's.
pub(super) fn source(
    tx: &Tx,
    name: &Name,
    config: &Value,
    kept: Option<&str>,
) -> Result<Option<Source>, Refusal> {
    let Some(sent) = config.pointer("/buildConfig/source/storageSource") else {
        return Ok(kept.map(|digest| Source::Kept(digest.to_owned())));
    };
    let text = |field: &str| sent.get(field).and_then(Value::as_str).unwrap_or_default();
    let (bucket, object) = (text("bucket"), text("object"));
    let own = format!("gcf-v2-sources-{}-{}", project::number(&name.project), name.location);
    if let (true, Some(digest)) = (bucket == own, kept) {
        return Ok(Some(Source::Kept(digest.to_owned())));
    }
    let generation = Some(text("generation")).filter(|generation| !generation.is_empty());
    Ok(Some(match seams::object(tx, (bucket, object), generation)? {
        Some(bytes) => Source::New(bytes),
        None => Source::Missing(format!(
            "Build failed with status: FAILURE and message: Failed to fetch the source: gs://{bucket}/{object} does not exist."
        )),
    }))
}

/// Begins a deployment of `function` and returns its operation. `was` is what it is so far.
pub(super) fn deploy(
    tx: &mut Tx,
    context: &Context<'_>,
    function: &mut Function,
    (source, was): (Source, Option<Function>),
) -> Result<Operation, Refusal> {
    let each = context.settings.function_stage_ms;
    let archive = match &source {
        Source::New(bytes) => {
            function.digest = hex(&Sha256::digest(bytes));
            run::keep_archive(tx, &function.digest, bytes)?;
            Ok(bytes.clone())
        }
        Source::Kept(digest) => {
            function.digest.clone_from(digest);
            Ok(run::archive(tx, digest)?.unwrap_or_default())
        }
        Source::Missing(why) => Err(why.clone()),
    };
    function.deployments += 1;
    function.updated = context.now;
    let stages: Vec<&str> =
        STAGES.iter().take(3 + usize::from(function.has_trigger())).copied().collect();
    let trouble = trouble(tx, context, function, archive)?;
    let last = trouble.as_ref().map_or(stages.len(), |(stage, _)| stage + 1);
    let over = context.now.plus(each * u64::try_from(last).unwrap_or_default());
    function.settles = over;
    function.broken = trouble.as_ref().map(|(_, (_, message))| message.clone());
    function.before = was.filter(|_| trouble.is_some()).map(Box::new);
    let end = if let Some((_, (code, message))) = trouble {
        End::Failed(code.to_owned(), message)
    } else {
        serve(tx, context, function, over)?;
        let after = Context { now: over, ..*context };
        let mut response = show::show(function, &after);
        set(&mut response, "@type", "type.googleapis.com/google.cloud.functions.v2.Function");
        End::Done(response)
    };
    Ok(operation(context, function, (stages, last, over), end))
}

fn serve(
    tx: &mut Tx,
    context: &Context<'_>,
    function: &mut Function,
    at: Moment,
) -> Result<(), Refusal> {
    if function.has_trigger() {
        trigger::make(tx, function, at)?;
        let name = trigger::name(function);
        if let Some(trigger) = function.config.get_mut("eventTrigger") {
            set(trigger, "trigger", name);
        }
    }
    run::deploy(tx, context, deployment(function), at)
}

fn operation(
    context: &Context<'_>,
    function: &Function,
    (stages, reached, over): (Vec<&str>, usize, Moment),
    end: End,
) -> Operation {
    let Name { project, location, .. } = &function.name;
    let (kind, verb) = if function.deployments == 1 {
        ("CREATE_FUNCTION", "create")
    } else {
        ("UPDATE_FUNCTION", "update")
    };
    let log = format!(
        "https://console.cloud.google.com/cloud-build/builds;region={location}/{}?project={}",
        function.deployments,
        project::number(project)
    );
    let seen = |stage: &str| if stage == "BUILD" { log.clone() } else { String::new() };
    let stages = stages.into_iter().map(|stage| (stage.to_owned(), seen(stage))).collect();
    Operation {
        name: operation_name(&function.name),
        metadata: metadata(context, &function.name, (kind, verb)),
        stages,
        reached,
        stage_ms: context.settings.function_stage_ms,
        began: context.now,
        over,
        end,
    }
}

/// A new name for an operation on a function.
pub(super) fn operation_name(name: &Name) -> String {
    let Name { project, location, .. } = name;
    format!("projects/{project}/locations/{location}/operations/operation-{}", uuid::Uuid::new_v4())
}

/// What an operation on a function says of itself.
pub(super) fn metadata(context: &Context<'_>, name: &Name, (kind, verb): (&str, &str)) -> Value {
    json!({
        "@type": "type.googleapis.com/google.cloud.functions.v2.OperationMetadata",
        "createTime": context.now.iso_millis(),
        "target": name.full(),
        "verb": verb,
        "cancelRequested": false,
        "apiVersion": "v2",
        "operationType": kind,
    })
}

/// The stage that fails and why, judged as things will be when it is reached.
fn trouble(
    tx: &Tx,
    context: &Context<'_>,
    function: &Function,
    archive: Result<Vec<u8>, String>,
) -> Result<Option<(usize, Trouble)>, Refusal> {
    let later = |stage: u64| Context {
        now: context.now.plus(context.settings.function_stage_ms * stage),
        ..*context
    };
    if let Some(why) = build_trouble(function, archive) {
        return Ok(Some((1, ("INVALID_ARGUMENT", why))));
    }
    if let Some(why) = secret_trouble(tx, &later(2), function)? {
        return Ok(Some((2, ("INVALID_ARGUMENT", why))));
    }
    if function.has_trigger()
        && let Some(why) = trigger::trouble(tx, &later(3), function)?
    {
        return Ok(Some((3, why)));
    }
    Ok(None)
}

fn build_trouble(function: &Function, archive: Result<Vec<u8>, String>) -> Option<String> {
    let archive = match archive {
        Ok(archive) => archive,
        Err(why) => return Some(why),
    };
    let runtime = function.text("/buildConfig/runtime");
    if let Some(why) = runtimes::trouble(runtime) {
        return Some(why);
    }
    let build = Build {
        runtime,
        target: function.text("/buildConfig/entryPoint"),
        variables: &function.map("/buildConfig/environmentVariables"),
        archive: &archive,
    };
    engine::check(&build).err()
}

fn secrets(function: &Function) -> Vec<(String, SecretRef)> {
    let sent = function.config.pointer("/serviceConfig/secretEnvironmentVariables");
    let sent = sent.and_then(Value::as_array).into_iter().flatten();
    sent.map(|one| {
        let text =
            |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let project = Some(text("projectId")).filter(|id| !id.is_empty());
        let project = project.unwrap_or_else(|| function.name.project.clone());
        let version = Some(text("version")).filter(|version| !version.is_empty());
        let version = version.unwrap_or_else(|| "latest".to_owned());
        (text("key"), SecretRef { project, secret: text("secret"), version })
    })
    .collect()
}

fn secret_trouble(
    tx: &Tx,
    context: &Context<'_>,
    function: &Function,
) -> Result<Option<String>, Refusal> {
    let account = function.text("/serviceConfig/serviceAccountEmail");
    let service = function.name.target().service;
    for (_, SecretRef { project, secret, version }) in secrets(function) {
        let number = project::number(&project);
        let name = format!("projects/{number}/secrets/{secret}/versions/{version}");
        let lead = format!(
            "Could not create or update Cloud Run service {service}, Container Healthcheck failed. Revision '{}' is not ready and cannot serve traffic.",
            function.revision()
        );
        if !seams::has_secret_version(tx, (&project, &secret, &version))? {
            return Ok(Some(format!("{lead} Secret {name} was not found")));
        }
        let asked = policy::Asked {
            member: &format!("serviceAccount:{account}"),
            permission: "secretmanager.versions.access",
            resource: &name,
            holders: &[
                &format!("projects/{project}/secrets/{secret}"),
                &format!("projects/{project}"),
            ],
        };
        if !policy::permits(tx, context, asked)? {
            return Ok(Some(format!(
                "{lead} Permission denied on secret: {name} for Revision service account {account}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level."
            )));
        }
    }
    Ok(None)
}

fn deployment(function: &Function) -> Deployment {
    let memory = size::memory(function.text("/serviceConfig/availableMemory")).unwrap_or(256.0);
    let text = |pointer: &str| function.text(pointer).to_owned();
    Deployment {
        target: function.name.target(),
        function: function.name.id.clone(),
        revision: function.revision(),
        runtime: text("/buildConfig/runtime"),
        entry_point: text("/buildConfig/entryPoint"),
        signature: if function.has_trigger() { "cloudevent" } else { "http" }.to_owned(),
        digest: function.digest.clone(),
        build_environment: function.map("/buildConfig/environmentVariables"),
        environment: function.map("/serviceConfig/environmentVariables"),
        secrets: secrets(function).into_iter().collect(),
        timeout_s: function.number("/serviceConfig/timeoutSeconds"),
        memory_mib: whole(memory),
        cpu_millis: size::cpu(function.text("/serviceConfig/availableCpu")).unwrap_or(1000),
        concurrency: function.number("/serviceConfig/maxInstanceRequestConcurrency"),
        max_instances: function.number("/serviceConfig/maxInstanceCount"),
        service_account: text("/serviceConfig/serviceAccountEmail"),
        ingress: text("/serviceConfig/ingressSettings"),
        labels: function.map("/labels"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "at most 32768 and not negative"
)]
fn whole(memory: f64) -> u64 {
    memory.ceil() as u64
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
