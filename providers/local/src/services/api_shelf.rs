//! What the two API Gateway services share: where APIs are kept, and their tags.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cloud::Context;
use crate::ledger::Effect;
use crate::services::apigateway::refusals::{bad_request, no_api, not_found};
use crate::services::tagging;
use crate::store::{Place, Tx};
use crate::wire::{Refusal, Reply, Request};

/// An API of one of the services.
pub(crate) trait Kept: Serialize + DeserializeOwned {
    /// The service.
    const SERVICE: &'static str;
    /// The collection of APIs, in keys and in ARNs.
    const COLLECTION: &'static str;
    /// The collections that hold parts of an API beside it.
    const PARTS: &'static [&'static str];
    /// The label of a path that names an API.
    const LABEL: &'static str;
    /// The label of a path that names what has tags.
    const ARN_LABEL: &'static str;
    /// What is said of a stage that is not there.
    const NO_STAGE: &'static str;

    /// Its id.
    fn id(&self) -> &str;
    /// Its own tags.
    fn tags(&mut self) -> &mut Tags;
    /// The tags of one of its stages.
    fn stage_tags(&mut self, stage: &str) -> Option<&mut Tags>;
}

/// Tags by key.
pub(crate) type Tags = BTreeMap<String, String>;

/// The APIs of one account and region.
#[derive(Debug)]
pub(crate) struct ApiShelf<A> {
    /// The account.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    /// Where its things are kept.
    pub(crate) place: Place,
    apis: PhantomData<fn() -> A>,
}

/// Who owns an API: front doors are asked for an id alone.
#[derive(Debug, Serialize, Deserialize)]
struct Owner {
    account: String,
    region: String,
}

impl<A: Kept> ApiShelf<A> {
    /// The shelf of the caller.
    pub(crate) fn of(request: &Request) -> Self {
        Self::new(&request.account, &request.region)
    }

    fn new(account: &str, region: &str) -> Self {
        let place = Place::new(A::SERVICE, account, region);
        let (account, region) = (account.to_owned(), region.to_owned());
        Self { account, region, place, apis: PhantomData }
    }

    /// The shelf on which an API stands, whoever owns it.
    pub(crate) fn holding(tx: &Tx, id: &str) -> Result<Option<Self>, Refusal> {
        let owner: Option<Owner> = tx.get(&Self::owner_key(id))?;
        Ok(owner.map(|owner| Self::new(&owner.account, &owner.region)))
    }

    /// Returns the API a request names.
    pub(crate) fn api(&self, tx: &Tx, request: &Request) -> Result<A, Refusal> {
        self.api_by_id(tx, request.label(A::LABEL))
    }

    /// Returns the API with an id. Ids are matched exactly, upper and lower case apart.
    pub(crate) fn api_by_id(&self, tx: &Tx, id: &str) -> Result<A, Refusal> {
        tx.get(&self.place.key(A::COLLECTION, &[id]))?.ok_or_else(|| no_api(&self.account, id))
    }

    /// Returns every API.
    pub(crate) fn apis(&self, tx: &Tx) -> Result<Vec<A>, Refusal> {
        Ok(tx.list(&self.place.prefix(A::COLLECTION, &[]))?)
    }

    /// Writes an API.
    pub(crate) fn save(&self, tx: &mut Tx, api: &A) -> Result<(), Refusal> {
        tx.put(&self.place.key(A::COLLECTION, &[api.id()]), api)?;
        let owner = Owner { account: self.account.clone(), region: self.region.clone() };
        Ok(tx.put(&Self::owner_key(api.id()), &owner)?)
    }

    /// Removes an API with everything in it.
    pub(crate) fn forget(&self, tx: &mut Tx, id: &str) -> Result<(), Refusal> {
        tx.remove(&self.place.key(A::COLLECTION, &[id]))?;
        tx.remove(&Self::owner_key(id))?;
        for part in A::PARTS {
            tx.remove_all(&self.place.prefix(part, &[id]))?;
        }
        Ok(())
    }

    fn owner_key(id: &str) -> String {
        Place::new(A::SERVICE, "any", "any").key("owners", &[id])
    }

