//! `gcp.project-access`, `gcp.bucket-access`, `gcp.topic-access`, `gcp.subscription-access`,
//! `gcp.secret-access` and `gcp.resource-access`: our bindings in one allow policy, all of them in
//! one write.
//!
//! Ours is what names a service account of ours. Whatever else a policy holds is a neighbour's.

mod lower;
mod rights;

use std::collections::BTreeSet;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use updraft_contract::{
    Action, FieldSpec, Fields, Grant, Kind, KindSpec, Known, Live, Owner, ResourceId, Scope,
    Stages, Value, Verb, Version,
};
use updraft_transport::{ResourceKind, known};

pub(crate) use lower::{notes, permissions, secret, target, wanted};
pub(crate) use rights::of as rights_of;

use super::{
    BUCKET, BUCKET_ACCESS, PROJECT_ACCESS, RESOURCE_ACCESS, SECRET_ACCESS, SERVICE_ACCOUNT,
    SUBSCRIPTION, SUBSCRIPTION_ACCESS, TOPIC, TOPIC_ACCESS,
};
use crate::agents;
use crate::bindings::{Change, Right};
use crate::client::Cloud;
use crate::errors::Failure;
use crate::kind::{Found, Made};
use crate::kinds::topic::ordered;
use crate::marks;
use crate::survey::Survey;
use crate::things::Spot;

/// How many policies are read at once.
const AT_ONCE: usize = 8;

const FIELDS: &[FieldSpec] = &[
    FieldSpec::plain("on"),
    // What is made anew has an empty policy.
    FieldSpec::fixed("made"),
    FieldSpec::document("bindings"),
    FieldSpec::document("ensures"),
];

/// Describes one of the kinds.
const fn spec(
    kind: Kind,
    needs: &'static [Kind],
    grants: &'static [Grant],
    reads: &'static [&'static str],
) -> KindSpec {
    KindSpec {
        kind,
        needs,
        snapshots: &[],
        fields: FIELDS,
        grants,
        reads,
        downtime: "",
        shows: &[],
    }
}

/// The same permissions for every verb.
macro_rules! grants {
    ($($permission:literal),*) => {
        &[
            Grant { verb: Verb::Create, permissions: &[$($permission),*] },
            Grant { verb: Verb::Update, permissions: &[$($permission),*] },
            Grant { verb: Verb::Delete, permissions: &[$($permission),*] },
        ]
    };
}

static PROJECT: KindSpec = spec(
    PROJECT_ACCESS,
    &[SERVICE_ACCOUNT],
    grants!["resourcemanager.projects.setIamPolicy"],
    &["resourcemanager.projects.getIamPolicy"],
);
static BUCKETS: KindSpec = spec(
    BUCKET_ACCESS,
    &[SERVICE_ACCOUNT, BUCKET],
    grants!["storage.buckets.setIamPolicy"],
    &["storage.buckets.getIamPolicy", "storage.buckets.list"],
);
static TOPICS: KindSpec = spec(
    TOPIC_ACCESS,
    &[SERVICE_ACCOUNT, TOPIC],
    grants!["pubsub.topics.setIamPolicy"],
    &["pubsub.topics.getIamPolicy", "pubsub.topics.list"],
);
static SUBSCRIPTIONS: KindSpec = spec(
    SUBSCRIPTION_ACCESS,
    &[SERVICE_ACCOUNT, SUBSCRIPTION],
    grants!["pubsub.subscriptions.setIamPolicy"],
    &["pubsub.subscriptions.getIamPolicy", "pubsub.subscriptions.list"],
);
static SECRETS: KindSpec = spec(
    SECRET_ACCESS,
    &[SERVICE_ACCOUNT],
    grants!["secretmanager.secrets.setIamPolicy"],
    &["secretmanager.secrets.getIamPolicy"],
);

static OTHERS: KindSpec = spec(RESOURCE_ACCESS, &[SERVICE_ACCOUNT], grants![], &[]);

/// Our bindings in the policies of one sort of thing.
pub(crate) enum Access {
    /// The project that is worked in.
    Project,
    /// Buckets.
    Buckets,
    /// Topics.
    Topics,
    /// Subscriptions.
    Subscriptions,
    /// Secrets.
    Secrets,
    /// Whatever else has a policy: keys, queues of tasks, databases, services.
    Others,
}

