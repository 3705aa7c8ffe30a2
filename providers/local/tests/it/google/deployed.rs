//! A bucket with a source in it, and functions made of it.

use std::io::Write as _;

use serde_json::{Value, json};
use updraft_local::Settings;

use super::harness::Google;

/// The functions of the harness's project and region.
pub(super) const FUNCTIONS: &str = "/v2/projects/shop-dev/locations/europe-west1/functions";

/// A cloud with an account for functions and a source to deploy.
pub(super) async fn prepared(settings: Settings) -> Google {
    let google = Google::with(settings).await;
    let bucket = json!({"name": "shop-src", "location": "EUROPE-WEST1"});
    google.ok("POST /storage/v1/b?project=shop-dev", &bucket).await;
    let source = "def handler(request):\n    return 'hello from ' + request.path\n";
    upload(&google, "source.zip", &[("main.py", source)]).await;
    for id in ["shop-run", "shop-caller"] {
        let made = json!({"accountId": id});
        google.ok("POST /v1/projects/shop-dev/serviceAccounts", &made).await;
    }
    google
}

/// Puts an archive of these files into the bucket.
pub(super) async fn upload(google: &Google, object: &str, files: &[(&str, &str)]) {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let line = format!("POST /upload/storage/v1/b/shop-src/o?uploadType=media&name={object}");
    google.raw(&line, &[("Content-Type", "application/zip")], &bytes).await.unwrap().ok();
}

/// A function of that source.
pub(super) fn function() -> Value {
    json!({
        "buildConfig": {
            "runtime": "python313",
            "entryPoint": "handler",
            "source": {"storageSource": {"bucket": "shop-src", "object": "source.zip"}},
        },
        "serviceConfig": {"serviceAccountEmail": "shop-run@shop-dev.iam.gserviceaccount.com"},
    })
}

/// The same with something else at a place in it.
pub(super) fn site(mut body: Value, pointer: &str, value: Value) -> Value {
    let (above, last) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(above).unwrap()[last] = value;
    body
}

/// Makes a function and returns its operation once it is over.
pub(super) async fn deploy(google: &Google, id: &str, body: &Value) -> Value {
    let begun = google.ok(&format!("POST {FUNCTIONS}?functionId={id}"), body).await;
    operation(google, &begun).await
}

/// Returns an operation once it is over.
pub(super) async fn operation(google: &Google, begun: &Value) -> Value {
    let line = format!("GET /v2/{}", begun["name"].as_str().unwrap());
    for _ in 0..4_800 {
        let now = google.ok(&line, &Value::Null).await;
        if now["done"] == true {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{} does not end", begun["name"]);
}
