//! What belongs to others and must be there, and be as the app needs it.

use std::collections::BTreeMap;

use updraft_contract::{App, Managed, Obstacle, Origin, ResourceType, Trigger};

use crate::client::Cloud;
use crate::data;
use crate::errors::{Failure, absent};
use crate::kinds::{access, bucket, subscription, topic};
use crate::place::{Names, Place};
use crate::things::{Thing, bucket_name};

/// Something of others that is looked at, once for each use.
pub(super) enum Look<'a> {
    /// A bucket that must be there.
    Bucket { name: String, uses: Uses<'a> },
    /// A topic that must be there, by its full name.
    Topic { name: String, origin: &'a Origin },
    /// A subscription that must be there, by its full name.
    Subscription { name: String, origin: &'a Origin },
    /// A secret that must be there, by its full name.
    Secret { name: String, origin: &'a Origin },
    /// Nothing to look at: a bucket of ours whose events come from elsewhere.
    Elsewhere { bucket: String, location: String, origin: &'a Origin },
}

/// What a bucket of others is used for.
pub(super) struct Uses<'a> {
    /// What uses it first.
    origin: &'a Origin,
    /// Where its events are expected, in small letters, if they call a function.
    events: Option<String>,
    /// How the manifest calls it, if it declares it.
    declared: Option<&'a Managed>,
    /// Whether access to a part of it is given, which takes uniform access.
    in_part: bool,
}

/// Returns what is to be looked at, each thing once.
pub(super) fn looks<'a>(names: Names<'_>, app: &'a App) -> Vec<Look<'a>> {
    let mut looks: BTreeMap<String, Look<'a>> = BTreeMap::new();
    for function in &app.functions {
        for entry in &function.triggers {
            match &entry.trigger {
                Trigger::Storage { bucket, .. } => {
                    let location = data::location(names, app, bucket);
                    of_bucket(&mut looks, (names, app), bucket, &entry.origin, Some(location));
                }
                Trigger::Queue { queue, .. } => {
                    of_topic(&mut looks, (names, app), queue, &entry.origin);
                }
                Trigger::Http { .. }
                | Trigger::Schedule { .. }
                | Trigger::Topic { .. }
                | Trigger::Stream { .. }
                | Trigger::Database { .. }
                | Trigger::Event { .. }
                | Trigger::Iot { .. } => {}
            }
        }
        for used in &function.access {
            of_access(&mut looks, (names, app), used);
        }
        for text in function.secrets.values() {
            let name = access::secret(names, text).holder(names).name().to_owned();
            looks.insert(name.clone(), Look::Secret { name, origin: &function.origin });
        }
    }
    for it in &app.managed {
        if let Some(dead) = &it.dead_letter {
            of_topic(&mut looks, (names, app), &dead.queue, &it.origin);
        }
    }
    looks.into_values().collect()
}

type Looks<'a> = BTreeMap<String, Look<'a>>;

fn of_access<'a>(
    looks: &mut Looks<'a>,
    (names, app): (Names<'_>, &'a App),
    used: &'a updraft_contract::Access,
) {
    let Some((resource_type, thing)) = access::target(app, &used.to) else { return };
    if resource_type == ResourceType::Bucket {
        of_bucket(looks, (names, app), &used.to, &used.origin, None);
        let name = bucket::full_name(&thing.bucket(names));
        if let (Some(Look::Bucket { uses, .. }), Some(_)) = (looks.get_mut(&name), &used.prefix) {
            uses.in_part = true;
        }
        return;
    }
    if used.verbs.iter().any(|verb| verb == "send") {
        of_topic(looks, (names, app), &used.to, &used.origin);
    }
    if let (true, Thing::Theirs(_)) = (used.verbs.iter().any(|verb| verb == "receive"), thing) {
        let name = thing.subscription(names);
        looks.insert(name.clone(), Look::Subscription { name, origin: &used.origin });
    }
}

fn of_topic<'a>(
    looks: &mut Looks<'a>,
    (names, app): (Names<'_>, &'a App),
    text: &'a str,
    origin: &'a Origin,
) {
    let thing = Thing::of(app, ResourceType::Queue, text);
    if let Thing::Theirs(_) = thing {
        let name = thing.topic(names);
        looks.entry(name.clone()).or_insert(Look::Topic { name, origin });
    }
}

fn of_bucket<'a>(
    looks: &mut Looks<'a>,
    (names, app): (Names<'_>, &'a App),
    text: &'a str,
    origin: &'a Origin,
    events: Option<String>,
) {
    let thing = Thing::of(app, ResourceType::Bucket, text);
    let name = bucket::full_name(&thing.bucket(names));
    if let Some(location) = events.clone().filter(|at| !covers(at, &names.place.region)) {
        let (bucket, key) = (thing.bucket(names), format!("{name} elsewhere"));
        looks.entry(key).or_insert(Look::Elsewhere { bucket, location, origin });
    }
    if let Thing::Ours(_) = thing {
        return;
    }
    let is = |it: &&Managed| {
        it.resource_type == ResourceType::Bucket
            && text.strip_prefix("bucket.") == Some(it.name.as_str())
    };
    let declared = app.managed.iter().find(is);
    let uses = Uses { origin, events: None, declared, in_part: false };
    let look = looks.entry(name.clone()).or_insert(Look::Bucket { name, uses });
    if let (Look::Bucket { uses, .. }, Some(location)) = (look, events) {
        uses.events = Some(location);
    }
}

