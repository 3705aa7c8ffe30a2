//! What a plan says of permissions on Azure and Google, before and after access changes, and of what somebody else
//! gave.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use insta::{assert_snapshot, with_settings};
use serde_json::{Value as Json, json};

use super::bench::{Bench, FILTERS};
use super::served::Served;
use super::trio::trio;

/// A function that a bucket calls, and that uses it and a queue.
const MANIFEST: &str = r#"
[project]
name = "album"

[provider.CLOUD]
region = "REGION"

[function.thumb]
source = "code"
handler = "main.handler"
runtime = "python3.13"
memory = "512MiB"
timeout = "30s"

[[function.thumb.trigger]]
storage = { bucket = "bucket.pictures", events = ["created"] }

[[function.thumb.access]]
to = "bucket.pictures"
verbs = ["read"]

[[function.thumb.access]]
to = "queue.done"
verbs = ["send"]

[bucket.pictures]

[queue.done]
"#;

fn album(cloud: &str, region: &str) -> Bench {
    let bench = Bench::new();
    bench.write("updraft.toml", &MANIFEST.replace("CLOUD", cloud).replace("REGION", region));
    bench.write("code/main.py", "def handler(*event):\n    return None\n");
    bench
}

/// Lets the function read another thing, and no longer the first.
fn change(bench: &Bench, cloud: &str, region: &str) {
    let text = MANIFEST.replace("CLOUD", cloud).replace("REGION", region);
    let more = text.replace("to = \"bucket.pictures\"", "to = \"bucket.others\"");
    bench.write("updraft.toml", &format!("{more}\n[bucket.others]\n"));
}

/// What a plan says of permissions.
fn told(plan: &str) -> String {
    let (_, told) = plan.split_once("What changes about permissions:\n").unwrap_or_default();
    assert!(!told.is_empty(), "{plan}");
    let (told, _) = told.split_once("Digest of").unwrap_or((told, ""));
    told.to_owned()
}

