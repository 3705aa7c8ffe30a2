//! Storage triggers: our entries in a document that others write to as well.

use aws_sdk_s3::types::{
    Event, LambdaFunctionConfiguration, NotificationConfiguration, NotificationConfigurationFilter,
    S3KeyFilter,
};
use updraft_contract::{Function, Managed, Origin, Provider, Trigger, TriggerEntry};
use updraft_local::{FaultKind, FaultPlan};

use crate::buckets::{bucket, client};
use crate::http::somebody;
use crate::world::{ACCOUNT, World, function};

/// A storage trigger for what is created.
pub(crate) fn trigger(bucket: &str, prefix: &str, suffix: &str) -> TriggerEntry {
    let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    TriggerEntry {
        trigger: Trigger::Storage {
            bucket: bucket.into(),
            events: vec!["created".into()],
            prefix: part(prefix),
            suffix: part(suffix),
        },
        origin: Origin { path: "function.thumb.trigger[0]".into(), line: 5 },
    }
}

pub(crate) fn pushed(name: &str, triggers: &[TriggerEntry]) -> Function {
    Function { triggers: triggers.to_vec(), ..function(name) }
}

/// The bucket that existed before and that others use.
pub(crate) const SHARED: &str = "acme-shared";

/// Makes a bucket and a function as somebody else does, and has the one call the other.
pub(crate) async fn neighbour(world: &World, prefix: &str) {
    let s3 = client(world).await;
    let config = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("eu-west-1".into())
        .build();
    let call = s3.create_bucket().bucket(SHARED).create_bucket_configuration(config);
    call.send().await.unwrap();
    let lambda = aws_sdk_lambda::Client::new(&somebody(world).await);
    let arn = format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:theirs");
    let iam = aws_sdk_iam::Client::new(&somebody(world).await);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let call = iam.create_role().role_name("theirs").assume_role_policy_document(trust);
    let role = call.send().await.unwrap().role.unwrap().arn;
    let zip = crate::world::code("def handler(e, c):\n    pass\n").bytes;
    let code = aws_sdk_lambda::types::FunctionCode::builder()
        .zip_file(aws_sdk_lambda::primitives::Blob::new(zip.to_vec()))
        .build();
    let call = lambda.create_function().function_name("theirs").role(role).code(code);
    call.handler("app.handler").runtime("python3.13".into()).send().await.unwrap();
    let call = lambda.add_permission().function_name("theirs").statement_id("s3");
    let call = call.action("lambda:InvokeFunction").principal("s3.amazonaws.com");
    call.source_arn(format!("arn:aws:s3:::{SHARED}")).send().await.unwrap();
    let under = aws_sdk_s3::types::FilterRule::builder().name("prefix".into()).value(prefix);
    let key = S3KeyFilter::builder().filter_rules(under.build()).build();
    let entry = LambdaFunctionConfiguration::builder()
        .id("console")
        .lambda_function_arn(arn)
        .events(Event::S3ObjectCreated)
        .filter(NotificationConfigurationFilter::builder().key(key).build());
    let all = NotificationConfiguration::builder()
        .lambda_function_configurations(entry.build().unwrap())
        .build();
    let call = s3.put_bucket_notification_configuration().bucket(SHARED);
    call.notification_configuration(all).send().await.unwrap();
}

/// Returns the ids of the entries in the shared bucket's document.
async fn entries(world: &World) -> Vec<String> {
    let call = client(world).await.get_bucket_notification_configuration().bucket(SHARED);
    let all = call.send().await.unwrap().lambda_function_configurations.unwrap_or_default();
    let mut ids: Vec<String> = all.into_iter().filter_map(|entry| entry.id).collect();
    ids.sort();
    ids
}

fn shared() -> Managed {
    Managed { existing: true, physical_name: Some(SHARED.into()), ..bucket("shared") }
}

impl World {
    async fn reach_pushed(&mut self, functions: &[Function]) -> Vec<String> {
        let wanted = self.lower(functions.to_vec());
        self.reach_all(&wanted).await
    }
}

