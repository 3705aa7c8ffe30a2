//! Where HTTP APIs are kept, and the look-ups every operation starts with.

use serde::{Deserialize, Serialize};

use crate::store::{Place, Tx};
use crate::wire::{Refusal, Request};

use super::model::{Api, Deployment, Integration, Route, Stage};
use crate::services::apigateway::refusals::{no_api, not_found};

const APIS: &str = "apis";

/// The HTTP APIs of one account and region.
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
        let place = Place::new("apigatewayv2", account, region);
        Self { account: account.to_owned(), region: region.to_owned(), place }
    }

    /// The shelf on which an API stands, whoever owns it.
    pub(crate) fn holding(tx: &Tx, id: &str) -> Result<Option<Self>, Refusal> {
        let owner: Option<Owner> = tx.get(&owner_key(id))?;
        Ok(owner.map(|owner| Self::new(&owner.account, &owner.region)))
    }

    /// Returns the API a request names.
    pub(crate) fn api(&self, tx: &Tx, request: &Request) -> Result<Api, Refusal> {
        self.api_by_id(tx, request.label("apiId"))
    }

    /// Returns the API with an id.
    pub(crate) fn api_by_id(&self, tx: &Tx, id: &str) -> Result<Api, Refusal> {
        tx.get(&self.place.key(APIS, &[id]))?.ok_or_else(|| no_api(&self.account, id))
    }

    /// Returns every API.
    pub(crate) fn apis(&self, tx: &Tx) -> Result<Vec<Api>, Refusal> {
        Ok(tx.list(&self.place.prefix(APIS, &[]))?)
    }

    /// Writes an API.
    pub(crate) fn save(&self, tx: &mut Tx, api: &Api) -> Result<(), Refusal> {
        tx.put(&self.place.key(APIS, &[&api.about.api_id]), api)?;
        let owner = Owner { account: self.account.clone(), region: self.region.clone() };
        Ok(tx.put(&owner_key(&api.about.api_id), &owner)?)
    }

    /// Removes an API with everything in it.
    pub(crate) fn forget(&self, tx: &mut Tx, id: &str) -> Result<(), Refusal> {
        tx.remove(&self.place.key(APIS, &[id]))?;
        tx.remove(&owner_key(id))?;
        Ok(())
    }
}

fn owner_key(id: &str) -> String {
    Place::new("apigatewayv2", "any", "any").key("owners", &[id])
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
    api.stages
        .get_mut(request.label("stageName"))
        .ok_or_else(|| not_found("Invalid stage identifier specified"))
}

/// Returns the API's deployment a request names.
pub(crate) fn deployment<'a>(request: &Request, api: &'a Api) -> Result<&'a Deployment, Refusal> {
    let id = request.label("deploymentId");
    api.deployments
        .get(id)
        .ok_or_else(|| not_found(format!("Invalid Deployment identifier specified {id}")))
}
