//! The app a user asked for: free of TOML, with defaults, stages and variables filled in.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::TriggerEntry;

/// The place in the manifest that a value came from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The dotted path, such as `function.api.trigger[0]`.
    pub path: String,
    /// The line of the manifest it starts on, counted from one.
    pub line: usize,
}

/// A cloud that Updraft deploys to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cloud {
    /// Amazon Web Services.
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
}

impl Cloud {
    /// Every cloud, in the order they are shown.
    pub const ALL: [Cloud; 3] = [Cloud::Aws, Cloud::Azure, Cloud::Gcp];

    /// Returns what people call it.
    pub fn title(self) -> &'static str {
        match self {
            Cloud::Aws => "AWS",
            Cloud::Azure => "Azure",
            Cloud::Gcp => "Google Cloud",
        }
    }

    /// Returns the word the manifest uses.
    pub fn word(self) -> &'static str {
        match self {
            Cloud::Aws => "aws",
            Cloud::Azure => "azure",
            Cloud::Gcp => "gcp",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One project in one stage: everything a provider needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// The project's name.
    pub project: String,
    /// The stage, such as `dev` or `prod`.
    pub stage: String,
    /// The settings of each cloud the manifest names.
    pub providers: BTreeMap<Cloud, ProviderConfig>,
    /// The functions, in manifest order. One that runs on two clouds stands here twice, once for
    /// each, with what the manifest says for that cloud filled in.
    pub functions: Vec<Function>,
    /// Buckets, queues and the like, in manifest order, once for each cloud they are on.
    pub managed: Vec<Managed>,
}

impl App {
    /// Returns the part of the app that runs on `cloud`.
    #[must_use]
    pub fn on(&self, cloud: Cloud) -> App {
        let mut part = self.clone();
        part.functions.retain(|function| function.cloud == cloud);
        part.managed.retain(|managed| managed.cloud == cloud);
        part
    }
}

/// What the manifest says about one cloud.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderConfig {
    /// The region or location, such as `eu-west-1`.
    pub region: Option<String>,
    /// The AWS account, Azure subscription or Google project that the manifest pins.
    pub account: Option<String>,
    /// A named profile of the cloud's own configuration files.
    pub profile: Option<String>,
    /// The raised integration timeout quota of API Gateway REST APIs, where the account has one.
    pub rest_timeout: Option<Duration>,
    /// The Azure resource group that exists already and everything is put in. Without it, the
    /// project has one of its own.
    pub resource_group: Option<String>,
    /// The Azure key vault that secrets are in which name none.
    pub key_vault: Option<String>,
    /// The application in Microsoft Entra ID that callers of [`Auth::Iam`](crate::Auth::Iam) ask
    /// for tokens of: its client id.
    pub application: Option<String>,
    /// Whether each function has a storage account of its own for its host, so that none can read
    /// another's package. Azure.
    pub own_storage: bool,
}

/// One function and what calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The function's logical name, unique within the app on one cloud.
    pub name: String,
    /// The cloud it runs on.
    pub cloud: Cloud,
    /// What is deployed.
    pub code: Artifact,
    /// The language runtime in the vocabulary of AWS Lambda, such as `python3.13`.
    pub runtime: String,
    /// The entry point, such as `app.handler`.
    pub handler: String,
    /// The processor it runs on.
    pub architecture: Architecture,
    /// Memory in mebibytes.
    pub memory_mib: u32,
    /// How long one invocation may take. Whole seconds.
    pub timeout: Duration,
    /// The size of `/tmp` in mebibytes.
    pub ephemeral_storage_mib: u32,
    /// Environment variables.
    pub environment: BTreeMap<String, EnvValue>,
    /// Environment variables filled from the cloud's secret store: variable to secret name.
    pub secrets: BTreeMap<String, String>,
    /// A sentence for people.
    pub description: Option<String>,
    /// Tags or labels beside our own marks.
    pub tags: BTreeMap<String, String>,
    /// Whether invocations are traced.
    pub tracing: bool,
    /// How the runtime writes its log lines.
    pub log_format: LogFormat,
    /// Days after which log lines expire, or `None` for never.
    pub log_retention_days: Option<u32>,
    /// The most invocations that may run at once, reserved for this function.
    pub reserved_concurrency: Option<u32>,
    /// How many instances there are and what each can do, where the cloud lets one choose.
    pub scaling: Scaling,
    /// Who reaches the function, and how the function reaches others.
    pub network: Network,
    /// The identity that builds the code in the cloud, where that is not the cloud's own choice.
    pub build_identity: Option<String>,
    /// Whether the cloud installs the code's dependencies, where it can also take them as packed.
    pub remote_build: bool,
    /// What happens to asynchronous invocations that fail.
    pub retry: Option<Retry>,
    /// What the function may use.
    pub access: Vec<Access>,
    /// What calls the function.
    pub triggers: Vec<TriggerEntry>,
    /// Where the manifest declares it.
    pub origin: Origin,
}

/// Packaged code.
#[derive(Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The SHA-256 of the paths, executable bits and contents, in hexadecimal.
    ///
    /// It does not depend on the compressor, so that a new one redeploys nothing.
    pub digest: String,
    /// The zip archive.
    pub bytes: Arc<[u8]>,
}

impl fmt::Debug for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artifact({}, {} bytes)", self.digest, self.bytes.len())
    }
}

