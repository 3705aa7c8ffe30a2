//! Where resources are and what they are called: accounts, regions, names and ARNs.

use std::time::Duration;

use sha2::{Digest, Sha256};
use updraft_contract::{ResourceId, Scope, hex, shortened};

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

/// How much of a bucket's name is readable; a dash and a hash of eight digits follow.
///
/// A bucket's name has 3 to 63 characters: lower-case letters, digits, dots and dashes
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>).
const READABLE_BUCKET: usize = 54;

/// How much of a prefix is safe to search for: a name that was cut starts with as much.
const SEARCHED: usize = 50;

/// Returns eight hexadecimal digits that stand for `text`.
pub(crate) fn short_hash(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())).chars().take(8).collect()
}

impl Place {
    /// Returns a place for questions that no account or region changes the answer to.
    pub(crate) fn nowhere() -> Self {
        Self {
            partition: "aws".to_owned(),
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: None,
            rest_timeout: None,
        }
    }

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

    /// Returns the URL of a queue, which its name and its place tell
    /// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html>).
    pub(crate) fn queue_url(&self, queue: &str) -> String {
        let Self { partition, account, region, .. } = self;
        // The domains of the partitions, as the SDK's own table has them.
        let domain = match partition.as_str() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-eusc" => "amazonaws.eu",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            _ => "amazonaws.com",
        };
        let service = || format!("https://sqs.{region}.{domain}");
        let host = self.endpoint.clone().unwrap_or_else(service);
        format!("{host}/{account}/{queue}")
    }

    /// Returns the ARN of a bucket, which names neither account nor region.
    pub(crate) fn bucket_arn(&self, bucket: &str) -> String {
        format!("arn:{}:s3:::{bucket}", self.partition)
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

    /// Returns what names in the cloud start with, as far as every one of them does.
    pub(crate) fn searched(&self) -> String {
        self.prefix().chars().take(SEARCHED).collect()
    }

    /// Returns the name in the cloud of the bucket called `logical`.
    ///
    /// Buckets of everybody share their names, so that the account and region are part of it.
    pub(crate) fn bucket(&self, logical: &str) -> String {
        let Place { account, region, .. } = self.place;
        let readable = format!("{}{logical}", self.prefix()).to_lowercase().replace('_', "-");
        let readable: String = readable.chars().take(READABLE_BUCKET).collect();
        // The hash over the logical name keeps apart what reads alike in lower case.
        let hash = short_hash(&format!("{account} {region} {}{logical}", self.prefix()));
        format!("{}-{hash}", readable.trim_end_matches('-'))
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

#[cfg(test)]
mod tests {
    use super::Place;

    fn place(account: &str) -> Place {
        Place {
            partition: "aws".into(),
            account: account.into(),
            region: "eu-west-1".into(),
            endpoint: None,
            rest_timeout: None,
        }
    }

    #[test]
    fn a_bucket_has_a_name_that_s3_takes_and_nobody_else_has() {
        let (ours, theirs) = (place("111122223333"), place("444455556666"));
        let name = ours.names("shop", "dev").bucket("Raw_photos");
        assert!(name.starts_with("shop-dev-raw-photos-"), "{name}");
        assert_ne!(name, theirs.names("shop", "dev").bucket("Raw_photos"));
        assert_ne!(name, ours.names("shop", "dev").bucket("raw-photos"));
        let long = ours.names("shop", "dev").bucket(&"x".repeat(64));
        assert_eq!(long.len(), 63);
    }

    #[test]
    fn the_searched_prefix_finds_names_that_were_cut() {
        let place = place("111122223333");
        let (project, stage) = ("p".repeat(40), "s".repeat(20));
        let names = place.names(&project, &stage);
        assert!(names.bucket("photos").starts_with(&names.searched()));
        assert!(names.physical("jobs").starts_with(&names.searched()));
    }
}
