//! Where resources are and what they are called: accounts, regions, names and ARNs.

use std::time::Duration;

use updraft_contract::{ResourceId, Scope, shortened};

/// An account and region, and how they are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The partition, such as `aws` or `aws-cn`.
    pub(crate) partition: String,
    /// The account, twelve digits.
    pub(crate) account: String,
    /// The region, such as `eu-west-1`.
    pub(crate) region: String,
    /// The endpoint that stands in for AWS's own, without a slash at its end.
    pub(crate) endpoint: Option<String>,
    /// The raised integration timeout quota of REST APIs, where the account has one.
    pub(crate) rest_timeout: Option<Duration>,
}

/// The longest name of a Lambda function, an IAM role and an `EventBridge` schedule.
///
/// IAM `roleNameType`, Lambda `FunctionName` and Scheduler `Name` of the service models: 64.
const LONGEST_NAME: usize = 64;

impl Place {
    /// Returns the names of one project in one stage.
    pub(crate) fn names<'a>(&'a self, project: &'a str, stage: &'a str) -> Names<'a> {
        Names { place: self, project, stage }
    }

    /// Returns the names of a scope.
    pub(crate) fn names_in<'a>(&'a self, scope: &'a Scope) -> Names<'a> {
        self.names(&scope.project, &scope.stage)
    }

    /// Returns an ARN in this account and region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let Self { partition, account, region, .. } = self;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// The names of one project in one stage. The same name for the same thing, always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// Where.
    pub(crate) place: &'a Place,
    /// The project.
    pub(crate) project: &'a str,
    /// The stage.
    pub(crate) stage: &'a str,
}

impl Names<'_> {
    /// Returns what every name starts with, unless it had to be cut.
    pub(crate) fn prefix(&self) -> String {
        format!("{}-{}-", self.project, self.stage)
    }

    /// Returns the name in the cloud of the resource called `logical`, of at most 64 characters.
    ///
    /// Dots become dashes: `resize.schedule` is `<project>-<stage>-resize-schedule`.
    pub(crate) fn physical(&self, logical: &str) -> String {
        let name = format!("{}{}", self.prefix(), logical.replace('.', "-"));
        shortened(&name, LONGEST_NAME)
    }

    /// Returns the name in the cloud of the resource at `id`.
    pub(crate) fn physical_of(&self, id: &ResourceId) -> String {
        self.physical(&id.name)
    }

    /// Returns the ARN of a function.
    pub(crate) fn function_arn(&self, function: &str) -> String {
        self.place.arn("lambda", &format!("function:{}", self.physical(function)))
    }

    /// Returns the IAM path of everything that belongs to the project and stage.
    pub(crate) fn role_path(&self) -> String {
        format!("/updraft/{}/{}/", self.project, self.stage)
    }

    /// Returns the ARN of a role. IAM is global, so there is no region in it.
    pub(crate) fn role_arn(&self, role: &str) -> String {
        let Place { partition, account, .. } = self.place;
        let (path, name) = (self.role_path(), self.physical(role));
        format!("arn:{partition}:iam::{account}:role{path}{name}")
    }

    /// Returns the name of a function's log group: the one Lambda writes to by default.
    pub(crate) fn log_group(&self, function: &str) -> String {
        format!("/aws/lambda/{}", self.physical(function))
    }

    /// Returns the ARN of a function's log group, without `:*` at its end.
    pub(crate) fn log_group_arn(&self, function: &str) -> String {
        self.place.arn("logs", &format!("log-group:{}", self.log_group(function)))
    }
}
