//! One look at everything: what `observe` was asked, and answers that several kinds share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::try_join_all;
use serde_json::{Value as Json, json};
use tokio::sync::OnceCell;
use updraft_contract::{CloudError, Kind, ResourceId, Scope};
use updraft_transport::pages;

use crate::access::Right;
use crate::api::{
    COSMOS, DATABASE_ACCOUNT, GRAPH, RESOURCES, ROLE_ASSIGNMENT, ROLE_DEFINITION, Type,
};
use crate::client::Cloud;
use crate::cosmos;
use crate::errors::Failure;
use crate::ids::{Id, same};
use crate::kinds::COSMOS_ROLE_ASSIGNMENT;
use crate::marks;
use crate::place::{ELSEWHERE, Names, bare};

/// The most rows that one answer of Azure Resource Graph holds.
const ROWS: u32 = 1000;

/// All of one type, once it was asked for.
type Listed = OnceCell<Arc<Vec<Json>>>;

/// What one `observe` is about. Made anew for each, so that nothing in it outlives its truth.
pub(crate) struct Survey {
    /// Whose resources.
    pub(crate) scope: Scope,
    wanted: Vec<ResourceId>,
    lists: Mutex<BTreeMap<&'static str, Arc<Listed>>>,
    swept: OnceCell<Vec<String>>,
    groups: OnceCell<Vec<Json>>,
    assignments: OnceCell<Vec<Json>>,
    definitions: OnceCell<Vec<Json>>,
    cosmos: OnceCell<Vec<Json>>,
}

impl Survey {
    /// Starts a survey.
    pub(crate) fn new(scope: &Scope, wanted: &[ResourceId]) -> Self {
        Self {
            scope: scope.clone(),
            wanted: wanted.to_vec(),
            lists: Mutex::default(),
            swept: OnceCell::new(),
            groups: OnceCell::new(),
            assignments: OnceCell::new(),
            definitions: OnceCell::new(),
            cosmos: OnceCell::new(),
        }
    }

    /// Returns the wanted addresses of one kind.
    pub(crate) fn wanted(&self, kind: Kind) -> impl Iterator<Item = &ResourceId> {
        self.wanted.iter().filter(move |id| id.kind == kind)
    }

    /// Returns what is ours of a type with tags, and whatever stands at a wanted address without
    /// them, each with its address.
    ///
    /// `id_of` gives the resource id that a name stands for; a mark on anything else was copied
    /// by somebody. What is ours in another group is named after it too: `api@old-group`.
    pub(crate) async fn of_type(
        &self,
        cloud: &Cloud,
        kind: Kind,
        listed: Type,
        id_of: impl Fn(Names<'_>, &str) -> Option<String> + Send,
    ) -> Result<Vec<(ResourceId, Json)>, Failure> {
        let names = cloud.place.names_in(&self.scope);
        let mut found = Vec::new();
        for one in self.list(cloud, listed).await?.iter() {
            let at = text(one, "id");
            let stands_at = |name: &str| id_of(names, name).is_some_and(|id| same(&id, at));
            let wanted = self.wanted(kind).find(|id| stands_at(bare(&id.name)));
            let marked = || {
                let name = marks::address(&self.scope, &marks::read(one))?;
                stands_at(&name).then_some(ResourceId { kind, name })
            };
            if let Some(id) = wanted.cloned().or_else(marked) {
                found.push((id, one.clone()));
            }
        }
        for at in self.swept(cloud, listed).await? {
            let Some(one) = cloud.arm.get(&at, listed.api).await? else { continue };
            let name = marks::address(&self.scope, &marks::read(&one));
            let Some(name) = name else { continue };
            let name = format!("{name}{ELSEWHERE}{}", Id::of(&at).group);
            let id = ResourceId { kind, name };
            let (there, name) = cloud.place.at(&self.scope, &id);
            if id_of(there, name).is_some_and(|id| same(&id, &at)) {
                found.push((id, one));
            }
        }
        Ok(found)
    }

    /// Returns all of a type in the group, ours or not. They may lack what only an exact read
    /// tells.
    pub(crate) async fn list(
        &self,
        cloud: &Cloud,
        listed: Type,
    ) -> Result<Arc<Vec<Json>>, Failure> {
        let cell = {
            let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lists.entry(listed.name).or_default())
        };
        let path = cloud.place.names_in(&self.scope).all(listed);
        let read = async { cloud.arm.list(&path, listed.api).await.map(Arc::new) };
        cell.get_or_try_init(|| read).await.map(Arc::clone)
    }

    /// Returns the resource ids that carry our marks in other groups of the subscription, of a
    /// project whose group has changed. The index is behind the truth: each is to be read.
    async fn swept(&self, cloud: &Cloud, listed: Type) -> Result<Vec<String>, Failure> {
        let all = self.swept.get_or_try_init(|| sweep(cloud, &self.scope)).await?;
        let group = cloud.place.names_in(&self.scope).group();
        let mut found = all.clone();
        found.retain(|at| {
            let id = Id::of(at);
            id.kind.eq_ignore_ascii_case(listed.name) && !id.group.eq_ignore_ascii_case(&group)
        });
        Ok(found)
    }

