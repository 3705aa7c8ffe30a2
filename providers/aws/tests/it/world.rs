//! What the tests share: an embedded cloud, a provider connected to it, and steps.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Duration;

use updraft_aws::{Aws, Settings};
use updraft_contract::{
    Action, App, Architecture, Artifact, Cloud, CloudError, Expect, Function, Live, LogFormat,
    Managed, Network, Origin, Outputs, Provider, ProviderConfig, Resource, ResourceId,
    ResourceType, Scaling, Scope, Stages, Verb,
};
use updraft_local::{Config, FaultPlan, Running, serve};

/// The account and region of every test.
pub(crate) const ACCOUNT: &str = "111122223333";

/// An embedded cloud and a provider that talks to it.
pub(crate) struct World {
    pub(crate) local: Running,
    pub(crate) aws: Aws,
    pub(crate) scope: Scope,
    pub(crate) outputs: Outputs,
    /// The queues and buckets of every app that is lowered.
    pub(crate) managed: Vec<Managed>,
}

pub(crate) fn settings(local: &Running) -> Settings {
    Settings {
        region: Some("eu-west-1".into()),
        endpoint: Some(local.url()),
        credentials: Some((ACCOUNT.into(), "secret".into())),
        ..Settings::default()
    }
}

impl World {
    /// Starts a cloud without delays.
    pub(crate) async fn new() -> Self {
        Self::with(updraft_local::Settings::instant()).await
    }

    /// Starts a cloud with these delays and caps.
    pub(crate) async fn with(temper: updraft_local::Settings) -> Self {
        let config = Config { settings: temper, ..Config::in_memory() };
        let local = serve(config).await.unwrap();
        let aws = Aws::connect(settings(&local)).await.unwrap();
        let scope = Scope {
            destroy_data: false,
            thorough: false,
            project: "shop".into(),
            stage: "dev".into(),
            run: "run-1".into(),
            artifacts: BTreeMap::new(),
        };
        Self { local, aws, scope, outputs: Outputs::default(), managed: Vec::new() }
    }

    /// Lowers an app of these functions and brings their code along.
    pub(crate) fn lower(&mut self, functions: Vec<Function>) -> Vec<Resource> {
        for function in &functions {
            self.scope.artifacts.insert(function.code.digest.clone(), function.code.clone());
        }
        let wanted = self.aws.desired(&self.app(functions)).unwrap();
        for resource in &wanted {
            self.outputs.record(resource.id.clone(), resource.outputs.clone());
        }
        wanted
    }

    /// An app of these functions.
    pub(crate) fn app(&self, functions: Vec<Function>) -> App {
        App {
            project: self.scope.project.clone(),
            stage: self.scope.stage.clone(),
            providers: BTreeMap::from([(Cloud::Aws, ProviderConfig::default())]),
            functions,
            managed: self.managed.clone(),
        }
    }

    /// Creates every resource in the order of its kind.
    pub(crate) async fn create_all(&mut self, wanted: &[Resource]) {
        for spec in self.aws.kinds() {
            for resource in wanted.iter().filter(|resource| resource.id.kind == spec.kind) {
                self.create(resource).await.unwrap();
            }
        }
    }

    pub(crate) async fn create(&mut self, resource: &Resource) -> Result<(), CloudError> {
        self.step(Verb::Create, resource, Expect::Absent).await
    }

    /// Updates what is live to `resource`, expecting it as it is now.
    pub(crate) async fn update(&mut self, resource: &Resource) -> Result<(), CloudError> {
        let expect = self.expect(&resource.id).await;
        self.step(Verb::Update, resource, expect).await
    }

    pub(crate) async fn delete(&mut self, resource: &Resource) -> Result<(), CloudError> {
        let expect = self.expect(&resource.id).await;
        self.step(Verb::Delete, resource, expect).await
    }

    pub(crate) async fn expect(&self, id: &ResourceId) -> Expect {
        Expect::Unchanged(self.read(id).await.unwrap().version)
    }

