//! Making, changing and removing functions.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, PackageType, Runtime};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use updraft_contract::{Action, KindSpec, Known, Live, ResourceId, Scope, Stages, Value};
use updraft_transport::Class;
use updraft_transport::ResourceKind;

use super::read::{CODE, PUSHED, RESERVED, Reading, ZIP, exact};
use super::shape::{architectures, environment, logging, number, storage, text, tracing};
use super::spec::{CONFIGURATION, SPEC};
use super::{survey, wait};
use crate::client::{Cloud, patient};
use crate::errors::{Failure, gone};
use crate::kind::{Found, Made};
use crate::marks::{self, Tags};
use crate::survey::Survey;
use updraft_transport::same;

/// How long an upload may take: 50 MiB, the most Lambda takes directly, at half a megabit a second.
const UPLOAD: Duration = Duration::from_mins(15);

/// The kind `aws.function`.
pub(crate) struct Function;

#[async_trait]
impl ResourceKind<Cloud, Survey> for Function {
    fn spec(&self) -> &'static KindSpec {
        &SPEC
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        survey::list(cloud, survey).await
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let name = cloud.place.names_in(scope).physical_of(id);
        Ok(exact(cloud, &name).await?.map(|reading| reading.found(scope, id)))
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let change = Change { cloud, scope, action };
        change.create().await?;
        let reading = wait::ready(cloud, &change.name()).await?;
        if let Some(reserved) = action.body.int("reserved-concurrency") {
            reserve(cloud, &reading, Some(reserved)).await?;
        }
        Ok(reading.found(scope, &action.target).live.outputs)
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        let change = Change { cloud, scope, action };
        // A change under way elsewhere gives the function a new revision when it ends.
        let mut reading = wait::settled(cloud, &change.name()).await?;
        if !same(&SPEC, &reading.fields(), &found.live.fields) {
            return Err(Failure::stale(&action.target));
        }
        if change.differs(&reading, &["code", "architecture"]) {
            reading = change.upload(&reading).await?;
        }
        if change.differs(&reading, &CONFIGURATION) {
            reading = change.configure(&reading).await?;
        }
        if change.differs(&reading, &["reserved-concurrency"]) {
            reserve(cloud, &reading, action.body.int("reserved-concurrency")).await?;
        }
        change.retag(&reading).await?;
        let reading = wait::ready(cloud, &change.name()).await?;
        Ok(reading.found(scope, &action.target).live.outputs)
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let name = cloud.place.names_in(scope).physical_of(&found.live.id);
        let call = cloud.safe("lambda:DeleteFunction", |api| {
            api.lambda.delete_function().function_name(&name).send()
        });
        gone(call.await)?;
        // Its role must outlive it: Lambda uses the role to clean up.
        wait::gone(cloud, &name).await
    }
}

/// One create or update under way.
struct Change<'a> {
    cloud: &'a Cloud,
    scope: &'a Scope,
    action: &'a Action<Known>,
}

/// An archive and its hash as Lambda writes it.
struct Archive {
    bytes: Blob,
    sha256: String,
}