    /// The ARN of an API. API Gateway's ARNs carry no account.
    pub(crate) fn arn(&self, api: &str) -> String {
        format!("arn:aws:apigateway:{}::/{}/{api}", self.region, A::COLLECTION)
    }

    /// The ARN of a stage.
    pub(crate) fn stage_arn(&self, api: &str, stage: &str) -> String {
        format!("{}/stages/{stage}", self.arn(api))
    }

    /// Tells the tag index what a resource's tags are now.
    pub(crate) fn index(
        &self,
        tx: &mut Tx,
        context: &Context<'_>,
        (arn, tags): (&str, &Tags),
    ) -> Result<(), Refusal> {
        Ok(tagging::note(tx, context, (&self.account, &self.region), (arn, tags))?)
    }

    /// Tells the tag index that a resource is gone.
    pub(crate) fn unindex(
        &self,
        tx: &mut Tx,
        context: &Context<'_>,
        arn: &str,
    ) -> Result<(), Refusal> {
        Ok(tagging::forget(tx, context, (&self.account, &self.region), arn)?)
    }

    /// Returns the API that an ARN names or whose stage it names, and the stage.
    fn tagged(&self, tx: &Tx, arn: &str) -> Result<(A, Option<String>), Refusal> {
        let invalid =
            || bad_request(format!("Invalid resource ARN specified in the request: {arn}"));
        let rest = arn.strip_prefix(&self.arn("")).ok_or_else(invalid)?;
        let (id, stage) = match rest.split_once("/stages/") {
            Some((id, stage)) => (id, Some(stage.to_owned())),
            None => (rest, None),
        };
        if id.is_empty() || id.contains('/') {
            return Err(invalid());
        }
        Ok((self.api_by_id(tx, id)?, stage))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Put {
    #[serde(default)]
    tags: Tags,
}

/// `TagResource`: adds tags, or replaces their values.
pub(crate) fn put_tags<A: Kept>(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let wanted: Put = request.read()?;
    change::<A>(request, tx, context, |tags| tags.extend(wanted.tags.clone()))
}

/// `UntagResource`.
pub(crate) fn remove_tags<A: Kept>(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let keys = request.queries("tagKeys");
    change::<A>(request, tx, context, |tags| tags.retain(|key, _| !keys.contains(&key.as_str())))
}

/// `GetTags`. AWS reserves its paging for later; all tags come at once.
pub(crate) fn get_tags<A: Kept>(
    request: &Request,
    tx: &mut Tx,
    _context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let shelf = ApiShelf::<A>::of(request);
    let (mut api, stage) = shelf.tagged(tx, request.label(A::ARN_LABEL))?;
    Ok(Reply::json(json!({ "tags": tags(&mut api, stage.as_deref())? })))
}

fn change<A: Kept>(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    edit: impl FnOnce(&mut Tags),
) -> Result<Reply, Refusal> {
    let shelf = ApiShelf::<A>::of(request);
    let arn = request.label(A::ARN_LABEL);
    let (mut api, stage) = shelf.tagged(tx, arn)?;
    let tags = tags(&mut api, stage.as_deref())?;
    edit(tags);
    check_tags(tags)?;
    let now = tags.clone();
    shelf.save(tx, &api)?;
    shelf.index(tx, context, (arn, &now))?;
    Ok(Reply::empty(204).did(Effect::Update, format!("tags/{arn}")))
}

fn tags<'a, A: Kept>(api: &'a mut A, stage: Option<&str>) -> Result<&'a mut Tags, Refusal> {
    match stage {
        None => Ok(api.tags()),
        Some(stage) => api.stage_tags(stage).ok_or_else(|| not_found(A::NO_STAGE)),
    }
}

/// The most tags a resource may have.
const MOST: usize = 50;

/// Checks a resource's tags as a whole.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > MOST {
        return Err(bad_request("Resource cannot have more than 50 tags"));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(bad_request("Tag keys must be between 1 and 128 characters long"));
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(bad_request(format!(
                "Invalid tag key: {key}. Tag keys cannot start with 'aws:'"
            )));
        }
        if value.chars().count() > 256 {
            return Err(bad_request("Tag values must not be longer than 256 characters"));
        }
    }
    Ok(())
}
