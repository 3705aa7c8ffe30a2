//! Which verb is held against what, and what ours gives beyond, with the reason.

/// A verb, a thing to use it on, and what it is held against.
pub(super) struct Anchor {
    pub(super) thing: &'static str,
    pub(super) verb: &'static str,
    pub(super) to: &'static str,
    /// Against what, and the actions that ours gives beyond, each with the reason.
    pub(super) beside: &'static [(Beside, &'static [(&'static str, &'static str)])],
}

/// What a verb is held against.
#[derive(Debug)]
pub(super) enum Beside {
    /// A policy template of SAM, and its parameters.
    Template(&'static str, &'static [(&'static str, &'static str)]),
    /// A connector of SAM from a function: the type of the thing, and the categories.
    Connector(&'static str, &'static [&'static str]),
    /// A grant of CDK.
    Cdk(&'static str),
}

use Beside::{Cdk, Connector, Template};

const BUCKET: &str = "arn:aws:s3:::acme";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:jobs";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:news";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks";
const DELIVERY: &str = "arn:aws:firehose:eu-west-1:111122223333:deliverystream/lake";
const BUS: &str = "arn:aws:events:eu-west-1:111122223333:event-bus/main";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:api-AbCdEf";
const PARAMETER: &str = "arn:aws:ssm:eu-west-1:111122223333:parameter/app";
const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:other";
const MACHINE: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:order";
const SENDER: &str = "arn:aws:ses:eu-west-1:111122223333:identity/example.com";
const METRICS: &str = "metrics.shop";

type Argued = &'static [(&'static str, &'static str)];

/// Nothing is given beyond.
const NOTHING: Argued = &[];

const PARTS: &str =
    "an upload in parts that fails leaves parts behind, which cost money until they are aborted";
const CHECKS: &str = "SAM gives it on the stream alone and CDK likewise; reading needs the shards";
const NO_RESOURCE: &str =
    "takes no resource: a policy that names an ARN, as theirs does, never allows it";

const fn anchor(
    thing: &'static str,
    verb: &'static str,
    to: &'static str,
    beside: &'static [(Beside, Argued)],
) -> Anchor {
    Anchor { thing, verb, to, beside }
}

const S3: &str = "S3 bucket";
const DYNAMO: &str = "DynamoDB table";
const SQS: &str = "SQS queue";
const KINESIS: &str = "Kinesis stream";
const SSM: &str = "SSM parameter";
const KMS: &str = "KMS key";
const STATES: &str = "Step Functions state machine";
const ACME: &[(&str, &str)] = &[("BucketName", "acme")];
const ORDERS: &[(&str, &str)] = &[("TableName", "orders")];
const JOBS: &[(&str, &str)] = &[("QueueName", "jobs")];
const CLICKS: &[(&str, &str)] = &[("StreamName", "clicks")];
const APP: &[(&str, &str)] = &[("ParameterName", "app")];
const KEY_ID: &[(&str, &str)] = &[("KeyId", "1234abcd-12ab-34cd-56ef-1234567890ab")];
const ORDER: &[(&str, &str)] = &[("StateMachineName", "order")];

/// Every verb that somebody else has something like.
pub(super) const ANCHORS: &[Anchor] = &[
    anchor(
        S3,
        "read",
        BUCKET,
        &[
            (Template("S3ReadPolicy", ACME), NOTHING),
            (Connector("AWS::S3::Bucket", &["Read"]), NOTHING),
            (Cdk("aws-s3.Bucket.grantRead"), NOTHING),
        ],
    ),
    anchor(
        S3,
        "write",
        BUCKET,
        &[
            (Template("S3WritePolicy", ACME), &[("s3:AbortMultipartUpload", PARTS)]),
            (Connector("AWS::S3::Bucket", &["Write"]), NOTHING),
            (Cdk("aws-s3.Bucket.grantPut"), NOTHING),
        ],
    ),
    anchor(
        S3,
        "delete",
        BUCKET,
        &[
            (Template("S3CrudPolicy", ACME), NOTHING),
            (Connector("AWS::S3::Bucket", &["Write"]), NOTHING),
            (Cdk("aws-s3.Bucket.grantDelete"), NOTHING),
        ],
    ),
    anchor(
        S3,
        "list",
        BUCKET,
        &[
            (Template("S3ReadPolicy", ACME), NOTHING),
            (Connector("AWS::S3::Bucket", &["Read"]), NOTHING),
            (Cdk("aws-s3.Bucket.grantRead"), NOTHING),
        ],
    ),
    anchor(
        S3,
        "read-versions",
        BUCKET,
        &[(Template("S3ReadPolicy", ACME), NOTHING), (Cdk("aws-s3.Bucket.grantRead"), NOTHING)],
    ),
    anchor(
        S3,
        "read-tags",
        BUCKET,
        &[
            (Template("S3FullAccessPolicy", ACME), NOTHING),
            (Cdk("aws-s3.Bucket.grantRead"), NOTHING),
        ],
    ),
    anchor(
        S3,
        "write-tags",
        BUCKET,
        &[
            (Template("S3FullAccessPolicy", ACME), NOTHING),
            (Cdk("aws-s3.Bucket.grantPut"), NOTHING),
        ],
    ),
    anchor(
        S3,
        "list-uploads",
        BUCKET,
        &[
            (Connector("AWS::S3::Bucket", &["Read"]), NOTHING),
            (Cdk("aws-s3.Bucket.grantRead"), NOTHING),
        ],
    ),
    anchor(
        DYNAMO,
        "read",
        TABLE,
        &[
            (Template("DynamoDBReadPolicy", ORDERS), NOTHING),
            (Connector("AWS::DynamoDB::Table", &["Read"]), NOTHING),
            (Cdk("aws-dynamodb.Table.grantReadData"), NOTHING),
        ],
    ),
    anchor(DYNAMO, "get", TABLE, &[(Template("DynamoDBReadPolicy", ORDERS), NOTHING)]),
    anchor(DYNAMO, "query", TABLE, &[(Template("DynamoDBReadPolicy", ORDERS), NOTHING)]),
    anchor(DYNAMO, "scan", TABLE, &[(Template("DynamoDBReadPolicy", ORDERS), NOTHING)]),
    anchor(
        DYNAMO,
        "check",
        TABLE,
        &[
            (Template("DynamoDBCrudPolicy", ORDERS), NOTHING),
            (Connector("AWS::DynamoDB::Table", &["Read"]), NOTHING),
            (Cdk("aws-dynamodb.Table.grantReadData"), NOTHING),
        ],
    ),
    anchor(
        DYNAMO,
        "write",
        TABLE,
        &[
            (Template("DynamoDBWritePolicy", ORDERS), NOTHING),
            (Connector("AWS::DynamoDB::Table", &["Write"]), NOTHING),
            (Cdk("aws-dynamodb.Table.grantWriteData"), NOTHING),
        ],
    ),
    anchor(
        DYNAMO,
        "delete",
        TABLE,
        &[
            (Template("DynamoDBCrudPolicy", ORDERS), NOTHING),
            (Connector("AWS::DynamoDB::Table", &["Write"]), NOTHING),
            (Cdk("aws-dynamodb.Table.grantWriteData"), NOTHING),
        ],
    ),
    anchor(
        DYNAMO,
        "partiql",
        TABLE,
        &[(Connector("AWS::DynamoDB::Table", &["Read", "Write"]), NOTHING)],
    ),
    anchor(
        SQS,
        "send",
        QUEUE,
        &[
            (Template("SQSSendMessagePolicy", JOBS), &[("sqs:GetQueueUrl", URL)]),
            (Connector("AWS::SQS::Queue", &["Write"]), &[("sqs:GetQueueUrl", URL)]),
            (Cdk("aws-sqs.Queue.grantSendMessages"), NOTHING),
        ],
    ),
    anchor(
        SQS,
        "receive",
        QUEUE,
        &[
            (Template("SQSPollerPolicy", JOBS), &[("sqs:GetQueueUrl", URL)]),
            (Connector("AWS::SQS::Queue", &["Read", "Write"]), &[("sqs:GetQueueUrl", URL)]),
            (Cdk("aws-sqs.Queue.grantConsumeMessages"), NOTHING),
        ],
    ),
    anchor(
        SQS,
        "purge",
        QUEUE,
        &[
            (Connector("AWS::SQS::Queue", &["Write"]), NOTHING),
            (Cdk("aws-sqs.Queue.grantPurge"), NOTHING),
        ],
    ),
    anchor(
        "SNS topic",
        "publish",
        TOPIC,
        &[
            (Template("SNSPublishMessagePolicy", &[("TopicName", "news")]), NOTHING),
            (Connector("AWS::SNS::Topic", &["Write"]), NOTHING),
            (Cdk("aws-sns.Topic.grantPublish"), NOTHING),
        ],
    ),
    anchor(
        KINESIS,
        "publish",
        STREAM,
        &[
            (Template("KinesisCrudPolicy", CLICKS), NOTHING),
            (Cdk("aws-kinesis.Stream.grantWrite"), NOTHING),
        ],
    ),
    anchor(
        KINESIS,
        "read",
        STREAM,
        &[
            (Template("KinesisStreamReadPolicy", CLICKS), &[("kinesis:ListShards", CHECKS)]),
            (Cdk("aws-kinesis.Stream.grantRead"), NOTHING),
        ],
    ),
    anchor(
        "Firehose stream",
        "publish",
        DELIVERY,
        &[
            (Template("FirehoseWritePolicy", &[("DeliveryStreamName", "lake")]), NOTHING),
            (Cdk("aws-kinesisfirehose.DeliveryStream.grantPutRecords"), NOTHING),
        ],
    ),
    anchor(
        "EventBridge bus",
        "publish",
        BUS,
        &[
            (Template("EventBridgePutEventsPolicy", &[("EventBusName", "main")]), NOTHING),
            (Connector("AWS::Events::EventBus", &["Write"]), NOTHING),
            (Cdk("aws-events.EventBus.grantPutEventsTo"), NOTHING),
        ],
    ),
    anchor(
        "Secrets Manager secret",
        "read",
        SECRET,
        &[
            (Template("AWSSecretsManagerGetSecretValuePolicy", &[("SecretArn", SECRET)]), NOTHING),
            (Cdk("aws-secretsmanager.Secret.grantRead"), NOTHING),
        ],
    ),
    anchor(
        "Secrets Manager secret",
        "write",
        SECRET,
        &[(Cdk("aws-secretsmanager.Secret.grantWrite"), NOTHING)],
    ),
    anchor(
        SSM,
        "read",
        PARAMETER,
        &[
            (Template("SSMParameterReadPolicy", APP), NOTHING),
            (Cdk("aws-ssm.Parameter.grantRead"), NOTHING),
        ],
    ),
    anchor(
        SSM,
        "list",
        PARAMETER,
        &[
            (Template("SSMParameterReadPolicy", APP), &[("ssm:GetParametersByPath", BELOW)]),
            (Template("SSMParameterReadPolicy", &[("ParameterName", "app*")]), NOTHING),
        ],
    ),
    anchor(SSM, "write", PARAMETER, &[(Cdk("aws-ssm.Parameter.grantWrite"), NOTHING)]),
    anchor(
        KMS,
        "encrypt",
        KEY,
        &[
            (Template("KMSEncryptPolicy", KEY_ID), &[("kms:GenerateDataKey", ENVELOPE)]),
            (Cdk("aws-kms.Key.grantEncrypt"), NOTHING),
        ],
    ),
    anchor(
        KMS,
        "decrypt",
        KEY,
        &[
            (Template("KMSDecryptPolicy", KEY_ID), NOTHING),
            (Cdk("aws-kms.Key.grantDecrypt"), NOTHING),
        ],
    ),
    anchor(KMS, "sign", KEY, &[(Cdk("aws-kms.Key.grantSign"), &[("kms:GetPublicKey", PUBLIC)])]),
    anchor(KMS, "verify", KEY, &[(Cdk("aws-kms.Key.grantVerify"), NOTHING)]),
    anchor(KMS, "mac", KEY, &[(Cdk("aws-kms.Key.grantGenerateMac+grantVerifyMac"), NOTHING)]),
    anchor(
        "Lambda function",
        "invoke",
        FUNCTION,
        &[
            (Template("LambdaInvokePolicy", &[("FunctionName", "other")]), NOTHING),
            (Connector("AWS::Lambda::Function", &["Write"]), NOTHING),
            (Cdk("aws-lambda.Function.grantInvoke"), NOTHING),
        ],
    ),
    anchor(
        STATES,
        "start",
        MACHINE,
        &[
            (Template("StepFunctionsExecutionPolicy", ORDER), NOTHING),
            (Connector("AWS::StepFunctions::StateMachine", &["Write"]), NOTHING),
            (Cdk("aws-stepfunctions.StateMachine.grantStartExecution"), NOTHING),
        ],
    ),
    anchor(
        STATES,
        "start-sync",
        MACHINE,
        &[
            (Connector("AWS::StepFunctions::StateMachine", &["Write"]), NOTHING),
            (Cdk("aws-stepfunctions.StateMachine.grantStartSyncExecution"), NOTHING),
        ],
    ),
    anchor(
        STATES,
        "read",
        MACHINE,
        &[
            (Connector("AWS::StepFunctions::StateMachine", &["Read"]), NOTHING),
            (Cdk("aws-stepfunctions.StateMachine.grantRead"), NOTHING),
        ],
    ),
    anchor(
        STATES,
        "stop",
        MACHINE,
        &[(Connector("AWS::StepFunctions::StateMachine", &["Write"]), NOTHING)],
    ),
    anchor(
        STATES,
        "callback",
        MACHINE,
        &[
            (Template("StepFunctionsCallbackPolicy", ORDER), CALLBACKS),
            (Cdk("aws-stepfunctions.StateMachine.grantTaskResponse"), CALLBACKS),
        ],
    ),
    anchor(
        "SES identity or configuration set",
        "send",
        SENDER,
        &[(Template("SESCrudPolicy", &[("IdentityName", "example.com")]), NOTHING)],
    ),
    anchor(
        "CloudWatch metrics",
        "publish",
        METRICS,
        &[
            (Template("CloudWatchPutMetricPolicy", &[]), NOTHING),
            (Cdk("aws-cloudwatch.Metric.grantPutMetricData"), NOTHING),
        ],
    ),
];

const URL: &str = "a client that knows the name of a queue alone asks for its URL first; with `env` \
    the URL is told and this is not given";
const BELOW: &str =
    "what is asked for by path are the parameters below it, which theirs leaves out";
const ENVELOPE: &str =
    "larger data is encrypted under data keys of its own, which come from the key by this";
const PUBLIC: &str = "whoever signs hands out the public key; it is public";

const CALLBACKS: Argued = &[
    ("states:SendTaskFailure", NO_RESOURCE),
    ("states:SendTaskHeartbeat", NO_RESOURCE),
    ("states:SendTaskSuccess", NO_RESOURCE),
];

const NOBODY: &str = "neither SAM nor CDK has a policy for what a function does with one";

/// Every verb that nobody else has anything like, with the reason.
pub(super) const NONE: &[(&str, &str, &str)] = &[
    ("Cognito user pool", "read", NOBODY),
    ("Cognito user pool", "admin", NOBODY),
    ("Cognito user pool", "sign-in", NOBODY),
    ("Cognito user pool", "delete", NOBODY),
    ("RDS database user", "connect", NOBODY),
    ("Aurora cluster (Data API)", "query", NOBODY),
    ("ElastiCache cache or user", "connect", NOBODY),
    ("API Gateway WebSocket API", "send", NOBODY),
    ("Bedrock model", "invoke", NOBODY),
    ("Bedrock model", "stream", NOBODY),
];

/// Returns one thing of each kind that has no anchor.
pub(super) fn example(thing: &str) -> &'static str {
    match thing {
        "Cognito user pool" => {
            "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_aB1cD2eF3"
        }
        "RDS database user" => "arn:aws:rds-db:eu-west-1:111122223333:dbuser:db-ABCDEFGHIJKL/app",
        "Aurora cluster (Data API)" => "arn:aws:rds:eu-west-1:111122223333:cluster:shop",
        "ElastiCache cache or user" => {
            "arn:aws:elasticache:eu-west-1:111122223333:serverlesscache:shop"
        }
        "API Gateway WebSocket API" => "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/live",
        "Bedrock model" => "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0",
        _ => "",
    }
}
