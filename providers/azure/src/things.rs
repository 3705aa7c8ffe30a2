//! What a manifest reference leads to: a bucket or queue of ours or of others, and what that is
//! called in addresses, in plans and in Azure. Pure.

use updraft_contract::{App, Managed, QueueKind, ResourceType, Trigger};

use crate::api::DATABASE_ACCOUNT;
use crate::ids::Id;
use crate::place::{Account, ELSEWHERE, Names, bus_queue_id, container_id, legal, queue_id};
use crate::roles::{Level, Sort};

/// What the name of a queue's poison queue ends with in Azure
/// (<https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#poison-messages>).
const POISON: &str = "-poison";

/// What its address ends with.
const POISON_ADDRESS: &str = ".poison";

/// What the address ends with of the container that a function's package is put in.
const PACKAGE_ADDRESS: &str = ".package";

/// Whose a bucket or queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing<'a> {
    /// Made and kept by us.
    Ours(&'a Managed),
    /// Somebody else's: declared as existing, or named where it is used.
    Theirs {
        /// The storage account or Service Bus namespace it is in.
        home: &'a str,
        /// Its name there.
        name: &'a str,
        /// Which service a queue is of.
        kind: QueueKind,
    },
}

impl<'a> Thing<'a> {
    /// Returns what `text` leads to: `bucket.photos`, or `account/photos` for one of others.
    /// `None`: it is neither.
    pub(crate) fn of(app: &'a App, resource_type: ResourceType, text: &'a str) -> Option<Self> {
        let Some(managed) = declared(app, resource_type, text) else {
            return theirs(text, QueueKind::Storage);
        };
        if managed.existing {
            let name = managed.physical_name.as_deref().unwrap_or(&managed.name);
            return theirs(name, kind_of(managed));
        }
        Some(Thing::Ours(managed))
    }

    /// Returns which service a queue is of.
    pub(crate) fn kind(&self) -> QueueKind {
        match self {
            Thing::Ours(managed) => kind_of(managed),
            Thing::Theirs { kind, .. } => *kind,
        }
    }

    /// Returns the bucket as something that rights are given on.
    pub(crate) fn container(&self) -> Spot {
        match self {
            Thing::Ours(managed) => Spot::new(Sort::Container, &managed.name),
            Thing::Theirs { home, name, .. } => {
                Spot::new(Sort::Container, &format!("{home}/{name}"))
            }
        }
    }

    /// Returns the queue as something that rights are given on.
    pub(crate) fn queue(&self, app: &App) -> Spot {
        let sort = match self.kind() {
            QueueKind::Storage => Sort::Queue,
            QueueKind::ServiceBus => Sort::BusQueue,
        };
        match self {
            Thing::Ours(managed) => Spot::new(sort, &queue_address(app, managed)),
            Thing::Theirs { home, name, .. } => Spot::new(sort, &format!("{home}/{name}")),
        }
    }

    /// Returns where the host of functions puts messages of this storage queue that failed.
    pub(crate) fn poison(&self, app: &App) -> Spot {
        match self {
            Thing::Ours(managed) => {
                let address = queue_address(app, managed);
                Spot::new(Sort::Queue, &format!("{address}{POISON_ADDRESS}"))
            }
            Thing::Theirs { home, name, .. } => {
                Spot::new(Sort::Queue, &format!("{home}/{name}{POISON}"))
            }
        }
    }
}

/// Returns what the manifest declares under `text`, such as `queue.jobs`.
pub(crate) fn declared<'a>(
    app: &'a App,
    resource_type: ResourceType,
    text: &str,
) -> Option<&'a Managed> {
    let name = text.strip_prefix(resource_type.word())?.strip_prefix('.')?;
    app.managed.iter().find(|it| it.resource_type == resource_type && it.name == name)
}

fn theirs(text: &str, kind: QueueKind) -> Option<Thing<'_>> {
    let (home, name) = text.split_once('/')?;
    let whole = !home.is_empty() && !name.is_empty() && !name.contains('/');
    whole.then_some(Thing::Theirs { home, name, kind })
}

/// Returns which service a queue of the manifest is of.
pub(crate) fn kind_of(queue: &Managed) -> QueueKind {
    queue.queue_kind.unwrap_or(QueueKind::Storage)
}

/// Returns the queues that the project makes and keeps, of one service.
pub(crate) fn our_queues(app: &App, kind: QueueKind) -> impl Iterator<Item = &Managed> {
    let queues = app.managed.iter().filter(|it| it.resource_type == ResourceType::Queue);
    queues.filter(move |it| !it.existing && kind_of(it) == kind)
}

