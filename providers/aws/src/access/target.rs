//! What `to` of declared access leads to: something of the manifest, or an ARN. Pure.

use updraft_contract::{App, Managed, ResourceType};

use crate::place::Names;
use crate::subject::Subject;

/// What kind of thing is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// A bucket of S3.
    Bucket,
    /// A table of `DynamoDB`.
    Table,
    /// A queue of SQS.
    Queue,
    /// A topic of SNS.
    Topic,
    /// A stream of Kinesis.
    Stream,
    /// A delivery stream of Firehose.
    Delivery,
    /// A bus of `EventBridge`.
    Bus,
    /// A secret of Secrets Manager.
    Secret,
    /// A parameter of Systems Manager.
    Parameter,
    /// A key of KMS.
    Key,
    /// A function of Lambda.
    Function,
    /// A state machine of Step Functions.
    Machine,
    /// A user pool of Cognito.
    Users,
    /// A user of a database of RDS.
    Login,
    /// A cluster of Aurora, by its Data API.
    Cluster,
    /// A cache of `ElastiCache`, or a user of it.
    Cache,
    /// An identity that SES sends as, or a configuration set.
    Sender,
    /// A namespace of metrics.
    Metrics,
    /// A stage of a WebSocket API.
    Api,
    /// A model of Bedrock.
    Model,
}

/// How ARNs of one kind of thing start after the account, and how people write them.
pub(crate) struct Form {
    /// The kind.
    pub(crate) thing: Thing,
    /// What people call it.
    pub(crate) title: &'static str,
    /// How the manifest names one.
    pub(crate) to: &'static str,
    service: &'static str,
    starts: &'static [&'static str],
}

const fn form(
    thing: Thing,
    title: &'static str,
    to: &'static str,
    service: &'static str,
    starts: &'static [&'static str],
) -> Form {
    Form { thing, title, to, service, starts }
}

/// Every kind of thing. The ARNs are those of the service authorization reference:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>.
pub(crate) const FORMS: &[Form] = &[
    form(Thing::Bucket, "S3 bucket", "bucket.NAME, arn:aws:s3:::NAME", "s3", &[""]),
    form(
        Thing::Table,
        "DynamoDB table",
        "table.NAME, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME",
        "dynamodb",
        &["table/"],
    ),
    form(Thing::Queue, "SQS queue", "queue.NAME, arn:aws:sqs:REGION:ACCOUNT:NAME", "sqs", &[""]),
    form(Thing::Topic, "SNS topic", "topic.NAME, arn:aws:sns:REGION:ACCOUNT:NAME", "sns", &[""]),
    form(
        Thing::Stream,
        "Kinesis stream",
        "stream.NAME, arn:aws:kinesis:REGION:ACCOUNT:stream/NAME",
        "kinesis",
        &["stream/"],
    ),
    form(
        Thing::Delivery,
        "Firehose stream",
        "arn:aws:firehose:REGION:ACCOUNT:deliverystream/NAME",
        "firehose",
        &["deliverystream/"],
    ),
    form(
        Thing::Bus,
        "EventBridge bus",
        "bus.NAME, arn:aws:events:REGION:ACCOUNT:event-bus/NAME",
        "events",
        &["event-bus/"],
    ),
    form(
        Thing::Secret,
        "Secrets Manager secret",
        "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
        "secretsmanager",
        &["secret:"],
    ),
    form(
        Thing::Parameter,
        "SSM parameter",
        "arn:aws:ssm:REGION:ACCOUNT:parameter/NAME",
        "ssm",
        &["parameter/"],
    ),
    form(Thing::Key, "KMS key", "arn:aws:kms:REGION:ACCOUNT:key/ID", "kms", &["key/"]),
    form(
        Thing::Function,
        "Lambda function",
        "function.NAME, arn:aws:lambda:REGION:ACCOUNT:function:NAME",
        "lambda",
        &["function:"],
    ),
    form(
        Thing::Machine,
        "Step Functions state machine",
        "arn:aws:states:REGION:ACCOUNT:stateMachine:NAME",
        "states",
        &["stateMachine:"],
    ),
    form(
        Thing::Users,
        "Cognito user pool",
        "arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID",
        "cognito-idp",
        &["userpool/"],
    ),
    form(
        Thing::Login,
        "RDS database user",
        "arn:aws:rds-db:REGION:ACCOUNT:dbuser:RESOURCE/USER",
        "rds-db",
        &["dbuser:"],
    ),
    form(
        Thing::Cluster,
        "Aurora cluster (Data API)",
        "arn:aws:rds:REGION:ACCOUNT:cluster:NAME",
        "rds",
        &["cluster:"],
    ),
    form(
        Thing::Cache,
        "ElastiCache cache or user",
        "arn:aws:elasticache:REGION:ACCOUNT:serverlesscache:NAME",
        "elasticache",
        &["replicationgroup:", "serverlesscache:", "user:"],
    ),
    form(
        Thing::Sender,
        "SES identity or configuration set",
        "arn:aws:ses:REGION:ACCOUNT:identity/NAME",
        "ses",
        &["identity/", "configuration-set/"],
    ),
    form(Thing::Metrics, "CloudWatch metrics", "metrics.NAMESPACE", "", &[]),
    form(
        Thing::Api,
        "API Gateway WebSocket API",
        "arn:aws:execute-api:REGION:ACCOUNT:API/STAGE",
        "execute-api",
        &[""],
    ),
    form(
        Thing::Model,
        "Bedrock model",
        "arn:aws:bedrock:REGION::foundation-model/ID",
        "bedrock",
        &[
            "foundation-model/",
            "inference-profile/",
            "application-inference-profile/",
            "provisioned-model/",
            "imported-model/",
        ],
    ),
];

