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

use super::apigateway::DIALECT;
use super::{Operation, Service};

/// The service. It shares its signing name with REST APIs; its paths begin with `/v2`.
pub(crate) const SERVICE: Service = Service {
    name: "apigatewayv2",
    signing: "apigateway",
    dialect: DIALECT,
    operations: OPERATIONS,
};

const OPERATIONS: &[Operation] = &[
    Operation::rest("CreateApi", "POST /v2/apis", apis::create),
    Operation::rest("GetApis", "GET /v2/apis", apis::list),
    Operation::rest("GetApi", "GET /v2/apis/{apiId}", apis::get),
    Operation::rest("UpdateApi", "PATCH /v2/apis/{apiId}", apis::update),
    Operation::rest("DeleteApi", "DELETE /v2/apis/{apiId}", apis::delete),
    Operation::rest(
        "CreateIntegration",
        "POST /v2/apis/{apiId}/integrations",
        integrations::create,
    ),
    Operation::rest("GetIntegrations", "GET /v2/apis/{apiId}/integrations", integrations::list),
    Operation::rest(
        "GetIntegration",
        "GET /v2/apis/{apiId}/integrations/{integrationId}",
        integrations::get,
    ),
    Operation::rest(
        "UpdateIntegration",
        "PATCH /v2/apis/{apiId}/integrations/{integrationId}",
        integrations::update,
    ),
    Operation::rest(
        "DeleteIntegration",
        "DELETE /v2/apis/{apiId}/integrations/{integrationId}",
        integrations::delete,
    ),
    Operation::rest("CreateRoute", "POST /v2/apis/{apiId}/routes", routes::create),
    Operation::rest("GetRoutes", "GET /v2/apis/{apiId}/routes", routes::list),
    Operation::rest("GetRoute", "GET /v2/apis/{apiId}/routes/{routeId}", routes::get),
    Operation::rest("UpdateRoute", "PATCH /v2/apis/{apiId}/routes/{routeId}", routes::update),
    Operation::rest("DeleteRoute", "DELETE /v2/apis/{apiId}/routes/{routeId}", routes::delete),
    Operation::rest("CreateStage", "POST /v2/apis/{apiId}/stages", stages::create),
    Operation::rest("GetStages", "GET /v2/apis/{apiId}/stages", stages::list),
    Operation::rest("GetStage", "GET /v2/apis/{apiId}/stages/{stageName}", stages::get),
    Operation::rest("UpdateStage", "PATCH /v2/apis/{apiId}/stages/{stageName}", stages::update),
    Operation::rest("DeleteStage", "DELETE /v2/apis/{apiId}/stages/{stageName}", stages::delete),
    Operation::rest("CreateDeployment", "POST /v2/apis/{apiId}/deployments", deployments::create),
    Operation::rest("GetDeployments", "GET /v2/apis/{apiId}/deployments", deployments::list),
    Operation::rest(
        "GetDeployment",
        "GET /v2/apis/{apiId}/deployments/{deploymentId}",
        deployments::get,
    ),
    Operation::rest(
        "DeleteDeployment",
        "DELETE /v2/apis/{apiId}/deployments/{deploymentId}",
        deployments::delete,
    ),
    Operation::rest("TagResource", "POST /v2/tags/{resource-arn}", tags::put),
    Operation::rest("UntagResource", "DELETE /v2/tags/{resource-arn}", tags::remove),
    Operation::rest("GetTags", "GET /v2/tags/{resource-arn}", tags::get),
];