impl Change<'_> {
    fn name(&self) -> String {
        self.cloud.place.names_in(self.scope).physical_of(&self.action.target)
    }

    fn body(&self) -> &Known {
        &self.action.body
    }

    fn differs(&self, reading: &Reading, fields: &[&str]) -> bool {
        let live = reading.fields();
        fields.iter().any(|field| live.get(field) != self.body().get(field))
    }

    fn archive(&self) -> Result<Archive, Failure> {
        let digest = self.body().text("code").unwrap_or_default();
        let artifact = self.scope.artifacts.get(digest).ok_or_else(|| {
            let message = format!("this run has no code with digest {digest}");
            Failure::refused("package", "NoArtifact", message)
        })?;
        let sha256 = STANDARD.encode(Sha256::digest(&artifact.bytes));
        Ok(Archive { bytes: Blob::new(artifact.bytes.to_vec()), sha256 })
    }

    /// Returns the tags that say which code is in place.
    fn code_tags(&self, archive: &Archive) -> Tags {
        let digest = self.body().text("code").unwrap_or_default().to_owned();
        Tags::from([(CODE.to_owned(), digest), (ZIP.to_owned(), archive.sha256.clone())])
    }

    async fn create(&self) -> Result<(), Failure> {
        let (body, name, archive) = (self.body(), self.name(), self.archive()?);
        let mut tags = marks::with(self.scope, &self.action.target, body.get("tags"));
        tags.extend(self.code_tags(&archive));
        if body.get("pushed") == Some(&Value::Bool(true)) {
            tags.insert(PUSHED.to_owned(), "yes".to_owned());
        }
        if body.get("reserved-concurrency").is_some() {
            tags.insert(RESERVED.to_owned(), "yes".to_owned());
        }
        let code = FunctionCode::builder().zip_file(archive.bytes).build();
        let call = self.cloud.once("lambda:CreateFunction", |api| {
            api.lambda
                .create_function()
                .function_name(&name)
                .package_type(PackageType::Zip)
                .code(code.clone())
                .set_architectures(architectures(body))
                .set_description(text(body, "description"))
                .set_environment(Some(environment(body)))
                .set_ephemeral_storage(storage(body))
                .set_handler(text(body, "handler"))
                .set_logging_config(Some(logging(body)))
                .set_memory_size(number(body, "memory"))
                .set_role(text(body, "role"))
                .set_runtime(text(body, "runtime").map(|name| Runtime::from(name.as_str())))
                .set_tags(Some(tags.clone().into_iter().collect()))
                .set_timeout(number(body, "timeout"))
                .set_tracing_config(Some(tracing(body)))
                .customize()
                .config_override(patient(UPLOAD))
                .send()
        });
        call.await.map(|_| ())
    }

    /// Puts the code in place, then says so in the tags.
    async fn upload(&self, reading: &Reading) -> Result<Reading, Failure> {
        let (name, archive) = (self.name(), self.archive()?);
        let call = self.cloud.once("lambda:UpdateFunctionCode", |api| {
            api.lambda
                .update_function_code()
                .function_name(&name)
                .zip_file(archive.bytes.clone())
                .set_architectures(architectures(self.body()))
                .set_revision_id(reading.config.revision_id().map(str::to_owned))
                .customize()
                .config_override(patient(UPLOAD))
                .send()
        });
        let outcome = call.await.map(|_| ());
        let after = wait::settled(self.cloud, &name).await?;
        if let Err(failure) = outcome {
            let unsure = matches!(failure.class, Class::Ambiguous | Class::PreconditionFailed);
            let arrived = after.config.code_sha256() == Some(&archive.sha256)
                && !self.differs(&after, &["architecture"]);
            if !unsure || !arrived {
                return Err(failure);
            }
        }
        let after = wait::ready(self.cloud, &name).await?;
        tag(self.cloud, &after, self.code_tags(&archive)).await?;
        wait::ready(self.cloud, &name).await
    }

    /// Sets what differs of the configuration and leaves the rest, ours or not, as it is.
    async fn configure(&self, reading: &Reading) -> Result<Reading, Failure> {
        let (body, name) = (self.body(), self.name());
        let live = reading.fields();
        let differs = |field: &str| live.get(field) != body.get(field);
        let set = |field: &str| differs(field).then(|| text(body, field)).flatten();
        // An absent description is an empty one; leaving it out would leave it as it is.
        let description = body.text("description").unwrap_or_default().to_owned();
        let logs = differs("log-format") || differs("log-group");
        let call = self.cloud.once("lambda:UpdateFunctionConfiguration", |api| {
            api.lambda
                .update_function_configuration()
                .function_name(&name)
                .set_revision_id(reading.config.revision_id().map(str::to_owned))
                .set_description(differs("description").then(|| description.clone()))
                .set_environment(differs("environment").then(|| environment(body)))
                .set_ephemeral_storage(
                    differs("ephemeral-storage").then(|| storage(body)).flatten(),
                )
                .set_handler(set("handler"))
                .set_logging_config(logs.then(|| logging(body)))
                .set_memory_size(differs("memory").then(|| number(body, "memory")).flatten())
                .set_role(set("role"))
                .set_runtime(set("runtime").map(|name| Runtime::from(name.as_str())))
                .set_timeout(differs("timeout").then(|| number(body, "timeout")).flatten())
                .set_tracing_config(differs("tracing").then(|| tracing(body)))
                .send()
        });
        call.await?;
        wait::ready(self.cloud, &name).await
    }

    async fn retag(&self, reading: &Reading) -> Result<(), Failure> {
        let live = reading.fields();
        let (mut set, gone) = marks::tag_changes(live.get("tags"), self.body().get("tags"));
        let reserves = self.body().get("reserved-concurrency").is_some();
        if reserves && !reading.tags.contains_key(RESERVED) {
            set.insert(RESERVED.to_owned(), "yes".to_owned());
        }
        if !set.is_empty() {
            tag(self.cloud, reading, set).await?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        let arn = reading.config.function_arn().unwrap_or_default();
        let call = self.cloud.safe("lambda:UntagResource", |api| {
            api.lambda.untag_resource().resource(arn).set_tag_keys(Some(gone.clone())).send()
        });
        call.await.map(|_| ())
    }
}

async fn tag(cloud: &Cloud, reading: &Reading, tags: Tags) -> Result<(), Failure> {
    let arn = reading.config.function_arn().unwrap_or_default();
    let call = cloud.safe("lambda:TagResource", |api| {
        let tags = tags.clone().into_iter().collect();
        api.lambda.tag_resource().resource(arn).set_tags(Some(tags)).send()
    });
    call.await.map(|_| ())
}

async fn reserve(cloud: &Cloud, reading: &Reading, wanted: Option<i64>) -> Result<(), Failure> {
    let name = reading.config.function_name().unwrap_or_default();
    let Some(wanted) = wanted.and_then(|wanted| i32::try_from(wanted).ok()) else {
        let call = cloud.safe("lambda:DeleteFunctionConcurrency", |api| {
            api.lambda.delete_function_concurrency().function_name(name).send()
        });
        return gone(call.await);
    };
    let call = cloud.safe("lambda:PutFunctionConcurrency", |api| {
        let call = api.lambda.put_function_concurrency().function_name(name);
        call.reserved_concurrent_executions(wanted).send()
    });
    call.await.map(|_| ())
}
