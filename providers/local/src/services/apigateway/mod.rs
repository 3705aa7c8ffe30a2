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

pub(crate) use ids::fresh;

use self::model::Api;
use super::api_shelf::{get_tags, put_tags, remove_tags};
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

/// The label that names the API: one write to it at a time.
const API: &str = "restapi_id";

const OPERATIONS: &[Operation] = &[
    Operation::rest("CreateRestApi", "POST /restapis", apis::create),
    Operation::rest("GetRestApis", "GET /restapis", apis::list),
    Operation::rest("GetRestApi", "GET /restapis/{restapi_id}", apis::get),
    Operation::write("UpdateRestApi", "PATCH /restapis/{restapi_id}", (API, apis::update)),
    Operation::write("DeleteRestApi", "DELETE /restapis/{restapi_id}", (API, apis::delete)),
    Operation::rest("GetResources", "GET /restapis/{restapi_id}/resources", resources::list),
    Operation::write(
        "CreateResource",
        "POST /restapis/{restapi_id}/resources/{parent_id}",
        (API, resources::create),
    ),
    Operation::rest(
        "GetResource",
        "GET /restapis/{restapi_id}/resources/{resource_id}",
        resources::get,
    ),
    Operation::write(
        "DeleteResource",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}",
        (API, resources::delete),
    ),
    Operation::write(
        "PutMethod",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        (API, methods::put),
    ),
    Operation::rest(
        "GetMethod",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        methods::get,
    ),
    Operation::write(
        "UpdateMethod",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        (API, methods::update),
    ),
    Operation::write(
        "DeleteMethod",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}",
        (API, methods::delete),
    ),
    Operation::write(
        "PutIntegration",
        "PUT /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        (API, integrations::put),
    ),
    Operation::rest(
        "GetIntegration",
        "GET /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        integrations::get,
    ),
    Operation::write(
        "UpdateIntegration",
        "PATCH /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        (API, integrations::update),
    ),
    Operation::write(
        "DeleteIntegration",
        "DELETE /restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}/integration",
        (API, integrations::delete),
    ),
    Operation::write(
        "CreateDeployment",
        "POST /restapis/{restapi_id}/deployments",
        (API, deployments::create),
    ),
    Operation::rest("GetDeployments", "GET /restapis/{restapi_id}/deployments", deployments::list),
    Operation::rest(
        "GetDeployment",
        "GET /restapis/{restapi_id}/deployments/{deployment_id}",
        deployments::get,
    ),
    Operation::write(
        "UpdateDeployment",
        "PATCH /restapis/{restapi_id}/deployments/{deployment_id}",
        (API, deployments::update),
    ),
    Operation::write(
        "DeleteDeployment",
        "DELETE /restapis/{restapi_id}/deployments/{deployment_id}",
        (API, deployments::delete),
    ),
    Operation::write("CreateStage", "POST /restapis/{restapi_id}/stages", (API, stages::create)),
    Operation::rest("GetStages", "GET /restapis/{restapi_id}/stages", stages::list),
    Operation::rest("GetStage", "GET /restapis/{restapi_id}/stages/{stage_name}", stages::get),
    Operation::write(
        "UpdateStage",
        "PATCH /restapis/{restapi_id}/stages/{stage_name}",
        (API, stages::update),
    ),
    Operation::write(
        "DeleteStage",
        "DELETE /restapis/{restapi_id}/stages/{stage_name}",
        (API, stages::delete),
    ),
    Operation::rest("TagResource", "PUT /tags/{resource_arn}", put_tags::<Api>),
    Operation::rest("UntagResource", "DELETE /tags/{resource_arn}", remove_tags::<Api>),
    Operation::rest("GetTags", "GET /tags/{resource_arn}", get_tags::<Api>),
];
