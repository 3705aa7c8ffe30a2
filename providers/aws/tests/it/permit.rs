//! Permissions as data: what is wanted is what is carried, and what is live reads back as it.

use std::collections::{BTreeMap, BTreeSet};

use updraft_aws::{Aws, VERBS};
use updraft_contract::{
    Access, Auth, Fields, Function, HttpKind, Method, On, Origin, Permission, Permit, Provider,
    Resource, ResourceType, Schedule, Side, Test, Trigger, TriggerEntry, Value, What, When,
};

use crate::buckets::bucket;
use crate::world::{ACCOUNT, World, function, managed};

fn access(at: usize, to: &str, verbs: &[&str]) -> Access {
    Access {
        to: to.into(),
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        actions: Vec::new(),
        prefix: None,
        indexes: Vec::new(),
        keys: Vec::new(),
        condition: None,
        variable: None,
        reason: None,
        origin: Origin { path: format!("function.api.access[{at}]"), line: 20 + at },
    }
}

fn entry(at: usize, trigger: Trigger) -> TriggerEntry {
    let origin = Origin { path: format!("function.api.trigger[{at}]"), line: 3 + at };
    TriggerEntry { trigger, origin }
}

fn http(kind: HttpKind, path: &str) -> Trigger {
    let (method, path) = (Method::Get, path.into());
    Trigger::Http { kind, method, path, auth: Auth::None, callers: Vec::new() }
}

/// A function that is called in every way there is and uses a bucket.
pub(crate) fn called() -> Function {
    let schedule = Schedule::Rate(std::time::Duration::from_mins(5));
    let mut api = function("api");
    api.tracing = true;
    api.reserved_concurrency = Some(2);
    api.triggers = vec![
        entry(0, http(HttpKind::RestApi, "/rest/{id}")),
        entry(1, http(HttpKind::HttpApi, "/http/{id}")),
        entry(2, http(HttpKind::Url, "/")),
        entry(3, Trigger::Schedule { schedule, input: None }),
        crate::pulls::trigger("queue.jobs"),
        crate::pushes::trigger("bucket.photos", "in/", ""),
    ];
    let mut listed = access(0, "bucket.photos", &["read", "list"]);
    listed.prefix = Some("in/".into());
    api.access =
        vec![listed, access(1, "queue.jobs", &["send"]), access(2, "function.api", &["invoke"])];
    api
}

pub(crate) fn stores() -> Vec<updraft_contract::Managed> {
    vec![managed(ResourceType::Queue, "jobs"), bucket("photos")]
}

/// Puts in what is known of other resources, and leaves the reasons out.
fn settled(world: &World, all: Vec<Permission>) -> BTreeSet<Permission> {
    let value = |value: &Value| {
        let fields = Fields::new([("it", value.clone())]).settle(&world.outputs);
        fields.get("it").unwrap().clone()
    };
    let all = all.into_iter().map(|mut one| {
        one.reasons = BTreeSet::new();
        if let On::These(these) = &one.on {
            one.on = On::These(these.iter().map(value).collect());
        }
        if let When::Tests(tests) = &one.when {
            let settled = |test: &Test| Test {
                values: test.values.iter().map(value).collect(),
                ..test.clone()
            };
            one.when = When::Tests(tests.iter().map(settled).collect());
        }
        one
    });
    all.collect()
}

