//! Reading a function: what AWS says of it, in the words of its fields.

use std::collections::BTreeMap;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use aws_sdk_lambda::types::{FunctionConfiguration, Runtime, TracingMode};
use updraft_contract::{
    CloudError, Fields, Known, Live, ResourceId, Scope, Secret, Value, Version,
};

use crate::client::Cloud;
use crate::errors::{Failure, absent};
use crate::kind::Found;
use crate::kinds::known;
use crate::marks::{self, Tags};

/// The tag that holds the digest of the code, written once the code is in place.
pub(super) const CODE: &str = "updraft:code";
/// The tag that holds the SHA-256 of the archive that was uploaded, as Lambda writes it.
pub(super) const ZIP: &str = "updraft:zip";
/// The tag of functions that had a statement of ours in their policy at some time. Their policies
/// are read when all are surveyed; it is never removed and never compared.
pub(crate) const PUSHED: &str = "updraft:policy";
/// The tag of functions that had reserved concurrency from us at some time: `ListFunctions`
/// does not tell, so these are read one by one. Never removed and never compared.
pub(super) const RESERVED: &str = "updraft:concurrency";

/// Everything AWS says of a function.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    /// Its configuration.
    pub(crate) config: FunctionConfiguration,
    /// Its tags.
    pub(crate) tags: Tags,
    /// The concurrency reserved for it.
    pub(crate) reserved: Option<i32>,
}

/// Reads one function exactly.
pub(crate) async fn exact(cloud: &Cloud, name: &str) -> Result<Option<Reading>, Failure> {
    let answer = cloud
        .safe("lambda:GetFunction", |api| api.lambda.get_function().function_name(name).send())
        .await;
    absent(answer)?.map(reading).transpose()
}

fn reading(answer: GetFunctionOutput) -> Result<Reading, Failure> {
    if let Some(error) = &answer.tags_error {
        let (permission, message) = ("lambda:ListTags".to_owned(), error.message.clone());
        return Err(CloudError::Denied { permission, message }.into());
    }
    let config = answer.configuration.ok_or_else(|| {
        Failure::refused("lambda:GetFunction", "NoConfiguration", "the answer holds no function")
    })?;
    let hidden = config.environment().and_then(|environment| environment.error());
    if let Some(error) = hidden {
        let message = error.message().unwrap_or_default().to_owned();
        return Err(CloudError::Denied { permission: "kms:Decrypt".to_owned(), message }.into());
    }
    Ok(Reading {
        config,
        tags: answer.tags.unwrap_or_default().into_iter().collect(),
        reserved: answer.concurrency.and_then(|known| known.reserved_concurrent_executions),
    })
}

impl Reading {
    /// Returns the function as the core sees it.
    pub(crate) fn found(&self, scope: &Scope, id: &ResourceId) -> Found {
        let fields = self.fields();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let live = Live {
            holds: None,
            id: id.clone(),
            owner: marks::owner(scope, id, &self.tags),
            version: Version::of(&fields),
            outputs: BTreeMap::from([
                ("arn", text(self.config.function_arn())),
                ("name", text(self.config.function_name())),
            ]),
            fields,
        };
        Found { live, nonce: self.tags.get(marks::NONCE).cloned() }
    }

    /// Returns the compared fields.
    pub(super) fn fields(&self) -> Known {
        let config = &self.config;
        let number = |n: Option<i32>| Value::Int(i64::from(n.unwrap_or_default()));
        let storage = config.ephemeral_storage().map_or(512, |storage| storage.size);
        let architecture = config.architectures().first().map_or("x86_64", |known| known.as_str());
        let tracing = config.tracing_config().and_then(|tracing| tracing.mode());
        let mut fields = Fields::new([
            ("architecture", Value::from(architecture)),
            ("code", Value::Text(self.code())),
            ("environment", self.environment()),
            ("ephemeral-storage", Value::Int(i64::from(storage))),
            ("log-format", Value::from(self.log_format())),
            ("log-group", Value::Text(self.log_group())),
            ("memory", number(config.memory_size())),
            ("role", Value::from(config.role().unwrap_or_default())),
            ("tags", marks::field(&self.tags)),
            ("timeout", number(config.timeout())),
            ("tracing", Value::from(tracing == Some(&TracingMode::Active))),
        ]);
        let texts = [
            ("description", config.description()),
            ("handler", config.handler()),
            ("runtime", config.runtime().map(Runtime::as_str)),
        ];
        for (name, text) in texts {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                fields.set(name, text);
            }
        }
        if let Some(reserved) = self.reserved {
            fields.set("reserved-concurrency", i64::from(reserved));
        }
        known(fields)
    }

    /// Returns the digest of the code, if the archive in place is the one it was written for.
    ///
    /// The tag is written after the upload. After a crash between them, or an upload by somebody
    /// else, the archive is not the tag's, and the code counts as changed.
    fn code(&self) -> String {
        let (live, tagged) = (self.config.code_sha256().unwrap_or("?"), self.tags.get(ZIP));
        match self.tags.get(CODE) {
            Some(digest) if tagged.is_none_or(|tagged| tagged == live) => digest.clone(),
            Some(_) | None => format!("not what Updraft deployed (archive {live})"),
        }
    }

    fn environment(&self) -> Value {
        let variables = self.config.environment().and_then(|environment| environment.variables());
        let entries = variables.into_iter().flatten();
        Value::map(entries.map(|(name, text)| (name.clone(), Value::Secret(Secret::hidden(text)))))
    }

    fn log_format(&self) -> &str {
        let logging = self.config.logging_config().and_then(|logging| logging.log_format());
        logging.map_or("Text", |format| format.as_str())
    }

    /// Returns the log group; a function without a setting writes to the one named after it.
    fn log_group(&self) -> String {
        let set = self.config.logging_config().and_then(|logging| logging.log_group());
        let name = self.config.function_name().unwrap_or_default();
        set.map_or_else(|| format!("/aws/lambda/{name}"), str::to_owned)
    }
}