#[async_trait]
impl ResourceKind<Cloud, Survey> for Access {
    fn spec(&self) -> &'static KindSpec {
        match self {
            Access::Project => &PROJECT,
            Access::Buckets => &BUCKETS,
            Access::Topics => &TOPICS,
            Access::Subscriptions => &SUBSCRIPTIONS,
            Access::Secrets => &SECRETS,
            Access::Others => &OTHERS,
        }
    }

    fn exclusive(&self) -> bool {
        false
    }

    fn nonce(&self, scope: &Scope, id: &ResourceId) -> String {
        marks::nonce(scope, id)
    }

    async fn list(&self, cloud: &Cloud, survey: &Survey) -> Result<Vec<Live>, Failure> {
        let ours = accounts(cloud, survey).await?;
        let mut spots: BTreeSet<Spot> =
            survey.wanted(self.spec().kind).map(|id| Spot(id.clone())).collect();
        spots.extend(self.forgotten(cloud, survey).await?);
        let ours = &ours;
        let reads = stream::iter(spots).map(|spot| async move {
            let made = made_in(cloud, survey, &spot).await?;
            let found = found(cloud, &survey.scope, (&spot, made), ours).await?;
            Ok::<_, Failure>(found.map(|it| it.live))
        });
        let found: Vec<Option<Live>> = reads.buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn read(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        id: &ResourceId,
    ) -> Result<Option<Found>, Failure> {
        let ours = accounts(cloud, &Survey::new(scope, &[])).await?;
        let spot = Spot(id.clone());
        let made = made(cloud, scope, &spot).await?;
        found(cloud, scope, (&spot, made), &ours).await
    }

    async fn create(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        amend(cloud, scope, action, BTreeSet::new()).await
    }

    async fn update(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        action: &Action<Known>,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<Made, Failure> {
        amend(cloud, scope, action, rights::of(found.live.fields.get("bindings"))).await
    }

    async fn delete(
        &self,
        cloud: &Cloud,
        scope: &Scope,
        found: &Found,
        _: &Stages<'_>,
    ) -> Result<(), Failure> {
        let take = rights::of(found.live.fields.get("bindings"));
        let holder = Spot(found.live.id.clone()).holder(cloud.place.names_in(scope));
        holder.amend(cloud, &Change { give: BTreeSet::new(), take }).await
    }
}

impl Access {
    /// Returns the policies that may hold bindings of ours although nothing wants them any more:
    /// those of what is ours, and those of others that our accounts' descriptions name.
    async fn forgotten(&self, cloud: &Cloud, survey: &Survey) -> Result<BTreeSet<Spot>, Failure> {
        let scope = &survey.scope;
        let names = cloud.place.names_in(scope);
        let ours = |labels| marks::address(scope, &labels);
        let mut spots: BTreeSet<Spot> = match self {
            Access::Project => BTreeSet::from([Spot::project()]),
            Access::Buckets => {
                let all = super::bucket::all(cloud, survey).await?.iter();
                let ours = all
                    .filter_map(|bucket| ours(ordered(&bucket.labels)).map(|name| (name, bucket)));
                let kept = ours.filter(|(name, bucket)| names.bucket(name) == bucket.bucket_id);
                kept.map(|(name, _)| Spot(id(BUCKET_ACCESS, name))).collect()
            }
            Access::Topics => {
                let all = survey.topics(cloud).await?.iter();
                let ours = all.filter_map(|topic| ours(ordered(&topic.labels)));
                ours.map(|name| Spot(id(TOPIC_ACCESS, name))).collect()
            }
            Access::Subscriptions => {
                let all = survey.subscriptions(cloud).await?.iter();
                let ours = all.filter_map(|it| ours(ordered(&it.labels)));
                ours.map(|name| Spot::our_subscription(&name)).collect()
            }
            Access::Secrets | Access::Others => BTreeSet::new(),
        };
        for account in survey.accounts(cloud).await? {
            let line = marks::read(&account.description).filter(|line| line.is_ours(scope));
            let noted = line.into_iter().flat_map(|line| line.on);
            let noted = noted.filter_map(|note| Spot::noted(&note, names));
            spots.extend(noted.filter(|spot| spot.0.kind == self.spec().kind));
        }
        Ok(spots)
    }
}

fn id(kind: Kind, name: impl Into<String>) -> ResourceId {
    ResourceId { kind, name: name.into() }
}

/// Returns the service accounts that carry this scope's mark, as members of policies.
async fn accounts(cloud: &Cloud, survey: &Survey) -> Result<BTreeSet<String>, Failure> {
    let ours = |account: &&google_cloud_iam_admin_v1::model::ServiceAccount| {
        marks::read(&account.description).is_some_and(|line| line.is_ours(&survey.scope))
    };
    let all = survey.accounts(cloud).await?.iter().filter(ours);
    Ok(all.map(|account| format!("serviceAccount:{}", account.email).to_lowercase()).collect())
}

/// Reads what is ours in one policy. `None`: nothing is.
async fn found(
    cloud: &Cloud,
    scope: &Scope,
    (spot, made): (&Spot, Option<String>),
    ours: &BTreeSet<String>,
) -> Result<Option<Found>, Failure> {
    let names = cloud.place.names_in(scope);
    let held = spot.holder(names).rights(cloud).await?;
    let shared: BTreeSet<Right> = lower::shared(names, spot).into_iter().collect();
    let is_ours = |right: &&Right| {
        let account = ours.contains(&right.member.to_lowercase());
        !spot.is_shared() && (account || lower::is_agent_of_ours(names, spot, right))
    };
    let bindings: BTreeSet<Right> = held.iter().filter(is_ours).cloned().collect();
    let ensures: BTreeSet<Right> = held.intersection(&shared).cloned().collect();
    let there = if spot.is_shared() { !ensures.is_empty() } else { !bindings.is_empty() };
    if !there {
        return Ok(None);
    }
    let on = Value::from(spot.holder(names).name());
    let mut fields = Fields::new([("on", on), ("bindings", rights::field(&bindings))]);
    if let Some(made) = made {
        fields.set("made", made);
    }
    if !ensures.is_empty() {
        fields.set("ensures", rights::field(&ensures));
    }
    let fields = known(fields);
    let live = Live {
        holds: None,
        id: spot.0.clone(),
        owner: Owner::Us,
        version: Version::of(&fields),
        outputs: lower::outputs(names, spot),
        fields,
    };
    // A binding has no room for a nonce: the same bindings are the same thing.
    Ok(Some(Found { live, nonce: None }))
}

/// Returns when something of ours was made whose policy goes with it, as a survey knows it.
async fn made_in(cloud: &Cloud, survey: &Survey, spot: &Spot) -> Result<Option<String>, Failure> {
    let Some(ours) = lower::replaceable(spot) else { return Ok(None) };
    let holder = spot.holder(cloud.place.names_in(&survey.scope));
    let labels = if ours.kind == BUCKET {
        let all = super::bucket::all(cloud, survey).await?;
        all.iter().find(|it| it.name == holder.name()).map(|it| ordered(&it.labels))
    } else {
        let all = survey.subscriptions(cloud).await?;
        all.iter().find(|it| it.name == holder.name()).map(|it| ordered(&it.labels))
    };
    Ok(labels.and_then(|mut labels| labels.remove(marks::NONCE)))
}

/// Returns the same, read exactly.
async fn made(cloud: &Cloud, scope: &Scope, spot: &Spot) -> Result<Option<String>, Failure> {
    let Some(ours) = lower::replaceable(spot) else { return Ok(None) };
    let holder = spot.holder(cloud.place.names_in(scope));
    let labels = if ours.kind == BUCKET {
        super::bucket::get(cloud, holder.name()).await?.map(|it| ordered(&it.labels))
    } else {
        super::subscription::get(cloud, holder.name()).await?.map(|it| ordered(&it.labels))
    };
    Ok(labels.and_then(|mut labels| labels.remove(marks::NONCE)))
}

/// Gives what the action wants and takes what was found beside it.
async fn amend(
    cloud: &Cloud,
    scope: &Scope,
    action: &Action<Known>,
    found: BTreeSet<Right>,
) -> Result<Made, Failure> {
    let names = cloud.place.names_in(scope);
    let spot = Spot(action.target.clone());
    let mut give = rights::of(action.body.get("bindings"));
    give.extend(rights::of(action.body.get("ensures")));
    agents::ensure(cloud, &give).await?;
    spot.holder(names).amend(cloud, &Change { give, take: found }).await?;
    Ok(lower::outputs(names, &spot))
}
