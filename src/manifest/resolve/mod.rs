//! From what was typed to the app: units read, defaults filled in, sources packaged.
//!
//! It goes on after a mistake, with a legal value in place of the illegal one, and remembers
//! which paths those are, so that no rule complains of a value nobody wrote.

mod cron;
mod function;
mod http;
mod sources;
mod trigger;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use updraft_contract as contract;

use super::at::{At, Names, named, value};
use super::places::Places;
use super::problem::{Problem, Span, SpanOf};
use super::syntax::{Aws, Manifest, Maybe, Providers, Resource};
use crate::guard::nearest::listed;
use sources::Sources;

/// What an app is made from.
pub(super) struct Resolver<'a> {
    places: &'a Places,
    hidden: &'a BTreeSet<SpanOf>,
    sources: Sources<'a>,
    pub(super) problems: Vec<Problem>,
    /// The paths that hold a value nobody wrote.
    pub(super) broken: BTreeSet<String>,
    clouds: Vec<contract::Cloud>,
}

impl<'a> Resolver<'a> {
    /// Resolves relative to `folder`; strings in `hidden` places are kept out of sight.
    pub(super) fn new(places: &'a Places, hidden: &'a BTreeSet<SpanOf>, folder: &'a Path) -> Self {
        Self {
            places,
            hidden,
            sources: Sources::new(folder),
            problems: Vec::new(),
            broken: BTreeSet::new(),
            clouds: Vec::new(),
        }
    }

    /// Returns the app.
    pub(super) fn app(&mut self, manifest: &Manifest, stage: &str) -> contract::App {
        let name = value(Some(&manifest.project)).and_then(|it| it.name.value.clone());
        if name.is_none() {
            self.broken.insert("project.name".to_owned());
        }
        let providers = self.providers(value(manifest.provider.as_ref()));
        self.clouds = providers.keys().copied().collect();
        let functions =
            named(manifest.function.as_ref()).flat_map(|it| self.functions(it)).collect();
        let project = name.unwrap_or_default();
        let managed = self.managed(manifest);
        contract::App { project, stage: stage.to_owned(), providers, functions, managed }
    }

    fn providers(
        &mut self,
        providers: Option<&Providers>,
    ) -> BTreeMap<contract::Cloud, contract::ProviderConfig> {
        let mut configs = BTreeMap::new();
        let Some(providers) = providers else { return configs };
        if let Some(At { value: Some(aws), .. }) = &providers.aws {
            configs.insert(contract::Cloud::Aws, self.aws(aws));
        }
        if let Some(azure) = &providers.azure {
            configs.insert(contract::Cloud::Azure, self.unavailable("azure", &azure.span));
        }
        if let Some(gcp) = &providers.gcp {
            configs.insert(contract::Cloud::Gcp, self.unavailable("gcp", &gcp.span));
        }
        configs
    }

