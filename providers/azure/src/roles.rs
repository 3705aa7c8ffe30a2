//! The roles that functions are given: Azure's own where one fits, and four of ours where Azure's
//! are too wide or, as for receiving from a queue, too narrow. Data.
//!
//! Azure's own: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>.

use updraft_contract::RoleContent;

use crate::place::Names;

/// What a role is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Definition {
    /// One of Azure's own, by its GUID.
    Azures(&'static str),
    /// One of ours.
    Ours {
        /// What it allows of the resource itself.
        actions: &'static [&'static str],
        /// What it allows of the data in it.
        data_actions: &'static [&'static str],
    },
}

/// What a role is given on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// A storage account.
    Account,
    /// A container of blobs.
    Container,
    /// A storage queue.
    Queue,
    /// A queue of Service Bus.
    BusQueue,
    /// A secret in a key vault.
    Secret,
    /// An Application Insights component.
    Insights,
    /// A table in a storage account.
    Table,
    /// A topic of Service Bus.
    Topic,
    /// A subscription of a topic of Service Bus.
    TopicSubscription,
    /// An event hub.
    Hub,
    /// A consumer group of an event hub.
    ConsumerGroup,
    /// A topic of Event Grid.
    GridTopic,
    /// A key in a key vault.
    Key,
    /// Something of Cosmos DB, which has role assignments of its own.
    Cosmos(Level),
}

/// What of Cosmos DB
/// (<https://learn.microsoft.com/azure/cosmos-db/how-to-connect-role-based-access-control>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// An account, and every database in it.
    Account,
    /// A database, and every container in it.
    Database,
    /// A container.
    Container,
}

/// A role.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Role {
    /// What it is called in addresses.
    pub(crate) slug: &'static str,
    /// What people call it.
    pub(crate) title: &'static str,
    /// What it is.
    pub(crate) definition: Definition,
    /// What it is given on.
    pub(crate) on: Sort,
}

/// The host of functions keeps its locks, keys and checkpoints in its account
/// (<https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity>).
pub(crate) static BLOB_OWNER: Role = Role {
    slug: "blob-owner",
    title: "Storage Blob Data Owner",
    definition: Definition::Azures("b7e6dc6d-f1e8-4753-8033-0f276bb0955b"),
    on: Sort::Account,
};

/// Reads and lists blobs.
pub(crate) static BLOB_READER: Role = Role {
    slug: "blob-reader",
    title: "Storage Blob Data Reader",
    definition: Definition::Azures("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"),
    on: Sort::Container,
};

/// Writes blobs and no more: Azure's own role that writes deletes as well.
pub(crate) static BLOB_WRITER: Role = Role {
    slug: "blob-writer",
    title: "Updraft blob writer",
    definition: Definition::Ours {
        actions: &[],
        data_actions: &[
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
        ],
    },
    on: Sort::Container,
};

/// Deletes blobs and no more.
pub(crate) static BLOB_DELETER: Role = Role {
    slug: "blob-deleter",
    title: "Updraft blob deleter",
    definition: Definition::Ours {
        actions: &[],
        data_actions: &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete"],
    },
    on: Sort::Container,
};

/// Receives messages and puts them back. Azure's own roles for that cannot put a message back that
/// failed, so that it would come again only after ten minutes
/// (<https://github.com/MicrosoftDocs/azure-docs/issues/120932>).
pub(crate) static QUEUE_CONSUMER: Role = Role {
    slug: "queue-consumer",
    title: "Updraft queue consumer",
    definition: Definition::Ours {
        actions: &["Microsoft.Storage/storageAccounts/queueServices/queues/read"],
        data_actions: &[
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action",
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read",
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write",
        ],
    },
    on: Sort::Queue,
};

/// Sends messages to a storage queue.
pub(crate) static QUEUE_SENDER: Role = Role {
    slug: "queue-sender",
    title: "Storage Queue Data Message Sender",
    definition: Definition::Azures("c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"),
    on: Sort::Queue,
};

/// Receives messages from Service Bus.
pub(crate) static BUS_RECEIVER: Role = Role {
    slug: "bus-receiver",
    title: "Azure Service Bus Data Receiver",
    definition: Definition::Azures("4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0"),
    on: Sort::BusQueue,
};

/// Sends messages to Service Bus.
pub(crate) static BUS_SENDER: Role = Role {
    slug: "bus-sender",
    title: "Azure Service Bus Data Sender",
    definition: Definition::Azures("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39"),
    on: Sort::BusQueue,
};

/// Reads secrets.
pub(crate) static SECRETS_USER: Role = Role {
    slug: "secrets-user",
    title: "Key Vault Secrets User",
    definition: Definition::Azures("4633458b-17de-408a-b874-0445c86b69e6"),
    on: Sort::Secret,
};

