//! What a function looks like on the wire.

use crate::google::operations::STATE_MESSAGE;
use crate::google::schema::{Enum, Field, Message};

static ENVIRONMENT: Enum = Enum {
    name: "google.cloud.functions.v2.Environment",
    values: &[("ENVIRONMENT_UNSPECIFIED", 0), ("GEN_1", 1), ("GEN_2", 2)],
};

static STATE: Enum = Enum {
    name: "google.cloud.functions.v2.Function.State",
    values: &[
        ("STATE_UNSPECIFIED", 0),
        ("ACTIVE", 1),
        ("FAILED", 2),
        ("DEPLOYING", 3),
        ("DELETING", 4),
        ("UNKNOWN", 5),
    ],
};

static REGISTRY: Enum = Enum {
    name: "google.cloud.functions.v2.BuildConfig.DockerRegistry",
    values: &[
        ("DOCKER_REGISTRY_UNSPECIFIED", 0),
        ("CONTAINER_REGISTRY", 1),
        ("ARTIFACT_REGISTRY", 2),
    ],
};

static INGRESS: Enum = Enum {
    name: "google.cloud.functions.v2.ServiceConfig.IngressSettings",
    values: &[
        ("INGRESS_SETTINGS_UNSPECIFIED", 0),
        ("ALLOW_ALL", 1),
        ("ALLOW_INTERNAL_ONLY", 2),
        ("ALLOW_INTERNAL_AND_GCLB", 3),
    ],
};

static EGRESS: Enum = Enum {
    name: "google.cloud.functions.v2.ServiceConfig.VpcConnectorEgressSettings",
    values: &[
        ("VPC_CONNECTOR_EGRESS_SETTINGS_UNSPECIFIED", 0),
        ("PRIVATE_RANGES_ONLY", 1),
        ("ALL_TRAFFIC", 2),
    ],
};

static SECURITY: Enum = Enum {
    name: "google.cloud.functions.v2.ServiceConfig.SecurityLevel",
    values: &[("SECURITY_LEVEL_UNSPECIFIED", 0), ("SECURE_ALWAYS", 1), ("SECURE_OPTIONAL", 2)],
};

static RETRY: Enum = Enum {
    name: "google.cloud.functions.v2.EventTrigger.RetryPolicy",
    values: &[
        ("RETRY_POLICY_UNSPECIFIED", 0),
        ("RETRY_POLICY_DO_NOT_RETRY", 1),
        ("RETRY_POLICY_RETRY", 2),
    ],
};

static STAGE: Enum = Enum {
    name: "google.cloud.functions.v2.ListRuntimesResponse.RuntimeStage",
    values: &[
        ("RUNTIME_STAGE_UNSPECIFIED", 0),
        ("DEVELOPMENT", 1),
        ("ALPHA", 2),
        ("BETA", 3),
        ("GA", 4),
        ("DEPRECATED", 5),
        ("DECOMMISSIONED", 6),
    ],
};

static STORAGE_SOURCE: Message = Message {
    name: "google.cloud.functions.v2.StorageSource",
    fields: &[
        ("bucket", Field::TEXT),
        ("object", Field::TEXT),
        ("generation", Field::LONG),
        ("sourceUploadUrl", Field::TEXT),
    ],
};

static SOURCE: Message = Message {
    name: "google.cloud.functions.v2.Source",
    fields: &[
        ("storageSource", Field::message(&STORAGE_SOURCE)),
        ("repoSource", Field::NotModelled),
        ("gitUri", Field::TEXT),
    ],
};

static PROVENANCE: Message = Message {
    name: "google.cloud.functions.v2.SourceProvenance",
    fields: &[("resolvedStorageSource", Field::message(&STORAGE_SOURCE)), ("gitUri", Field::TEXT)],
};

static NOTHING: Message = Message { name: "google.protobuf.Empty", fields: &[] };

static BUILD_CONFIG: Message = Message {
    name: "google.cloud.functions.v2.BuildConfig",
    fields: &[
        ("automaticUpdatePolicy", Field::message(&NOTHING)),
        ("onDeployUpdatePolicy", Field::NotModelled),
        ("build", Field::TEXT),
        ("runtime", Field::TEXT),
        ("entryPoint", Field::TEXT),
        ("source", Field::message(&SOURCE)),
        ("sourceProvenance", Field::message(&PROVENANCE)),
        ("sourceToken", Field::TEXT),
        ("workerPool", Field::NotModelled),
        ("environmentVariables", Field::LABELS),
        ("dockerRegistry", Field::choice(&REGISTRY)),
        ("dockerRepository", Field::TEXT),
        ("serviceAccount", Field::TEXT),
    ],
};

