//! What a manifest reference leads to: a bucket, topic or subscription of ours or of others.

use updraft_contract::{App, Kind, Managed, ResourceId, ResourceType};

use crate::holder::Holder;
use crate::kinds::{
    BUCKET, BUCKET_ACCESS, CALLERS, PROJECT_ACCESS, RESOURCE_ACCESS, SECRET_ACCESS, SUBSCRIPTION,
    SUBSCRIPTION_ACCESS, TOPIC, TOPIC_ACCESS,
};
use crate::place::Names;

/// Whose a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing<'a> {
    /// Made and kept by us.
    Ours(&'a Managed),
    /// Somebody else's, by the name it has there: declared as existing, or named where it is used.
    Theirs(&'a str),
}

impl<'a> Thing<'a> {
    /// Returns what `text` leads to: `bucket.photos`, or a name as it is in the cloud.
    pub(crate) fn of(app: &'a App, resource_type: ResourceType, text: &'a str) -> Self {
        let name = text.strip_prefix(resource_type.word()).and_then(|rest| rest.strip_prefix('.'));
        let declared = name.and_then(|name| {
            let is =
                |managed: &&Managed| managed.resource_type == resource_type && managed.name == name;
            app.managed.iter().find(is)
        });
        match declared {
            Some(managed) if managed.existing => {
                Thing::Theirs(managed.physical_name.as_deref().unwrap_or(&managed.name))
            }
            Some(managed) => Thing::Ours(managed),
            None => Thing::Theirs(text),
        }
    }

    /// Returns what it is called in addresses: its logical name, or the last part of its full one.
    pub(crate) fn short(&self) -> &'a str {
        match self {
            Thing::Ours(managed) => &managed.name,
            Thing::Theirs(name) => name.rsplit('/').next().unwrap_or(name),
        }
    }

    /// Returns the name of the bucket it is.
    pub(crate) fn bucket(&self, names: Names<'_>) -> String {
        match self {
            Thing::Ours(managed) => names.bucket(&managed.name),
            Thing::Theirs(name) => bucket_name(name).to_owned(),
        }
    }

    /// Returns the full name of the topic it is.
    pub(crate) fn topic(&self, names: Names<'_>) -> String {
        match self {
            Thing::Ours(managed) => names.place.topic(&names.plain_id(&managed.name)),
            Thing::Theirs(name) if name.starts_with("projects/") => (*name).to_owned(),
            Thing::Theirs(name) => names.place.topic(name),
        }
    }

    /// Returns the full name of the subscription that messages are received from: our own, or
    /// with others the one that is called like the topic.
    pub(crate) fn subscription(&self, names: Names<'_>) -> String {
        match self {
            Thing::Ours(managed) => names.place.subscription(&names.plain_id(&managed.name)),
            Thing::Theirs(name) if name.contains("/subscriptions/") => (*name).to_owned(),
            Thing::Theirs(_) => names.place.subscription(self.short()),
        }
    }
}

/// Returns the name in `projects/_/buckets/<name>`, `gs://<name>` or `<name>`.
pub(crate) fn bucket_name(name: &str) -> &str {
    let plain = name.strip_prefix("gs://").or_else(|| name.strip_prefix("projects/_/buckets/"));
    plain.unwrap_or(name)
}

/// The address of our bindings in one policy.
///
/// What is ours is called by its logical name; what is others' by its full one, so that it is
/// found when the manifest no longer mentions it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot(pub(crate) ResourceId);

/// What the address ends with of a right that is everybody's and that we only make sure of.
pub(crate) const SHARED: &str = "/dead-letters";

impl Spot {
    fn at(kind: Kind, name: impl Into<String>) -> Self {
        Self(ResourceId { kind, name: name.into() })
    }

    /// Returns the bindings in the policy of a bucket.
    pub(crate) fn bucket(thing: &Thing<'_>) -> Self {
        match thing {
            Thing::Ours(managed) => Self::at(BUCKET_ACCESS, &managed.name),
            Thing::Theirs(name) => {
                Self::at(BUCKET_ACCESS, format!("projects/_/buckets/{}", bucket_name(name)))
            }
        }
    }

