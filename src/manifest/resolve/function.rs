//! Resolves one function.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use updraft_contract as contract;
use updraft_contract::{Artifact, Defaults, EnvValue};

use super::super::at::{At, Named, Names, named, value};
use super::super::problem::Problem;
use super::super::syntax::{Access, Function, Retry};
use super::Resolver;
use super::clouds::{idle, overlays};
use crate::guard::limits_of;

/// What a function has that asks for nothing, on a cloud that is not compiled in. What AWS Lambda
/// gives: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>.
const DEFAULTS: Defaults =
    Defaults { memory_mib: 128, timeout: 3, ephemeral_storage_mib: 512, source: "" };

impl Resolver<'_> {
    /// Returns the function as it is on the cloud at hand, if it runs there.
    pub(super) fn function_here(&mut self, typed: &Named<Function>) -> Option<contract::Function> {
        let empty = Function::default();
        let it = typed.at.value.as_ref().unwrap_or(&empty);
        let path = format!("function.{}", typed.name);
        let clouds = self.runs_on(&path, it.provider.as_ref());
        if clouds.is_empty() {
            // It is still read for its other mistakes, and is not nothing.
            self.broken.insert((None, "project".to_owned()));
            self.function(&typed.name, it, contract::Cloud::Aws);
            return None;
        }
        self.problems.extend(idle(&path, &overlays(it.on.as_ref()), &clouds));
        let cloud = self.part.cloud.filter(|cloud| clouds.contains(cloud))?;
        Some(self.function(&typed.name, it, cloud))
    }

    fn function(
        &mut self,
        name: &str,
        it: &Function,
        cloud: contract::Cloud,
    ) -> contract::Function {
        let path = format!("function.{name}");
        let usual = limits_of(cloud).map_or(DEFAULTS, |limits| limits.defaults);
        let mib = |size: Option<u64>, usual| {
            size.map_or(usual, |size| u32::try_from(size).unwrap_or(u32::MAX))
        };
        let memory = self.optional(&path, "memory", it.memory.as_ref()).map(|size| size.0);
        let storage = self
            .optional(&path, "ephemeral_storage", it.ephemeral_storage.as_ref())
            .map(|size| size.0);
        contract::Function {
            name: name.to_owned(),
            cloud,
            code: self.code(&path, it),
            runtime: self.required(&path, "runtime", it.runtime.as_ref()),
            handler: self.required(&path, "handler", it.handler.as_ref()),
            architecture: value(it.architecture.as_ref())
                .map_or(contract::Architecture::X86_64, |word| word.0),
            memory_mib: mib(memory, usual.memory_mib),
            timeout: self
                .seconds(&path, "timeout", it.timeout.as_ref())
                .unwrap_or(Duration::from_secs(usual.timeout)),
            ephemeral_storage_mib: mib(storage, usual.ephemeral_storage_mib),
            environment: self.environment(&path, it.environment.as_ref()),
            secrets: texts(it.secrets.as_ref()),
            description: value(it.description.as_ref()).cloned(),
            tags: texts(it.tags.as_ref()),
            tracing: value(it.tracing.as_ref()).copied().unwrap_or(false),
            log_format: value(it.log_format.as_ref())
                .map_or(contract::LogFormat::Text, |word| word.0),
            log_retention_days: value(it.log_retention.as_ref()).and_then(|kept| kept.0),
            reserved_concurrency: value(it.concurrency.as_ref()).copied(),
            scaling: scaling(it),
            network: network(it),
            build_identity: value(it.build_identity.as_ref()).cloned(),
            remote_build: value(it.remote_build.as_ref()).copied().unwrap_or(false),
            retry: self.retry(&path, it.retry.as_ref()),
            access: self.access(&path, it.access.as_ref()),
            triggers: self.triggers(&path, it.trigger.as_ref()),
            origin: self.origin(&path),
        }
    }

    fn code(&mut self, path: &str, it: &Function) -> Artifact {
        let source = self.required(path, "source", it.source.as_ref());
        let nothing = Artifact { digest: String::new(), bytes: Arc::from([]) };
        let Some(At { span, value: Some(_) }) = &it.source else { return nothing };
        let exclude = value(it.exclude.as_ref()).into_iter().flatten();
        let exclude = exclude.filter_map(|at| at.value.clone()).collect();
        self.sources.artifact(&source, exclude).unwrap_or_else(|failure| {
            let problem = Problem::error("UD017", span.clone(), failure.message);
            self.problems.push(problem.help(failure.hint));
            nothing
        })
    }

    fn environment(
        &mut self,
        path: &str,
        typed: Option<&At<Names<String>>>,
    ) -> BTreeMap<String, EnvValue> {
        let mut environment = BTreeMap::new();
        for variable in named(typed) {
            let Some(text) = variable.at.value.clone() else {
                self.breaks(format!("{path}.environment.{}", variable.name));
                continue;
            };
            let shown = !self.hidden.contains(&variable.at.span.clone().into());
            environment.insert(variable.name.clone(), EnvValue { text, shown });
        }
        environment
    }

    fn retry(&mut self, path: &str, typed: Option<&At<Retry>>) -> Option<contract::Retry> {
        let retry = value(typed)?;
        let path = format!("{path}.retry");
        Some(contract::Retry {
            attempts: value(retry.attempts.as_ref()).copied(),
            max_age: self.seconds(&path, "max_age", retry.max_age.as_ref()),
            dead_letter: value(retry.dead_letter.as_ref()).cloned(),
        })
    }

    fn access(&mut self, path: &str, typed: Option<&At<Vec<At<Access>>>>) -> Vec<contract::Access> {
        let entries = value(typed).into_iter().flatten().enumerate();
        entries
            .filter_map(|(index, at)| {
                let access = at.value.as_ref()?;
                let verbs = value(access.verbs.as_ref()).into_iter().flatten();
                Some(contract::Access {
                    to: access.to.value.clone()?,
                    verbs: verbs.filter_map(|at| Some(at.value?.0.to_owned())).collect(),
                    actions: listed(access.actions.as_ref()),
                    prefix: value(access.prefix.as_ref()).cloned(),
                    indexes: listed(access.indexes.as_ref()),
                    keys: listed(access.keys.as_ref()),
                    condition: value(access.condition.as_ref()).map(|it| it.0.clone()),
                    variable: value(access.env.as_ref()).cloned(),
                    reason: value(access.reason.as_ref()).cloned(),
                    origin: self.origin(&format!("{path}.access[{index}]")),
                })
            })
            .collect()
    }
}

fn scaling(it: &Function) -> contract::Scaling {
    contract::Scaling {
        cpu_millis: value(it.cpu.as_ref()).map(|processors| processors.0),
        instance_concurrency: value(it.instance_concurrency.as_ref()).copied(),
        min_instances: value(it.min_instances.as_ref()).copied(),
        max_instances: value(it.max_instances.as_ref()).copied(),
    }
}

fn network(it: &Function) -> contract::Network {
    contract::Network {
        ingress: value(it.ingress.as_ref()).map(|word| word.0),
        connector: value(it.vpc_connector.as_ref()).cloned(),
        egress: value(it.vpc_egress.as_ref()).map(|word| word.0),
    }
}

/// Returns the texts of a list as they are.
fn listed(typed: Option<&At<Vec<At<String>>>>) -> Vec<String> {
    value(typed).into_iter().flatten().filter_map(|at| at.value.clone()).collect()
}

/// Returns named texts as they are.
pub(super) fn texts(typed: Option<&At<Names<String>>>) -> BTreeMap<String, String> {
    named(typed).filter_map(|it| Some((it.name.clone(), it.at.value.clone()?))).collect()
}
