//! What declared access lets a function do, exactly.

use updraft_contract::{Access, Function, Origin, Provider, ResourceType, Value};

use crate::buckets::bucket;
use crate::world::{World, find, function, managed};

fn with_access(to: &str, verbs: &[&str], prefix: Option<&str>) -> Function {
    let access = Access {
        to: to.into(),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        actions: Vec::new(),
        prefix: prefix.map(str::to_owned),
        indexes: Vec::new(),
        keys: Vec::new(),
        condition: None,
        variable: None,
        reason: None,
        origin: Origin { path: "function.thumb.access[0]".into(), line: 9 },
    };
    Function { access: vec![access], ..function("thumb") }
}

/// Returns the statements of the function's policy beside the one for its log, for people.
fn statements(world: &mut World, function: Function) -> Vec<String> {
    let wanted = world.lower(vec![function]);
    let role = find(&wanted, "aws.role/thumb");
    let Some(Value::Map(policy)) = role.fields.get("policy") else { panic!("no policy") };
    let Value::List(all) = &policy["Statement"] else { panic!("no statements") };
    let rest = all.iter().skip(1).map(|statement| format!("{statement:?}"));
    rest.collect()
}

async fn world() -> World {
    let mut world = World::new().await;
    world.managed = vec![bucket("thumbs"), managed(ResourceType::Queue, "jobs")];
    world
}

#[tokio::test]
async fn each_verb_is_a_statement_on_exactly_what_is_named() {
    let mut world = world().await;
    let found =
        statements(&mut world, with_access("bucket.thumbs", &["write", "list"], Some("out/")));
    assert_eq!(found.len(), 2);
    assert!(found[0].contains("s3:PutObject") && found[0].contains("/out/*"), "{}", found[0]);
    assert!(!found[0].contains("s3:GetObject"), "{}", found[0]);
    assert!(found[1].contains("s3:ListBucket") && found[1].contains("s3:prefix"), "{}", found[1]);

    let found = statements(&mut world, with_access("queue.jobs", &["send"], None));
    assert!(found[0].contains("sqs:SendMessage"), "{}", found[0]);
    assert!(found[0].contains("arn:aws:sqs:eu-west-1:111122223333:shop-dev-jobs"), "{}", found[0]);
    assert!(!found[0].contains("ReceiveMessage"), "{}", found[0]);

    let arn = "arn:aws:s3:::acme-archive";
    let found = statements(&mut world, with_access(arn, &["read"], None));
    assert!(found[0].contains("arn:aws:s3:::acme-archive/*"), "{}", found[0]);
}

#[tokio::test]
async fn access_reaches_the_cloud_and_then_nothing_is_left_to_do() {
    let mut world = world().await;
    let thumb = with_access("bucket.thumbs", &["read", "write", "delete", "list"], Some("out/"));
    let wanted = world.lower(vec![thumb]);
    world.reach_all(&wanted).await;
    assert_eq!(world.reach_all(&wanted).await, Vec::<String>::new());
    let wanted = world.lower(vec![with_access("queue.jobs", &["send", "receive"], None)]);
    assert_eq!(world.reach_all(&wanted).await, ["~ aws.role/thumb policy"]);
    assert_eq!(world.reach_all(&wanted).await, Vec::<String>::new());
}

#[tokio::test]
async fn access_to_what_has_no_verbs_here_is_refused() {
    let world = world().await;
    for (to, verb, reason) in [
        ("table.orders", "read", "nothing of that name is declared"),
        ("arn:aws:sqs:eu-west-1:111122223333:jobs", "read", "no verb `read`"),
        ("arn:aws:textract:eu-west-1:111122223333:adapter/x", "read", "has no verbs for it"),
        ("arn:aws:s3:::photos/in/*", "read", "with `prefix`"),
    ] {
        let refused = world.aws.desired(&world.app(vec![with_access(to, &[verb], None)]));
        let refused = refused.unwrap_err();
        assert!(refused[0].reason.contains(reason), "{}", refused[0]);
    }
}

#[tokio::test]
async fn a_variable_tells_what_a_thing_is_called_in_the_cloud() {
    let mut world = world().await;
    let mut thumb = with_access("queue.jobs", &["send"], None);
    thumb.access[0].variable = Some("JOBS".into());
    let wanted = world.lower(vec![thumb]);
    world.reach_all(&wanted).await;
    assert_eq!(world.reach_all(&wanted).await, Vec::<String>::new());
    let lambda = aws_sdk_lambda::Client::new(&crate::http::somebody(&world).await);
    let call = lambda.get_function_configuration().function_name("shop-dev-thumb");
    let variables = call.send().await.unwrap().environment.unwrap().variables.unwrap();
    let client = crate::queues::client(&world).await;
    let url = client.get_queue_url().queue_name("shop-dev-jobs").send().await.unwrap();
    assert_eq!(Some(&variables["JOBS"]), url.queue_url.as_ref());
}