#[tokio::test]
async fn what_is_live_reads_back_as_what_was_wanted() {
    let mut world = World::new().await;
    world.managed = stores();
    let wanted = world.lower(vec![called()]);
    world.create_all(&wanted).await;
    let permissions = world.aws.permissions(&world.app(vec![called()]));
    assert!(permissions.iter().all(|one| !one.reasons.is_empty()));
    let ids: Vec<_> = wanted.iter().map(|resource| resource.id.clone()).collect();
    let live = world.aws.observe(&world.scope, &ids).await.unwrap();
    let granted: BTreeSet<Permission> = world.aws.granted(&live).into_iter().collect();
    assert_eq!(settled(&world, permissions), granted);
    let sides: BTreeSet<Side> = granted.iter().map(|one| one.side).collect();
    assert_eq!(sides, BTreeSet::from([Side::Does, Side::Called, Side::Assumed]));
    let carriers: BTreeSet<_> = granted.iter().map(|one| one.carrier.clone()).collect();
    let carrying = |it: &&Resource| ["aws.role", "aws.permission"].contains(&it.id.kind.0);
    assert_eq!(carriers, wanted.iter().filter(carrying).map(|it| it.id.clone()).collect());
}

#[tokio::test]
async fn every_action_that_triggers_give_exists_and_takes_what_it_is_given_on() {
    let mut world = World::new().await;
    world.managed = stores();
    let permissions = world.aws.permissions(&world.app(vec![called()]));
    let mut held = BTreeSet::new();
    for one in &permissions {
        let What::Actions(actions) = &one.what else { panic!("{one:?}") };
        for name in actions {
            let known = updraft_permit::data::action(name);
            let known = known.unwrap_or_else(|| panic!("there is no action {name}"));
            assert_eq!(known.name, *name, "the reference writes it so");
            let On::These(places) = &one.on else { continue };
            for place in places.iter().filter_map(Value::as_text) {
                assert!(
                    updraft_permit::data::supports(name, place),
                    "{name} does not take {place}"
                );
                assert!(place != "*" || !known.takes_resources(), "{name} can be narrowed");
                held.insert(name.as_str());
            }
        }
    }
    for name in ["logs:PutLogEvents", "sqs:ReceiveMessage", "xray:PutTraceSegments"] {
        assert!(held.contains(name), "{held:?}");
    }
}

#[tokio::test]
async fn what_somebody_attached_is_granted_by_something_that_is_not_ours() {
    let mut world = World::new().await;
    let wanted = world.lower(vec![function("api")]);
    world.create_all(&wanted).await;
    let sdk = crate::http::somebody(&world).await;
    let iam = aws_sdk_iam::Client::new(&sdk);
    let arn = "arn:aws:iam::aws:policy/AdministratorAccess";
    iam.attach_role_policy().role_name("shop-dev-api").policy_arn(arn).send().await.unwrap();
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"s3:*","Resource":"*"}}"#;
    let put = iam.put_role_policy().role_name("shop-dev-api").policy_name("theirs");
    put.policy_document(document).send().await.unwrap();
    let lambda = aws_sdk_lambda::Client::new(&sdk);
    let add = lambda.add_permission().function_name("shop-dev-api").statement_id("console");
    add.action("lambda:InvokeFunction").principal("events.amazonaws.com").send().await.unwrap();
    let ids: Vec<_> = wanted.iter().map(|resource| resource.id.clone()).collect();
    let mut ids = ids;
    // A function that nothing calls has no policy that Updraft would read.
    ids.push(updraft_contract::ResourceId {
        kind: updraft_contract::Kind("aws.permission"),
        name: "api.x".into(),
    });
    let live = world.aws.observe(&world.scope, &ids).await.unwrap();
    let ours: BTreeSet<_> = live
        .iter()
        .filter(|live| live.owner == updraft_contract::Owner::Us)
        .map(|live| live.id.clone())
        .collect();
    let granted = world.aws.granted(&live);
    let theirs: BTreeSet<String> = granted
        .iter()
        .filter(|one| !ours.contains(&one.carrier))
        .map(|one| format!("{}: {:?} {:?}", one.carrier, one.effect, one.what))
        .collect();
    let theirs: Vec<String> = theirs.into_iter().collect();
    assert_eq!(
        theirs,
        [
            "aws.permission/api.of others: console: Allow Actions({\"lambda:InvokeFunction\"})",
            "aws.role/api attached policy arn:aws:iam::aws:policy/AdministratorAccess: Allow Actions({\"*\"})",
            "aws.role/api inline policy theirs: Deny AllBut({\"s3:*\"})",
        ]
    );
}

