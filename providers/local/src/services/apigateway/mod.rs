//! API Gateway REST APIs (`apigateway`, 2015-07-09): `AWS_PROXY` integrations with functions.

mod apis;
mod deployments;
pub(crate) mod grammar;
mod ids;
mod integrations;
mod methods;
pub(crate) mod model;
mod paging;
mod patch;
pub(crate) mod refusals;
mod resources;
pub(crate) mod shelf;
mod stages;
pub(crate) mod tags;

pub(crate) use ids::fresh;

use super::{Operation, Service};
use crate::wire::{Dialect, Protocol};

/// How both services of API Gateway speak.
pub(crate) const DIALECT: Dialect = Dialect {
    protocol: Protocol::RestJson,
    namespace: "",
    target: "",
    message: "message",
    throttle: (429, "TooManyRequestsException"),
};

/// The service.
pub(crate) const SERVICE: Service =
    Service { name: "apigateway", signing: "apigateway", dialect: DIALECT, operations: OPERATIONS };

const OPERATIONS: &[Operation] = &[
    Operation::rest("CreateRestApi", "POST /restapis", apis::create),
    Operation::rest("GetRestApis", "GET /restapis", apis::list),
    Operation::rest("GetRestApi", "GET /restapis/{restapi_id}", apis::get),
    Operation::rest("UpdateRestApi", "PATCH /restapis/{restapi_id}", apis::update),
    Operation::rest("DeleteRestApi", "DELETE /restapis/{restapi_id}", apis::delete),
    Operation::rest("GetResources", "GET /restapis/{restapi_id}/resources", resources::list),
    Operation::rest(
        "CreateResource",
        "POST /restapis/{restapi_id}/resources/{parent_id}",
        resources::create,
    ),
    Operation::rest(
        "GetResource",
        "GET /restapis/{restapi_id}/resources/{resource_id}",
        resources::get,
    ),
    Operation::rest(
        "DeleteResource",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}",
        resources::delete,
    ),
    Operation::rest(
        "PutMethod",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        methods::put,
    ),
    Operation::rest(
        "GetMethod",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        methods::get,
    ),
    Operation::rest(
        "UpdateMethod",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        methods::update,
    ),
    Operation::rest(
        "DeleteMethod",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        methods::delete,
    ),
    Operation::rest(
        "PutIntegration",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integrations::put,
    ),
    Operation::rest(
        "GetIntegration",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integrations::get,
    ),
    Operation::rest(
        "UpdateIntegration",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integrations::update,
    ),
    Operation::rest(
        "DeleteIntegration",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integrations::delete,
    ),
    Operation::rest(
        "CreateDeployment",
        "POST /restapis/{restapi_id}/deployments",
        deployments::create,
    ),
    Operation::rest("GetDeployments", "GET /restapis/{restapi_id}/deployments", deployments::list),
    Operation::rest(
        "GetDeployment",
        "GET /restapis/{restapi_id}/deployments/{deployment_id}",
        deployments::get,
    ),
    Operation::rest(
        "UpdateDeployment",
        "PATCH /restapis/{restapi_id}/deployments/{deployment_id}",
        deployments::update,
    ),
    Operation::rest(
        "DeleteDeployment",
        "DELETE /restapis/{restapi_id}/deployments/{deployment_id}",
        deployments::delete,
    ),
    Operation::rest("CreateStage", "POST /restapis/{restapi_id}/stages", stages::create),
    Operation::rest("GetStages", "GET /restapis/{restapi_id}/stages", stages::list),
    Operation::rest("GetStage", "GET /restapis/{restapi_id}/stages/{stage_name}", stages::get),
    Operation::rest(
        "UpdateStage",
        "PATCH /restapis/{restapi_id}/stages/{stage_name}",
        stages::update,
    ),
    Operation::rest(
        "DeleteStage",
        "DELETE /restapis/{restapi_id}/stages/{stage_name}",
        stages::delete,
    ),
    Operation::rest("TagResource", "PUT /tags/{resource_arn}", tags::put),
    Operation::rest("UntagResource", "DELETE /tags/{resource_arn}", tags::remove),
    Operation::rest("GetTags", "GET /tags/{resource_arn}", tags::get),
];