    /// Returns the resource groups of the subscription that carry our marks.
    pub(crate) async fn groups(&self, cloud: &Cloud) -> Result<&[Json], Failure> {
        let read = async {
            let filter = format!(
                "$filter=tagName eq '{}' and tagValue eq '{}'",
                marks::PROJECT,
                quoted(&self.scope.project)
            );
            let path = format!("{}/resourcegroups?{filter}", cloud.place.subscription_id());
            let mut found = cloud.arm.list(&path, RESOURCES).await?;
            found.retain(|group| marks::is_ours(&self.scope, &marks::read(group)));
            Ok::<_, Failure>(found)
        };
        self.groups.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the role assignments of the subscription, ours or not.
    ///
    /// Whoever may only look at the group gets those that are in it and hold for it.
    pub(crate) async fn assignments(&self, cloud: &Cloud) -> Result<&[Json], Failure> {
        let kind = ROLE_ASSIGNMENT;
        let read = async {
            let path = format!("{}/providers/{}", cloud.place.subscription_id(), kind.name);
            match cloud.arm.list(&path, kind.api).await {
                Err(failure) if matches!(failure.error, CloudError::Denied { .. }) => {
                    let path = cloud.place.names_in(&self.scope).all(kind);
                    cloud.arm.list(&path, kind.api).await
                }
                found => found,
            }
        };
        self.assignments.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the custom roles that can be assigned in the group, ours or not.
    pub(crate) async fn definitions(&self, cloud: &Cloud) -> Result<&[Json], Failure> {
        let path = cloud.place.names_in(&self.scope).all(ROLE_DEFINITION);
        let path = format!("{path}?$filter=type eq 'CustomRole'");
        let read = cloud.arm.list(&path, ROLE_DEFINITION.api);
        self.definitions.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the role assignments of Cosmos DB, ours or not, in the accounts that the index
    /// knows and in those that wanted rights are on.
    pub(crate) async fn cosmos(&self, cloud: &Cloud) -> Result<&[Json], Failure> {
        let read = async {
            let looks = self.cosmos_accounts(cloud).await?.into_values();
            let looks = looks.map(|(account, wanted)| async move {
                let path = format!("{account}/sqlRoleAssignments");
                match cloud.arm.list(&path, COSMOS).await {
                    // One that we may not look into, or that has another interface than that for
                    // NoSQL, has nothing of ours.
                    Err(Failure {
                        error: CloudError::Denied { .. } | CloudError::Refused { .. },
                        ..
                    }) if !wanted => Ok(Vec::new()),
                    found => found,
                }
            });
            try_join_all(looks).await.map(|all| all.concat())
        };
        self.cosmos.get_or_try_init(|| read).await.map(Vec::as_slice)
    }

    /// Returns the accounts of Cosmos DB by their resource ids in small letters: the id as it is
    /// written, and whether a wanted right is on something in it.
    async fn cosmos_accounts(
        &self,
        cloud: &Cloud,
    ) -> Result<BTreeMap<String, (String, bool)>, Failure> {
        let names = cloud.place.names_in(&self.scope);
        let swept = self.swept.get_or_try_init(|| sweep(cloud, &self.scope)).await?;
        let of_accounts =
            |at: &&String| Id::of(at).kind.eq_ignore_ascii_case(DATABASE_ACCOUNT.name);
        let known =
            swept.iter().filter(of_accounts).map(|at| (at.to_lowercase(), (at.clone(), false)));
        let mut accounts: BTreeMap<_, _> = known.collect();
        for right in self.wanted(COSMOS_ROLE_ASSIGNMENT).filter_map(Right::of) {
            let Some(on) = right.on.id(names) else { continue };
            let account = cosmos::apart(&on).0;
            accounts.insert(account.to_lowercase(), (account.to_owned(), true));
        }
        Ok(accounts)
    }
}

/// Asks Azure Resource Graph for everything that carries our marks, and for the accounts of Cosmos
/// DB, in which there may be role assignments of ours
/// (<https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data>).
async fn sweep(cloud: &Cloud, scope: &Scope) -> Result<Vec<String>, Failure> {
    let query = format!(
        "resources | where tags['{}'] =~ '{}' and tags['{}'] =~ '{}' or type =~ '{}' | \
         project id | order by id asc",
        marks::PROJECT,
        quoted(&scope.project),
        marks::STAGE,
        quoted(&scope.stage),
        DATABASE_ACCOUNT.name
    );
    let operation = "Microsoft.ResourceGraph/resources/action";
    pages(operation, async |token: Option<String>| {
        let mut options = json!({"resultFormat": "objectArray", "$top": ROWS});
        if let (Some(token), Some(options)) = (token, options.as_object_mut()) {
            options.insert("$skipToken".to_owned(), Json::from(token));
        }
        let subscriptions = [&cloud.place.subscription];
        let body = json!({"subscriptions": subscriptions, "query": query, "options": options});
        let path = "/providers/Microsoft.ResourceGraph/resources";
        let answer = cloud.arm.post(path, GRAPH, &body).await?;
        let rows = answer.get("data").and_then(Json::as_array).cloned().unwrap_or_default();
        let ids = rows.iter().map(|row| text(row, "id").to_owned()).collect();
        let next = answer.get("$skipToken").and_then(Json::as_str).map(str::to_owned);
        Ok::<_, Failure>((ids, next))
    })
    .await
}

/// Returns a text of something that was read.
pub(crate) fn text<'j>(object: &'j Json, name: &str) -> &'j str {
    object.get(name).and_then(Json::as_str).unwrap_or_default()
}

/// Doubles the quotes in a text that stands between quotes in a query.
fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