impl Thing {
    /// Returns what is known of this kind of thing.
    pub(crate) fn form(self) -> Option<&'static Form> {
        FORMS.iter().find(|form| form.thing == self)
    }

    fn of(declared: ResourceType) -> Self {
        match declared {
            ResourceType::Bucket => Thing::Bucket,
            ResourceType::Queue => Thing::Queue,
            ResourceType::Topic => Thing::Topic,
            ResourceType::Stream => Thing::Stream,
            ResourceType::Table => Thing::Table,
            ResourceType::Bus => Thing::Bus,
        }
    }
}

/// What a `to` leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What it is, or `None` where only its ARN is known.
    pub(crate) thing: Option<Thing>,
    /// Its ARN; `*` for everything; the namespace of metrics.
    pub(crate) arn: String,
}

impl Target {
    /// Finds what `text` leads to, or says why it leads nowhere.
    pub(crate) fn of(names: Names<'_>, app: &App, text: &str) -> Result<Self, String> {
        if text == "*" || text.starts_with("arn:") {
            return Ok(Self::named(text));
        }
        let (word, name) = text.split_once('.').unwrap_or((text, ""));
        match word {
            "function" if app.functions.iter().any(|function| function.name == name) => {
                Ok(Self { thing: Some(Thing::Function), arn: names.function_arn(name) })
            }
            "metrics" if !name.is_empty() => {
                Ok(Self { thing: Some(Thing::Metrics), arn: name.to_owned() })
            }
            _ => Self::declared(names, app, (word, name)),
        }
    }

    fn declared(names: Names<'_>, app: &App, (word, name): (&str, &str)) -> Result<Self, String> {
        let meant = |it: &&Managed| it.resource_type.word() == word && it.name == name;
        let Some(managed) = app.managed.iter().find(meant) else {
            return Err("nothing of that name is declared; write `bucket.NAME` or the like of \
                what is, `function.NAME`, `metrics.NAMESPACE` or an ARN"
                .to_owned());
        };
        let thing = Some(Thing::of(managed.resource_type));
        let arn = match Subject::declared(managed) {
            Subject::Existing(_, arn) if arn.starts_with("arn:") => arn.to_owned(),
            subject @ (Subject::Managed(_) | Subject::Existing(..)) => subject.arn(names),
        };
        Ok(Self { thing, arn })
    }

    fn named(arn: &str) -> Self {
        let thing = part(arn, 2).and_then(|service| {
            let rest = rest(arn);
            let fits = |form: &&Form| {
                form.service == service && form.starts.iter().any(|start| rest.starts_with(start))
            };
            FORMS.iter().find(fits).map(|form| form.thing)
        });
        Self { thing, arn: arn.to_owned() }
    }

    /// Returns the part of the ARN that names the thing in its service.
    pub(crate) fn rest(&self) -> &str {
        rest(&self.arn)
    }

    /// Returns the name of the thing, without what says of which kind it is.
    pub(crate) fn name(&self) -> &str {
        let rest = self.rest();
        let starts = self.thing.and_then(Thing::form).map_or(&[][..], |form| form.starts);
        starts.iter().find_map(|start| rest.strip_prefix(start)).unwrap_or(rest)
    }

    /// Returns what stands at a place of the ARN, counted from zero: 3 is the region.
    pub(crate) fn part(&self, at: usize) -> &str {
        part(&self.arn, at).unwrap_or_default()
    }

    /// Returns the ARN of something else beside it.
    pub(crate) fn beside(&self, rest: &str) -> String {
        let mut parts: Vec<&str> = self.arn.splitn(6, ':').take(5).collect();
        parts.push(rest);
        parts.join(":")
    }
}

fn part(arn: &str, at: usize) -> Option<&str> {
    arn.splitn(6, ':').nth(at).filter(|_| arn.starts_with("arn:"))
}

fn rest(arn: &str) -> &str {
    part(arn, 5).unwrap_or(arn)
}
