//! The roles that functions are given: Azure's own where one fits, and three of ours where Azure's
//! are too wide or, as for receiving from a queue, too narrow. Data.
//!
//! Azure's own: <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>.

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

/// Sends log lines and measurements to Application Insights.
pub(crate) static METRICS_PUBLISHER: Role = Role {
    slug: "metrics-publisher",
    title: "Monitoring Metrics Publisher",
    definition: Definition::Azures("3913510d-42f4-4e42-8a64-420c390055eb"),
    on: Sort::Insights,
};

/// Every role.
pub(crate) static ROLES: [&Role; 10] = [
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
        let guids: BTreeSet<String> = ROLES.iter().map(|role| role.guid(names)).collect();
        assert_eq!((slugs.len(), guids.len()), (ROLES.len(), ROLES.len()));
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
