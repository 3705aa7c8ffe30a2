//! Where HTTP APIs are kept, and the look-ups every operation starts with.

use crate::services::api_shelf::{ApiShelf, Kept, Tags};
use crate::services::apigateway::refusals::not_found;
use crate::wire::{Refusal, Request};

use super::model::{Api, Deployment, Integration, Route, Stage};

const NO_STAGE: &str = "Invalid stage identifier specified";

/// The HTTP APIs of one account and region.
pub(crate) type Shelf = ApiShelf<Api>;

impl Kept for Api {
    const SERVICE: &'static str = "apigatewayv2";
    const COLLECTION: &'static str = "apis";
    const PARTS: &'static [&'static str] = &[];
    const LABEL: &'static str = "apiId";
    const ARN_LABEL: &'static str = "resource-arn";
    const NO_STAGE: &'static str = NO_STAGE;

    fn id(&self) -> &str {
        &self.about.api_id
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.about.tags
    }

    fn stage_tags(&mut self, stage: &str) -> Option<&mut Tags> {
        self.stages.get_mut(stage).map(|stage| &mut stage.tags)
    }
}

/// Returns the API's integration a request names.
pub(crate) fn integration<'a>(
    request: &Request,
    api: &'a mut Api,
) -> Result<&'a mut Integration, Refusal> {
    let id = request.label("integrationId");
    api.integrations
        .get_mut(id)
        .ok_or_else(|| not_found(format!("Invalid Integration identifier specified {id}")))
}

/// Returns the API's route a request names.
pub(crate) fn route<'a>(request: &Request, api: &'a mut Api) -> Result<&'a mut Route, Refusal> {
    let id = request.label("routeId");
    api.routes
        .get_mut(id)
        .ok_or_else(|| not_found(format!("Invalid Route identifier specified {id}")))
}

/// Returns the API's stage a request names.
pub(crate) fn stage<'a>(request: &Request, api: &'a mut Api) -> Result<&'a mut Stage, Refusal> {
    api.stages.get_mut(request.label("stageName")).ok_or_else(|| not_found(NO_STAGE))
}

/// Returns the API's deployment a request names.
pub(crate) fn deployment<'a>(request: &Request, api: &'a Api) -> Result<&'a Deployment, Refusal> {
    let id = request.label("deploymentId");
    api.deployments
        .get(id)
        .ok_or_else(|| not_found(format!("Invalid Deployment identifier specified {id}")))
}