/// Sends a request to an embedded cloud, as somebody else would.
pub(crate) fn send((url, headers): (&str, &str), method: &str, path: &str, body: &str) -> Json {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         {headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
    serde_json::from_str(body).unwrap()
}

#[test]
fn permissions_on_google_are_told_in_the_words_of_google() {
    let bench = album("gcp", "europe-west1");
    let served = Served::start(&bench, "");
    let new = told(&bench.answer("plan --local"));
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(new, @"

      + function.thumb on Google Cloud may Pub/Sub Publisher (roles/pubsub.publisher) on projects/local-project/topics/album-dev-done
          because of function.thumb.access[1] (updraft.toml:22): send
      + function.thumb on Google Cloud may Storage Object Viewer (roles/storage.objectViewer) on projects/_/buckets/album-dev-pictures-7cec3754
          because of function.thumb.access[0] (updraft.toml:18): read
      + serviceAccount album-dev-thumb-caller@local-project.iam.gserviceaccount.com may Eventarc Event Receiver (roles/eventarc.eventReceiver) on projects/local-project, for function.thumb on Google Cloud
          because of function.thumb.trigger[0] (updraft.toml:15): the storage trigger receives events
      + serviceAccount album-dev-thumb-caller@local-project.iam.gserviceaccount.com may call function.thumb on Google Cloud
          because of function.thumb.trigger[0] (updraft.toml:15): the storage trigger calls it
      + Service run.googleapis.com may take on the identity of function.thumb on Google Cloud
          because of the platform: the function runs as it
      + serviceAccount service-217212046978@gs-project-accounts.iam.gserviceaccount.com may Pub/Sub Publisher (roles/pubsub.publisher) on projects/local-project, for the project on Google Cloud
          because of function.thumb.trigger[0] (updraft.toml:15): the storage trigger is told of objects

    Permissions: 6 new; no findings.
    "); });
    bench.answer("apply --local --yes");
    change(&bench, "gcp", "europe-west1");
    let changed = told(&bench.answer("plan --local"));
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(changed, @"

      + function.thumb on Google Cloud may Storage Object Viewer (roles/storage.objectViewer) on projects/_/buckets/album-dev-others-7cec3754
          because of function.thumb.access[0] (updraft.toml:18): read
      - function.thumb on Google Cloud may Storage Object Viewer (roles/storage.objectViewer) on projects/_/buckets/album-dev-pictures-7cec3754
          nothing in the manifest asks for it any more

    Permissions: 1 new, 1 removed; no findings.
    "); });
    let live: Json =
        serde_json::from_str(&bench.answer("permissions --live --local --json")).unwrap();
    let called = live.pointer("/functions/0/called_by/0/resources/0").and_then(Json::as_str);
    let service = called.unwrap_or_else(|| panic!("{live:#}"));
    let path = format!("/v2/{service}");
    let cloud = (served.google_url.as_str(), "");
    let policy = send(cloud, "GET", &format!("{path}:getIamPolicy"), "");
    let mut bindings = policy["bindings"].as_array().cloned().unwrap_or_default();
    bindings.push(json!({"role": "roles/run.invoker", "members": ["user:mallory@example.com"]}));
    let body = json!({"policy": {"bindings": bindings, "etag": policy["etag"], "version": 3}});
    send(cloud, "POST", &format!("{path}:setIamPolicy"), &body.to_string());
    let foreign = told(&bench.answer("plan --local"));
    assert!(foreign.contains("! user mallory@example.com may call function.thumb"), "{foreign}");
    // Nobody takes it away.
    bench.answer("apply --local --yes");
    let page = bench.answer("permissions --live --local");
    assert!(page.contains("user mallory@example.com"), "{page}");
    let markdown = bench.answer("permissions --live --local --markdown");
    assert!(markdown.contains("the project on Google Cloud"), "{markdown}");
    assert!(markdown.contains("Storage Object Viewer (roles/storage.objectViewer)"), "{markdown}");
}

#[test]
fn permissions_on_azure_are_told_in_the_words_of_azure() {
    let bench = album("azure", "westeurope");
    let served = Served::start(&bench, "");
    let new = told(&bench.answer("plan --local"));
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(new, @"

      + function.thumb on Azure may Monitoring Metrics Publisher on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev/providers/Microsoft.Insights/components/album-dev
          because of the platform: log lines and measurements
      + function.thumb on Azure may Storage Blob Data Owner on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev/providers/Microsoft.Storage/storageAccounts/albumdevh902794a1
          because of the platform: the host's locks, keys and package
      + function.thumb on Azure may Storage Blob Data Reader on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev/providers/Microsoft.Storage/storageAccounts/albumdevd343f5f78/blobServices/default/containers/pictures
          because of function.thumb.access[0] (updraft.toml:18): read
      + function.thumb on Azure may Storage Queue Data Message Sender on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev/providers/Microsoft.Storage/storageAccounts/albumdevd343f5f78/queueServices/default/queues/done
          because of function.thumb.access[1] (updraft.toml:22): send
      + Service eventgrid.azure.net may call function.thumb on Azure
          because of function.thumb.trigger[0] (updraft.toml:15): the storage trigger calls it
      + Service Microsoft.Web/sites may take on the identity of function.thumb on Azure
          because of the platform: the function app runs as it

    Permissions: 6 new; no findings.
    "); });
    bench.answer("apply --local --yes");
    change(&bench, "azure", "westeurope");
    let changed = told(&bench.answer("plan --local"));
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(changed, @"

      + function.thumb on Azure may Storage Blob Data Reader on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev/providers/Microsoft.Storage/storageAccounts/albumdevd343f5f78/blobServices/default/containers/others
          because of function.thumb.access[0] (updraft.toml:18): read
      - function.thumb on Azure may Storage Blob Data Reader on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev/providers/Microsoft.Storage/storageAccounts/albumdevd343f5f78/blobServices/default/containers/pictures
          nothing in the manifest asks for it any more

    Permissions: 1 new, 1 removed; no findings.
    "); });
    let live: Json =
        serde_json::from_str(&bench.answer("permissions --live --local --json")).unwrap();
    let principal = live.pointer("/functions/0/identity").and_then(Json::as_str).unwrap();
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/album-dev";
    let assignment = "6f1c0c1e-0000-4000-8000-000000000001";
    let path = format!(
        "{group}/providers/Microsoft.Authorization/roleAssignments/{assignment}?api-version=2022-04-01"
    );
    let contributor = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
    let role = format!("{group}/providers/Microsoft.Authorization/roleDefinitions/{contributor}");
    let role = role.replace("/resourceGroups/album-dev", "");
    let given = json!({"properties": {"roleDefinitionId": role, "principalId": principal,
        "principalType": "ServicePrincipal"}});
    let cloud = (served.azure_url.as_str(), "Authorization: Bearer somebody\r\n");
    send(cloud, "PUT", &path, &given.to_string());
    let foreign = told(&bench.answer("plan --local"));
    let more = "! function.thumb on Azure may Storage Blob Data Contributor on ";
    assert!(foreign.contains(more), "{foreign}");
    // Nobody takes it away.
    bench.answer("apply --local --yes");
    let page = bench.answer("permissions --live --local");
    assert!(page.contains("Storage Blob Data Contributor"), "{page}");
}

#[test]
fn a_destruction_tells_which_accesses_end_in_every_form() {
    let bench = trio();
    let served = Served::start(&bench, "");
    bench.answer("apply --local --yes --var password=s3cret-s3cret");
    let plan = bench.answer("destroy --local --var password=s3cret-s3cret -o plan.json");
    let ends = told(&plan);
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(ends, @"

      - function.hello on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/trio-dev-hello:*
      - function.hello on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/trio-dev-hello:*
      - function.hello on AWS may s3:GetObject on arn:aws:s3:::trio-dev-pictures-1fec4516/*
      - function.hello on AWS may sqs:SendMessage on arn:aws:sqs:eu-west-1:000000000000:trio-dev-done
      - Service s3.amazonaws.com may call function.hello on AWS
      - Service lambda.amazonaws.com may take on the identity of function.hello on AWS
      - function.hello on Azure may Monitoring Metrics Publisher on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/trio-dev/providers/Microsoft.Insights/components/trio-dev
      - function.hello on Azure may Storage Blob Data Owner on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/trio-dev/providers/Microsoft.Storage/storageAccounts/triodevhd8daebc8
      - function.hello on Azure may Storage Blob Data Reader on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/trio-dev/providers/Microsoft.Storage/storageAccounts/triodevd9a58b840/blobServices/default/containers/pictures
      - function.hello on Azure may Storage Queue Data Message Sender on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/trio-dev/providers/Microsoft.Storage/storageAccounts/triodevd9a58b840/queueServices/default/queues/done
      - Service eventgrid.azure.net may call function.hello on Azure
      - Service Microsoft.Web/sites may take on the identity of function.hello on Azure
      - function.hello on Google Cloud may Pub/Sub Publisher (roles/pubsub.publisher) on projects/local-project/topics/trio-dev-done
      - function.hello on Google Cloud may Storage Object Viewer (roles/storage.objectViewer) on projects/_/buckets/trio-dev-pictures-7cec3754
      - serviceAccount trio-dev-hello-caller@local-project.iam.gserviceaccount.com may Eventarc Event Receiver (roles/eventarc.eventReceiver) on projects/local-project, for function.hello on Google Cloud
      - serviceAccount trio-dev-hello-caller@local-project.iam.gserviceaccount.com may call function.hello on Google Cloud
      - Service run.googleapis.com may take on the identity of function.hello on Google Cloud

    Permissions: 17 removed; no findings.
    "); });
    assert_eq!(bench.answer("show plan.json"), plan);
    let document: Json = serde_json::from_str(&bench.answer("show plan.json --json")).unwrap();
    let changes = document["permission_changes"].as_array().unwrap();
    let lines: Vec<&str> = ends.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
    assert_eq!(changes.len(), lines.len(), "{changes:#?}");
    assert!(changes.iter().all(|change| change["change"] == "removed"), "{changes:#?}");
    let markdown = bench.answer("show plan.json --markdown");
    let page = bench.answer("show plan.json --html");
    for line in lines {
        assert!(markdown.contains(&format!("\n-   {line}\n")), "{line}\n{markdown}");
        assert!(page.contains(&format!("- {line}")), "{line}\n{page}");
    }
    // What others may rely on stays, and is not told to end.
    let stays =
        json!(["serviceAccount:service-217212046978@gs-project-accounts.iam.gserviceaccount.com"]);
    let publishers = || {
        let path = "/v3/projects/local-project:getIamPolicy";
        let policy = send((served.google_url.as_str(), ""), "POST", path, "{}");
        let bindings = policy["bindings"].as_array().cloned().unwrap_or_default();
        bindings.into_iter().find(|one| one["role"] == "roles/pubsub.publisher").unwrap()
    };
    assert_eq!(publishers()["members"], stays);
    bench.answer("apply plan.json --local --var password=s3cret-s3cret --destroy-data");
    assert_eq!(publishers()["members"], stays);
    let again = bench.answer("plan -destroy --local --var password=s3cret-s3cret");
    assert!(!again.contains("What changes about permissions"), "{again}");
}