/// Where each kind of thing is in these tests.
const THINGS: &[(&str, &str)] = &[
    ("S3 bucket", "arn:aws:s3:::photos"),
    ("DynamoDB table", "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"),
    ("SQS queue", "arn:aws:sqs:eu-west-1:111122223333:jobs"),
    ("SNS topic", "arn:aws:sns:eu-west-1:111122223333:news"),
    ("Kinesis stream", "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"),
    ("Firehose stream", "arn:aws:firehose:eu-west-1:111122223333:deliverystream/lake"),
    ("EventBridge bus", "arn:aws:events:eu-west-1:111122223333:event-bus/shop"),
    ("Secrets Manager secret", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db"),
    ("SSM parameter", "arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db"),
    ("KMS key", "arn:aws:kms:eu-west-1:111122223333:key/1234"),
    ("Lambda function", "arn:aws:lambda:eu-west-1:111122223333:function:other:live"),
    ("Step Functions state machine", "arn:aws:states:eu-west-1:111122223333:stateMachine:pay"),
    ("Cognito user pool", "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a"),
    ("RDS database user", "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABC/app"),
    ("Aurora cluster (Data API)", "arn:aws:rds:eu-west-1:111122223333:cluster:shop"),
    ("ElastiCache cache or user", "arn:aws:elasticache:eu-west-1:111122223333:serverlesscache:c"),
    ("SES identity or configuration set", "arn:aws:ses:eu-west-1:111122223333:identity/a.example"),
    ("CloudWatch metrics", "metrics.Shop/Orders"),
    ("API Gateway WebSocket API", "arn:aws:execute-api:eu-west-1:111122223333:a1b2/prod"),
    ("Bedrock model", "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"),
];

fn offline() -> Aws {
    Aws::offline(updraft_aws::Settings {
        region: Some("eu-west-1".into()),
        account: Some(ACCOUNT.into()),
        ..updraft_aws::Settings::default()
    })
}

fn app(function: Function) -> updraft_contract::App {
    updraft_contract::App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::from([(
            updraft_contract::Cloud::Aws,
            updraft_contract::ProviderConfig::default(),
        )]),
        functions: vec![function],
        managed: Vec::new(),
    }
}

/// Returns what declared access gives, one line for each action and resource.
fn gives(access: Access) -> Vec<String> {
    let mut api = function("api");
    api.access = vec![access];
    let app = app(api);
    let aws = offline();
    assert_eq!(aws.desired(&app).map(|_| ()), Ok(()));
    let declared = aws.permissions(&app).into_iter().filter(|one| {
        one.reasons
            .iter()
            .any(|reason| reason.origin.as_ref().is_some_and(|it| it.path.contains("access")))
    });
    declared.map(|one| line(&one)).collect()
}

pub(crate) fn line(one: &Permission) -> String {
    let What::Actions(actions) = &one.what else { panic!("{one:?}") };
    let On::These(places) = &one.on else { panic!("{one:?}") };
    let texts: Vec<&str> = places.iter().filter_map(Value::as_text).collect();
    let words: Vec<&str> = actions.iter().map(String::as_str).collect();
    let mut line = format!("{} {}", words.join(" "), texts.join(" "));
    if let When::Tests(tests) = &one.when {
        for test in tests {
            let values: Vec<&str> = test.values.iter().filter_map(Value::as_text).collect();
            let values = values.join("|");
            line.extend([" if ", &test.operator, " ", &test.key, " ", &values]);
        }
    }
    line
}