/// Makes new blobs, and writes over none.
pub(crate) static BLOB_CREATOR: Role = Role {
    slug: "blob-creator",
    title: "Updraft blob creator",
    definition: Definition::Ours {
        actions: &[],
        data_actions: &[
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
        ],
    },
    on: Sort::Container,
};

const fn azures(slug: &'static str, title: &'static str, guid: &'static str, on: Sort) -> Role {
    Role { slug, title, definition: Definition::Azures(guid), on }
}

/// Looks at messages of a storage queue without taking them.
pub(crate) static QUEUE_READER: Role = azures(
    "queue-reader",
    "Storage Queue Data Reader",
    "19e7f393-937e-4f77-808e-94535e297925",
    Sort::Queue,
);

/// Reads entities of a table.
pub(crate) static TABLE_READER: Role = azures(
    "table-reader",
    "Storage Table Data Reader",
    "76199698-9eea-4c19-bc75-cec21354c6b6",
    Sort::Table,
);

/// Reads, writes and deletes entities of a table.
pub(crate) static TABLE_CONTRIBUTOR: Role = azures(
    "table-contributor",
    "Storage Table Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    Sort::Table,
);

/// Sends messages to a topic of Service Bus.
pub(crate) static TOPIC_SENDER: Role = azures(
    "topic-sender",
    "Azure Service Bus Data Sender",
    "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
    Sort::Topic,
);

/// Receives messages of a topic of Service Bus.
pub(crate) static SUBSCRIPTION_RECEIVER: Role = azures(
    "subscription-receiver",
    "Azure Service Bus Data Receiver",
    "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
    Sort::TopicSubscription,
);

/// Sends events to an event hub.
pub(crate) static HUB_SENDER: Role = azures(
    "hub-sender",
    "Azure Event Hubs Data Sender",
    "2b629674-e913-4c01-ae53-ef4638d8f975",
    Sort::Hub,
);

/// Receives events of an event hub.
pub(crate) static HUB_RECEIVER: Role = azures(
    "hub-receiver",
    "Azure Event Hubs Data Receiver",
    "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
    Sort::Hub,
);

/// Receives events of an event hub in one consumer group.
pub(crate) static GROUP_RECEIVER: Role = azures(
    "group-receiver",
    "Azure Event Hubs Data Receiver",
    "a638d3c7-ab3a-418d-83e6-5f17a39d4fde",
    Sort::ConsumerGroup,
);

/// Sends events to a topic of Event Grid.
pub(crate) static GRID_SENDER: Role = azures(
    "grid-sender",
    "EventGrid Data Sender",
    "d5a91429-5739-47e2-a06b-3470a27159e7",
    Sort::GridTopic,
);

/// Reads, writes and deletes secrets.
pub(crate) static SECRETS_OFFICER: Role = azures(
    "secrets-officer",
    "Key Vault Secrets Officer",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    Sort::Secret,
);

/// Works with a key.
pub(crate) static CRYPTO_USER: Role = azures(
    "crypto-user",
    "Key Vault Crypto User",
    "12338af0-0e69-4776-bea7-57ae8d297424",
    Sort::Key,
);

const fn cosmos_reader(slug: &'static str, level: Level) -> Role {
    let (title, guid) = ("Cosmos DB Built-in Data Reader", "00000000-0000-0000-0000-000000000001");
    azures(slug, title, guid, Sort::Cosmos(level))
}

const fn cosmos_contributor(slug: &'static str, level: Level) -> Role {
    let (title, guid) =
        ("Cosmos DB Built-in Data Contributor", "00000000-0000-0000-0000-000000000002");
    azures(slug, title, guid, Sort::Cosmos(level))
}

/// Reads items of every container of a Cosmos DB account.
pub(crate) static COSMOS_ACCOUNT_READER: Role =
    cosmos_reader("cosmos-account-reader", Level::Account);

/// Reads, writes and deletes items of every container of a Cosmos DB account.
pub(crate) static COSMOS_ACCOUNT_CONTRIBUTOR: Role =
    cosmos_contributor("cosmos-account-contributor", Level::Account);

/// Reads items of every container of a Cosmos DB database.
pub(crate) static COSMOS_DATABASE_READER: Role =
    cosmos_reader("cosmos-database-reader", Level::Database);

/// Reads, writes and deletes items of every container of a Cosmos DB database.
pub(crate) static COSMOS_DATABASE_CONTRIBUTOR: Role =
    cosmos_contributor("cosmos-database-contributor", Level::Database);

/// Reads items of a Cosmos DB container.
pub(crate) static COSMOS_CONTAINER_READER: Role =
    cosmos_reader("cosmos-container-reader", Level::Container);

