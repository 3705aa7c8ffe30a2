//! Google's own service accounts in a project. Some are there only once they are asked for, and a
//! policy cannot name one that is not.

use reqwest::Method;
use updraft_transport::Repeat;

use crate::bindings::Right;
use crate::client::Cloud;
use crate::errors::Failure;
use crate::raw::Ask;

/// Makes sure that every account of Google's among the members exists.
pub(crate) async fn ensure(
    cloud: &Cloud,
    rights: impl IntoIterator<Item = &Right>,
) -> Result<(), Failure> {
    let members: Vec<&str> = rights.into_iter().map(|right| right.member.as_str()).collect();
    let named = |agent: &str| members.iter().any(|member| member.contains(&format!("@{agent}.")));
    if named("gs-project-accounts") {
        of_storage(cloud).await?;
        // Eventarc refuses the first trigger of a project whose agent is not there yet.
        generate(cloud, "eventarc.googleapis.com").await?;
    }
    if named("gcp-sa-pubsub") {
        generate(cloud, "pubsub.googleapis.com").await?;
    }
    Ok(())
}

/// Asks for Cloud Storage's account, which makes it
/// (<https://cloud.google.com/storage/docs/getting-service-agent>).
async fn of_storage(cloud: &Cloud) -> Result<(), Failure> {
    let ask = Ask {
        operation: "storage.projects.serviceAccount.get",
        method: Method::GET,
        host: "storage.googleapis.com",
        path: format!("/storage/v1/{}/serviceAccount", cloud.place.project_name()),
        body: None,
    };
    cloud.ask(Repeat::Safe, &ask).await.map(|_| ())
}

/// Has the account of a service made (serviceusage.googleapis.com v1beta1, which no client of
/// Google's in Rust speaks). The operation is not followed: often it is over before it can be
/// asked about, and a policy that comes too early is written again.
async fn generate(cloud: &Cloud, service: &str) -> Result<(), Failure> {
    let number = &cloud.place.number;
    let ask = Ask {
        operation: "serviceusage.services.generateServiceIdentity",
        method: Method::POST,
        host: "serviceusage.googleapis.com",
        path: format!("/v1beta1/projects/{number}/services/{service}:generateServiceIdentity"),
        body: None,
    };
    cloud.ask(Repeat::Safe, &ask).await.map(|_| ())
}