/// The regions of places that are more than one
/// (<https://cloud.google.com/storage/docs/locations>).
const DUAL: &[(&str, &[&str])] = &[
    ("asia1", &["asia-northeast1", "asia-northeast2"]),
    ("eur4", &["europe-north1", "europe-west4"]),
    ("eur5", &["europe-west1", "europe-west2"]),
    ("eur7", &["europe-west2", "europe-west3"]),
    ("eur8", &["europe-west3", "europe-west6"]),
    ("nam4", &["us-central1", "us-east1"]),
];

/// Returns whether a location of buckets covers a region.
fn covers(location: &str, region: &str) -> bool {
    match location {
        "us" => region.starts_with("us-"),
        "eu" => region.starts_with("europe-"),
        "asia" => region.starts_with("asia-"),
        one => {
            let dual = DUAL.iter().find(|(name, _)| *name == one);
            dual.map_or(one == region, |(_, regions)| regions.contains(&region))
        }
    }
}

impl<'a> Look<'a> {
    /// Returns what asks for it.
    pub(super) fn origin(&self) -> &'a Origin {
        match self {
            Look::Bucket { uses, .. } => uses.origin,
            Look::Topic { origin, .. }
            | Look::Subscription { origin, .. }
            | Look::Secret { origin, .. }
            | Look::Elsewhere { origin, .. } => origin,
        }
    }

    /// Returns what is looked at, for people.
    pub(super) fn what(&self) -> String {
        match self {
            Look::Bucket { name, .. } => format!("bucket {}", bucket_name(name)),
            Look::Topic { name, .. }
            | Look::Subscription { name, .. }
            | Look::Secret { name, .. } => name.clone(),
            Look::Elsewhere { bucket, .. } => format!("bucket {bucket}"),
        }
    }

    /// Looks.
    pub(super) async fn obstacles(&self, cloud: &Cloud) -> Result<Vec<Obstacle>, Failure> {
        let there = match self {
            Look::Bucket { name, uses } => {
                let found = bucket::get(cloud, name).await?;
                if let Some(found) = &found {
                    return Ok(uses.obstacles(found));
                }
                false
            }
            Look::Topic { name, .. } => topic::get(cloud, name).await?.is_some(),
            Look::Subscription { name, .. } => subscription::get(cloud, name).await?.is_some(),
            Look::Secret { name, .. } => {
                let call = cloud.safe("secretmanager.secrets.get", |api| {
                    api.secrets.get_secret().set_name(name).send()
                });
                absent(call.await)?.is_some()
            }
            Look::Elsewhere { .. } => false,
        };
        Ok(if there { Vec::new() } else { vec![self.obstacle(&cloud.place)] })
    }

    /// Says that it is not there, or that it is elsewhere.
    fn obstacle(&self, place: &Place) -> Obstacle {
        let (project, region) = (&place.project, &place.region);
        let mut message = format!("{} does not exist", self.what());
        let mend = match self {
            Look::Bucket { name, uses } => {
                let (bucket, at) = (bucket_name(name), uses.events.as_ref().unwrap_or(region));
                format!(
                    "gcloud storage buckets create gs://{bucket} --location={at} \
                     --uniform-bucket-level-access --project={project}"
                )
            }
            Look::Topic { name, .. } => format!("gcloud pubsub topics create {name}"),
            Look::Subscription { name, .. } => {
                format!("gcloud pubsub subscriptions create {name} --topic=TOPIC")
            }
            Look::Secret { name, .. } => {
                let (id, project) = secret_of(name, project);
                format!("gcloud secrets create {id} --data-file=- --project={project}")
            }
            Look::Elsewhere { bucket, location, .. } => {
                message = format!(
                    "events of bucket {bucket} come from {location}, and the function is in \
                     {region}: they are slower, and their way is paid for"
                );
                format!("keep the bucket in {region}, or deploy to {location}")
            }
        };
        let blocks = !matches!(self, Look::Elsewhere { .. });
        Obstacle { message, mend, origin: Some(self.origin().clone()), blocks }
    }
}

fn secret_of<'n>(name: &'n str, here: &'n str) -> (&'n str, &'n str) {
    let mut parts = name.split('/').skip(1);
    let project = parts.next().unwrap_or(here);
    (parts.nth(1).unwrap_or(name), project)
}

impl Uses<'_> {
    /// Returns what is not as it should be about a bucket that is there.
    fn obstacles(&self, found: &google_cloud_storage::model::Bucket) -> Vec<Obstacle> {
        let (name, at) = (&found.bucket_id, found.location.to_lowercase());
        let mut obstacles = Vec::new();
        if let Some(expected) = self.events.as_ref().filter(|expected| **expected != at) {
            let mend = match self.declared {
                Some(it) => format!("write `location = \"{at}\"` under [bucket.{}]", it.name),
                None => format!(
                    "declare it: [bucket.{name}] with `existing = true` and `location = \"{at}\"`"
                ),
            };
            obstacles.push(Obstacle {
                message: format!(
                    "bucket {name} is in {at}, but its events are expected from {expected}: a \
                     trigger must be where its bucket is"
                ),
                mend,
                origin: Some(self.origin.clone()),
                blocks: true,
            });
        }
        let uniform =
            found.iam_config.as_ref().and_then(|it| it.uniform_bucket_level_access.as_ref());
        if self.in_part && !uniform.is_some_and(|it| it.enabled) {
            obstacles.push(Obstacle {
                message: format!(
                    "bucket {name} has access lists of single objects, and access by prefix takes \
                     uniform access"
                ),
                mend: format!(
                    "gcloud storage buckets update gs://{name} --uniform-bucket-level-access"
                ),
                origin: Some(self.origin.clone()),
                blocks: true,
            });
        }
        obstacles
    }
}
