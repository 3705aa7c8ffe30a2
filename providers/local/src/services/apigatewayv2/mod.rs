//! API Gateway HTTP APIs (`apigatewayv2`, 2018-11-29): `AWS_PROXY` integrations with functions.

mod apis;
mod deployments;
pub(crate) mod integrations;
pub(crate) mod model;
mod paging;
mod routes;
pub(crate) mod shelf;
mod stages;
mod tags;

use self::model::Api;
use super::api_shelf::{get_tags, remove_tags};
use super::apigateway::DIALECT;
use super::{Operation, Service};

/// The service. It shares its signing name with REST APIs; its paths begin with `/v2`.
pub(crate) const SERVICE: Service = Service {
    name: "apigatewayv2",
    signing: "apigateway",
    dialect: DIALECT,
    operations: OPERATIONS,
};

/// The label that names the API: one write to it at a time.
const API: &str = "apiId";

const OPERATIONS: &[Operation] = &[
    Operation::rest("CreateApi", "POST /v2/apis", apis::create),
    Operation::rest("GetApis", "GET /v2/apis", apis::list),
    Operation::rest("GetApi", "GET /v2/apis/{apiId}", apis::get),
    Operation::write("UpdateApi", "PATCH /v2/apis/{apiId}", (API, apis::update)),
    Operation::write("DeleteApi", "DELETE /v2/apis/{apiId}", (API, apis::delete)),
    Operation::write(
        "CreateIntegration",
        "POST /v2/apis/{apiId}/integrations",
        (API, integrations::create),
    ),
    Operation::rest("GetIntegrations", "GET /v2/apis/{apiId}/integrations", integrations::list),
    Operation::rest(
        "GetIntegration",
        "GET /v2/apis/{apiId}/integrations/{integrationId}",
        integrations::get,
    ),
    Operation::write(
        "UpdateIntegration",
        "PATCH /v2/apis/{apiId}/integrations/{integrationId}",
        (API, integrations::update),
    ),
    Operation::write(
        "DeleteIntegration",
        "DELETE /v2/apis/{apiId}/integrations/{integrationId}",
        (API, integrations::delete),
    ),
    Operation::write("CreateRoute", "POST /v2/apis/{apiId}/routes", (API, routes::create)),
    Operation::rest("GetRoutes", "GET /v2/apis/{apiId}/routes", routes::list),
    Operation::rest("GetRoute", "GET /v2/apis/{apiId}/routes/{routeId}", routes::get),
    Operation::write(
        "UpdateRoute",
        "PATCH /v2/apis/{apiId}/routes/{routeId}",
        (API, routes::update),
    ),
    Operation::write(
        "DeleteRoute",
        "DELETE /v2/apis/{apiId}/routes/{routeId}",
        (API, routes::delete),
    ),
    Operation::write("CreateStage", "POST /v2/apis/{apiId}/stages", (API, stages::create)),
    Operation::rest("GetStages", "GET /v2/apis/{apiId}/stages", stages::list),
    Operation::rest("GetStage", "GET /v2/apis/{apiId}/stages/{stageName}", stages::get),
    Operation::write(
        "UpdateStage",
        "PATCH /v2/apis/{apiId}/stages/{stageName}",
        (API, stages::update),
    ),
    Operation::write(
        "DeleteStage",
        "DELETE /v2/apis/{apiId}/stages/{stageName}",
        (API, stages::delete),
    ),
    Operation::write(
        "CreateDeployment",
        "POST /v2/apis/{apiId}/deployments",
        (API, deployments::create),
    ),
    Operation::rest("GetDeployments", "GET /v2/apis/{apiId}/deployments", deployments::list),
    Operation::rest(
        "GetDeployment",
        "GET /v2/apis/{apiId}/deployments/{deploymentId}",
        deployments::get,
    ),
    Operation::write(
        "DeleteDeployment",
        "DELETE /v2/apis/{apiId}/deployments/{deploymentId}",
        (API, deployments::delete),
    ),
    Operation::rest("TagResource", "POST /v2/tags/{resource-arn}", tags::put),
    Operation::rest("UntagResource", "DELETE /v2/tags/{resource-arn}", remove_tags::<Api>),
    Operation::rest("GetTags", "GET /v2/tags/{resource-arn}", get_tags::<Api>),
];