/// Reads, writes and deletes items of a Cosmos DB container.
pub(crate) static COSMOS_CONTAINER_CONTRIBUTOR: Role =
    cosmos_contributor("cosmos-container-contributor", Level::Container);

/// Sends log lines and measurements to Application Insights.
pub(crate) static METRICS_PUBLISHER: Role = Role {
    slug: "metrics-publisher",
    title: "Monitoring Metrics Publisher",
    definition: Definition::Azures("3913510d-42f4-4e42-8a64-420c390055eb"),
    on: Sort::Insights,
};

/// Every role.
pub(crate) static ROLES: [&Role; 28] = [
    &BLOB_OWNER,
    &BLOB_READER,
    &BLOB_WRITER,
    &BLOB_DELETER,
    &QUEUE_CONSUMER,
    &QUEUE_SENDER,
    &BUS_RECEIVER,
    &BUS_SENDER,
    &SECRETS_USER,
    &METRICS_PUBLISHER,
    &BLOB_CREATOR,
    &QUEUE_READER,
    &TABLE_READER,
    &TABLE_CONTRIBUTOR,
    &TOPIC_SENDER,
    &SUBSCRIPTION_RECEIVER,
    &HUB_SENDER,
    &HUB_RECEIVER,
    &GROUP_RECEIVER,
    &GRID_SENDER,
    &SECRETS_OFFICER,
    &CRYPTO_USER,
    &COSMOS_ACCOUNT_READER,
    &COSMOS_ACCOUNT_CONTRIBUTOR,
    &COSMOS_DATABASE_READER,
    &COSMOS_DATABASE_CONTRIBUTOR,
    &COSMOS_CONTAINER_READER,
    &COSMOS_CONTAINER_CONTRIBUTOR,
];

impl Role {
    /// Returns the role that is called `slug` in addresses.
    pub(crate) fn named(slug: &str) -> Option<&'static Role> {
        ROLES.into_iter().find(|role| role.slug == slug)
    }

    /// Returns its GUID.
    pub(crate) fn guid(&self, names: Names<'_>) -> String {
        match self.definition {
            Definition::Azures(guid) => guid.to_owned(),
            Definition::Ours { .. } => names.custom_role(self.slug),
        }
    }

    /// Returns its GUID if it is one of Azure's own.
    pub(crate) fn vendor(&self) -> Option<&'static str> {
        match self.definition {
            Definition::Azures(guid) => Some(guid),
            Definition::Ours { .. } => None,
        }
    }

    /// Returns what is in it. What is in Azure's own roles is Azure's to say.
    pub(crate) fn content(&self, id: String) -> RoleContent {
        let title = self.title.to_owned();
        let all = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
        match self.definition {
            Definition::Azures(_) => RoleContent { id, title, ..RoleContent::default() },
            Definition::Ours { actions, data_actions } => RoleContent {
                id,
                title,
                custom: true,
                actions: all(actions),
                data_actions: all(data_actions),
                ..RoleContent::default()
            },
        }
    }

    /// Returns whether it is one of ours.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(self.definition, Definition::Ours { .. })
    }
}

/// Returns what people call the role with this GUID; one that is not known here by its GUID.
pub(crate) fn title(names: Names<'_>, guid: &str) -> String {
    let known = ROLES.into_iter().find(|role| role.guid(names).eq_ignore_ascii_case(guid));
    known.map_or_else(|| guid.to_lowercase(), |role| role.title.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BLOB_WRITER, QUEUE_CONSUMER, ROLES, Role, title};
    use crate::place::tests::place;

    #[test]
    fn roles_are_told_apart_by_slug_title_and_guid() {
        let place = place();
        let names = place.names("shop", "dev");
        let slugs: BTreeSet<&str> = ROLES.iter().map(|role| role.slug).collect();
        let guids: BTreeSet<(String, &str)> =
            ROLES.iter().map(|role| (role.guid(names), role.title)).collect();
        let titles: BTreeSet<&str> = ROLES.iter().map(|role| role.title).collect();
        assert_eq!((slugs.len(), guids.len()), (ROLES.len(), titles.len()));
        for role in ROLES {
            assert_eq!(Role::named(role.slug), Some(role));
            assert_eq!(title(names, &role.guid(names).to_uppercase()), role.title);
        }
        assert_eq!(title(names, "ABC"), "abc");
    }

    #[test]
    fn each_stage_has_roles_of_its_own() {
        let place = place();
        let (dev, prod) = (place.names("shop", "dev"), place.names("shop", "prod"));
        assert_ne!(QUEUE_CONSUMER.guid(dev), QUEUE_CONSUMER.guid(prod));
        assert!(BLOB_WRITER.is_ours());
    }
}
