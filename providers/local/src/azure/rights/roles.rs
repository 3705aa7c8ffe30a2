//! Azure's own roles: those that functions are given, and those of who deploys.
//!
//! Source: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>.

use super::Permission;

/// A built-in role.
pub(super) struct BuiltIn {
    /// Its id everywhere.
    pub(super) guid: &'static str,
    /// Its name.
    pub(super) name: &'static str,
    actions: &'static [&'static str],
    not_actions: &'static [&'static str],
    data: &'static [&'static str],
}

impl BuiltIn {
    /// What it allows.
    pub(super) fn permission(&self) -> Permission {
        let own = |patterns: &[&str]| patterns.iter().map(|one| (*one).to_owned()).collect();
        Permission {
            actions: own(self.actions),
            not_actions: own(self.not_actions),
            data_actions: own(self.data),
            not_data_actions: Vec::new(),
        }
    }
}

const fn role(
    guid: &'static str,
    name: &'static str,
    actions: &'static [&'static str],
    data: &'static [&'static str],
) -> BuiltIn {
    BuiltIn { guid, name, actions, not_actions: &[], data }
}

const GROUPS: &str = "Microsoft.Resources/subscriptions/resourceGroups/read";
const DELEGATE: &str =
    "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action";
const CONTAINER_DELETE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/delete";
const CONTAINER_READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/read";
const CONTAINER_WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/write";
const BLOB_READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const QUEUE_READ: &str = "Microsoft.Storage/storageAccounts/queueServices/queues/read";
const MESSAGE_READ: &str = "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read";
const MESSAGE_PROCESS: &str =
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action";

/// Every built-in role there is here.
pub(super) const BUILT_IN: &[BuiltIn] = &[
    role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", &["*"], &[]),
    BuiltIn {
        guid: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        name: "Contributor",
        actions: &["*"],
        not_actions: &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
        data: &[],
    },
    role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", &["*/read"], &[]),
    role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        &[],
    ),
    role(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        &[
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Authorization/roleAssignments/delete",
            "*/read",
            "Microsoft.Support/*",
        ],
        &[],
    ),
    role(
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "Storage Blob Data Owner",
        &["Microsoft.Storage/storageAccounts/blobServices/containers/*", DELEGATE],
        &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"],
    ),
    role(
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "Storage Blob Data Contributor",
        &[CONTAINER_DELETE, CONTAINER_READ, CONTAINER_WRITE, DELEGATE],
        &[
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
            BLOB_READ,
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
        ],
    ),
    role(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        "Storage Blob Data Reader",
        &[CONTAINER_READ, DELEGATE],
        &[BLOB_READ],
    ),
    role(
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        "Storage Queue Data Contributor",
        &[
            "Microsoft.Storage/storageAccounts/queueServices/queues/delete",
            QUEUE_READ,
            "Microsoft.Storage/storageAccounts/queueServices/queues/write",
        ],
        &[
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/delete",
            MESSAGE_READ,
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write",
            MESSAGE_PROCESS,
        ],
    ),
    role(
        "19e7f393-937e-4f77-808e-94535e297925",
        "Storage Queue Data Reader",
        &[QUEUE_READ],
        &[MESSAGE_READ],
    ),
    role(
        "8a0f0c08-91a1-4084-bc3d-661d67233fed",
        "Storage Queue Data Message Processor",
        &[],
        &[MESSAGE_READ, MESSAGE_PROCESS],
    ),
    role(
        "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
        "Storage Queue Data Message Sender",
        &[],
        &["Microsoft.Storage/storageAccounts/queueServices/queues/messages/add/action"],
    ),
    role(
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        "Storage Table Data Contributor",
        &[
            "Microsoft.Storage/storageAccounts/tableServices/tables/read",
            "Microsoft.Storage/storageAccounts/tableServices/tables/write",
            "Microsoft.Storage/storageAccounts/tableServices/tables/delete",
        ],
        &["Microsoft.Storage/storageAccounts/tableServices/tables/entities/*"],
    ),
    role(
        "17d1049b-9a84-46fb-8f53-869881c3d3ab",
        "Storage Account Contributor",
        &["Microsoft.Authorization/*/read", GROUPS, "Microsoft.Storage/storageAccounts/*"],
        &[],
    ),
    role(
        "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
        "Azure Service Bus Data Receiver",
        &["Microsoft.ServiceBus/*/queues/read", "Microsoft.ServiceBus/*/topics/read"],
        &["Microsoft.ServiceBus/*/receive/action"],
    ),
    role(
        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        "Azure Service Bus Data Sender",
        &["Microsoft.ServiceBus/*/queues/read", "Microsoft.ServiceBus/*/topics/read"],
        &["Microsoft.ServiceBus/*/send/action"],
    ),
    role(
        "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
        "Azure Event Hubs Data Receiver",
        &["Microsoft.EventHub/*/eventhubs/consumergroups/read"],
        &["Microsoft.EventHub/*/receive/action"],
    ),
    role(
        "2b629674-e913-4c01-ae53-ef4638d8f975",
        "Azure Event Hubs Data Sender",
        &["Microsoft.EventHub/*/eventhubs/read"],
        &["Microsoft.EventHub/*/send/action"],
    ),
    role(
        "4633458b-17de-408a-b874-0445c86b69e6",
        "Key Vault Secrets User",
        &[],
        &[
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
    ),
    role(
        "3913510d-42f4-4e42-8a64-420c390055eb",
        "Monitoring Metrics Publisher",
        &["Microsoft.Insights/Register/Action", "Microsoft.Support/*", GROUPS],
        &["Microsoft.Insights/Metrics/Write", "Microsoft.Insights/Telemetry/Write"],
    ),
    role(
        "d5a91429-5739-47e2-a06b-3470a27159e7",
        "EventGrid Data Sender",
        &["Microsoft.Authorization/*/read", "Microsoft.EventGrid/topics/read", GROUPS],
        &["Microsoft.EventGrid/events/send/action"],
    ),
];
