//! Where resources are and what they are called: projects, regions, names and emails.

use sha2::{Digest, Sha256};
use updraft_contract::{Scope, hex, shortened};

/// A project and region, and how they are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The project's id, such as `my-project`.
    pub(crate) project: String,
    /// The project's number, which Google's own service accounts are named after.
    pub(crate) number: String,
    /// The region, such as `europe-west1`.
    pub(crate) region: String,
    /// The endpoint that stands in for Google's own, without a slash at its end.
    pub(crate) endpoint: Option<String>,
}

/// The longest name of a function: Cloud Run allows "fewer than 50 characters" for the service
/// that a function becomes (run.googleapis.com v2, `services.create`).
const LONGEST_FUNCTION: usize = 49;

/// The longest id of a service account (iam.googleapis.com v1, `CreateServiceAccountRequest`).
const LONGEST_ACCOUNT: usize = 30;

/// Pub/Sub allows 255 and Cloud Scheduler 500; nobody reads that far.
const LONGEST_NAME: usize = 120;

/// The longest name of a bucket without dots (Cloud Storage, bucket naming).
const LONGEST_BUCKET: usize = 63;

/// Digits of a hash that keeps names apart which are global.
const HASH_DIGITS: usize = 8;

impl Place {
    /// Returns the names of a project in a stage.
    pub(crate) fn names<'a>(&'a self, project: &'a str, stage: &'a str) -> Names<'a> {
        Names { place: self, project, stage }
    }

    /// Returns the names of a scope.
    pub(crate) fn names_in<'a>(&'a self, scope: &'a Scope) -> Names<'a> {
        self.names(&scope.project, &scope.stage)
    }

    /// Returns `projects/<project>`.
    pub(crate) fn project_name(&self) -> String {
        format!("projects/{}", self.project)
    }

    /// Returns `projects/<project>/locations/<region>`, which functions and jobs are in.
    pub(crate) fn location(&self) -> String {
        self.location_in(&self.region)
    }

    /// Returns the same for another region, or `-` for all.
    pub(crate) fn location_in(&self, region: &str) -> String {
        format!("projects/{}/locations/{region}", self.project)
    }

    /// Returns the full name of a topic in the project.
    pub(crate) fn topic(&self, id: &str) -> String {
        format!("projects/{}/topics/{id}", self.project)
    }

    /// Returns the full name of a subscription in the project.
    pub(crate) fn subscription(&self, id: &str) -> String {
        format!("projects/{}/subscriptions/{id}", self.project)
    }

    /// Returns the full name of a service account of the project.
    pub(crate) fn account(&self, email: &str) -> String {
        format!("projects/{}/serviceAccounts/{email}", self.project)
    }

    /// Returns the email of the service account called `id`.
    ///
    /// A project within a domain, `example.com:shop`, is written `shop.example.com` there.
    pub(crate) fn email(&self, id: &str) -> String {
        let project = match self.project.split_once(':') {
            Some((domain, project)) => format!("{project}.{domain}"),
            None => self.project.clone(),
        };
        format!("{id}@{project}.iam.gserviceaccount.com")
    }

    /// Returns the email of one of Google's own accounts that works for the project, such as
    /// `gcp-sa-pubsub`.
    pub(crate) fn agent(&self, service: &str) -> String {
        format!("service-{}@{service}.iam.gserviceaccount.com", self.number)
    }
}

/// The names of one project in one stage. The same name for the same thing, always.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    /// Where.
    pub(crate) place: &'a Place,
    /// The project of the manifest.
    pub(crate) project: &'a str,
    /// The stage.
    pub(crate) stage: &'a str,
}

impl Names<'_> {
    /// Returns the id of a function and of the Cloud Run service it becomes: small letters, digits
    /// and dashes, 4 to 49 of them, which every rule of both services allows.
    pub(crate) fn function(&self, logical: &str) -> String {
        shortened(&self.plain(logical), LONGEST_FUNCTION)
    }

    /// Returns the full name of a function.
    pub(crate) fn function_name(&self, logical: &str) -> String {
        format!("{}/functions/{}", self.place.location(), self.function(logical))
    }

    /// Returns the full name of the Cloud Run service of a function.
    pub(crate) fn service_name(&self, logical: &str) -> String {
        format!("{}/services/{}", self.place.location(), self.function(logical))
    }

    /// Returns the id of a service account: 6 to 30 small letters, digits and dashes.
    pub(crate) fn account(&self, logical: &str) -> String {
        let name = self.plain(logical);
        // The shortest there can be, `a-b-c`, is one too short.
        if name.len() < 6 { format!("{name}-sa") } else { shortened(&name, LONGEST_ACCOUNT) }
    }

    /// Returns the email of the service account called `logical`.
    pub(crate) fn account_email(&self, logical: &str) -> String {
        self.place.email(&self.account(logical))
    }

    /// Returns the id of a topic, subscription or job.
    pub(crate) fn plain_id(&self, logical: &str) -> String {
        shortened(&self.plain(logical), LONGEST_NAME)
    }

    /// Returns the name of a bucket. Names of buckets are everybody's, so it ends in a hash of the
    /// project in the cloud.
    pub(crate) fn bucket(&self, logical: &str) -> String {
        let mut hash = hex(&Sha256::digest(self.place.number.as_bytes()));
        hash.truncate(HASH_DIGITS);
        let name = shortened(&self.plain(logical), LONGEST_BUCKET - HASH_DIGITS - 1);
        format!("{name}-{hash}")
    }

    /// Writes `<project>-<stage>-<logical>` in small letters, digits and dashes.
    fn plain(&self, logical: &str) -> String {
        let name = format!("{}-{}-{logical}", self.project, self.stage).to_lowercase();
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name: String = name.chars().map(letter).collect();
        name.trim_matches('-').to_owned()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Place;

    pub(crate) fn place() -> Place {
        Place {
            project: "my-project".into(),
            number: "123456789012".into(),
            region: "europe-west1".into(),
            endpoint: None,
        }
    }

    #[test]
    fn names_fit_the_services_they_are_for() {
        let place = place();
        let names = place.names("photo-pipeline", "production");
        assert_eq!(names.function("thumb"), "photo-pipeline-production-thumb");
        let long = names.function("a_very_long_name_of_a_function_indeed");
        assert!(long.len() <= 49 && !long.contains('_'), "{long}");
        let account = names.account("thumb.caller");
        assert!(account.len() <= 30 && account.starts_with("photo-pipeline-produ"), "{account}");
        assert_ne!(account, names.account("thumb"));
        assert_eq!(place.names("a", "b").account("c"), "a-b-c-sa");
        let bucket = names.bucket("photos");
        assert!(bucket.len() <= 63 && bucket.starts_with("photo-pipeline-production-photos-"));
    }

    #[test]
    fn a_project_within_a_domain_is_turned_round_in_emails() {
        let place = Place { project: "example.com:shop".into(), ..place() };
        assert_eq!(place.email("x"), "x@shop.example.com.iam.gserviceaccount.com");
    }
}
