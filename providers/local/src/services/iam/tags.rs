//! Tags of roles. IAM's roles are not in the tag index (Tagging API reference, "Supported services").

use super::answer::{paging, tag as pair};
use super::input::{Input, add_tags};
use super::store::{must_find, put};
use crate::cloud::Context;
use crate::ledger::Effect;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request, Xml};

/// `TagRole`.
pub(super) fn tag(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "Tags"])?;
    let (name, tags) = (input.role_name(), input.tags());
    input.done()?;
    let mut role = must_find(tx, &request.account, &name)?;
    add_tags(&mut role.tags, tags)?;
    put(tx, &role)?;
    Ok(Reply::empty(200).did(Effect::Update, role.object()))
}

/// `UntagRole`.
pub(super) fn untag(request: &Request, tx: &mut Tx, _: &Context<'_>) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "TagKeys"])?;
    let (name, keys) = (input.role_name(), input.values("TagKeys"));
    input.done()?;
    let mut role = must_find(tx, &request.account, &name)?;
    let gone: Vec<String> = keys.iter().map(|key| key.to_lowercase()).collect();
    role.tags.retain(|key, _| !gone.contains(&key.to_lowercase()));
    put(tx, &role)?;
    Ok(Reply::empty(200).did(Effect::Update, role.object()))
}

/// `ListRoleTags`.
pub(super) fn list(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
) -> Result<Reply, Refusal> {
    let mut input = Input::read(request, &["RoleName", "Marker", "MaxItems"])?;
    let (name, wanted) = (input.role_name(), input.paging());
    input.done()?;
    let role = must_find(tx, &request.account, &name)?;
    let tags: Vec<(String, String)> = role.tags.into_iter().collect();
    let page = wanted.cut(context, tags, |(key, _)| key.clone())?;
    let tags = Xml::members("Tags", page.items.iter().map(|(key, value)| pair((key, value))));
    Ok(Reply::result(paging(&page).into_iter().chain([tags])))
}