    /// Returns the bindings in the policy of a topic.
    pub(crate) fn topic(names: Names<'_>, thing: &Thing<'_>) -> Self {
        match thing {
            Thing::Ours(managed) => Self::at(TOPIC_ACCESS, &managed.name),
            Thing::Theirs(_) => Self::at(TOPIC_ACCESS, thing.topic(names)),
        }
    }

    /// Returns the binding that lets Pub/Sub itself put dead letters into a topic.
    pub(crate) fn dead_letters(names: Names<'_>, thing: &Thing<'_>) -> Self {
        let topic = Self::topic(names, thing).0.name;
        Self::at(TOPIC_ACCESS, format!("{topic}{SHARED}"))
    }

    /// Returns the bindings in the policy of a subscription of ours, by its address.
    pub(crate) fn our_subscription(name: &str) -> Self {
        Self::at(SUBSCRIPTION_ACCESS, name)
    }

    /// Returns the bindings in the policy of the subscription that messages are received from.
    pub(crate) fn subscription(names: Names<'_>, thing: &Thing<'_>) -> Self {
        match thing {
            Thing::Ours(managed) => Self::our_subscription(&managed.name),
            Thing::Theirs(_) => Self::at(SUBSCRIPTION_ACCESS, thing.subscription(names)),
        }
    }

    /// Returns the bindings in the policy of a secret.
    pub(crate) fn secret(secret: &str) -> Self {
        Self::at(SECRET_ACCESS, secret)
    }

    /// Returns the bindings in the policy of the project.
    pub(crate) fn project() -> Self {
        Self::at(PROJECT_ACCESS, "project")
    }

    /// Returns the bindings in the policy of the service that a function of ours is.
    pub(crate) fn callers(function: &str) -> Self {
        Self::at(CALLERS, function)
    }

    /// Returns the bindings in the policy of anything else, by its full name.
    pub(crate) fn other(name: &str) -> Self {
        Self::at(RESOURCE_ACCESS, name)
    }

    /// Returns whether the policy is that of something of others.
    pub(crate) fn is_theirs(&self) -> bool {
        self.0.kind == SECRET_ACCESS || self.0.name.starts_with("projects/")
    }

    /// Returns whether it is a right that we only make sure of.
    pub(crate) fn is_shared(&self) -> bool {
        self.0.name.ends_with(SHARED)
    }

    /// Returns the kind and name of the resource of ours that has the policy, if it is ours.
    pub(crate) fn of_ours(&self) -> Option<ResourceId> {
        let kind = match self.0.kind {
            BUCKET_ACCESS => BUCKET,
            TOPIC_ACCESS => TOPIC,
            SUBSCRIPTION_ACCESS => SUBSCRIPTION,
            _ => return None,
        };
        let name = self.0.name.strip_suffix(SHARED).unwrap_or(&self.0.name).to_owned();
        (!self.is_theirs()).then_some(ResourceId { kind, name })
    }

    /// Returns what has the policy.
    pub(crate) fn holder(&self, names: Names<'_>) -> Holder {
        let name = self.0.name.strip_suffix(SHARED).unwrap_or(&self.0.name);
        let full = name.starts_with("projects/");
        match self.0.kind {
            BUCKET_ACCESS if full => Holder::Bucket(name.to_owned()),
            BUCKET_ACCESS => Holder::Bucket(format!("projects/_/buckets/{}", names.bucket(name))),
            TOPIC_ACCESS if full => Holder::Topic(name.to_owned()),
            TOPIC_ACCESS => Holder::Topic(names.place.topic(&names.plain_id(name))),
            SUBSCRIPTION_ACCESS if full => Holder::Subscription(name.to_owned()),
            SUBSCRIPTION_ACCESS => {
                Holder::Subscription(names.place.subscription(&names.plain_id(name)))
            }
            SECRET_ACCESS if full => Holder::Secret(name.to_owned()),
            SECRET_ACCESS => {
                Holder::Secret(format!("{}/secrets/{name}", names.place.project_name()))
            }
            CALLERS => Holder::Service(names.service_name(name)),
            RESOURCE_ACCESS => Holder::other(name),
            _ => Holder::Project(names.place.project_name()),
        }
    }

