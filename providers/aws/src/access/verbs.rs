//! What each verb of declared access gives, as data.

use std::sync::LazyLock;

use updraft_contract::VerbSpec;

use super::target::Thing;

/// On what of a thing actions are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// On the thing itself.
    Itself,
    /// On the objects of a bucket that the prefix names.
    Objects,
    /// On a bucket, for listings of keys that the prefix names.
    Listing,
    /// On a table, and on the indexes that are named.
    Indexed,
    /// On the thing and whatever is below it.
    Path,
    /// On the executions of a state machine.
    Executions,
    /// On the connections of a WebSocket API.
    Connections,
    /// On everything: the actions take no resource.
    Everything,
}

/// What one verb gives.
pub(crate) struct Row {
    /// What it is done to.
    pub(crate) thing: Thing,
    /// The verb.
    pub(crate) verb: &'static str,
    /// The actions, and what they are given on.
    pub(crate) gives: &'static [(Place, &'static [&'static str])],
    /// What else one should know.
    note: &'static str,
}

type Gives = &'static [(Place, &'static [&'static str])];

const fn row(thing: Thing, verb: &'static str, gives: Gives) -> Row {
    Row { thing, verb, gives, note: "" }
}

const fn noted(thing: Thing, verb: &'static str, gives: Gives, note: &'static str) -> Row {
    Row { thing, verb, gives, note }
}

use Place::{Connections, Everything, Executions, Indexed, Itself, Listing, Objects, Path};

/// The actions of each verb, by the service authorization reference:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
///
/// Listing is apart from reading: it shows the names of all objects, read or not.
pub(crate) const ROWS: &[Row] = &[
    noted(
        Thing::Bucket,
        "read",
        &[(Objects, &["s3:GetObject"])],
        "without `list`, a key that does not exist answers 403 and not 404",
    ),
    row(Thing::Bucket, "write", &[(Objects, &["s3:AbortMultipartUpload", "s3:PutObject"])]),
    row(Thing::Bucket, "delete", &[(Objects, &["s3:DeleteObject"])]),
    row(Thing::Bucket, "list", &[(Listing, &["s3:ListBucket"])]),
    row(Thing::Bucket, "read-versions", &[(Objects, &["s3:GetObjectVersion"])]),
    row(Thing::Bucket, "read-tags", &[(Objects, &["s3:GetObjectTagging"])]),
    row(Thing::Bucket, "write-tags", &[(Objects, &["s3:PutObjectTagging"])]),
    noted(
        Thing::Bucket,
        "list-uploads",
        &[
            (Objects, &["s3:ListMultipartUploadParts"]),
            (Itself, &["s3:ListBucketMultipartUploads"]),
        ],
        "uploads are listed for the whole bucket, whatever the prefix",
    ),
    noted(
        Thing::Table,
        "read",
        &[
            (Itself, &["dynamodb:BatchGetItem", "dynamodb:GetItem"]),
            (Indexed, &["dynamodb:Query", "dynamodb:Scan"]),
        ],
        "with `keys`, write `get` and `query`: a scan sees every key",
    ),
    row(Thing::Table, "get", &[(Itself, &["dynamodb:BatchGetItem", "dynamodb:GetItem"])]),
    row(Thing::Table, "query", &[(Indexed, &["dynamodb:Query"])]),
    row(Thing::Table, "scan", &[(Indexed, &["dynamodb:Scan"])]),
    noted(
        Thing::Table,
        "check",
        &[(Itself, &["dynamodb:ConditionCheckItem"])],
        "conditions in transactions; what a transaction writes takes `write` and `delete`",
    ),
    noted(
        Thing::Table,
        "write",
        &[(Itself, &["dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"])],
        "a batch may delete items too",
    ),
    row(Thing::Table, "delete", &[(Itself, &["dynamodb:DeleteItem"])]),
    row(
        Thing::Table,
        "partiql",
        &[
            (
                Itself,
                &["dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"],
            ),
            (Indexed, &["dynamodb:PartiQLSelect"]),
        ],
    ),
    noted(
        Thing::Queue,
        "send",
        &[(Itself, &["sqs:SendMessage"])],
        "and `sqs:GetQueueUrl` where no `env` tells the URL",
    ),
    noted(
        Thing::Queue,
        "receive",
        &[(
            Itself,
            &[
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
        )],
        "and `sqs:GetQueueUrl` where no `env` tells the URL",
    ),
    row(Thing::Queue, "purge", &[(Itself, &["sqs:PurgeQueue"])]),
    row(Thing::Topic, "publish", &[(Itself, &["sns:Publish"])]),
    row(Thing::Stream, "publish", &[(Itself, &["kinesis:PutRecord", "kinesis:PutRecords"])]),
    row(
        Thing::Stream,
        "read",
        &[(
            Itself,
            &[
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
        )],
    ),
    row(
        Thing::Delivery,
        "publish",
        &[(Itself, &["firehose:PutRecord", "firehose:PutRecordBatch"])],
    ),
    noted(
        Thing::Bus,
        "publish",
        &[(Itself, &["events:PutEvents"])],
        "a condition on `events:source` or `events:detail-type` says which events",
    ),
    noted(
        Thing::Secret,
        "read",
        &[(Itself, &["secretsmanager:GetSecretValue"])],
        "a name without its random suffix means exactly that name and any suffix",
    ),
    row(Thing::Secret, "write", &[(Itself, &["secretsmanager:PutSecretValue"])]),
    row(Thing::Parameter, "read", &[(Itself, &["ssm:GetParameter", "ssm:GetParameters"])]),
    noted(
        Thing::Parameter,
        "list",
        &[(Path, &["ssm:GetParametersByPath"])],
        "the values of all parameters below the path",
    ),
    row(Thing::Parameter, "write", &[(Itself, &["ssm:PutParameter"])]),
    row(Thing::Key, "encrypt", &[(Itself, &["kms:Encrypt", "kms:GenerateDataKey"])]),
    noted(
        Thing::Key,
        "decrypt",
        &[(Itself, &["kms:Decrypt"])],
        "a condition on `kms:ViaService` keeps it to one service",
    ),
    row(Thing::Key, "sign", &[(Itself, &["kms:GetPublicKey", "kms:Sign"])]),
    row(Thing::Key, "verify", &[(Itself, &["kms:Verify"])]),
    row(Thing::Key, "mac", &[(Itself, &["kms:GenerateMac", "kms:VerifyMac"])]),
    noted(
        Thing::Function,
        "invoke",
        &[(Itself, &["lambda:InvokeFunction"])],
        "the function itself, or the one alias or version that the ARN names",
    ),
    row(Thing::Machine, "start", &[(Itself, &["states:StartExecution"])]),
    row(Thing::Machine, "start-sync", &[(Itself, &["states:StartSyncExecution"])]),
    row(
        Thing::Machine,
        "read",
        &[(Executions, &["states:DescribeExecution", "states:GetExecutionHistory"])],
    ),
    row(Thing::Machine, "stop", &[(Executions, &["states:StopExecution"])]),
    noted(
        Thing::Machine,
        "callback",
        &[(
            Everything,
            &["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"],
        )],
        "for every state machine: AWS takes no narrower resource",
    ),
    row(
        Thing::Users,
        "read",
        &[(
            Itself,
            &[
                "cognito-idp:AdminGetUser",
                "cognito-idp:AdminListGroupsForUser",
                "cognito-idp:ListUsers",
            ],
        )],
    ),
    row(
        Thing::Users,
        "admin",
        &[(
            Itself,
            &[
                "cognito-idp:AdminAddUserToGroup",
                "cognito-idp:AdminCreateUser",
                "cognito-idp:AdminDisableUser",
                "cognito-idp:AdminEnableUser",
                "cognito-idp:AdminRemoveUserFromGroup",
                "cognito-idp:AdminUpdateUserAttributes",
            ],
        )],
    ),
    row(
        Thing::Users,
        "sign-in",
        &[(Itself, &["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge"])],
    ),
    row(Thing::Users, "delete", &[(Itself, &["cognito-idp:AdminDeleteUser"])]),
    row(Thing::Login, "connect", &[(Itself, &["rds-db:connect"])]),
    noted(
        Thing::Cluster,
        "query",
        &[(
            Itself,
            &[
                "rds-data:BatchExecuteStatement",
                "rds-data:BeginTransaction",
                "rds-data:CommitTransaction",
                "rds-data:ExecuteStatement",
                "rds-data:RollbackTransaction",
            ],
        )],
        "and `read` on the secret that the statements name",
    ),
    noted(
        Thing::Cache,
        "connect",
        &[(Itself, &["elasticache:Connect"])],
        "once for the cache and once for the user",
    ),
    noted(
        Thing::Sender,
        "send",
        &[(Itself, &["ses:SendEmail"])],
        "once for the identity, and once for the configuration set if there is one",
    ),
    noted(
        Thing::Metrics,
        "publish",
        &[(Everything, &["cloudwatch:PutMetricData"])],
        "in that namespace only",
    ),
    row(Thing::Api, "send", &[(Connections, &["execute-api:ManageConnections"])]),
    noted(
        Thing::Model,
        "invoke",
        &[(Itself, &["bedrock:InvokeModel"])],
        "an inference profile needs the models behind it too",
    ),
    row(Thing::Model, "stream", &[(Itself, &["bedrock:InvokeModelWithResponseStream"])]),
];

/// Returns what `verb` gives on `thing`.
pub(crate) fn found(thing: Thing, verb: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.thing == thing && row.verb == verb)
}

/// Returns the verbs that `thing` has.
pub(crate) fn known(thing: Thing) -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(move |row| row.thing == thing).map(|row| row.verb)
}

/// Every verb of declared access on AWS, and the actions it gives.
pub static VERBS: LazyLock<Vec<VerbSpec>> = LazyLock::new(|| ROWS.iter().map(spec).collect());

fn spec(row: &Row) -> VerbSpec {
    let mut actions: Vec<&'static str> =
        row.gives.iter().flat_map(|(_, actions)| actions.iter().copied()).collect();
    actions.sort_unstable();
    let (thing, to) = row.thing.form().map_or(("", ""), |form| (form.title, form.to));
    // Made once for the life of the process.
    VerbSpec { thing, to, verb: row.verb, gives: Vec::leak(actions), note: row.note }
}
