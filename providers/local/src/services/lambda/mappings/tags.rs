//! Tags of mappings, by ARN.

use std::collections::BTreeMap;

use super::super::checks;
use super::super::refusals::{no_resource, user};
use super::model::{Mapping, find, save};
use crate::cloud::Context;
use crate::services::tagging;
use crate::store::Tx;
use crate::wire::{Refusal, Request};

/// Whether an ARN is of a mapping.
pub(in crate::services::lambda) fn is_mapping(arn: &str) -> bool {
    arn.split(':').nth(5) == Some("event-source-mapping")
}

/// Returns the tags of the mapping in the path.
pub(in crate::services::lambda) fn read(
    request: &Request,
    tx: &Tx,
    context: &Context<'_>,
) -> Result<BTreeMap<String, String>, Refusal> {
    Ok(mapping(request, tx, context)?.tags)
}

/// Changes the tags of the mapping in the path; returns how the ledger names it.
pub(in crate::services::lambda) fn change(
    request: &Request,
    tx: &mut Tx,
    context: &Context<'_>,
    edit: impl FnOnce(&mut BTreeMap<String, String>),
) -> Result<String, Refusal> {
    let mut mapping = mapping(request, tx, context)?;
    edit(&mut mapping.tags);
    checks::tag_count(&mapping.tags)?;
    save(tx, &mapping, context.now)?;
    tagging::note(tx, context, mapping.owner(), (&mapping.arn(), &mapping.tags))?;
    Ok(mapping.object())
}

fn mapping(request: &Request, tx: &Tx, context: &Context<'_>) -> Result<Mapping, Refusal> {
    let arn = request.label("Resource");
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", "aws", "lambda", region, account, _, uuid] = parts.as_slice() else {
        return Err(no_resource());
    };
    if (*region, *account) != (request.region.as_str(), request.account.as_str()) {
        let message = "The resource is of another account or region.";
        return Err(user(403, "AccessDeniedException", message));
    }
    find(tx, &request.place(), (uuid, context.now))?.ok_or_else(no_resource)
}