    /// Returns how the description of an account of ours notes a policy of others that names it.
    pub(crate) fn note(&self, names: Names<'_>) -> Option<String> {
        if !self.is_theirs() || self.is_shared() {
            return None;
        }
        let (word, parent) = word(self.0.kind, names)?;
        let name = self.0.name.strip_prefix(parent.as_str()).unwrap_or(&self.0.name);
        Some(format!("{word}:{name}"))
    }

    /// Reads such a note.
    pub(crate) fn noted(note: &str, names: Names<'_>) -> Option<Self> {
        let (said, name) = note.split_once(':')?;
        let kinds =
            [BUCKET_ACCESS, TOPIC_ACCESS, SUBSCRIPTION_ACCESS, SECRET_ACCESS, RESOURCE_ACCESS];
        let found = kinds.into_iter().find_map(|kind| {
            let (word, parent) = word(kind, names)?;
            (word == said).then_some((kind, parent))
        });
        let (kind, parent) = found?;
        if kind == SECRET_ACCESS || name.starts_with("projects/") {
            return Some(Self::at(kind, name));
        }
        Some(Self::at(kind, format!("{parent}{name}")))
    }
}

/// Returns the word of a note, and what goes without saying.
fn word(kind: Kind, names: Names<'_>) -> Option<(&'static str, String)> {
    match kind {
        BUCKET_ACCESS => Some(("bucket", "projects/_/buckets/".to_owned())),
        TOPIC_ACCESS => Some(("topic", names.place.topic(""))),
        SUBSCRIPTION_ACCESS => Some(("subscription", names.place.subscription(""))),
        SECRET_ACCESS => Some(("secret", format!("{}/secrets/", names.place.project_name()))),
        RESOURCE_ACCESS => Some(("other", format!("{}/", names.place.project_name()))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Spot, Thing};
    use crate::place::tests::place;

    #[test]
    fn what_is_noted_of_others_is_found_again() {
        let place = place();
        let names = place.names("shop", "dev");
        let spots = [
            (Spot::bucket(&Thing::Theirs("gs://photos")), "bucket:photos"),
            (Spot::topic(names, &Thing::Theirs("jobs")), "topic:jobs"),
            (
                Spot::topic(names, &Thing::Theirs("projects/other/topics/jobs")),
                "topic:projects/other/topics/jobs",
            ),
            (Spot::subscription(names, &Thing::Theirs("jobs")), "subscription:jobs"),
            (Spot::secret("api-key"), "secret:api-key"),
            (Spot::secret("projects/other/secrets/x"), "secret:projects/other/secrets/x"),
            (Spot::other("projects/my-project/locations/l/queues/q"), "other:locations/l/queues/q"),
        ];
        for (spot, note) in spots {
            assert_eq!(spot.note(names).as_deref(), Some(note));
            assert_eq!(Spot::noted(note, names), Some(spot));
        }
    }

    #[test]
    fn names_of_others_are_full_and_ours_are_derived() {
        let place = place();
        let names = place.names("shop", "dev");
        let theirs = Spot::topic(names, &Thing::Theirs("jobs"));
        assert_eq!(theirs.holder(names).name(), "projects/my-project/topics/jobs");
        let shared = Spot::dead_letters(names, &Thing::Theirs("jobs"));
        assert_eq!(shared.holder(names), theirs.holder(names));
        assert!(shared.is_shared() && shared.note(names).is_none());
        let ours = Spot::our_subscription("work.jobs");
        let full = "projects/my-project/subscriptions/shop-dev-work-jobs";
        assert_eq!(ours.holder(names).name(), full);
        assert_eq!(ours.note(names), None);
    }
}
