//! Neighbours in policies survive whatever we do, also when answers are lost.

use std::collections::BTreeMap;

use google_cloud_auth::credentials::anonymous;
use google_cloud_iam_v1::model::{Binding, GetPolicyOptions, Policy};
use google_cloud_resourcemanager_v3::client::Projects;
use google_cloud_storage::client::StorageControl;
use google_cloud_type::model::Expr;
use updraft_contract::App;
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::{app, bucket, function, of_bucket, using};
use crate::world::World;

const WITHOUT: &[&str] = &["gcp.function", "gcp.callers", "gcp.source-bucket"];

fn options() -> GetPolicyOptions {
    GetPolicyOptions::new().set_requested_policy_version(3)
}

/// The two policies that the tests look at.
struct Policies {
    projects: Projects,
    buckets: StorageControl,
}

const BUCKET: &str = "projects/_/buckets/theirs";

impl Policies {
    async fn of(world: &World) -> Self {
        let endpoint = world.local.google_url();
        let projects = Projects::builder().with_endpoint(&endpoint);
        let projects = projects.with_credentials(anonymous::Builder::new().build());
        let buckets = StorageControl::builder().with_endpoint(&endpoint);
        let buckets = buckets.with_credentials(anonymous::Builder::new().build());
        Self { projects: projects.build().await.unwrap(), buckets: buckets.build().await.unwrap() }
    }

    async fn project(&self) -> Policy {
        let call = self.projects.get_iam_policy().set_resource("projects/my-project");
        call.set_options(options()).send().await.unwrap()
    }

    async fn bucket(&self) -> Policy {
        let call = self.buckets.get_iam_policy().set_resource(BUCKET);
        call.set_options(options()).send().await.unwrap()
    }

    /// Puts neighbours into both, with and without conditions, under roles that we use as well.
    async fn settle(&self) {
        let theirs = google_cloud_storage::model::Bucket::new()
            .set_project("projects/my-project")
            .set_location("europe-west1")
            .set_iam_config(
                google_cloud_storage::model::bucket::IamConfig::new()
                    .set_uniform_bucket_level_access(
                    google_cloud_storage::model::bucket::iam_config::UniformBucketLevelAccess::new(
                    )
                    .set_enabled(true),
                ),
            );
        let call = self.buckets.create_bucket().set_parent("projects/_").set_bucket_id("theirs");
        call.set_bucket(theirs).send().await.unwrap();
        let mut policy = self.project().await.set_version(3);
        policy.bindings.extend(neighbours("roles/eventarc.eventReceiver"));
        let call = self.projects.set_iam_policy().set_resource("projects/my-project");
        call.set_policy(policy).send().await.unwrap();
        let mut policy = self.bucket().await.set_version(3);
        policy.bindings.extend(neighbours("roles/storage.objectViewer"));
        let call = self.buckets.set_iam_policy().set_resource(BUCKET);
        call.set_policy(policy).send().await.unwrap();
    }
}

fn neighbours(role: &str) -> [Binding; 2] {
    let plain = Binding::new().set_role(role);
    let plain = plain.set_members(["user:ann@example.com", "group:ops@example.com"]);
    let condition = Expr::new()
        .set_title("theirs")
        .set_expression("resource.name.startsWith(\"projects/_/buckets/theirs/objects/in/\")");
    let bound = Binding::new().set_role(role).set_members(["user:bob@example.com"]);
    [plain, bound.set_condition(condition)]
}

/// Returns who has which role under which condition, but for ours.
fn foreign(policy: &Policy) -> BTreeMap<(String, String), Vec<String>> {
    let ours = |member: &String| member.contains("serviceAccount:shop-dev-");
    let ensured = |member: &String| member.contains("@gs-project-accounts.");
    let mut all: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for binding in &policy.bindings {
        let condition = binding.condition.as_ref().map(|it| it.expression.clone());
        let members = binding.members.iter().filter(|it| !ours(it) && !ensured(it)).cloned();
        let key = (binding.role.clone(), condition.unwrap_or_default());
        all.entry(key).or_default().extend(members);
    }
    for members in all.values_mut() {
        members.sort();
    }
    all.retain(|_, members| !members.is_empty());
    all
}

fn ours(policy: &Policy) -> Vec<String> {
    let members = policy.bindings.iter().flat_map(|binding| &binding.members);
    let ours = members.filter(|member| member.contains("shop-dev-")).cloned();
    ours.collect()
}

fn thumbs(verbs: &[&str]) -> App {
    let mut thumb = function("thumb", vec![of_bucket("bucket.photos")]);
    thumb.access = vec![using("gs://theirs", verbs, Some("out/"))];
    app(vec![thumb], vec![bucket("photos")])
}

