//! Where REST APIs are kept, and the look-ups every operation starts with.

use serde::{Deserialize, Serialize};

use crate::store::{Place, Tx};
use crate::wire::{Refusal, Request};

use super::model::{Api, Deployment, Method, Resource, Stage};
use super::refusals::{no_api, not_found};

const APIS: &str = "restapis";
const DEPLOYMENTS: &str = "deployments";

/// The REST APIs of one account and region.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    /// The account.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    place: Place,
}

/// Who owns an API: front doors are asked for an id alone.
#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    account: String,
    region: String,
}

impl Shelf {
    /// The shelf of the caller.
    pub(crate) fn of(request: &Request) -> Self {
        Self::new(&request.account, &request.region)
    }

    fn new(account: &str, region: &str) -> Self {
        let place = Place::new("apigateway", account, region);
        Self { account: account.to_owned(), region: region.to_owned(), place }
    }

    /// The shelf on which an API stands, whoever owns it.
    pub(crate) fn holding(tx: &Tx, id: &str) -> Result<Option<Self>, Refusal> {
        let owner: Option<Owner> = tx.get(&owner_key(id))?;
        Ok(owner.map(|owner| Self::new(&owner.account, &owner.region)))
    }

    /// Returns the API a request names.
    pub(crate) fn api(&self, tx: &Tx, request: &Request) -> Result<Api, Refusal> {
        self.api_by_id(tx, request.label("restapi_id"))
    }

    /// Returns the API with an id. Ids are matched exactly, upper and lower case apart.
    pub(crate) fn api_by_id(&self, tx: &Tx, id: &str) -> Result<Api, Refusal> {
        tx.get(&self.place.key(APIS, &[id]))?.ok_or_else(|| no_api(&self.account, id))
    }

    /// Returns every API.
    pub(crate) fn apis(&self, tx: &Tx) -> Result<Vec<Api>, Refusal> {
        Ok(tx.list(&self.place.prefix(APIS, &[]))?)
    }

    /// Writes an API.
    pub(crate) fn save(&self, tx: &mut Tx, api: &Api) -> Result<(), Refusal> {
        tx.put(&self.place.key(APIS, &[&api.about.id]), api)?;
        let owner = Owner { account: self.account.clone(), region: self.region.clone() };
        Ok(tx.put(&owner_key(&api.about.id), &owner)?)
    }

    /// Removes an API and its deployments.
    pub(crate) fn forget(&self, tx: &mut Tx, id: &str) -> Result<(), Refusal> {
        tx.remove(&self.place.key(APIS, &[id]))?;
        tx.remove(&owner_key(id))?;
        tx.remove_all(&self.place.prefix(DEPLOYMENTS, &[id]))?;
        Ok(())
    }

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

fn owner_key(id: &str) -> String {
    Place::new("apigateway", "any", "any").key("owners", &[id])
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
    api.stages
        .get_mut(request.label("stage_name"))
        .ok_or_else(|| not_found("Invalid Stage identifier specified"))
}

/// The refusal of a resource that is not there.
pub(crate) fn no_resource() -> Refusal {
    not_found("Invalid Resource identifier specified")
}

/// The refusal of a deployment that is not there.
pub(crate) fn no_deployment() -> Refusal {
    not_found("Invalid Deployment identifier specified")
}