/// Returns the address of a queue of ours: its own name, or `jobs.poison` for where the failed
/// messages of `jobs` go, which has to be called so.
pub(crate) fn queue_address(app: &App, queue: &Managed) -> String {
    address_within(app, queue, app.managed.len())
}

fn address_within(app: &App, queue: &Managed, depth: usize) -> String {
    let feeds = |it: &&Managed| {
        let dead = it.dead_letter.as_ref();
        let to = dead.and_then(|dead| declared(app, ResourceType::Queue, &dead.queue));
        to == Some(queue)
    };
    let from = our_queues(app, QueueKind::Storage).find(feeds);
    match from.filter(|_| depth > 0 && kind_of(queue) == QueueKind::Storage) {
        Some(from) => format!("{}{POISON_ADDRESS}", address_within(app, from, depth - 1)),
        None => queue.name.clone(),
    }
}

/// Returns the address of the container that the package of `function` is put in.
pub(crate) fn package_address(function: &str) -> String {
    format!("{function}{PACKAGE_ADDRESS}")
}

/// Returns whether the container at an address of ours is for a package.
pub(crate) fn is_package(address: &str) -> bool {
    address.ends_with(PACKAGE_ADDRESS)
}

/// Returns the account that the container at an address of ours is in, and its name there.
pub(crate) fn container_at(names: Names<'_>, address: &str) -> (Account, String) {
    match address.strip_suffix(PACKAGE_ADDRESS) {
        Some(function) => (names.host_of(function), legal(function)),
        None => (Account::Data, legal(address)),
    }
}

/// Returns what the storage queue at an address of ours is called.
pub(crate) fn queue_name(address: &str) -> String {
    match address.strip_suffix(POISON_ADDRESS) {
        Some(of) => format!("{}{POISON}", queue_name(of)),
        None => legal(address),
    }
}

/// Returns the queue triggers of a function: what they name.
pub(crate) fn queue_triggers(
    function: &updraft_contract::Function,
) -> impl Iterator<Item = (&str, &updraft_contract::Origin)> {
    function.triggers.iter().filter_map(|entry| match &entry.trigger {
        Trigger::Queue { queue, .. } => Some((queue.as_str(), &entry.origin)),
        Trigger::Http { .. }
        | Trigger::Schedule { .. }
        | Trigger::Storage { .. }
        | Trigger::Topic { .. }
        | Trigger::Stream { .. }
        | Trigger::Database { .. }
        | Trigger::Event { .. }
        | Trigger::Iot { .. } => None,
    })
}

/// The type of accounts of Cosmos DB.
const COSMOS: &str = DATABASE_ACCOUNT.name;

/// What a right is given on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    /// What it is.
    pub(crate) sort: Sort,
    /// What it is called in addresses: ours by a logical name, that of others as `home/name`.
    pub(crate) name: String,
}

impl Spot {
    pub(crate) fn new(sort: Sort, name: &str) -> Self {
        Self { sort, name: name.to_owned() }
    }

    /// Returns where it is and what it is called there, if it belongs to others and its resource
    /// group has to be looked up.
    pub(crate) fn theirs(&self) -> Option<(&str, &str)> {
        self.name.split_once('/').filter(|_| layout(self.sort).is_none())
    }

    /// Returns whether it is made and kept by us.
    pub(crate) fn is_ours(&self) -> bool {
        !self.name.contains('/')
    }

