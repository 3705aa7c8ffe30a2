//! Where resources are and what they are called: names and resource ids, all known while planning.

use sha2::{Digest, Sha256};
use updraft_contract::{ResourceId, Scope, hex, shortened};
use uuid::Uuid;

use crate::api::{
    EVENT_SUBSCRIPTION, IDENTITY, INSIGHTS, NAMESPACE, PLAN, ROLE_ASSIGNMENT, ROLE_DEFINITION,
    SITE, STORAGE_ACCOUNT, Type, WORKSPACE,
};
use crate::cosmos;

/// A subscription and region, and what the manifest says of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The subscription's id.
    pub(crate) subscription: String,
    /// The id of the directory (tenant) that the subscription trusts.
    pub(crate) tenant: String,
    /// The region, such as `westeurope`.
    pub(crate) region: String,
    /// The resource group that exists already and everything is put in.
    pub(crate) resource_group: Option<String>,
    /// The key vault of secrets that name none.
    pub(crate) key_vault: Option<String>,
    /// The application that callers ask for tokens of: its client id.
    pub(crate) application: Option<String>,
    /// Whether each function has a storage account of its own for its host.
    pub(crate) own_storage: bool,
    /// Whether this is the embedded cloud, or another one on this machine.
    pub(crate) local: bool,
}

/// What separates a name from the resource group of something that is in the way of none: one of
/// ours in a group that is no longer ours.
pub(crate) const ELSEWHERE: char = '@';

/// Limits of names
/// (<https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules>).
const LONGEST_GROUP: usize = 90;
const LONGEST_WORKSPACE: usize = 63;
const LONGEST_SITE: usize = 60;
/// Old documents say 40, newer ones 60; the shorter is right for both.
const LONGEST_PLAN: usize = 40;
const LONGEST_IDENTITY: usize = 128;
const LONGEST_ACCOUNT: usize = 24;
const LONGEST_NAMESPACE: usize = 50;
const LONGEST_CONTAINER: usize = 63;
const LONGEST_EVENT_SUBSCRIPTION: usize = 64;

/// Digits of a hash that keeps names apart which are everybody's.
const SITE_DIGITS: usize = 6;
const GLOBAL_DIGITS: usize = 8;

/// What the ids of role assignments and definitions are derived from, with a name.
const ROLES: Uuid = Uuid::from_u128(0x8a1e_55c0_6f0b_5b5e_9d5c_0d1f_7d2a_4e11);

/// Which storage account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Account {
    /// That of the hosts of all functions.
    Host,
    /// That of the host of one function.
    HostOf(String),
    /// That of the buckets and queues the project manages.
    Data,
}

impl Account {
    /// Returns the name of its address.
    pub(crate) fn logical(&self) -> String {
        match self {
            Account::Host => "host".to_owned(),
            Account::HostOf(function) => format!("host.{function}"),
            Account::Data => "data".to_owned(),
        }
    }

    /// Reads the name of an address.
    pub(crate) fn named(logical: &str) -> Option<Self> {
        match (logical, logical.strip_prefix("host.")) {
            ("host", _) => Some(Account::Host),
            ("data", _) => Some(Account::Data),
            (_, Some(function)) => Some(Account::HostOf(function.to_owned())),
            (_, None) => None,
        }
    }
}

impl Place {
    /// Returns the names of a project in a stage.
    pub(crate) fn names<'a>(&'a self, project: &'a str, stage: &'a str) -> Names<'a> {
        Names { place: self, project, stage, group: self.resource_group.as_deref() }
    }

    /// Returns the names of a scope.
    pub(crate) fn names_in<'a>(&'a self, scope: &'a Scope) -> Names<'a> {
        self.names(&scope.project, &scope.stage)
    }

    /// Returns the names that hold for `id`, which may be of another group, and its bare name.
    pub(crate) fn at<'a>(&'a self, scope: &'a Scope, id: &'a ResourceId) -> (Names<'a>, &'a str) {
        let names = self.names_in(scope);
        match id.name.split_once(ELSEWHERE) {
            Some((name, group)) => (Names { group: Some(group), ..names }, name),
            None => (names, &id.name),
        }
    }

    /// Returns `/subscriptions/<id>`.
    pub(crate) fn subscription_id(&self) -> String {
        format!("/subscriptions/{}", self.subscription)
    }

    /// Returns the resource id of a group of the subscription.
    pub(crate) fn group_id(&self, group: &str) -> String {
        format!("{}/resourceGroups/{group}", self.subscription_id())
    }

    /// Returns the resource id of a role definition: a role of Azure's own, or one of ours.
    pub(crate) fn role(&self, guid: &str) -> String {
        format!("{}/providers/{}/{guid}", self.subscription_id(), ROLE_DEFINITION.name)
    }
}

