//! Policies of what no client of Google's is linked in for: keys, queues of tasks, databases of
//! Spanner. They are read and written as the JSON that every service of Google's speaks.

use google_cloud_iam_v1::model::Policy;
use reqwest::Method;
use serde_json::{Value, json};
use updraft_contract::CloudError;
use updraft_transport::{Repeat, told};

use crate::bindings::VERSION;
use crate::client::Cloud;
use crate::errors::{Failure, lost};
use crate::raw::Ask;

/// How the policy of something is reached. Every service names the methods the same
/// (`google.iam.v1.IAMPolicy`); the first letters of the path and the method of reading differ.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Service {
    /// The part of a full name that tells what it is: `/cryptoKeys/`.
    part: &'static str,
    host: &'static str,
    version: &'static str,
    /// Whether it is read with a GET, as Cloud KMS has it, and not with a POST.
    gets: bool,
    /// The permission that reading takes.
    pub(crate) reads: &'static str,
    /// The permission that writing takes.
    pub(crate) writes: &'static str,
}

/// <https://cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings.cryptoKeys/getIamPolicy>,
/// <https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues/getIamPolicy>,
/// <https://cloud.google.com/spanner/docs/reference/rest/v1/projects.instances.databases/getIamPolicy>.
static SERVICES: &[Service] = &[
    Service {
        part: "/cryptoKeys/",
        host: "cloudkms.googleapis.com",
        version: "v1",
        gets: true,
        reads: "cloudkms.cryptoKeys.getIamPolicy",
        writes: "cloudkms.cryptoKeys.setIamPolicy",
    },
    Service {
        part: "/queues/",
        host: "cloudtasks.googleapis.com",
        version: "v2",
        gets: false,
        reads: "cloudtasks.queues.getIamPolicy",
        writes: "cloudtasks.queues.setIamPolicy",
    },
    Service {
        part: "/instances/",
        host: "spanner.googleapis.com",
        version: "v1",
        gets: false,
        reads: "spanner.databases.getIamPolicy",
        writes: "spanner.databases.setIamPolicy",
    },
];

impl Service {
    /// Returns how the policy of what is called so is reached. `None`: with a client of its own.
    pub(crate) fn of(name: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| name.contains(service.part))
    }

    /// Reads the policy of `name`, conditions included.
    pub(crate) async fn policy(&self, cloud: &Cloud, name: &str) -> Result<Policy, Failure> {
        let path = format!("/{}/{name}:getIamPolicy", self.version);
        let options = json!({"options": {"requestedPolicyVersion": VERSION}});
        let (method, path, body) = if self.gets {
            (Method::GET, format!("{path}?options.requestedPolicyVersion={VERSION}"), None)
        } else {
            (Method::POST, path, Some(options))
        };
        let ask = Ask { operation: self.reads, method, host: self.host, path, body };
        read(self.reads, cloud.ask(Repeat::Safe, &ask).await?)
    }

    /// Writes a policy under the etag it was read with.
    pub(crate) async fn write(
        &self,
        cloud: &Cloud,
        name: &str,
        policy: &Policy,
    ) -> Result<Policy, Failure> {
        let policy = serde_json::to_value(policy).map_err(|error| {
            let (operation, code) = (self.writes.to_owned(), "BadPolicy".to_owned());
            CloudError::Refused { operation, code, message: told(&error) }
        })?;
        let ask = Ask {
            operation: self.writes,
            method: Method::POST,
            host: self.host,
            path: format!("/{}/{name}:setIamPolicy", self.version),
            body: Some(json!({ "policy": policy })),
        };
        read(self.writes, cloud.ask(Repeat::Once, &ask).await?)
    }
}

fn read(operation: &'static str, answer: Value) -> Result<Policy, Failure> {
    serde_json::from_value(answer).map_err(|error| lost(operation, told(&error)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Service, read};

    #[test]
    fn what_a_policy_is_of_is_told_by_its_name() {
        let reads = |name| Service::of(name).map(|it| it.reads);
        let key = "projects/p/locations/l/keyRings/r/cryptoKeys/k";
        assert_eq!(reads(key), Some("cloudkms.cryptoKeys.getIamPolicy"));
        assert_eq!(
            reads("projects/p/locations/l/queues/q"),
            Some("cloudtasks.queues.getIamPolicy")
        );
        assert_eq!(
            reads("projects/p/instances/i/databases/d"),
            Some("spanner.databases.getIamPolicy")
        );
        assert_eq!(reads("projects/p/locations/l/services/s"), None);
    }

    #[test]
    fn conditions_and_the_etag_come_back_as_they_were_read() {
        let condition = json!({"title": "t", "expression": "true"});
        let bindings = json!([{"role": "roles/a", "members": ["user:a"], "condition": condition}]);
        let said = json!({"version": 3, "etag": "BwY=", "bindings": bindings});
        let policy = read("x", said.clone()).unwrap();
        assert_eq!(serde_json::to_value(&policy).unwrap(), said);
    }
}
