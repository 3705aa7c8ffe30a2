//! What the HTTP API service stores, in the shape it answers with.
#![expect(clippy::struct_field_names, reason = "the names are those on the wire")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A name → value map, as tags and stage variables are.
pub(crate) type Texts = BTreeMap<String, String>;

/// An HTTP API with everything in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Api {
    /// The API's own description.
    pub(crate) about: HttpApi,
    /// Its integrations by id.
    pub(crate) integrations: BTreeMap<String, Integration>,
    /// Its routes by id.
    pub(crate) routes: BTreeMap<String, Route>,
    /// Its stages by name.
    pub(crate) stages: BTreeMap<String, Stage>,
    /// Its deployments by id.
    pub(crate) deployments: BTreeMap<String, Deployment>,
}

/// The answer of `GetApi`, but for the endpoint, which is the server's.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HttpApi {
    /// Its id.
    pub(crate) api_id: String,
    /// Always the default of AWS.
    pub(crate) api_key_selection_expression: String,
    /// When it was made.
    pub(crate) created_date: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// Whether the default endpoint is off.
    pub(crate) disable_execute_api_endpoint: bool,
    /// `ipv4` or `dualstack`.
    pub(crate) ip_address_type: String,
    /// Its name; several APIs may share one.
    pub(crate) name: String,
    /// Always `HTTP`.
    pub(crate) protocol_type: String,
    /// Always `$request.method $request.path`.
    pub(crate) route_selection_expression: String,
    /// Its tags.
    #[serde(default)]
    pub(crate) tags: Texts,
    /// Its version, free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
}

/// What routes call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Integration {
    /// Its id.
    pub(crate) integration_id: String,
    /// Always `INTERNET`.
    pub(crate) connection_type: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The method the function's invoke path is called with.
    pub(crate) integration_method: String,
    /// Only `AWS_PROXY` is modelled.
    pub(crate) integration_type: String,
    /// The function's ARN, or its invocation URI.
    pub(crate) integration_uri: String,
    /// `1.0` or `2.0`.
    pub(crate) payload_format_version: String,
    /// How long the gateway waits.
    pub(crate) timeout_in_millis: i64,
}

/// A route key and what it targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Route {
    /// Its id.
    pub(crate) route_id: String,
    /// `GET /photos/{id}` or `$default`.
    pub(crate) route_key: String,
    /// Always false: HTTP APIs have no API keys.
    pub(crate) api_key_required: bool,
    /// `NONE` or `AWS_IAM`.
    pub(crate) authorization_type: String,
    /// A name for generated clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) operation_name: Option<String>,
    /// `integrations/ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
}

/// A named address of a deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stage {
    /// Its name; `$default` is served at the root.
    pub(crate) stage_name: String,
    /// Whether every change is deployed at once.
    pub(crate) auto_deploy: bool,
    /// When it was made.
    pub(crate) created_date: String,
    /// When it last changed.
    pub(crate) last_updated_date: String,
    /// The default settings; only metrics are shown.
    pub(crate) default_route_settings: RouteSettings,
    /// Always empty: settings per route are not modelled.
    pub(crate) route_settings: Texts,
    /// The deployment it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deployment_id: Option<String>,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// How the last automatic deployment went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_deployment_status_message: Option<String>,
    /// Its variables.
    #[serde(default)]
    pub(crate) stage_variables: Texts,
    /// Its tags.
    #[serde(default)]
    pub(crate) tags: Texts,
}

/// Settings of every route of a stage.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RouteSettings {
    /// Whether detailed metrics are on.
    pub(crate) detailed_metrics_enabled: bool,
}

/// A snapshot of the routes and what they target.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Deployment {
    /// Its id.
    pub(crate) deployment_id: String,
    /// Whether a stage's `autoDeploy` made it.
    pub(crate) auto_deployed: bool,
    /// When it was made.
    pub(crate) created_date: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The routes as they were.
    pub(crate) routes: Vec<Served>,
}

/// A route as it was deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Served {
    /// The route.
    pub(crate) route: Route,
    /// What it targeted.
    pub(crate) integration: Option<Integration>,
}