    fn aws(&mut self, aws: &Aws) -> contract::ProviderConfig {
        if let Some(At { span, value: Some(account) }) = &aws.account
            && !(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
        {
            let message = format!("`{account}` is not an AWS account");
            let help = "an account is twelve digits, in quotes";
            self.problems.push(Problem::error("UD019", span.clone(), message).help(help));
        }
        if let Some(At { span, value: Some(region) }) = &aws.region
            && !is_aws_region(region)
        {
            let message = format!("`{region}` is not an AWS region");
            let help = "a region is written like `eu-west-1`";
            self.problems.push(Problem::error("UD028", span.clone(), message).help(help));
        }
        contract::ProviderConfig {
            region: value(aws.region.as_ref()).cloned(),
            account: value(aws.account.as_ref()).cloned(),
            profile: value(aws.profile.as_ref()).cloned(),
            rest_timeout: value(aws.rest_timeout.as_ref()).map(|interval| interval.0),
        }
    }

    fn unavailable(&mut self, cloud: &str, span: &Span) -> contract::ProviderConfig {
        let message = format!("`{cloud}` is not available in this version");
        let help = "this version deploys to `aws`";
        self.problems.push(Problem::error("UD018", span.clone(), message).help(help));
        contract::ProviderConfig::default()
    }

    fn managed(&mut self, manifest: &Manifest) -> Vec<contract::Managed> {
        use contract::ResourceType as Type;
        let tables: [(Type, &Maybe<Names<Resource>>); 6] = [
            (Type::Bucket, &manifest.bucket),
            (Type::Queue, &manifest.queue),
            (Type::Topic, &manifest.topic),
            (Type::Stream, &manifest.stream),
            (Type::Table, &manifest.table),
            (Type::Bus, &manifest.bus),
        ];
        let mut managed = Vec::new();
        for (resource_type, table) in tables {
            for resource in named(table.as_ref()) {
                let typed = resource.at.value.as_ref();
                managed.push(contract::Managed {
                    resource_type,
                    name: resource.name.clone(),
                    existing: typed
                        .and_then(|it| value(it.existing.as_ref()).copied())
                        .unwrap_or(false),
                    physical_name: typed.and_then(|it| value(it.name.as_ref()).cloned()),
                    cloud: contract::Cloud::Aws,
                    location: None,
                    visibility_timeout: None,
                    retention: None,
                    dead_letter: None,
                    tags: BTreeMap::new(),
                    origin: self.places.origin(&format!(
                        "{}.{}",
                        resource_type.word(),
                        resource.name
                    )),
                });
            }
        }
        managed
    }

    /// Returns a value that must be there.
    fn required<T: Clone + Default>(&mut self, path: &str, key: &str, typed: Option<&At<T>>) -> T {
        if let Some(At { value: Some(value), .. }) = typed {
            return value.clone();
        }
        if typed.is_none() {
            self.lacks(path, key);
        }
        self.broken.insert(format!("{path}.{key}"));
        T::default()
    }

    fn lacks(&mut self, path: &str, key: &str) {
        let span = self.places.key(path).unwrap_or_default();
        let problem = Problem::error("UD014", span, format!("`{path}` lacks `{key}`"));
        let is_function = path.starts_with("function.") && !path.contains("trigger[");
        self.problems.push(if is_function {
            problem.help(format!("write `{key} = …` here or in `[defaults]`"))
        } else {
            problem.help(format!("write `{key} = …`"))
        });
    }

    /// Returns a value that need not be there.
    fn optional<T: Clone>(&mut self, path: &str, key: &str, typed: Option<&At<T>>) -> Option<T> {
        let at = typed?;
        if at.value.is_none() {
            self.broken.insert(format!("{path}.{key}"));
        }
        at.value.clone()
    }

    /// Returns a span of time in whole seconds.
    fn seconds(
        &mut self,
        path: &str,
        key: &str,
        typed: Option<&At<super::word::Interval>>,
    ) -> Option<Duration> {
        let duration = self.optional(path, key, typed)?.0;
        if duration.subsec_nanos() == 0 {
            return Some(duration);
        }
        let span = typed.map_or(0..0, |at| at.span.clone());
        let message = format!("`{path}.{key}` must be whole seconds");
        self.problems.push(Problem::error("UD015", span, message));
        self.broken.insert(format!("{path}.{key}"));
        None
    }

    /// Returns the clouds a function runs on.
    fn clouds(
        &mut self,
        path: &str,
        typed: Option<&At<super::compound::Clouds>>,
    ) -> BTreeSet<contract::Cloud> {
        let span = self.places.key(path).unwrap_or_default();
        let Some(at) = typed else {
            return match self.clouds.as_slice() {
                [only] => BTreeSet::from([*only]),
                [] => self.no_cloud(path, span),
                [_, ..] => self.several_clouds(path, span),
            };
        };
        let Some(clouds) = &at.value else { return BTreeSet::new() };
        let named: BTreeSet<_> =
            clouds.0.iter().filter_map(|at| at.value.map(|word| word.0)).collect();
        for cloud in named.iter().filter(|cloud| !self.clouds.contains(cloud)) {
            let message =
                format!("`{path}` runs on `{cloud}`, which the manifest does not declare");
            let help = format!("declare it: `[provider.{cloud}]`");
            let problem = Problem::error("UD016", at.span.clone(), message).help(help);
            self.problems.push(problem);
        }
        if clouds.0.is_empty() {
            return self.no_cloud(path, at.span.clone());
        }
        named
    }

    fn no_cloud(&mut self, path: &str, span: Span) -> BTreeSet<contract::Cloud> {
        let message = format!("`{path}` runs on no cloud");
        let help = "add `[provider.aws]` to the manifest";
        self.problems.push(Problem::error("UD016", span, message).help(help));
        BTreeSet::new()
    }

    fn several_clouds(&mut self, path: &str, span: Span) -> BTreeSet<contract::Cloud> {
        let words: Vec<&str> = self.clouds.iter().map(|cloud| cloud.word()).collect();
        let message = format!("`{path}` does not say which cloud it runs on");
        let help = format!("write `provider = …`: {}, or a list of them", listed(&words, "or"));
        self.problems.push(Problem::error("UD016", span, message).help(help));
        BTreeSet::new()
    }
}

/// Returns whether a text has the form of an AWS region, such as `us-gov-west-1`. The list of
/// regions grows, so only the form is checked; it is that of the ARNs in Lambda's service model.
fn is_aws_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let word = |word: &&str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    words.len() >= 2
        && words.iter().all(word)
        && number.len() == 1
        && number.bytes().all(|digit| digit.is_ascii_digit())
}