    pub(crate) async fn step(
        &mut self,
        verb: Verb,
        resource: &Resource,
        expect: Expect,
    ) -> Result<(), CloudError> {
        let action = Action {
            verb,
            target: resource.id.clone(),
            body: resource.fields.resolve(&self.outputs).unwrap(),
            expect,
            origin: None,
            needs: BTreeSet::new(),
        };
        let made = self.aws.execute(&self.scope, &action, &Stages::silent()).await?;
        self.outputs.record(resource.id.clone(), made);
        Ok(())
    }

    /// Reads one address exactly.
    pub(crate) async fn read(&self, id: &ResourceId) -> Option<Live> {
        let found = self.aws.examine(&self.scope, std::slice::from_ref(id)).await.unwrap();
        found.into_iter().next()
    }

    /// Returns the compared fields in which what is live differs from what is wanted.
    pub(crate) async fn differences(&self, resource: &Resource) -> Vec<&'static str> {
        let live = self.read(&resource.id).await.unwrap();
        self.compare(resource, &live)
    }

    pub(crate) fn compare(&self, resource: &Resource, live: &Live) -> Vec<&'static str> {
        let wanted = resource.fields.resolve(&self.outputs).unwrap();
        let kinds = self.aws.kinds();
        let spec = kinds.iter().find(|spec| spec.kind == resource.id.kind).unwrap();
        let names = spec.fields.iter().map(|field| field.name);
        names.filter(|name| wanted.get(name) != live.fields.get(name)).collect()
    }

    /// Returns what was written since the ledger was cleared, and lets the faults rest.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.local.set_faults(FaultPlan::none());
        let entries = self.local.ledger().into_iter();
        let writes = entries.filter(|entry| !is_read(&entry.operation));
        writes.map(|entry| entry.operation).collect()
    }
}

fn is_read(operation: &str) -> bool {
    ["Get", "List", "Describe", "Filter"].iter().any(|verb| operation.starts_with(verb))
}

pub(crate) fn find<'w>(wanted: &'w [Resource], id: &str) -> &'w Resource {
    wanted.iter().find(|resource| resource.id.to_string() == id).unwrap()
}

/// A function with nothing special.
pub(crate) fn function(name: &str) -> Function {
    Function {
        name: name.into(),
        cloud: Cloud::Aws,
        code: code("def handler(event, context):\n    return {'got': event}\n"),
        runtime: "python3.13".into(),
        handler: "app.handler".into(),
        architecture: Architecture::X86_64,
        memory_mib: 128,
        timeout: Duration::from_secs(5),
        ephemeral_storage_mib: 512,
        environment: BTreeMap::new(),
        secrets: BTreeMap::new(),
        description: None,
        tags: BTreeMap::new(),
        tracing: false,
        log_format: LogFormat::Text,
        log_retention_days: Some(30),
        reserved_concurrency: None,
        scaling: Scaling::default(),
        network: Network::default(),
        build_identity: None,
        remote_build: false,
        retry: None,
        access: Vec::new(),
        triggers: Vec::new(),
        origin: Origin { path: format!("function.{name}"), line: 1 },
    }
}

/// A managed queue or bucket with nothing special.
pub(crate) fn managed(resource_type: ResourceType, name: &str) -> Managed {
    Managed {
        resource_type,
        name: name.into(),
        cloud: Cloud::Aws,
        existing: false,
        physical_name: None,
        location: None,
        queue_kind: None,
        visibility_timeout: None,
        retention: None,
        dead_letter: None,
        tags: BTreeMap::new(),
        origin: Origin { path: format!("{}.{name}", resource_type.word()), line: 7 },
    }
}

/// A zip archive of one Python file.
pub(crate) fn code(source: &str) -> Artifact {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("app.py", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(source.as_bytes()).unwrap();
    let bytes = zip.finish().unwrap().into_inner();
    Artifact { digest: digest(source), bytes: bytes.into() }
}

/// Stands in for the digest that packaging computes.
fn digest(source: &str) -> String {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    source.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
