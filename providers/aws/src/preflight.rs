//! Looks at the queues and buckets that exist already and that functions rely on. Only reads.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use updraft_contract::{App, CloudError, Obstacle, Origin, ResourceType, Scope};

use crate::client::Cloud;
use crate::errors::Failure;
use crate::kinds::bucket_notification::{self as notification, neighbours};
use crate::kinds::queue;
use crate::place::Names;
use crate::sources::{Pull, Push, managed, pulls, pushes};
use crate::subject::Subject;

/// Returns what stands in the app's way, by what exists in the cloud.
pub(crate) async fn obstacles(
    cloud: &Cloud,
    scope: &Scope,
    app: &App,
) -> Result<Vec<Obstacle>, CloudError> {
    let names = cloud.place.names_in(scope);
    let mut obstacles = Vec::new();
    for queue in queues(names, app) {
        obstacles.extend(queue.look(cloud).await?);
    }
    let mut buckets: BTreeMap<String, Vec<Push<'_>>> = BTreeMap::new();
    for push in pushes(app) {
        buckets.entry(push.bucket.physical(names)).or_default().push(push);
    }
    for (bucket, pushes) in &buckets {
        obstacles.extend(bucket_obstacles(cloud, scope, bucket, pushes).await?);
    }
    Ok(obstacles)
}

/// A queue that exists, and what the app does with it.
struct Existing<'a> {
    name: String,
    pulls: Vec<Pull<'a>>,
    origin: &'a Origin,
}

/// Returns the queues that exist and that functions receive from or dead letters go to.
fn queues<'a>(names: Names<'_>, app: &'a App) -> Vec<Existing<'a>> {
    let mut found: BTreeMap<String, Existing<'a>> = BTreeMap::new();
    let mut note = |subject: Subject<'a>, pull: Option<Pull<'a>>, origin: &'a Origin| {
        if subject.id().is_some() {
            return;
        }
        let name = subject.physical(names);
        let new = || Existing { name: name.clone(), pulls: Vec::new(), origin };
        found.entry(name.clone()).or_insert_with(new).pulls.extend(pull);
    };
    for pull in pulls(app) {
        note(pull.queue, Some(pull), pull.origin);
    }
    for queue in managed(app, ResourceType::Queue) {
        let letter = queue.dead_letter.as_ref().map(|letter| letter.queue.as_str());
        let target = letter.and_then(|text| Subject::of(app, ResourceType::Queue, text).ok());
        if let Some(target) = target {
            note(target, None, &queue.origin);
        }
    }
    found.into_values().collect()
}

impl Existing<'_> {
    async fn look(&self, cloud: &Cloud) -> Result<Vec<Obstacle>, Failure> {
        let name = &self.name;
        let Some(url) = queue::url(cloud, name).await? else {
            return Ok(vec![self.missing(cloud)]);
        };
        let Some(all) = queue::attributes(cloud, &url).await? else {
            return Ok(vec![self.missing(cloud)]);
        };
        let visible = all.get("VisibilityTimeout").and_then(|text| text.parse().ok());
        let visible = Duration::from_secs(visible.unwrap_or_default());
        let mut found: Vec<Obstacle> =
            self.pulls.iter().filter_map(|pull| impatient(pull, name, &url, visible)).collect();
        let key = all.get("KmsMasterKeyId").filter(|key| !key.is_empty());
        found.extend(key.filter(|_| !self.pulls.is_empty()).map(|key| {
            Obstacle {
                message: format!("queue {name} is encrypted with the key {key}"),
                mend:
                    "let the roles of the functions that receive from it use the key: kms:Decrypt"
                        .to_owned(),
                origin: Some(self.origin.clone()),
                blocks: false,
            }
        }));
        Ok(found)
    }

    fn missing(&self, cloud: &Cloud) -> Obstacle {
        let (name, region) = (&self.name, &cloud.place.region);
        Obstacle {
            message: format!("there is no queue {name} in {region}"),
            mend: format!("aws sqs create-queue --region {region} --queue-name {name}"),
            origin: Some(self.origin.clone()),
            blocks: true,
        }
    }
}

/// Returns why a function cannot be called for a queue whose messages come back too soon.
fn impatient(pull: &Pull<'_>, name: &str, url: &str, visible: Duration) -> Option<Obstacle> {
    let (timeout, needed) = (pull.function.timeout, queue::enough(pull.function.timeout));
    (visible < needed).then(|| Obstacle {
        message: format!(
            "messages of queue {name} come back after {} s, and `{}` may take {} s: less than \
             six times as long",
            visible.as_secs(),
            pull.function.name,
            timeout.as_secs()
        ),
        mend: format!(
            "aws sqs set-queue-attributes --queue-url {url} --attributes VisibilityTimeout={}",
            needed.as_secs()
        ),
        origin: Some(pull.origin.clone()),
        blocks: true,
    })
}

/// Returns what others have in a bucket's document that S3 would not take ours beside.
async fn bucket_obstacles(
    cloud: &Cloud,
    scope: &Scope,
    bucket: &str,
    pushes: &[Push<'_>],
) -> Result<Vec<Obstacle>, Failure> {
    let document = match notification::read(cloud, bucket).await {
        Err(failure) if elsewhere(&failure) => return Ok(told_once(pushes, bucket, cloud)),
        read => read?,
    };
    let Some(document) = document else {
        let missing = |push: &Push<'_>| missing_bucket(cloud, bucket, push);
        return Ok(pushes.first().and_then(missing).into_iter().collect());
    };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (neighbour, theirs) in neighbours(scope, &document) {
        for push in pushes.iter().filter(|push| notification::rule(push).overlaps(&theirs)) {
            if seen.insert((push.function.name.clone(), push.index, neighbour.clone())) {
                found.push(overlapping(bucket, &neighbour, &theirs.told(), push));
            }
        }
    }
    Ok(found)
}

fn overlapping(bucket: &str, neighbour: &str, theirs: &str, push: &Push<'_>) -> Obstacle {
    let ours = notification::rule(push).told();
    Obstacle {
        message: format!(
            "bucket {bucket} already tells somebody else of {theirs} ({neighbour}), and S3 tells \
             only one of an event; `{}` is to be told of {ours}",
            push.function.name
        ),
        mend: "choose a `prefix` or `suffix` that fits none of its keys, or remove that entry"
            .to_owned(),
        origin: Some(push.origin.clone()),
        blocks: true,
    }
}

/// Returns that a bucket does not exist. One that is managed is still to be made.
fn missing_bucket(cloud: &Cloud, bucket: &str, push: &Push<'_>) -> Option<Obstacle> {
    let region = &cloud.place.region;
    push.bucket.id().is_none().then(|| Obstacle {
        message: format!("there is no bucket {bucket} in this account"),
        mend: format!("aws s3 mb s3://{bucket} --region {region}"),
        origin: Some(push.origin.clone()),
        blocks: true,
    })
}

/// Returns whether S3 says that the bucket is in another region.
fn elsewhere(failure: &Failure) -> bool {
    let codes =
        ["PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"];
    matches!(&failure.error, CloudError::Refused { code, .. } if codes.contains(&code.as_str()))
}

fn told_once(pushes: &[Push<'_>], bucket: &str, cloud: &Cloud) -> Vec<Obstacle> {
    let region = &cloud.place.region;
    let obstacle = pushes.first().map(|push| Obstacle {
        message: format!("bucket {bucket} is not in {region}, where its functions are"),
        mend: "S3 calls functions in its own region only: deploy the functions there".to_owned(),
        origin: Some(push.origin.clone()),
        blocks: true,
    });
    obstacle.into_iter().collect()
}
