//! Where REST APIs are kept, and the look-ups every operation starts with.

use crate::services::api_shelf::{ApiShelf, Kept, Tags};
use crate::store::Tx;
use crate::wire::{Refusal, Request};

use super::model::{Api, Deployment, Method, Resource, Stage};
use super::refusals::not_found;

const DEPLOYMENTS: &str = "deployments";
const NO_STAGE: &str = "Invalid Stage identifier specified";

/// The REST APIs of one account and region.
pub(crate) type Shelf = ApiShelf<Api>;

impl Kept for Api {
    const SERVICE: &'static str = "apigateway";
    const COLLECTION: &'static str = "restapis";
    const PARTS: &'static [&'static str] = &[DEPLOYMENTS];
    const LABEL: &'static str = "restapi_id";
    const ARN_LABEL: &'static str = "resource_arn";
    const NO_STAGE: &'static str = NO_STAGE;

    fn id(&self) -> &str {
        &self.about.id
    }

    fn tags(&mut self) -> &mut Tags {
        &mut self.about.tags
    }

    fn stage_tags(&mut self, stage: &str) -> Option<&mut Tags> {
        self.stages.get_mut(stage).map(|stage| &mut stage.tags)
    }
}

impl Shelf {
    /// Returns a deployment of an API.
    pub(crate) fn deployment(
        &self,
        tx: &Tx,
        api: &str,
        id: &str,
    ) -> Result<Option<Deployment>, Refusal> {
        Ok(tx.get(&self.place.key(DEPLOYMENTS, &[api, id]))?)
    }

    /// Returns the deployments of an API.
    pub(crate) fn deployments(&self, tx: &Tx, api: &str) -> Result<Vec<Deployment>, Refusal> {
        Ok(tx.list(&self.place.prefix(DEPLOYMENTS, &[api]))?)
    }

    /// Writes a deployment.
    pub(crate) fn save_deployment(
        &self,
        tx: &mut Tx,
        api: &str,
        made: &Deployment,
    ) -> Result<(), Refusal> {
        Ok(tx.put(&self.place.key(DEPLOYMENTS, &[api, &made.id]), made)?)
    }

    /// Removes a deployment.
    pub(crate) fn forget_deployment(
        &self,
        tx: &mut Tx,
        api: &str,
        id: &str,
    ) -> Result<(), Refusal> {
        tx.remove(&self.place.key(DEPLOYMENTS, &[api, id]))?;
        Ok(())
    }
}

/// Returns the API's resource a request names.
pub(crate) fn resource<'a>(
    request: &Request,
    api: &'a mut Api,
) -> Result<&'a mut Resource, Refusal> {
    api.resources.get_mut(request.label("resource_id")).ok_or_else(no_resource)
}

/// Returns the API's method a request names.
pub(crate) fn method<'a>(request: &Request, api: &'a mut Api) -> Result<&'a mut Method, Refusal> {
    resource(request, api)?
        .resource_methods
        .get_mut(request.label("http_method"))
        .ok_or_else(|| not_found("Invalid Method identifier specified"))
}

/// Returns the API's stage a request names.
pub(crate) fn stage<'a>(request: &Request, api: &'a mut Api) -> Result<&'a mut Stage, Refusal> {
    api.stages.get_mut(request.label("stage_name")).ok_or_else(|| not_found(NO_STAGE))
}

/// The refusal of a resource that is not there.
pub(crate) fn no_resource() -> Refusal {
    not_found("Invalid Resource identifier specified")
}

/// The refusal of a deployment that is not there.
pub(crate) fn no_deployment() -> Refusal {
    not_found("Invalid Deployment identifier specified")
}
