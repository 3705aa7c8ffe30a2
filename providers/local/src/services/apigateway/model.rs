//! What the REST API service stores, in the shape it answers with.
#![expect(clippy::struct_field_names, reason = "the names are those on the wire")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A name → value map, as tags and stage variables are.
pub(crate) type Texts = BTreeMap<String, String>;

/// A REST API with everything in it but its deployments.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Api {
    /// The API's own description.
    pub(crate) about: RestApi,
    /// Its resources by id; the root is among them.
    pub(crate) resources: BTreeMap<String, Resource>,
    /// Its stages by name.
    pub(crate) stages: BTreeMap<String, Stage>,
}

/// The answer of `GetRestApi`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RestApi {
    /// Its id.
    pub(crate) id: String,
    /// Its name; several APIs may share one.
    pub(crate) name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Its version, free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// When it was made, in seconds since 1970.
    pub(crate) created_date: i64,
    /// Where API keys are read from.
    pub(crate) api_key_source: String,
    /// Media types whose bodies are binary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) binary_media_types: Vec<String>,
    /// From which size on answers are compressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minimum_compression_size: Option<i64>,
    /// How it is reached.
    pub(crate) endpoint_configuration: EndpointConfiguration,
    /// Whether the default endpoint is off.
    pub(crate) disable_execute_api_endpoint: bool,
    /// The id of the root resource.
    pub(crate) root_resource_id: String,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: Texts,
}

/// How an API is reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EndpointConfiguration {
    /// One of `REGIONAL`, `EDGE`, `PRIVATE`.
    #[serde(default)]
    pub(crate) types: Vec<String>,
    /// `ipv4` or `dualstack`.
    #[serde(default = "ipv4")]
    pub(crate) ip_address_type: String,
}

fn ipv4() -> String {
    "ipv4".to_owned()
}

/// A path segment and the methods on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resource {
    /// Its id.
    pub(crate) id: String,
    /// Its parent's id; the root has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent_id: Option<String>,
    /// Its own segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) path_part: Option<String>,
    /// Its whole path.
    pub(crate) path: String,
    /// Its methods by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) resource_methods: BTreeMap<String, Method>,
}

/// A method of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Method {
    /// `GET`, … or `ANY`.
    pub(crate) http_method: String,
    /// `NONE` or `AWS_IAM`.
    pub(crate) authorization_type: String,
    /// Whether callers need an API key.
    pub(crate) api_key_required: bool,
    /// A name for generated clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) operation_name: Option<String>,
    /// What it calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method_integration: Option<Integration>,
}

/// What a method calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Integration {
    /// Only `AWS_PROXY` is modelled.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The method the function's invoke path is called with.
    pub(crate) http_method: String,
    /// The invocation URI of the function.
    pub(crate) uri: String,
    /// What happens to bodies no template is for.
    pub(crate) passthrough_behavior: String,
    /// `CONVERT_TO_TEXT` or `CONVERT_TO_BINARY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_handling: Option<String>,
    /// How long the gateway waits.
    pub(crate) timeout_in_millis: i64,
    /// The cache's group; the resource's id unless named.
    pub(crate) cache_namespace: String,
    /// What the cache's key is made of; always empty here.
    pub(crate) cache_key_parameters: Vec<String>,
}

/// A snapshot of the routes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Deployment {
    /// Its id.
    pub(crate) id: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// When it was made, in seconds since 1970.
    pub(crate) created_date: i64,
    /// The routes as they were.
    pub(crate) routes: Vec<Route>,
    /// The API's binary media types as they were.
    pub(crate) binary_media_types: Vec<String>,
}

/// One method of a deployed API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Route {
    /// The resource's id.
    pub(crate) resource: String,
    /// The path template.
    pub(crate) path: String,
    /// The method with its integration.
    pub(crate) method: Method,
}

/// A named address of a deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stage {
    /// The deployment it serves.
    pub(crate) deployment_id: String,
    /// Its name.
    pub(crate) stage_name: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Always off: caching is not modelled.
    pub(crate) cache_cluster_enabled: bool,
    /// Always `NOT_AVAILABLE`.
    pub(crate) cache_cluster_status: String,
    /// Always empty: method settings are not modelled.
    pub(crate) method_settings: Texts,
    /// Its variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) variables: Texts,
    /// Whether X-Ray traces it.
    pub(crate) tracing_enabled: bool,
    /// Its tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: Texts,
    /// When it was made, in seconds since 1970.
    pub(crate) created_date: i64,
    /// When it last changed, in seconds since 1970.
    pub(crate) last_updated_date: i64,
}