/// Returns the name of an address without the group it may be followed by.
pub(crate) fn bare(name: &str) -> &str {
    name.split(ELSEWHERE).next().unwrap_or(name)
}

/// The names of one project in one stage. The same name for the same thing, always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// Where.
    pub(crate) place: &'a Place,
    /// The project of the manifest.
    pub(crate) project: &'a str,
    /// The stage.
    pub(crate) stage: &'a str,
    /// The group, where it is not the project's own.
    group: Option<&'a str>,
}

impl Names<'_> {
    /// Returns the resource group that everything is in.
    pub(crate) fn group(&self) -> String {
        match self.group {
            Some(group) => group.to_owned(),
            None => self.base(LONGEST_GROUP),
        }
    }

    /// Returns the resource id of the group.
    pub(crate) fn group_id(&self) -> String {
        self.place.group_id(&self.group())
    }

    /// Returns the resource id of something in the group.
    pub(crate) fn id(&self, kind: Type, name: &str) -> String {
        format!("{}/providers/{}/{name}", self.group_id(), kind.name)
    }

    /// Returns the path that lists all of a type in the group.
    pub(crate) fn all(&self, kind: Type) -> String {
        format!("{}/providers/{}", self.group_id(), kind.name)
    }

    /// Returns the name of the Log Analytics workspace: 4 to 63 letters, digits and dashes.
    pub(crate) fn workspace(&self) -> String {
        let name = self.base(LONGEST_WORKSPACE);
        if name.len() < 4 { format!("{name}-logs") } else { name }
    }

    /// Returns the resource id of the workspace.
    pub(crate) fn workspace_id(&self) -> String {
        self.id(WORKSPACE, &self.workspace())
    }

    /// Returns the name of the Application Insights component.
    pub(crate) fn insights(&self) -> String {
        self.base(LONGEST_GROUP)
    }

    /// Returns the resource id of the component.
    pub(crate) fn insights_id(&self) -> String {
        self.id(INSIGHTS, &self.insights())
    }

    /// Returns the name of the plan of a function.
    pub(crate) fn plan(&self, function: &str) -> String {
        shortened(&self.plain(function), LONGEST_PLAN)
    }

    /// Returns the resource id of the plan of a function.
    pub(crate) fn plan_id(&self, function: &str) -> String {
        self.id(PLAN, &self.plan(function))
    }

    /// Returns the name of the identity of a function.
    pub(crate) fn identity(&self, function: &str) -> String {
        shortened(&self.plain(function), LONGEST_IDENTITY)
    }

    /// Returns the resource id of the identity of a function.
    pub(crate) fn identity_id(&self, function: &str) -> String {
        self.id(IDENTITY, &self.identity(function))
    }

    /// Returns the name of a function app, which everybody's names share: it ends in a hash.
    pub(crate) fn site(&self, function: &str) -> String {
        let name = shortened(&self.plain(function), LONGEST_SITE - SITE_DIGITS - 1);
        format!("{name}-{}", self.hash(function, SITE_DIGITS))
    }

    /// Returns the resource id of a function app.
    pub(crate) fn site_id(&self, function: &str) -> String {
        self.id(SITE, &self.site(function))
    }

    /// Returns which account the host of a function uses.
    pub(crate) fn host_of(&self, function: &str) -> Account {
        if self.place.own_storage {
            return Account::HostOf(function.to_owned());
        }
        Account::Host
    }

    /// Returns the name of a storage account: small letters and digits, ending in a hash.
    pub(crate) fn account(&self, account: &Account) -> String {
        let letter = match account {
            Account::Host | Account::HostOf(_) => 'h',
            Account::Data => 'd',
        };
        let base = self.base(usize::MAX);
        let small = base.chars().filter(char::is_ascii_alphanumeric);
        let name: String = small.take(LONGEST_ACCOUNT - GLOBAL_DIGITS - 1).collect();
        format!("{name}{letter}{}", self.hash(&account.logical(), GLOBAL_DIGITS))
    }

    /// Returns the resource id of a storage account of ours.
    pub(crate) fn account_id(&self, account: &Account) -> String {
        self.id(STORAGE_ACCOUNT, &self.account(account))
    }

    /// Returns the name of the Service Bus namespace, which everybody's names share.
    pub(crate) fn namespace(&self) -> String {
        let name = shortened(&self.base(usize::MAX), LONGEST_NAMESPACE - GLOBAL_DIGITS - 1);
        format!("{name}-{}", self.hash("namespace", GLOBAL_DIGITS))
    }

    /// Returns the resource id of the Service Bus namespace.
    pub(crate) fn namespace_id(&self) -> String {
        self.id(NAMESPACE, &self.namespace())
    }

    /// Returns the resource id of a queue in the Service Bus namespace.
    pub(crate) fn bus_queue_id(&self, queue: &str) -> String {
        bus_queue_id(&self.namespace_id(), &legal(queue))
    }

    /// Returns the name of the Event Grid subscription `logical`, such as `thumb.storage`.
    pub(crate) fn event_subscription(&self, logical: &str) -> String {
        shortened(&self.plain(logical), LONGEST_EVENT_SUBSCRIPTION)
    }

    /// Returns the GUID of a custom role of ours.
    pub(crate) fn custom_role(&self, role: &str) -> String {
        let group = self.group_id().to_lowercase();
        let name = format!("{}/{}/{role}/{group}", self.project, self.stage);
        Uuid::new_v5(&ROLES, name.as_bytes()).to_string()
    }

    /// Returns the GUID of the role assignment of Cosmos DB that gives `role`, a GUID, on the
    /// resource id `on` to the identity of a function: `principal` at that time. There is no room
    /// in one for a mark, so that its name says whose it is.
    pub(crate) fn cosmos_assignment(
        &self,
        function: &str,
        (on, principal, role): (&str, &str, &str),
    ) -> String {
        let whose = format!("{}/{}/{function}", self.project, self.stage);
        let (account, rest) = cosmos::apart(on);
        let on = format!("{}{rest}", account.to_lowercase());
        let name = format!("{whose}|{on}|{}|{}", principal.to_lowercase(), role.to_lowercase());
        Uuid::new_v5(&ROLES, name.as_bytes()).to_string()
    }

    /// Returns the first digits of a hash that no other name of anybody's has.
    fn hash(&self, logical: &str, digits: usize) -> String {
        let (subscription, group) =
            (self.place.subscription.to_lowercase(), self.group().to_lowercase());
        let whole = format!("{subscription}/{group}/{}/{}/{logical}", self.project, self.stage);
        let mut hash = hex(&Sha256::digest(whole.as_bytes()));
        hash.truncate(digits);
        hash
    }

    /// Writes `<project>-<stage>` in small letters, digits and dashes.
    fn base(&self, limit: usize) -> String {
        shortened(&dashed(&format!("{}-{}", self.project, self.stage)), limit)
    }

    /// Writes `<project>-<stage>-<logical>` in small letters, digits and dashes.
    fn plain(&self, logical: &str) -> String {
        dashed(&format!("{}-{}-{logical}", self.project, self.stage))
    }
}

