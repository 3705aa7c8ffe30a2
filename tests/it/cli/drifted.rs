//! Saved plans where somebody else changes something, over the clouds' own protocols: before the plan is carried out,
//! while it is, and on one of three clouds.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use serde_json::{Value as Json, json};
use updraft_local::{Config, Fault, FaultKind, FaultPlan, Running, Settings};

use super::bench::{Bench, FILTERS};
use super::meddler::Meddler;
use super::served::Served;
use super::told_rights::send;
use super::trio;
use crate::deploy::wait;

/// A function that a resource of its own calls, and one that nothing calls.
const MANIFEST: &str = r#"
[project]
name = "drifted"

[provider.CLOUD]
PLACE

[defaults]
source = "code"
handler = "main.handler"
runtime = "python3.13"
memory = "MEMORY"

[function.thumb]

[[function.thumb.trigger]]
TRIGGER

[function.tidy]

[bucket.pictures]
"#;

/// A cloud, and what is to change on it: the memory of both functions, and the trigger of one.
struct Case {
    cloud: &'static str,
    place: &'static str,
    memory: [&'static str; 2],
    trigger: [&'static str; 2],
}

const AWS: Case = Case {
    cloud: "aws",
    place: r#"region = "eu-west-1""#,
    memory: ["512MiB", "1GiB"],
    trigger: HOURLY,
};
const AZURE: Case = Case {
    cloud: "azure",
    place: r#"region = "westeurope""#,
    memory: ["512MiB", "2GiB"],
    trigger: [
        r#"storage = { bucket = "bucket.pictures", events = ["created"], suffix = ".jpg" }"#,
        r#"storage = { bucket = "bucket.pictures", events = ["created"], suffix = ".png" }"#,
    ],
};
const GOOGLE: Case = Case {
    cloud: "gcp",
    place: "project = \"local-project\"\nregion = \"europe-west1\"",
    memory: ["512MiB", "1GiB"],
    trigger: HOURLY,
};

const HOURLY: [&str; 2] = [r#"schedule = { rate = "1h" }"#, r#"schedule = { rate = "2h" }"#];

impl Case {
    /// Deploys the first version, writes the second and saves the plan of it.
    fn planned(&self, bench: &Bench, at: &str) {
        bench.write("code/main.py", "def handler(*event):\n    return None\n");
        self.write(bench, 0);
        bench.answer(&format!("apply --yes {at}"));
        self.write(bench, 1);
        bench.answer(&format!("plan {at} -o plan.json"));
    }

    fn write(&self, bench: &Bench, version: usize) {
        let text = MANIFEST.replace("CLOUD", self.cloud).replace("PLACE", self.place);
        let text = text.replace("MEMORY", self.memory[version]);
        bench.write("updraft.toml", &text.replace("TRIGGER", self.trigger[version]));
    }

    /// Carries out a plan after somebody changed a function, and returns how that ended.
    fn drifted(&self, meddle: impl FnOnce(&Served)) -> String {
        let bench = Bench::new();
        let served = Served::start(&bench, "");
        self.planned(&bench, "--local");
        meddle(&served);
        let done = bench.run("apply plan.json --local");
        let cloud = self.cloud;
        assert_eq!(done.code, 7, "{}", done.transcript());
        let others = format!("{cloud}.function/tidy: Modification complete");
        assert!(done.err.contains(&others), "{}", done.err);
        assert!(!done.err.contains(&format!("{cloud}.function/thumb: Modifying")), "{}", done.err);
        healed(&bench, "--local");
        ended(&done.err)
    }

    /// Carries out a plan that somebody gets in the way of before the last of its writes, and returns how that ended.
    ///
    /// The cloud asks for patience at each write of a function, until somebody has changed what comes after that.
    fn overtaken(
        &self,
        (service, operation): (&str, &str),
        meddle: impl FnOnce(&Running),
    ) -> String {
        wait(async {
            let settings = Settings { schedules_run: false, ..Settings::instant() };
            let cloud = updraft_local::serve(Config { settings, ..Config::in_memory() });
            let cloud = cloud.await.unwrap();
            let urls =
                [("aws", cloud.url()), ("azure", cloud.azure_url()), ("gcp", cloud.google_url())];
            let (_, url) = urls.into_iter().find(|(name, _)| *name == self.cloud).unwrap();
            let at = format!("--endpoint {}={url}", self.cloud);
            let bench = Bench::new();
            self.planned(&bench, &at);
            let mut patience =
                FaultPlan::on(service, operation, FaultKind::Throttle { retry_after: None });
            patience.faults = patience
                .faults
                .into_iter()
                .map(|it| Fault { times: Some(u64::MAX), ..it })
                .collect();
            cloud.set_faults(patience);
            cloud.clear_ledger();
            let mut run = bench.command(&format!("apply plan.json {at}"));
            let mut run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            writing(&mut run, &cloud, operation);
            meddle(&cloud);
            cloud.set_faults(FaultPlan::none());
            let done = run.wait_with_output().unwrap();
            let err = String::from_utf8(done.stderr).unwrap();
            assert_eq!(done.status.code(), Some(7), "{err}");
            for function in ["thumb", "tidy"] {
                let done = format!("{}.function/{function}: Modification complete", self.cloud);
                assert!(err.contains(&done), "{err}");
            }
            healed(&bench, &at);
            ended(&err)
        })
    }
}

/// Waits until a run wants to write.
fn writing(run: &mut Child, cloud: &Running, operation: &str) {
    while !cloud.ledger().iter().any(|entry| entry.operation == operation) {
        assert!(run.try_wait().unwrap().is_none(), "it ended before: {:#?}", cloud.ledger());
        sleep(Duration::from_millis(20));
    }
}

/// How a run ended, without what it told on the way.
fn ended(err: &str) -> String {
    err.split_once("Error: ").unwrap_or_else(|| panic!("{err}")).1.to_owned()
}

/// A plan of what is live now puts right what is left.
fn healed(bench: &Bench, at: &str) {
    let left = bench.run(&format!("plan {at} -o left.json --detailed-exitcode"));
    assert_eq!(left.code, 2, "{}", left.transcript());
    assert!(!left.out.contains(".function/tidy"), "{}", left.out);
    bench.answer(&format!("apply left.json {at}"));
    let after = bench.answer(&format!("plan {at}"));
    assert!(after.contains("No changes."), "{after}");
}

/// Writes a body; nothing where there is none.
fn sent(body: &Json) -> String {
    if body.is_null() { String::new() } else { body.to_string() }
}

/// Azure, as somebody else speaks to it.
struct Azure<'u>(&'u str);

impl Azure<'_> {
    fn send(&self, method: &str, path: &str, body: &Json) -> Json {
        let cloud = (self.0, "Authorization: Bearer somebody\r\n");
        send(cloud, method, path, &sent(body))
    }

    /// Gives a function more memory.
    fn enlarge(&self) {
        let group =
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/drifted-dev";
        let sites = format!("{group}/providers/Microsoft.Web/sites?api-version=2024-04-01");
        let all = self.send("GET", &sites, &Json::Null);
        let all = all["value"].as_array().unwrap().iter();
        let thumb = all.map(|site| site["id"].as_str().unwrap()).find(|id| id.contains("thumb"));
        let path = format!("{}?api-version=2024-04-01", thumb.unwrap());
        let memory = json!({"scaleAndConcurrency": {"instanceMemoryMB": 4096}});
        self.send("PATCH", &path, &json!({"properties": {"functionAppConfig": memory}}));
    }

    /// Has a function called for other files.
    fn redirect(&self) {
        let all = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.EventGrid/locations/westeurope/eventSubscriptions?api-version=2025-02-15";
        let all = self.send("GET", all, &Json::Null);
        let mut properties = all["value"][0]["properties"].clone();
        properties["filter"]["subjectEndsWith"] = ".gif".into();
        for told in ["provisioningState", "topic"] {
            properties.as_object_mut().unwrap().remove(told).unwrap();
        }
        let path = format!("{}?api-version=2025-02-15", all["value"][0]["id"].as_str().unwrap());
        self.send("PUT", &path, &json!({ "properties": properties }));
        while self.send("GET", &path, &Json::Null)["properties"]["provisioningState"] != "Succeeded"
        {
            sleep(Duration::from_millis(20));
        }
    }
}

/// Google Cloud, as somebody else speaks to it.
struct Google<'u>(&'u str);

