//! What the caller may do at a scope.
//!
//! Source: <https://learn.microsoft.com/rest/api/authorization/permissions>.

use serde_json::{Value, json};

use super::{Caller, Permission, VERSIONS, caller, permissions};
use crate::azure::paging;
use crate::azure::service::{Method, ResourceType};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::{Refusal, Reply, Request};

/// Permissions.
pub(in crate::azure) static PERMISSIONS: ResourceType = ResourceType {
    methods: &[Method::list(list)],
    ..ResourceType::extension("Microsoft.Authorization/permissions", VERSIONS)
};

fn list(request: &Request, tx: &mut Tx, context: &Context<'_>) -> Result<Reply, Refusal> {
    let granted = match caller(request, context.now) {
        Some(Caller::Identity(principal)) => {
            permissions(tx, context, &principal.id, request.label("scope"))?
        }
        Some(Caller::Owner | Caller::Key) | None if context.deployer.is_some() => context
            .deployer
            .iter()
            .flat_map(|deployer| deployer.at(request.label("scope")))
            .collect(),
        Some(Caller::Owner | Caller::Key) | None => vec![Permission {
            actions: vec!["*".to_owned()],
            not_actions: context.settings.denied_permissions.iter().cloned().collect(),
            ..Permission::default()
        }],
    };
    let shown: Vec<Value> = granted
        .iter()
        .map(|permission| {
            json!({
                "actions": permission.actions,
                "notActions": permission.not_actions,
                "dataActions": permission.data_actions,
                "notDataActions": permission.not_data_actions,
            })
        })
        .collect();
    paging::answer(request, context, shown)
}