#[test]
fn every_verb_gives_exactly_this() {
    let mut table = String::new();
    for spec in VERBS.iter() {
        let to = THINGS.iter().find(|(thing, _)| *thing == spec.thing).unwrap().1;
        let mut one = access(0, to, &[spec.verb]);
        // With a variable, nobody has to ask for a queue's URL.
        one.variable = Some("IT".into());
        let given = gives(one);
        let actions: BTreeSet<&str> =
            given.iter().map(|line| line.split(' ').next().unwrap()).collect();
        assert_eq!(actions, spec.gives.iter().copied().collect(), "{} {}", spec.thing, spec.verb);
        table.extend([spec.thing, " ", spec.verb, "\n"]);
        for line in given {
            table.extend(["    ", &line, "\n"]);
        }
    }
    insta::assert_snapshot!(table, @"
    S3 bucket read
        s3:GetObject arn:aws:s3:::photos/*
    S3 bucket write
        s3:AbortMultipartUpload arn:aws:s3:::photos/*
        s3:PutObject arn:aws:s3:::photos/*
    S3 bucket delete
        s3:DeleteObject arn:aws:s3:::photos/*
    S3 bucket list
        s3:ListBucket arn:aws:s3:::photos
    S3 bucket read-versions
        s3:GetObjectVersion arn:aws:s3:::photos/*
    S3 bucket read-tags
        s3:GetObjectTagging arn:aws:s3:::photos/*
    S3 bucket write-tags
        s3:PutObjectTagging arn:aws:s3:::photos/*
    S3 bucket list-uploads
        s3:ListBucketMultipartUploads arn:aws:s3:::photos
        s3:ListMultipartUploadParts arn:aws:s3:::photos/*
    DynamoDB table read
        dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:GetItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:Query arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:Scan arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table get
        dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:GetItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table query
        dynamodb:Query arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table scan
        dynamodb:Scan arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table check
        dynamodb:ConditionCheckItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table write
        dynamodb:BatchWriteItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:PutItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:UpdateItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table delete
        dynamodb:DeleteItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    DynamoDB table partiql
        dynamodb:PartiQLDelete arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:PartiQLInsert arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:PartiQLSelect arn:aws:dynamodb:eu-west-1:111122223333:table/orders
        dynamodb:PartiQLUpdate arn:aws:dynamodb:eu-west-1:111122223333:table/orders
    SQS queue send
        sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:jobs
    SQS queue receive
        sqs:ChangeMessageVisibility arn:aws:sqs:eu-west-1:111122223333:jobs
        sqs:DeleteMessage arn:aws:sqs:eu-west-1:111122223333:jobs
        sqs:GetQueueAttributes arn:aws:sqs:eu-west-1:111122223333:jobs
        sqs:ReceiveMessage arn:aws:sqs:eu-west-1:111122223333:jobs
    SQS queue purge
        sqs:PurgeQueue arn:aws:sqs:eu-west-1:111122223333:jobs
    SNS topic publish
        sns:Publish arn:aws:sns:eu-west-1:111122223333:news
    Kinesis stream publish
        kinesis:PutRecord arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
        kinesis:PutRecords arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
    Kinesis stream read
        kinesis:DescribeStreamSummary arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
        kinesis:GetRecords arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
        kinesis:GetShardIterator arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
        kinesis:ListShards arn:aws:kinesis:eu-west-1:111122223333:stream/clicks
    Firehose stream publish
        firehose:PutRecord arn:aws:firehose:eu-west-1:111122223333:deliverystream/lake
        firehose:PutRecordBatch arn:aws:firehose:eu-west-1:111122223333:deliverystream/lake
    EventBridge bus publish
        events:PutEvents arn:aws:events:eu-west-1:111122223333:event-bus/shop
    Secrets Manager secret read
        secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-??????
    Secrets Manager secret write
        secretsmanager:PutSecretValue arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-??????
    SSM parameter read
        ssm:GetParameter arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db
        ssm:GetParameters arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db
    SSM parameter list
        ssm:GetParametersByPath arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db
        ssm:GetParametersByPath arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db/*
    SSM parameter write
        ssm:PutParameter arn:aws:ssm:eu-west-1:111122223333:parameter/shop/db
    KMS key encrypt
        kms:Encrypt arn:aws:kms:eu-west-1:111122223333:key/1234
        kms:GenerateDataKey arn:aws:kms:eu-west-1:111122223333:key/1234
    KMS key decrypt
        kms:Decrypt arn:aws:kms:eu-west-1:111122223333:key/1234
    KMS key sign
        kms:GetPublicKey arn:aws:kms:eu-west-1:111122223333:key/1234
        kms:Sign arn:aws:kms:eu-west-1:111122223333:key/1234
    KMS key verify
        kms:Verify arn:aws:kms:eu-west-1:111122223333:key/1234
    KMS key mac
        kms:GenerateMac arn:aws:kms:eu-west-1:111122223333:key/1234
        kms:VerifyMac arn:aws:kms:eu-west-1:111122223333:key/1234
    Lambda function invoke
        lambda:InvokeFunction arn:aws:lambda:eu-west-1:111122223333:function:other:live
    Step Functions state machine start
        states:StartExecution arn:aws:states:eu-west-1:111122223333:stateMachine:pay
    Step Functions state machine start-sync
        states:StartSyncExecution arn:aws:states:eu-west-1:111122223333:stateMachine:pay
    Step Functions state machine read
        states:DescribeExecution arn:aws:states:eu-west-1:111122223333:execution:pay:*
        states:GetExecutionHistory arn:aws:states:eu-west-1:111122223333:execution:pay:*
    Step Functions state machine stop
        states:StopExecution arn:aws:states:eu-west-1:111122223333:execution:pay:*
    Step Functions state machine callback
        states:SendTaskFailure *
        states:SendTaskHeartbeat *
        states:SendTaskSuccess *
    Cognito user pool read
        cognito-idp:AdminGetUser arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminListGroupsForUser arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:ListUsers arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
    Cognito user pool admin
        cognito-idp:AdminAddUserToGroup arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminCreateUser arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminDisableUser arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminEnableUser arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminRemoveUserFromGroup arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminUpdateUserAttributes arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
    Cognito user pool sign-in
        cognito-idp:AdminInitiateAuth arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
        cognito-idp:AdminRespondToAuthChallenge arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
    Cognito user pool delete
        cognito-idp:AdminDeleteUser arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a
    RDS database user connect
        rds-db:connect arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABC/app
    Aurora cluster (Data API) query
        rds-data:BatchExecuteStatement arn:aws:rds:eu-west-1:111122223333:cluster:shop
        rds-data:BeginTransaction arn:aws:rds:eu-west-1:111122223333:cluster:shop
        rds-data:CommitTransaction arn:aws:rds:eu-west-1:111122223333:cluster:shop
        rds-data:ExecuteStatement arn:aws:rds:eu-west-1:111122223333:cluster:shop
        rds-data:RollbackTransaction arn:aws:rds:eu-west-1:111122223333:cluster:shop
    ElastiCache cache or user connect
        elasticache:Connect arn:aws:elasticache:eu-west-1:111122223333:serverlesscache:c
    SES identity or configuration set send
        ses:SendEmail arn:aws:ses:eu-west-1:111122223333:identity/a.example
    CloudWatch metrics publish
        cloudwatch:PutMetricData * if StringEquals cloudwatch:namespace Shop/Orders
    API Gateway WebSocket API send
        execute-api:ManageConnections arn:aws:execute-api:eu-west-1:111122223333:a1b2/prod/DELETE/@connections/*
        execute-api:ManageConnections arn:aws:execute-api:eu-west-1:111122223333:a1b2/prod/GET/@connections/*
        execute-api:ManageConnections arn:aws:execute-api:eu-west-1:111122223333:a1b2/prod/POST/@connections/*
    Bedrock model invoke
        bedrock:InvokeModel arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0
    Bedrock model stream
        bedrock:InvokeModelWithResponseStream arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0
    ");
}

#[test]
fn what_narrows_access_is_in_its_resource_or_its_condition() {
    let mut listed = access(0, "arn:aws:s3:::photos", &["list", "read"]);
    listed.prefix = Some("in/".into());
    let mut keyed = access(0, THINGS[1].1, &["get", "query"]);
    keyed.keys = vec!["tenant-1".into()];
    keyed.indexes = vec!["by-date".into()];
    let mut when = access(0, THINGS[6].1, &["publish"]);
    let source = BTreeMap::from([("events:source".to_owned(), vec!["shop".to_owned()])]);
    let tests = BTreeMap::from([("StringEquals".to_owned(), source)]);
    when.condition = Some(updraft_contract::Condition::Tests(tests));
    let mut own = access(0, "arn:aws:s3:::photos", &[]);
    own.actions = vec!["s3:GetObjectAcl".into(), "s3:GetBucketPolicy".into()];
    let mut asks = access(0, THINGS[2].1, &["send"]);
    asks.reason = Some("no variable".into());
    let found: Vec<String> = [listed, keyed, when, own, asks].into_iter().flat_map(gives).collect();
    insta::assert_snapshot!(found.join("\n"), @"
    s3:GetObject arn:aws:s3:::photos/in/*
    s3:ListBucket arn:aws:s3:::photos if StringLike s3:prefix in/*
    dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders if ForAllValues:StringEquals dynamodb:LeadingKeys tenant-1 if Null dynamodb:LeadingKeys false
    dynamodb:GetItem arn:aws:dynamodb:eu-west-1:111122223333:table/orders if ForAllValues:StringEquals dynamodb:LeadingKeys tenant-1 if Null dynamodb:LeadingKeys false
    dynamodb:Query arn:aws:dynamodb:eu-west-1:111122223333:table/orders if ForAllValues:StringEquals dynamodb:LeadingKeys tenant-1 if Null dynamodb:LeadingKeys false
    dynamodb:Query arn:aws:dynamodb:eu-west-1:111122223333:table/orders/index/by-date if ForAllValues:StringEquals dynamodb:LeadingKeys tenant-1 if Null dynamodb:LeadingKeys false
    events:PutEvents arn:aws:events:eu-west-1:111122223333:event-bus/shop if StringEquals events:source shop
    s3:GetBucketPolicy arn:aws:s3:::photos
    s3:GetObjectAcl arn:aws:s3:::photos/*
    sqs:GetQueueUrl arn:aws:sqs:eu-west-1:111122223333:jobs
    sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:jobs
    ");
}

#[test]
fn refinements_that_mean_nothing_are_refused() {
    let aws = offline();
    let refused = |access: Access| {
        let mut api = function("api");
        api.access = vec![access];
        aws.desired(&app(api)).unwrap_err()[0].reason.clone()
    };
    let topic = THINGS[3].1;
    assert!(
        refused(Access { prefix: Some("x".into()), ..access(0, topic, &["publish"]) })
            .contains("prefix")
    );
    assert!(
        refused(Access { indexes: vec!["x".into()], ..access(0, topic, &["publish"]) })
            .contains("indexes")
    );
    assert!(
        refused(Access { keys: vec!["x".into()], ..access(0, topic, &["publish"]) })
            .contains("keys")
    );
    let table = THINGS[1].1;
    assert!(
        refused(Access { keys: vec!["x".into()], ..access(0, table, &["read"]) }).contains("scan")
    );
    assert!(
        refused(Access { indexes: vec!["x".into()], ..access(0, table, &["write"]) })
            .contains("index")
    );
    let condition = Some(updraft_contract::Condition::Expression("true".into()));
    assert!(refused(Access { condition, ..access(0, topic, &["publish"]) }).contains("operators"));
}