/// Returns the resource id of a container in the account with this id.
pub(crate) fn container_id(account: &str, container: &str) -> String {
    format!("{account}/blobServices/default/containers/{container}")
}

/// Returns the resource id of a storage queue in the account with this id.
pub(crate) fn queue_id(account: &str, queue: &str) -> String {
    format!("{account}/queueServices/default/queues/{queue}")
}

/// Returns the resource id of a queue in the Service Bus namespace with this id.
pub(crate) fn bus_queue_id(namespace: &str, queue: &str) -> String {
    format!("{namespace}/queues/{queue}")
}

/// Returns the resource id of an Event Grid subscription on `source`.
pub(crate) fn event_subscription_id(source: &str, name: &str) -> String {
    format!("{source}/providers/{}/{name}", EVENT_SUBSCRIPTION.name)
}

/// Returns the resource id of the role assignment that gives `role`, a GUID, to a principal at
/// `scope`. The principal is part of its name: one whose identity was made anew is another.
pub(crate) fn assignment_id(scope: &str, principal: &str, role: &str) -> String {
    let (scope, role) = (scope.trim_end_matches('/'), role.to_lowercase());
    let name = format!("{}|{}|{role}", scope.to_lowercase(), principal.to_lowercase());
    let guid = Uuid::new_v5(&ROLES, name.as_bytes());
    format!("{scope}/providers/{}/{guid}", ROLE_ASSIGNMENT.name)
}

