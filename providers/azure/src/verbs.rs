//! What functions may use on Azure, and which role each verb takes: one table, by which assignments
//! are made and from which the guide is written. Pure.

use std::sync::LazyLock;

use updraft_contract::{Access, App, QueueKind, ResourceType, VerbSpec};

use crate::access::target;
use crate::ids::Id;
use crate::roles::{
    BLOB_CREATOR, BLOB_DELETER, BLOB_READER, BLOB_WRITER, BUS_RECEIVER, BUS_SENDER,
    COSMOS_ACCOUNT_CONTRIBUTOR, COSMOS_ACCOUNT_READER, COSMOS_CONTAINER_CONTRIBUTOR,
    COSMOS_CONTAINER_READER, COSMOS_DATABASE_CONTRIBUTOR, COSMOS_DATABASE_READER, CRYPTO_USER,
    GRID_SENDER, GROUP_RECEIVER, HUB_RECEIVER, HUB_SENDER, Level, QUEUE_CONSUMER, QUEUE_READER,
    QUEUE_SENDER, Role, SECRETS_OFFICER, SECRETS_USER, SUBSCRIPTION_RECEIVER, Sort,
    TABLE_CONTRIBUTOR, TABLE_READER, TOPIC_SENDER,
};
use crate::things::Spot;

/// One verb: the role it takes, which says what it is done to, and what people are told.
pub(crate) struct Row {
    /// The role.
    pub(crate) role: &'static Role,
    /// The verb as the contract has it.
    pub(crate) spec: VerbSpec,
}

const fn row(
    role: &'static Role,
    verb: &'static str,
    gives: &'static [&'static str],
    note: &'static str,
) -> Row {
    let (thing, to) = match role.on {
        Sort::Container => ("blob container", "bucket.NAME, RESOURCE ID"),
        Sort::Queue => ("storage queue", "queue.NAME, RESOURCE ID"),
        Sort::BusQueue => ("Service Bus queue", "queue.NAME, RESOURCE ID"),
        Sort::Table => ("storage table", "RESOURCE ID"),
        Sort::Topic => ("Service Bus topic", "RESOURCE ID"),
        Sort::TopicSubscription => ("Service Bus subscription", "RESOURCE ID"),
        Sort::Hub => ("event hub", "RESOURCE ID"),
        Sort::ConsumerGroup => ("consumer group", "RESOURCE ID"),
        Sort::GridTopic => ("Event Grid topic", "RESOURCE ID"),
        Sort::Secret => ("Key Vault secret", "RESOURCE ID"),
        Sort::Key => ("Key Vault key", "RESOURCE ID"),
        Sort::Cosmos(Level::Account) => ("Cosmos DB account", "RESOURCE ID"),
        Sort::Cosmos(Level::Database) => ("Cosmos DB database", "RESOURCE ID"),
        Sort::Cosmos(Level::Container) => ("Cosmos DB container", "RESOURCE ID"),
        Sort::Account | Sort::Insights => ("", ""),
    };
    Row { role, spec: VerbSpec { thing, to, verb, gives, note } }
}

const ALL_OF_A_KEY: &str = "the role encrypts, decrypts, signs, verifies, wraps and unwraps";
const READS: &[&str] = &["Cosmos DB Built-in Data Reader"];
const CONTRIBUTES: &[&str] = &["Cosmos DB Built-in Data Contributor"];
const READING: &str = "queries and the change feed as well";
const WRITING: &str = "reads and deletes, too";
const DELETING: &str = "reads and writes, too";
const BLOBS: [&str; 3] = [
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
];