#[tokio::test]
async fn neighbours_survive_create_update_and_destroy() {
    let mut world = World { without: WITHOUT, ..World::new().await };
    let policies = Policies::of(&world).await;
    policies.settle().await;
    let before = (foreign(&policies.project().await), foreign(&policies.bucket().await));

    let made = world.apply(&thumbs(&["read"])).await.unwrap();
    assert!(made.contains(&"+ gcp.bucket-access/projects/_/buckets/theirs".to_owned()), "{made:?}");
    assert!(made.contains(&"+ gcp.project-access/project".to_owned()), "{made:?}");
    assert_eq!(world.apply(&thumbs(&["read"])).await.unwrap(), [""; 0]);
    assert_eq!(ours(&policies.bucket().await).len(), 1);
    assert_eq!(ours(&policies.project().await).len(), 1);

    let done = world.apply(&thumbs(&["read", "write", "list"])).await.unwrap();
    assert_eq!(done, ["~ gcp.bucket-access/projects/_/buckets/theirs: bindings"]);
    assert_eq!(ours(&policies.bucket().await).len(), 3);

    let after = (foreign(&policies.project().await), foreign(&policies.bucket().await));
    assert_eq!(before, after);

    // The manifest has forgotten the bucket; what our account's description notes has not.
    world.apply(&app(Vec::new(), Vec::new())).await.unwrap();
    let after = (policies.project().await, policies.bucket().await);
    assert_eq!(before, (foreign(&after.0), foreign(&after.1)));
    assert!(ours(&after.0).is_empty() && ours(&after.1).is_empty());
}

#[tokio::test]
async fn one_policy_is_written_once_and_not_at_all_when_nothing_differs() {
    let mut world = World { without: WITHOUT, ..World::new().await };
    Policies::of(&world).await.settle().await;
    let mut two = thumbs(&["read"]);
    two.functions.push(function("other", vec![of_bucket("bucket.photos")]));
    world.local.clear_ledger();
    world.apply(&two).await.unwrap();
    let of_policies = |write: &&String| write.ends_with(".SetIamPolicy");
    let writes = world.writes();
    // The project's, with the rights of both callers, and the bucket's.
    assert_eq!(writes.iter().filter(of_policies).count(), 2, "{writes:?}");
    world.local.clear_ledger();
    world.apply(&two).await.unwrap();
    assert_eq!(world.writes(), [""; 0]);
}

/// A world with neighbours in its policies.
async fn settled() -> (World, Policies) {
    let world = World { without: WITHOUT, ..World::new().await };
    let policies = Policies::of(&world).await;
    policies.settle().await;
    world.local.clear_ledger();
    (world, policies)
}

/// Returns which requests of a deployment, and of taking it away again, write something.
async fn writes() -> [Vec<u64>; 2] {
    let (mut world, _) = settled().await;
    world.apply(&thumbs(&["read"])).await.unwrap();
    let made = world.places_of_writes();
    world.local.clear_ledger();
    world.apply(&app(Vec::new(), Vec::new())).await.unwrap();
    [made, world.places_of_writes()]
}

/// Plays one fault on each write in turn, and finishes afterwards.
async fn with_every_write(kind: FaultKind) {
    let [made, gone] = writes().await;
    assert!(made.len() > 4 && gone.len() > 4, "{made:?} {gone:?}");
    for round in 0..made.len().max(gone.len()) {
        let (mut world, policies) = settled().await;
        let before = (foreign(&policies.project().await), foreign(&policies.bucket().await));
        let fault = |at: &[u64]| {
            let at = at.get(round).copied();
            at.map_or(FaultPlan::none(), |at| FaultPlan::at(at, kind.clone()))
        };
        world.local.set_faults(fault(&made));
        let _ = world.apply(&thumbs(&["read"])).await;
        world.local.set_faults(FaultPlan::none());
        world.apply(&thumbs(&["read"])).await.unwrap();
        assert_eq!(world.apply(&thumbs(&["read"])).await.unwrap(), [""; 0], "round {round}");
        let after = (foreign(&policies.project().await), foreign(&policies.bucket().await));
        assert_eq!(before, after, "round {round}");

        world.local.set_faults(fault(&gone));
        let _ = world.apply(&app(Vec::new(), Vec::new())).await;
        world.local.set_faults(FaultPlan::none());
        world.apply(&app(Vec::new(), Vec::new())).await.unwrap();
        let after = (policies.project().await, policies.bucket().await);
        assert_eq!(before, (foreign(&after.0), foreign(&after.1)), "destroyed, round {round}");
        assert!(ours(&after.0).is_empty() && ours(&after.1).is_empty(), "round {round}");
    }
}

#[tokio::test]
async fn neighbours_survive_when_any_answer_is_lost() {
    with_every_write(FaultKind::Lose).await;
}

#[tokio::test]
async fn neighbours_survive_when_any_request_is_lost() {
    with_every_write(FaultKind::Drop).await;
}