#[tokio::test]
async fn a_bucket_calls_a_function_and_then_nothing_is_left_to_do() {
    let mut world = World::new().await;
    world.managed = vec![bucket("photos")];
    let thumb = [pushed("thumb", &[trigger("bucket.photos", "in/", ".png")])];
    let steps = world.reach_pushed(&thumb).await;
    assert!(steps.contains(&"+ aws.bucket-notification/photos".to_owned()), "{steps:?}");
    assert_eq!(world.reach_pushed(&thumb).await, Vec::<String>::new());
    let lambda = aws_sdk_lambda::Client::new(&somebody(&world).await);
    let policy = lambda.get_policy().function_name("shop-dev-thumb").send().await.unwrap();
    let policy = policy.policy.unwrap();
    assert!(policy.contains("arn:aws:s3:::shop-dev-photos-"), "{policy}");
    assert!(policy.contains("SourceAccount") && policy.contains(ACCOUNT), "{policy}");
    world.managed.clear();
    world.reach_pushed(&[]).await;
    assert!(world.aws.observe(&world.scope, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn each_change_of_a_storage_trigger_is_one_step() {
    let mut world = World::new().await;
    world.managed = vec![bucket("photos")];
    let thumb = |trigger| [pushed("thumb", &[trigger])];
    world.reach_pushed(&thumb(trigger("bucket.photos", "", ""))).await;
    let mut removed = trigger("bucket.photos", "in/", ".png");
    if let Trigger::Storage { events, .. } = &mut removed.trigger {
        events.push("removed".into());
    }
    for changed in [
        trigger("bucket.photos", "in/", ""),
        trigger("bucket.photos", "in/", ".png"),
        removed,
        trigger("bucket.photos", "", ""),
    ] {
        let steps = world.reach_pushed(&thumb(changed.clone())).await;
        assert_eq!(steps, ["~ aws.bucket-notification/photos entries"]);
        assert_eq!(world.reach_pushed(&thumb(changed)).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_neighbours_entry_survives_us_whatever_goes_wrong() {
    for fault in [None, Some(FaultKind::Lose), Some(FaultKind::Drop)] {
        let mut world = World::new().await;
        neighbour(&world, "their/").await;
        world.managed = vec![shared()];
        let faults = |world: &World| {
            let operation = "PutBucketNotificationConfiguration";
            let plan = fault.clone().map(|fault| FaultPlan::on("s3", operation, fault));
            world.local.set_faults(plan.unwrap_or_else(FaultPlan::none));
        };
        faults(&world);
        let thumb = [pushed("thumb", &[trigger("bucket.shared", "in/", "")])];
        let steps = world.reach_pushed(&thumb).await;
        assert!(steps.contains(&"+ aws.bucket-notification/s3:acme-shared".to_owned()));
        assert_eq!(entries(&world).await, ["console", "updraft:shop:dev:thumb.0"]);
        faults(&world);
        let thumb = [pushed(
            "thumb",
            &[trigger("bucket.shared", "in/", ".png"), trigger("acme-shared", "in/", ".jpg")],
        )];
        let steps = world.reach_pushed(&thumb).await;
        assert_eq!(steps, ["~ aws.bucket-notification/s3:acme-shared entries"]);
        assert_eq!(world.reach_pushed(&thumb).await, Vec::<String>::new());
        assert_eq!(entries(&world).await.len(), 3);
        faults(&world);
        // The manifest has forgotten the bucket; the function's policy names it.
        world.managed.clear();
        let steps = world.reach_pushed(&[]).await;
        assert_eq!(steps[0], "- aws.bucket-notification/s3:acme-shared", "{steps:?}");
        assert_eq!(entries(&world).await, ["console"]);
        assert!(world.aws.observe(&world.scope, &[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_entry_that_somebody_removed_comes_back() {
    let mut world = World::new().await;
    neighbour(&world, "their/").await;
    world.managed = vec![shared()];
    let thumb = [pushed("thumb", &[trigger("bucket.shared", "in/", "")])];
    world.reach_pushed(&thumb).await;
    let none = NotificationConfiguration::builder().build();
    let call = client(&world).await.put_bucket_notification_configuration().bucket(SHARED);
    call.notification_configuration(none).send().await.unwrap();
    let steps = world.reach_pushed(&thumb).await;
    assert_eq!(steps, ["+ aws.bucket-notification/s3:acme-shared"]);
    assert_eq!(entries(&world).await, ["updraft:shop:dev:thumb.0"]);
}

#[tokio::test]
async fn triggers_that_overlap_are_refused_while_planning() {
    let mut world = World::new().await;
    world.managed = vec![bucket("photos")];
    let two = |a: TriggerEntry, b: TriggerEntry| vec![pushed("a", &[a]), pushed("b", &[b])];
    let apart = two(trigger("bucket.photos", "in/", ""), trigger("bucket.photos", "out/", ""));
    assert!(world.aws.desired(&world.app(apart)).is_ok());
    let both = two(trigger("bucket.photos", "in/", ""), trigger("bucket.photos", "", ".png"));
    let refused = world.aws.desired(&world.app(both)).unwrap_err();
    assert!(refused[0].reason.contains("one function of an event"), "{}", refused[0]);
    let mut odd = trigger("bucket.photos", "", "");
    if let Trigger::Storage { events, .. } = &mut odd.trigger {
        events.push("renamed".into());
    }
    let refused = world.aws.desired(&world.app(vec![pushed("a", &[odd])])).unwrap_err();
    assert_eq!(refused[0].what, "the event `renamed`");
}