/// Every verb there is. Whoever may list blobs may read them.
pub(crate) static ROWS: &[Row] = &[
    row(&BLOB_READER, "read", &["Storage Blob Data Reader"], "lists blobs as well"),
    row(&BLOB_READER, "list", &["Storage Blob Data Reader"], "reads blobs as well"),
    row(&BLOB_WRITER, "write", &[BLOBS[0], BLOBS[1]], "a role of Updraft's; deletes nothing"),
    row(&BLOB_CREATOR, "create", &[BLOBS[0]], "a role of Updraft's; writes over nothing"),
    row(&BLOB_DELETER, "delete", &[BLOBS[2]], "a role of Updraft's"),
    row(&QUEUE_SENDER, "send", &["Storage Queue Data Message Sender"], ""),
    row(
        &QUEUE_CONSUMER,
        "receive",
        &[
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action",
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read",
            "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write",
            "Microsoft.Storage/storageAccounts/queueServices/queues/read",
        ],
        "a role of Updraft's: Azure's own cannot put a message back; putting one back is the right \
         to send as well",
    ),
    row(&QUEUE_READER, "peek", &["Storage Queue Data Reader"], ""),
    row(&BUS_SENDER, "send", &["Azure Service Bus Data Sender"], ""),
    row(&BUS_RECEIVER, "receive", &["Azure Service Bus Data Receiver"], ""),
    row(&TABLE_READER, "read", &["Storage Table Data Reader"], ""),
    row(&TABLE_CONTRIBUTOR, "write", &["Storage Table Data Contributor"], "reads and deletes, too"),
    row(&TOPIC_SENDER, "publish", &["Azure Service Bus Data Sender"], ""),
    row(&SUBSCRIPTION_RECEIVER, "receive", &["Azure Service Bus Data Receiver"], ""),
    row(&HUB_SENDER, "publish", &["Azure Event Hubs Data Sender"], ""),
    row(&HUB_RECEIVER, "receive", &["Azure Event Hubs Data Receiver"], "in every consumer group"),
    row(&GROUP_RECEIVER, "receive", &["Azure Event Hubs Data Receiver"], ""),
    row(&GRID_SENDER, "publish", &["EventGrid Data Sender"], ""),
    row(&SECRETS_USER, "read", &["Key Vault Secrets User"], ""),
    row(&SECRETS_OFFICER, "write", &["Key Vault Secrets Officer"], "reads and deletes it, too"),
    row(&CRYPTO_USER, "encrypt", &["Key Vault Crypto User"], ALL_OF_A_KEY),
    row(&CRYPTO_USER, "decrypt", &["Key Vault Crypto User"], ALL_OF_A_KEY),
    row(&CRYPTO_USER, "sign", &["Key Vault Crypto User"], ALL_OF_A_KEY),
    row(&CRYPTO_USER, "verify", &["Key Vault Crypto User"], ALL_OF_A_KEY),
    row(&COSMOS_ACCOUNT_READER, "read", READS, READING),
    row(&COSMOS_ACCOUNT_CONTRIBUTOR, "write", CONTRIBUTES, WRITING),
    row(&COSMOS_ACCOUNT_CONTRIBUTOR, "delete", CONTRIBUTES, DELETING),
    row(&COSMOS_DATABASE_READER, "read", READS, READING),
    row(&COSMOS_DATABASE_CONTRIBUTOR, "write", CONTRIBUTES, WRITING),
    row(&COSMOS_DATABASE_CONTRIBUTOR, "delete", CONTRIBUTES, DELETING),
    row(&COSMOS_CONTAINER_READER, "read", READS, READING),
    row(&COSMOS_CONTAINER_CONTRIBUTOR, "write", CONTRIBUTES, WRITING),
    row(&COSMOS_CONTAINER_CONTRIBUTOR, "delete", CONTRIBUTES, DELETING),
];

/// Returns the table as the contract has it.
pub fn specs() -> &'static [VerbSpec] {
    static SPECS: LazyLock<Vec<VerbSpec>> =
        LazyLock::new(|| ROWS.iter().map(|row| row.spec).collect());
    &SPECS
}

/// Returns the verbs of something.
pub(crate) fn verbs(of: Sort) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.role.on == of)
}

/// Returns what a declared use leads to: `bucket.photos`, `queue.jobs`, or a resource id.
/// `None`: nothing that Updraft gives access to.
pub(crate) fn spot(app: &App, to: &str) -> Option<Spot> {
    if to.starts_with('/') {
        return Spot::of_id(to).filter(|spot| verbs(spot.sort).next().is_some());
    }
    let (resource_type, thing) = target(app, to)?;
    Some(match (resource_type, thing.kind()) {
        (ResourceType::Bucket, _) => thing.container(),
        (_, QueueKind::Storage | QueueKind::ServiceBus) => thing.queue(app),
    })
}

/// Returns the roles that a declared use takes, each once, and what they are on.
pub(crate) fn given(app: &App, access: &Access) -> Vec<(&'static Role, Spot)> {
    let Some(on) = spot(app, &access.to) else { return Vec::new() };
    let mut given: Vec<(&'static Role, Spot)> = Vec::new();
    for row in verbs(on.sort).filter(|row| access.verbs.iter().any(|it| it == row.spec.verb)) {
        if given.iter().all(|(role, _)| *role != row.role) {
            given.push((row.role, on.clone()));
        }
    }
    given
}

/// Returns why nothing on Azure gives access to what `to` names.
pub(crate) fn refusal(to: &str) -> &'static str {
    let id = Id::of(to);
    if id.kind.starts_with("microsoft.documentdb/") {
        return "rights to data of Cosmos DB are given on accounts of its API for NoSQL, and on \
            databases and containers in them: \
            `…/databaseAccounts/A[/sqlDatabases/D[/containers/C]]`";
    }
    if to.starts_with("function.") {
        return "calling a function takes a key or a token of Entra ID there, and no role: name the \
            caller under `callers` of its `http` trigger";
    }
    if to.starts_with('/') {
        return "rights are given there on containers of blobs, storage queues and tables, queues, \
            topics and subscriptions of Service Bus, event hubs and their consumer groups, topics \
            of Event Grid, secrets and keys of key vaults, and accounts, databases and containers \
            of Cosmos DB; network access is all that other databases take, whose users are their \
            own";
    }
    "this version gives access to `bucket.name`, `queue.name` and whatever has a resource id \
     there; declare a bucket or queue that exists with `existing = true` and its name as \
     `account/name`"
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::ROWS;
    use crate::roles::Definition;

    #[test]
    fn what_a_row_says_it_gives_is_in_its_role() {
        for row in ROWS {
            let gives: BTreeSet<&str> = row.spec.gives.iter().copied().collect();
            let is: BTreeSet<&str> = match row.role.definition {
                Definition::Azures(_) => [row.role.title].into(),
                Definition::Ours { actions, data_actions } => {
                    actions.iter().chain(data_actions).copied().collect()
                }
            };
            assert_eq!(gives, is, "{} {}", row.spec.thing, row.spec.verb);
            assert!(!row.spec.thing.is_empty());
        }
    }
}