/// Returns the name of the container of a bucket, of the container of a function's package, of a
/// storage queue, or of a queue of Service Bus: 3 to 63 small letters, digits and single dashes. One that has to be changed for that is kept apart from others by a hash.
pub(crate) fn legal(logical: &str) -> String {
    let mut name = dashed(logical);
    while name.contains("--") {
        name = name.replace("--", "-");
    }
    if name == logical && (3..=LONGEST_CONTAINER).contains(&name.len()) {
        return name;
    }
    let mut hash = hex(&Sha256::digest(logical.as_bytes()));
    hash.truncate(SITE_DIGITS);
    let kept: String = name.chars().take(LONGEST_CONTAINER - SITE_DIGITS - 1).collect();
    let kept = kept.trim_matches('-');
    if kept.is_empty() { format!("x-{hash}") } else { format!("{kept}-{hash}") }
}

fn dashed(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = name.to_lowercase().chars().map(letter).collect();
    name.trim_matches('-').to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use updraft_contract::{Kind, ResourceId};

    use super::{Account, Place, assignment_id, legal};
    use crate::marks::tests::scope;

    pub(crate) fn place() -> Place {
        Place {
            subscription: "11112222-3333-4444-5555-666677778888".into(),
            tenant: "99998888-7777-6666-5555-444433332222".into(),
            region: "westeurope".into(),
            ..Place::default()
        }
    }

    #[test]
    fn names_fit_the_services_they_are_for() {
        let place = place();
        let names = place.names("photo-pipeline", "production");
        assert_eq!(names.group(), "photo-pipeline-production");
        assert_eq!(names.workspace(), "photo-pipeline-production");
        assert_eq!(place.names("a", "b").workspace(), "a-b-logs");
        assert_eq!(names.plan("thumb"), "photo-pipeline-production-thumb");
        assert!(names.plan("a_very_long_name_of_a_function").len() <= 40);
        let site = names.site("a_very_long_name_of_a_function_that_goes_on_and_on");
        assert!(site.len() <= 60 && !site.contains('_'), "{site}");
        assert!(names.site("thumb").starts_with("photo-pipeline-production-thumb-"));
        let host = names.account(&Account::Host);
        assert!(host.len() == 24 && host.starts_with("photopipelineprh"), "{host}");
        assert_ne!(host, names.account(&Account::HostOf("thumb".into())));
        let namespace = names.namespace();
        assert!(namespace.len() <= 50 && namespace.starts_with("photo-pipeline-production-"));
    }

    #[test]
    fn names_that_everybody_shares_differ_by_subscription_and_group() {
        let (here, there) = (place(), Place { subscription: "other".into(), ..place() });
        let other = Place { resource_group: Some("theirs".into()), ..place() };
        let site = |place: &Place| place.names("shop", "dev").site("api");
        assert_ne!(site(&here), site(&there));
        assert_ne!(site(&here), site(&other));
        assert_eq!(here.names("shop", "dev").plan("api"), other.names("shop", "dev").plan("api"));
    }

    #[test]
    fn something_in_another_group_is_called_as_it_was_there() {
        let (now, then) = (place(), Place { resource_group: Some("old".into()), ..place() });
        let id = ResourceId { kind: Kind("azure.function"), name: "api@old".into() };
        let scope = scope();
        let (names, name) = now.at(&scope, &id);
        assert_eq!(names.site_id(name), then.names("shop", "dev").site_id("api"));
    }

    #[test]
    fn containers_and_queues_have_legal_names_that_stay_apart() {
        assert_eq!(legal("photos"), "photos");
        for name in ["a", "Photos", "my_photos", "a--b", &"x".repeat(80)] {
            let legal = legal(name);
            assert!((3..=63).contains(&legal.len()) && !legal.contains("--"), "{legal}");
        }
        assert_ne!(legal("my_photos"), legal("my-photos"));
    }

    #[test]
    fn a_role_assignment_is_named_after_what_it_gives_to_whom_and_where() {
        let id = |scope, principal| assignment_id(scope, principal, "B7E6");
        assert_eq!(id("/a", "p").split('/').next_back(), id("/A", "P").split('/').next_back());
        assert_ne!(id("/a", "p"), id("/a", "q"));
        assert!(id("/a", "p").starts_with("/a/providers/Microsoft.Authorization/roleAssignments/"));
    }

    #[test]
    fn addresses_of_accounts_are_read_back() {
        for account in [Account::Host, Account::Data, Account::HostOf("api".into())] {
            assert_eq!(Account::named(&account.logical()), Some(account));
        }
        assert_eq!(Account::named("x"), None);
    }
}