/// The value of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvValue {
    /// The value.
    pub text: String,
    /// Whether it stands in the manifest in plain sight and may be printed.
    pub shown: bool,
}

/// A processor architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit ARM.
    Arm64,
}

/// How a runtime writes log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogFormat {
    /// Plain text.
    Text,
    /// One JSON object per line.
    Json,
}

/// How many instances of a function there are and what each can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scaling {
    /// Processor time in thousandths of a processor.
    pub cpu_millis: Option<u32>,
    /// The most requests that one instance serves at once.
    pub instance_concurrency: Option<u32>,
    /// The instances kept warm.
    pub min_instances: Option<u32>,
    /// The most instances there may be.
    pub max_instances: Option<u32>,
}

/// Who reaches a function, and how the function reaches others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Where requests may come from.
    pub ingress: Option<Ingress>,
    /// The connector to a private network, in the cloud's own notation.
    pub connector: Option<String>,
    /// Which traffic takes the connector.
    pub egress: Option<Egress>,
}

/// Where requests to a function may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ingress {
    /// Anywhere.
    All,
    /// The project's own networks and the cloud's own services.
    Internal,
    /// The same, and a load balancer.
    InternalAndLoadBalancer,
}

/// Which of a function's outgoing traffic takes its connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Egress {
    /// Traffic to private addresses.
    PrivateRanges,
    /// All of it.
    All,
}

/// What happens to asynchronous invocations that fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often a failed invocation is tried again.
    pub attempts: Option<u32>,
    /// How old an event may grow before it is dropped.
    pub max_age: Option<Duration>,
    /// Where events that failed for good go, as a manifest reference such as `queue.failed`.
    pub dead_letter: Option<String>,
}

/// One declared use of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What is used: a manifest reference such as `bucket.photos`, or a cloud's own name.
    pub to: String,
    /// What is done with it, such as `read`.
    pub verbs: Vec<String>,
    /// What is done with it, in the cloud's own words, where no verb fits: `s3:*`. Needs a reason.
    pub actions: Vec<String>,
    /// The part of it that is used, such as a key prefix.
    pub prefix: Option<String>,
    /// The indexes of a table that are used beside it.
    pub indexes: Vec<String>,
    /// The first part of the keys of a table's items that are used.
    pub keys: Vec<String>,
    /// When it counts, where that is not always.
    pub condition: Option<Condition>,
    /// The environment variable that tells the function what it is called in the cloud: a bucket's
    /// name, an SQS queue's URL, a Pub/Sub topic's full name. The provider fills it.
    pub variable: Option<String>,
    /// Why, where the access is wider than it need be.
    pub reason: Option<String>,
    /// Where the manifest declares it.
    pub origin: Origin,
}

/// When declared access counts, in the cloud's own words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Operators of AWS, each with keys and their values: `StringEquals`, `aws:SourceVpc`, `vpc-1`.
    Tests(BTreeMap<String, BTreeMap<String, Vec<String>>>),
    /// An expression in the language of Azure's or Google's conditions.
    Expression(String),
}

/// A bucket, queue, topic, stream, table or event bus that functions use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    /// What it is.
    pub resource_type: ResourceType,
    /// Its logical name, unique within its type on one cloud.
    pub name: String,
    /// The cloud it is on.
    pub cloud: Cloud,
    /// Whether it is only referred to, and never created, changed or deleted.
    pub existing: bool,
    /// Its name in the cloud, where that is not derived from the project.
    pub physical_name: Option<String>,
    /// Where a bucket is, where that is not the region of the functions.
    pub location: Option<String>,
    /// Which of several queue services a queue is of, where the cloud has several.
    pub queue_kind: Option<QueueKind>,
    /// How long a message stays out of sight once it was received. Whole seconds.
    pub visibility_timeout: Option<Duration>,
    /// How long a message is kept. Whole seconds.
    pub retention: Option<Duration>,
    /// What becomes of messages that fail again and again.
    pub dead_letter: Option<DeadLetter>,
    /// Tags or labels beside our own marks.
    pub tags: BTreeMap<String, String>,
    /// Where the manifest declares it.
    pub origin: Origin,
}

/// The queue services of a cloud that has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueueKind {
    /// Azure Queue Storage: cheap, and all that most workers need.
    Storage,
    /// Azure Service Bus: batches, locks of a chosen length, dead letters of its own.
    ServiceBus,
}

/// What becomes of messages that fail again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The queue they go to, as a manifest reference such as `queue.failed`.
    pub queue: String,
    /// After how many deliveries.
    pub attempts: u32,
}

/// The types of resource beside functions that a manifest may declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceType {
    /// Object storage.
    Bucket,
    /// A message queue.
    Queue,
    /// A topic with subscribers.
    Topic,
    /// A partitioned stream.
    Stream,
    /// A key-value table whose changes can be followed.
    Table,
    /// An event bus.
    Bus,
}

impl ResourceType {
    /// Returns the word the manifest uses.
    pub fn word(self) -> &'static str {
        match self {
            ResourceType::Bucket => "bucket",
            ResourceType::Queue => "queue",
            ResourceType::Topic => "topic",
            ResourceType::Stream => "stream",
            ResourceType::Table => "table",
            ResourceType::Bus => "bus",
        }
    }
}