static SECRET_VARIABLE: Message = Message {
    name: "google.cloud.functions.v2.SecretEnvVar",
    fields: &[
        ("key", Field::TEXT),
        ("projectId", Field::TEXT),
        ("secret", Field::TEXT),
        ("version", Field::TEXT),
    ],
};

static SERVICE_CONFIG: Message = Message {
    name: "google.cloud.functions.v2.ServiceConfig",
    fields: &[
        ("service", Field::TEXT),
        ("timeoutSeconds", Field::INT),
        ("availableMemory", Field::TEXT),
        ("availableCpu", Field::TEXT),
        ("environmentVariables", Field::LABELS),
        ("maxInstanceCount", Field::INT),
        ("minInstanceCount", Field::INT),
        ("vpcConnector", Field::TEXT),
        ("vpcConnectorEgressSettings", Field::choice(&EGRESS)),
        ("directVpcEgress", Field::NotModelled),
        ("directVpcNetworkInterface", Field::NotModelled),
        ("ingressSettings", Field::choice(&INGRESS)),
        ("uri", Field::TEXT),
        ("serviceAccountEmail", Field::TEXT),
        ("allTrafficOnLatestRevision", Field::FLAG),
        ("secretEnvironmentVariables", Field::messages(&SECRET_VARIABLE)),
        ("secretVolumes", Field::NotModelled),
        ("revision", Field::TEXT),
        ("maxInstanceRequestConcurrency", Field::INT),
        ("securityLevel", Field::choice(&SECURITY)),
        ("binaryAuthorizationPolicy", Field::NotModelled),
    ],
};

static EVENT_FILTER: Message = Message {
    name: "google.cloud.functions.v2.EventFilter",
    fields: &[("attribute", Field::TEXT), ("value", Field::TEXT), ("operator", Field::TEXT)],
};

static EVENT_TRIGGER: Message = Message {
    name: "google.cloud.functions.v2.EventTrigger",
    fields: &[
        ("trigger", Field::TEXT),
        ("triggerRegion", Field::TEXT),
        ("eventType", Field::TEXT),
        ("eventFilters", Field::messages(&EVENT_FILTER)),
        ("pubsubTopic", Field::TEXT),
        ("serviceAccountEmail", Field::TEXT),
        ("retryPolicy", Field::choice(&RETRY)),
        ("channel", Field::NotModelled),
        ("service", Field::NotModelled),
    ],
};

/// A function.
pub(super) static FUNCTION: Message = Message {
    name: "google.cloud.functions.v2.Function",
    fields: &[
        ("name", Field::TEXT),
        ("description", Field::TEXT),
        ("buildConfig", Field::message(&BUILD_CONFIG)),
        ("serviceConfig", Field::message(&SERVICE_CONFIG)),
        ("eventTrigger", Field::message(&EVENT_TRIGGER)),
        ("state", Field::choice(&STATE)),
        ("createTime", Field::TEXT),
        ("updateTime", Field::TEXT),
        ("labels", Field::LABELS),
        ("stateMessages", Field::messages(&STATE_MESSAGE)),
        ("environment", Field::choice(&ENVIRONMENT)),
        ("url", Field::TEXT),
        ("kmsKeyName", Field::NotModelled),
        ("satisfiesPzs", Field::FLAG),
        ("satisfiesPzi", Field::FLAG),
        ("upgradeInfo", Field::NotModelled),
    ],
};

/// A page of functions.
pub(super) static FUNCTIONS: Message = Message {
    name: "google.cloud.functions.v2.ListFunctionsResponse",
    fields: &[("functions", Field::messages(&FUNCTION))],
};

static RUNTIME: Message = Message {
    name: "google.cloud.functions.v2.ListRuntimesResponse.Runtime",
    fields: &[("stage", Field::choice(&STAGE)), ("environment", Field::choice(&ENVIRONMENT))],
};

/// The runtimes there are.
pub(super) static RUNTIMES: Message = Message {
    name: "google.cloud.functions.v2.ListRuntimesResponse",
    fields: &[("runtimes", Field::messages(&RUNTIME))],
};
