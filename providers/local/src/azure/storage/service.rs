//! Blob and queue services of an account: one each, `default`, that comes with the account.

use std::collections::BTreeMap;

use serde_json::{Map, json};

use crate::azure::engine;
use crate::azure::service::{Method, ResourceType};
use crate::azure::shelf::{self, Resource};
use crate::cloud::Context;
use crate::store::Tx;
use crate::wire::Refusal;

/// The api-versions of the resource provider that are known here.
pub(super) const VERSIONS: &[&str] = &[
    "2022-05-01",
    "2022-09-01",
    "2023-01-01",
    "2023-05-01",
    "2024-01-01",
    "2025-01-01",
    "2025-06-01",
    "2026-09-01",
];

const METHODS: &[Method] = &[Method::list(engine::list), Method::get(engine::read)];

/// Blob services.
pub(crate) static BLOB_SERVICES: ResourceType = ResourceType {
    methods: METHODS,
    ..ResourceType::child("Microsoft.Storage/storageAccounts/blobServices", VERSIONS)
};

/// Queue services.
pub(crate) static QUEUE_SERVICES: ResourceType = ResourceType {
    methods: METHODS,
    ..ResourceType::child("Microsoft.Storage/storageAccounts/queueServices", VERSIONS)
};

/// Makes the services of a new account.
pub(super) fn begin(tx: &mut Tx, context: &Context<'_>, account: &Resource) -> Result<(), Refusal> {
    let policy = json!({"enabled": false, "allowPermanentDelete": false});
    let services = [
        ("blobServices", json!({"cors": {"corsRules": []}, "deleteRetentionPolicy": policy})),
        ("queueServices", json!({"cors": {"corsRules": []}})),
    ];
    for (service, properties) in services {
        let resource = Resource {
            id: format!("{}/{service}/default", account.id),
            name: "default".to_owned(),
            of: format!("Microsoft.Storage/storageAccounts/{service}"),
            location: String::new(),
            tags: BTreeMap::new(),
            properties,
            members: Map::new(),
            created: context.now,
            changed: context.now,
            settles: context.now,
            meanwhile: String::new(),
            state: String::new(),
        };
        shelf::keep(tx, context, &resource)?;
    }
    Ok(())
}