    /// Returns what a resource id names, if rights of ours can be on that. What Updraft looks up
    /// is called `home/name`; anything else `group/home/name`.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        let read = Id::of(id);
        let sort = sort_of(&read)?;
        let names: Vec<&str> = path_of(&read);
        let plain = |name: &&str| !name.is_empty() && !name.contains(ELSEWHERE);
        let whole = !read.group.is_empty() && names.iter().all(plain);
        let Some((_, children)) = layout(sort) else {
            return (whole && names.len() == 2).then(|| Self::new(sort, &names.join("/")));
        };
        let name = format!("{}/{}", read.group, names.join("/"));
        (whole && names.len() == children.len() + 1).then(|| Self::new(sort, &name))
    }

    /// Returns the resource group and the names below it of what belongs to others and is named
    /// by its resource id.
    fn named(&self) -> Option<(&str, Vec<&str>)> {
        layout(self.sort)?;
        let (group, rest) = self.name.split_once('/')?;
        Some((group, rest.split('/').collect()))
    }

    /// Returns the resource id of what it is, as far as it is known: that of others, whose
    /// resource group only Azure knows, is written without one.
    pub(crate) fn scope(&self, names: Names<'_>) -> String {
        if let Some(id) = self.id(names) {
            return id;
        }
        let home = |kind: &str| {
            let (home, _) = self.theirs().unwrap_or_default();
            format!("{}/providers/{kind}/{home}", names.place.subscription_id())
        };
        let home = if matches!(self.sort, Sort::Container | Sort::Queue) {
            home("Microsoft.Storage/storageAccounts")
        } else if self.sort == Sort::BusQueue {
            home("Microsoft.ServiceBus/namespaces")
        } else {
            home("Microsoft.KeyVault/vaults")
        };
        self.id_in(&home).unwrap_or(home)
    }

    /// Returns its name in Azure, below what it is in.
    pub(crate) fn own_name(&self, names: Names<'_>) -> String {
        if let Some((_, name)) = self.theirs() {
            return name.to_owned();
        }
        if let Some((_, all)) = self.named() {
            return all.last().copied().unwrap_or_default().to_owned();
        }
        match self.sort {
            Sort::Account => {
                Account::named(&self.name).map(|it| names.account(&it)).unwrap_or_default()
            }
            Sort::Container => container_at(names, &self.name).1,
            Sort::Queue => queue_name(&self.name),
            Sort::BusQueue => legal(&self.name),
            Sort::Insights => names.insights(),
            Sort::Secret
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => self.name.clone(),
        }
    }

    /// Returns the resource id of something of ours. `None`: it belongs to others, and only Azure
    /// knows its resource group.
    pub(crate) fn id(&self, names: Names<'_>) -> Option<String> {
        if self.theirs().is_some() {
            return None;
        }
        if let (Some((group, all)), Some((home, children))) = (self.named(), layout(self.sort)) {
            let mut id = format!("{}/providers/{home}", names.place.group_id(group));
            let parts = std::iter::once("").chain(children.iter().copied());
            for (part, name) in parts.zip(all) {
                id = if part.is_empty() {
                    format!("{id}/{name}")
                } else {
                    format!("{id}/{part}/{name}")
                };
            }
            return Some(id);
        }
        Some(match self.sort {
            Sort::Account => names.account_id(&Account::named(&self.name)?),
            Sort::Container => {
                let (account, name) = container_at(names, &self.name);
                container_id(&names.account_id(&account), &name)
            }
            Sort::Queue => queue_id(&names.account_id(&Account::Data), &queue_name(&self.name)),
            Sort::BusQueue => names.bus_queue_id(&self.name),
            Sort::Insights => names.insights_id(),
            Sort::Secret
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => return None,
        })
    }

    /// Returns the resource id of something of others, whose home has this resource id.
    pub(crate) fn id_in(&self, home: &str) -> Option<String> {
        let (_, name) = self.theirs()?;
        Some(match self.sort {
            Sort::Container => container_id(home, name),
            Sort::Queue => queue_id(home, name),
            Sort::BusQueue => bus_queue_id(home, name),
            Sort::Secret => format!("{home}/secrets/{name}"),
            Sort::Account
            | Sort::Insights
            | Sort::Table
            | Sort::Topic
            | Sort::TopicSubscription
            | Sort::Hub
            | Sort::ConsumerGroup
            | Sort::GridTopic
            | Sort::Key
            | Sort::Cosmos(_) => return None,
        })
    }

    /// Returns what people call it: `container shopdevd0123/photos`.
    pub(crate) fn label(&self, names: Names<'_>) -> String {
        let name = self.own_name(names);
        if let Some((_, all)) = self.named() {
            let home = all.get(..all.len().saturating_sub(1)).unwrap_or_default().join("/");
            return labelled(self.sort, Some(home.as_str()).filter(|home| !home.is_empty()), &name);
        }
        let home = match (self.theirs(), self.sort) {
            (Some((home, _)), _) => Some(home.to_owned()),
            (None, Sort::Container) => Some(names.account(&container_at(names, &self.name).0)),
            (None, Sort::Queue) => Some(names.account(&Account::Data)),
            (None, Sort::BusQueue) => Some(names.namespace()),
            (None, _) => None,
        };
        labelled(self.sort, home.as_deref(), &name)
    }
}

fn labelled(sort: Sort, home: Option<&str>, name: &str) -> String {
    let word = match sort {
        Sort::Account => "storage account",
        Sort::Container => "container",
        Sort::Queue => "queue",
        Sort::BusQueue => "Service Bus queue",
        Sort::Secret => "secret",
        Sort::Insights => "Application Insights",
        Sort::Table => "table",
        Sort::Topic => "Service Bus topic",
        Sort::TopicSubscription => "Service Bus subscription",
        Sort::Hub => "event hub",
        Sort::ConsumerGroup => "consumer group",
        Sort::GridTopic => "Event Grid topic",
        Sort::Key => "key",
        Sort::Cosmos(Level::Account) => "Cosmos DB account",
        Sort::Cosmos(Level::Database) => "Cosmos DB database",
        Sort::Cosmos(Level::Container) => "Cosmos DB container",
    };
    let path = home.map_or_else(|| name.to_owned(), |home| format!("{home}/{name}"));
    match (sort, path.split_once('/')) {
        // What is in an account of Cosmos DB is told apart by case.
        (Sort::Cosmos(_), Some((account, rest))) => {
            format!("{word} {}/{rest}", account.to_lowercase())
        }
        // Other names compare without regard to it.
        _ => format!("{word} {}", path.to_lowercase()),
    }
}

