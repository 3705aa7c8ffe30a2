//! On what each action of a deployment is taken. Pure.

use std::collections::BTreeSet;

use updraft_contract::Kind;

use crate::kinds::{BUCKET_NOTIFICATION, QUEUE_MAPPING, REST_ROUTE, schedule_group};
use crate::place::Names;

/// Actions that take no narrower resource, by the service authorization reference.
const ON_ALL: &[&str] = &[
    "iam:GetAccountAuthorizationDetails",
    "iam:ListRoles",
    "lambda:CreateEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctions",
    "logs:DescribeLogGroups",
    "s3:ListAllMyBuckets",
    "scheduler:ListSchedules",
    "sqs:ListQueues",
    "tag:GetResources",
];

/// What the resources of one project in one stage are called, as patterns of ARNs.
pub(super) struct Places<'a> {
    names: Names<'a>,
    /// The ARNs of buckets that are used and are not ours.
    buckets: BTreeSet<String>,
}

impl<'a> Places<'a> {
    /// Collects the patterns. `buckets` are the ARNs of those that exist already.
    pub(super) fn of(names: Names<'a>, buckets: BTreeSet<String>) -> Self {
        Self { names, buckets }
    }

    /// Returns the pattern of the ARNs of our functions.
    pub(super) fn functions(&self) -> String {
        self.arn("lambda", &format!("function:{}*", self.names.searched()))
    }

    /// Returns on what `action` is taken, for a resource of this kind or while looking around.
    pub(super) fn of_action(&self, kind: Option<Kind>, action: &str) -> Vec<String> {
        if ON_ALL.contains(&action) {
            return vec!["*".to_owned()];
        }
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        match service {
            "iam" => self.roles(name),
            "lambda" => self.lambda(kind, name),
            "logs" => vec![self.log_groups()],
            "apigateway" => self.apis(kind, name),
            "scheduler" => vec![self.schedules(name)],
            "sqs" => vec![self.arn("sqs", &format!("{}*", self.names.searched()))],
            "s3" => self.buckets(kind, name),
            _ => vec!["*".to_owned()],
        }
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        self.names.place.arn(service, rest)
    }

    /// One that is not there has no path yet, so looking for it asks for its bare name too.
    fn roles(&self, name: &str) -> Vec<String> {
        let (partition, account) = (&self.names.place.partition, &self.names.place.account);
        let role = |rest: &str| format!("arn:{partition}:iam::{account}:role{rest}*");
        let ours = role(&self.names.role_path());
        let bare = || role(&format!("/{}", self.names.searched()));
        if name == "GetRole" { vec![ours, bare()] } else { vec![ours] }
    }

    fn lambda(&self, kind: Option<Kind>, name: &str) -> Vec<String> {
        let mappings = || self.arn("lambda", "event-source-mapping:*");
        match name {
            "TagResource" if kind == Some(QUEUE_MAPPING) => vec![mappings(), self.functions()],
            "UntagResource" | "ListTags" if kind == Some(QUEUE_MAPPING) => vec![mappings()],
            _ if name.ends_with("EventSourceMapping") => vec![mappings()],
            _ => vec![self.functions()],
        }
    }

    fn log_groups(&self) -> String {
        self.arn("logs", &format!("log-group:/aws/lambda/{}*", self.names.searched()))
    }

    /// APIs have ids that AWS chooses. Tags are put on what is made by a right of their own:
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-iam-policy.html>.
    fn apis(&self, kind: Option<Kind>, name: &str) -> Vec<String> {
        let place = self.names.place;
        let path =
            |path: &str| format!("arn:{}:apigateway:{}::{path}", place.partition, place.region);
        let roots: &[&str] = match kind {
            Some(kind) if kind.0.starts_with("aws.rest") => &["/restapis"],
            Some(_) => &["/apis"],
            None => &["/apis", "/restapis"],
        };
        // Only what is made or looked for is named by what it is made or looked for in.
        let on_roots = ["GET", "POST"].contains(&name);
        let on_members = kind.is_some() && (name != "PUT" || kind == Some(REST_ROUTE));
        let mut all = Vec::new();
        for root in roots {
            all.extend(on_roots.then(|| path(root)));
            all.extend(on_members.then(|| path(&format!("{root}/*"))));
        }
        let tagged = name == "PUT" && kind != Some(REST_ROUTE);
        all.extend(tagged.then(|| path("/tags/*")));
        all
    }

    fn schedules(&self, name: &str) -> String {
        let group = schedule_group::name(self.names);
        match name {
            "CreateSchedule" | "UpdateSchedule" | "GetSchedule" | "DeleteSchedule" => {
                self.arn("scheduler", &format!("schedule/{group}/*"))
            }
            _ => schedule_group::arn(self.names),
        }
    }

    fn buckets(&self, kind: Option<Kind>, name: &str) -> Vec<String> {
        let readable = self.names.searched().to_lowercase().replace('_', "-");
        let ours = self.names.place.bucket_arn(&format!("{readable}*"));
        if name.starts_with("DeleteObject") {
            return vec![format!("{ours}/*")];
        }
        let others = self.buckets.iter().filter(|_| kind == Some(BUCKET_NOTIFICATION)).cloned();
        std::iter::once(ours).chain(others).collect()
    }
}