impl Google<'_> {
    fn send(&self, method: &str, path: &str, body: &Json) -> Json {
        send((self.0, ""), method, path, &sent(body))
    }

    /// Gives a function more time, and waits for that.
    fn extend(&self, function: &str) {
        let path = format!(
            "/v2/projects/local-project/locations/europe-west1/functions/{function}?updateMask=serviceConfig.timeoutSeconds"
        );
        let under_way =
            self.send("PATCH", &path, &json!({"serviceConfig": {"timeoutSeconds": 99}}));
        let path = format!("/v2/{}", under_way["name"].as_str().unwrap());
        while self.send("GET", &path, &Json::Null)["done"] != true {
            sleep(Duration::from_millis(20));
        }
    }

    /// Has a function called by another clock.
    fn redirect(&self) {
        let jobs = "/v1/projects/local-project/locations/europe-west1/jobs";
        let all = self.send("GET", jobs, &Json::Null);
        let path = format!("/v1/{}?updateMask=timeZone", all["jobs"][0]["name"].as_str().unwrap());
        self.send("PATCH", &path, &json!({"timeZone": "Asia/Tokyo"}));
    }
}

#[test]
fn on_azure_what_drifted_is_refused_with_what_waits_for_it_and_the_rest_is_done() {
    let told = AZURE.drifted(|served| Azure(&served.azure_url).enlarge());
    assert_snapshot!(told, @"
    1 step refused: what they are about drifted since the plan was made
      Done: 0 added, 1 changed, 0 destroyed.
      azure.function/thumb: modification refused: it drifted since the plan was made: memory: 512 -> 4096
      azure.event-subscription/thumb.storage: modification not started: it waits for azure.function/thumb
    Hint: What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.
    ");
}

#[test]
fn on_google_what_drifted_is_refused_with_what_waits_for_it_and_the_rest_is_done() {
    let told = GOOGLE.drifted(|served| Google(&served.google_url).extend("drifted-dev-thumb"));
    assert_snapshot!(told, @"
    1 step refused: what they are about drifted since the plan was made
      Done: 0 added, 1 changed, 0 destroyed.
      gcp.function/thumb: modification refused: it drifted since the plan was made: timeout: 60 -> 99
      gcp.schedule/thumb.schedule[0]: modification not started: it waits for gcp.function/thumb
    Hint: What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.
    ");
}

#[test]
fn on_aws_what_is_changed_while_a_plan_is_carried_out_is_refused() {
    let told = AWS.overtaken(("lambda", "UpdateFunctionConfiguration"), |cloud| {
        Meddler::new(&cloud.url()).reschedule();
    });
    assert_snapshot!(told, @"
    1 step failed
      changing aws.schedule/thumb.0 failed: aws.schedule/thumb.0 changed since the plan was made
      Done: 0 added, 2 changed, 0 destroyed.
    Hint: What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.
    ");
}

#[test]
fn on_azure_what_is_changed_while_a_plan_is_carried_out_is_refused() {
    let write = ("Microsoft.Web", "Microsoft.Web/sites/write");
    let told = AZURE.overtaken(write, |cloud| Azure(&cloud.azure_url()).redirect());
    assert_snapshot!(told, @"
    1 step failed
      changing azure.event-subscription/thumb.storage failed: azure.event-subscription/thumb.storage changed since the plan was made
      Done: 0 added, 2 changed, 0 destroyed.
    Hint: What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.
    ");
}

#[test]
fn on_google_what_is_changed_while_a_plan_is_carried_out_is_refused() {
    let write = ("functions", "UpdateFunction");
    let told = GOOGLE.overtaken(write, |cloud| Google(&cloud.google_url()).redirect());
    assert_snapshot!(told, @"
    1 step failed
      changing gcp.schedule/thumb.schedule[0] failed: gcp.schedule/thumb.schedule[0] changed since the plan was made
      Done: 0 added, 2 changed, 0 destroyed.
    Hint: What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.
    ");
}

#[test]
fn of_a_plan_over_three_clouds_only_what_drifted_on_one_of_them_is_refused() {
    let bench = trio::trio();
    let served = Served::start(&bench, "");
    let vars = "--local --var password=s3cret-s3cret";
    bench.answer(&format!("apply --yes {vars}"));
    bench.write("updraft.toml", &trio::MANIFEST.replace("\"info\"", "\"debug\""));
    bench.answer(&format!("plan {vars} -o plan.json"));
    Google(&served.google_url).extend("trio-dev-hello");
    let done = bench.run(&format!("apply plan.json {vars}"));
    assert_eq!(done.code, 7, "{}", done.transcript());
    for cloud in ["aws", "azure"] {
        let done_there = format!("{cloud}.function/hello: Modification complete");
        assert!(done.err.contains(&done_there), "{}", done.err);
    }
    with_settings!({ filters => FILTERS.to_vec() }, { assert_snapshot!(ended(&done.err), @"
    1 step refused: what they are about drifted since the plan was made
      Done: 0 added, 2 changed, 0 destroyed.
      gcp.function/hello: modification refused: it drifted since the plan was made: timeout: 30 -> 99
    Hint: What drifted, and what waits for it, was left as it is. Plan again, and have that plan approved.
    "); });
    let left = bench.answer(&format!("plan {vars} -o plan.json"));
    assert!(left.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{left}");
    bench.answer(&format!("apply plan.json {vars}"));
    assert!(bench.answer(&format!("plan {vars}")).contains("No changes."));
}