/// Returns what people call what a resource id names; the id itself where no right of ours can be
/// on that.
pub(crate) fn label_of(id: &str) -> String {
    let read = Id::of(id);
    let Some(sort) = sort_of(&read) else { return id.to_lowercase() };
    let names = path_of(&read);
    let home = names.get(..names.len().saturating_sub(1)).unwrap_or_default().join("/");
    labelled(sort, Some(home.as_str()).filter(|home| !home.is_empty()), read.name())
}

/// Returns what a resource id names.
fn sort_of(id: &Id) -> Option<Sort> {
    Some(match id.kind.as_str() {
        "microsoft.storage/storageaccounts" => Sort::Account,
        "microsoft.storage/storageaccounts/blobservices/containers" => Sort::Container,
        "microsoft.storage/storageaccounts/queueservices/queues" => Sort::Queue,
        "microsoft.storage/storageaccounts/tableservices/tables" => Sort::Table,
        "microsoft.servicebus/namespaces/queues" => Sort::BusQueue,
        "microsoft.servicebus/namespaces/topics" => Sort::Topic,
        "microsoft.servicebus/namespaces/topics/subscriptions" => Sort::TopicSubscription,
        "microsoft.eventhub/namespaces/eventhubs" => Sort::Hub,
        "microsoft.eventhub/namespaces/eventhubs/consumergroups" => Sort::ConsumerGroup,
        "microsoft.eventgrid/topics" => Sort::GridTopic,
        "microsoft.keyvault/vaults/secrets" => Sort::Secret,
        "microsoft.keyvault/vaults/keys" => Sort::Key,
        "microsoft.insights/components" => Sort::Insights,
        "microsoft.documentdb/databaseaccounts" => Sort::Cosmos(Level::Account),
        "microsoft.documentdb/databaseaccounts/sqldatabases" => Sort::Cosmos(Level::Database),
        "microsoft.documentdb/databaseaccounts/sqldatabases/containers" => {
            Sort::Cosmos(Level::Container)
        }
        _ => return None,
    })
}

/// Returns the names in a resource id that tell things apart: `default` is what services in a
/// storage account are called.
fn path_of(id: &Id) -> Vec<&str> {
    let last = id.names.len().saturating_sub(1);
    let services = id.kind.starts_with("microsoft.storage/");
    let all = id.names.iter().enumerate();
    let kept = all.filter(|(place, name)| {
        !services || *place == last || !name.eq_ignore_ascii_case("default")
    });
    kept.map(|(_, name)| name.as_str()).collect()
}

/// Returns the type of what something is in and the steps from there, of what is named by its
/// resource id only. `None`: it is ours, or is looked up.
fn layout(sort: Sort) -> Option<(&'static str, &'static [&'static str])> {
    match sort {
        Sort::Table => {
            Some(("Microsoft.Storage/storageAccounts", &["tableServices/default/tables"]))
        }
        Sort::Topic => Some(("Microsoft.ServiceBus/namespaces", &["topics"])),
        Sort::TopicSubscription => {
            Some(("Microsoft.ServiceBus/namespaces", &["topics", "subscriptions"]))
        }
        Sort::Hub => Some(("Microsoft.EventHub/namespaces", &["eventhubs"])),
        Sort::ConsumerGroup => {
            Some(("Microsoft.EventHub/namespaces", &["eventhubs", "consumergroups"]))
        }
        Sort::GridTopic => Some(("Microsoft.EventGrid/topics", &[])),
        Sort::Key => Some(("Microsoft.KeyVault/vaults", &["keys"])),
        Sort::Cosmos(Level::Account) => Some((COSMOS, &[])),
        Sort::Cosmos(Level::Database) => Some((COSMOS, &["sqlDatabases"])),
        Sort::Cosmos(Level::Container) => Some((COSMOS, &["sqlDatabases", "containers"])),
        Sort::Account
        | Sort::Container
        | Sort::Queue
        | Sort::BusQueue
        | Sort::Secret
        | Sort::Insights => None,
    }
}

#[cfg(test)]
#[path = "things_tests.rs"]
pub(crate) mod tests;
