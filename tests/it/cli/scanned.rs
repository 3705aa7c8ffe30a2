//! `permissions --scan`: what handlers call beside what their manifest gives them.

use serde_json::Value as Json;

use super::bench::{Bench, sarif_schema};

const MANIFEST: &str = r#"
[project]
name = "scans"
[provider.aws]
region = "eu-west-1"

[function.python]
source = "functions/python"
handler = "app.handler"
runtime = "python3.13"
[[function.python.access]]
to = "bucket.pictures"
verbs = ["read"]
env = "BUCKET"
[[function.python.access]]
to = "table.orders"
verbs = ["read", "write"]
env = "TABLE"

[function.script]
source = "functions/script"
handler = "index.handler"
runtime = "nodejs24.x"
[[function.script.access]]
to = "bucket.pictures"
verbs = ["read"]
env = "BUCKET"
[[function.script.access]]
to = "queue.done"
verbs = ["send", "purge"]
env = "QUEUE"

[function.typed]
source = "functions/typed"
handler = "index.handler"
runtime = "nodejs24.x"

[bucket.pictures]
[table.orders]
existing = true
[queue.done]
"#;

const PYTHON: &str = r#"
import os
import boto3 as aws
from boto3 import client as make, resource
from boto3.session import Session as Sitting

# s3.delete_object(Bucket="in a comment")
TEXT = "boto3.client('s3').delete_object(Bucket='in a string')"
"""
boto3.client("sns").publish(TopicArn="in a string of several lines")
"""
s3 = aws.client("s3")
table = resource("dynamodb").Table(os.environ["TABLE"])
functions = Sitting().client(service_name="lambda")


class Fake:
    def delete_object(self, **named):
        pass


def shadowed_parameter(s3):
    s3.delete_bucket(Bucket="x")


def shadowed_variable():
    s3 = Fake()
    s3.delete_object(Bucket="x")


def handler(event, context):
    s3.get_object(Bucket=os.environ["BUCKET"], Key="x")
    table.put_item(Item={})
    table.get_item(Key={})
    table.delete_item(Key={})
    shadowed_parameter(Fake())
    shadowed_variable()
    functions.invoke(FunctionName="other")
    make("sqs").send_message(QueueUrl="elsewhere", MessageBody="b")
    getattr(s3, event["what"])()
"#;

const SCRIPT: &str = r#"
import { S3Client, GetObjectCommand as Get, PutObjectCommand } from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
// client.send(new DeleteObjectCommand({}))
const text = `client.send(new DeleteObjectCommand({}))`;
const client = new S3Client({});
const queues = new sqs.SQSClient({});
class Fake { send(command) { return command; } }
function shadowed() {
  const client = new Fake();
  class PutObjectCommand {}
  return client.send(new PutObjectCommand());
}
export const handler = async () => {
  await client.send(new Get({ Bucket: process.env.BUCKET, Key: "x" }));
  const command = new sqs.SendMessageCommand({ QueueUrl: process.env.QUEUE, MessageBody: "x" });
  await queues.send(command);
  shadowed();
  await client.send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: "x", Body: "" }));
};
"#;

const TYPED: &str = r#"
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, type GetCommandInput } from "@aws-sdk/lib-dynamodb";
import { SNS } from "@aws-sdk/client-sns";
const documents: DynamoDBDocumentClient = DynamoDBDocumentClient.from(new DynamoDBClient({}));
export async function handler(event: { id: string }): Promise<void> {
  const input: GetCommandInput = { TableName: "orders", Key: { id: event.id } };
  await documents.send(new GetCommand(input));
  await new SNS({}).publish({ TopicArn: "arn:aws:sns:eu-west-1:111122223333:news", Message: "x" });
}
"#;

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("updraft.toml", MANIFEST);
    bench.write("functions/python/app.py", PYTHON);
    bench.write("functions/script/index.mjs", SCRIPT);
    bench.write("functions/typed/index.ts", TYPED);
    bench
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

/// Returns what a scan found: code, place in the source, and the line of the manifest.
fn found(report: &Json) -> Vec<String> {
    let scans = ["UP911", "UP912", "UP913"];
    let of = |one: &&Json| scans.contains(&one["code"].as_str().unwrap());
    let told = |one: &Json| {
        let at = &one["handler"];
        let place = at["file"].as_str().map(|file| format!(" {file}:{}", at["line"]));
        let (code, path) = (one["code"].as_str().unwrap(), one["path"].as_str().unwrap());
        format!("{code} {path}{}", place.unwrap_or_default())
    };
    report["findings"].as_array().unwrap().iter().filter(of).map(told).collect()
}

/// What there is to find, and nothing else: no call of a comment, a string or something shadowed.
const FOUND: &[&str] = &[
    // table.delete_item, functions.invoke, make("sqs").send_message
    "UP911 function.python functions/python/app.py:35",
    "UP911 function.python functions/python/app.py:38",
    "UP911 function.python functions/python/app.py:39",
    // PutObjectCommand
    "UP911 function.script functions/script/index.mjs:19",
    // GetCommand, SNS.publish
    "UP911 function.typed functions/typed/index.ts:8",
    "UP911 function.typed functions/typed/index.ts:9",
    // `purge` of the queue
    "UP912 function.script.access[1]",
    // getattr
    "UP913 function.python functions/python/app.py:40",
];

#[test]
fn calls_are_followed_to_an_import_and_held_against_the_manifest() {
    let bench = bench();
    let report = json(&bench.answer("permissions --scan --json"));
    assert_eq!(found(&report), FOUND);
    let findings = report["findings"].as_array().unwrap();
    let severity = |one: &Json| match one["severity"].as_str().unwrap() {
        "critical" => 0,
        "high" => 1,
        "medium" => 2,
        _ => 3,
    };
    assert!(findings.iter().map(severity).is_sorted(), "the worst come first: {report}");
    // What a line says of findings is still about the same ones.
    for function in report["functions"].as_array().unwrap() {
        for line in function["called_by"].as_array().unwrap() {
            for at in line["findings"].as_array().into_iter().flatten() {
                let at = usize::try_from(at.as_u64().unwrap()).unwrap();
                assert!(!findings[at]["code"].as_str().unwrap().starts_with("UP91"), "{report}");
            }
        }
    }
}

#[test]
fn a_scan_never_gives_a_permission() {
    let bench = bench();
    let [plain, scanned] =
        ["permissions --json", "permissions --scan --json"].map(|line| json(&bench.answer(line)));
    for part in ["functions", "totals", "approval"] {
        let without = |report: &Json| {
            let mut part = report[part].clone();
            for function in part.as_array_mut().into_iter().flatten() {
                for list in ["may", "called_by", "assumed_by"] {
                    for line in function[list].as_array_mut().unwrap() {
                        line.as_object_mut().unwrap().remove("findings");
                    }
                }
            }
            part
        };
        assert_eq!(without(&plain), without(&scanned), "{part}");
    }
}

#[test]
fn what_a_scan_finds_is_told_beside_what_is_live_too() {
    let bench = bench();
    bench.write(
        "updraft.toml",
        &MANIFEST.replace("[table.orders]\nexisting = true\n", "").replace(
            "[[function.python.access]]\nto = \"table.orders\"\nverbs = [\"read\", \"write\"]\nenv = \"TABLE\"\n",
            "",
        ),
    );
    let offline = json(&bench.answer("permissions --scan --json"));
    let live = json(&bench.answer("permissions --scan --live --local --json"));
    assert_eq!(live["source"], "plan");
    assert!(live["totals"]["new"].as_u64().unwrap() > 0, "{live}");
    // Without the table's access, everything that is done to it is undeclared.
    assert_eq!(found(&live).len(), FOUND.len() + 2, "{:?}", found(&live));
    assert_eq!(found(&live), found(&offline));
    let quiet = json(&bench.answer("permissions --live --local --json"));
    assert_eq!(found(&quiet), [""; 0]);
}

#[test]
fn code_scanning_is_shown_the_manifest_and_told_of_the_source() {
    let bench = bench();
    let log = json(&bench.answer("permissions --scan --sarif"));
    jsonschema::validate(&sarif_schema(), &log).unwrap();
    let scans = |log: &Json| {
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        let of = |one: &Json| one["ruleId"].as_str().unwrap().starts_with("UP91");
        results.into_iter().filter(of).collect::<Vec<_>>()
    };
    let results = scans(&log);
    let levels: Vec<&str> = results.iter().map(|one| one["level"].as_str().unwrap()).collect();
    assert_eq!(levels, ["error", "error", "error", "error", "error", "error", "warning", "note"]);
    for result in &results {
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "updraft.toml", "{result}");
        let line = usize::try_from(place["region"]["startLine"].as_u64().unwrap()).unwrap();
        let line = MANIFEST.lines().nth(line - 1).unwrap();
        assert!(line.starts_with("[function.") || line.starts_with("[[function."), "{line}");
    }
    let related = &results[0]["relatedLocations"][0];
    let source = &related["physicalLocation"];
    assert_eq!(source["artifactLocation"]["uri"], "functions/python/app.py");
    assert_eq!(source["region"], serde_json::json!({ "startLine": 35, "startColumn": 5 }));
    let message = results[0]["message"]["text"].as_str().unwrap();
    assert!(message.contains("It is at [functions/python/app.py:35:5](1)."), "{message}");
    assert_eq!(related["id"], 1);
    assert!(results[6].get("relatedLocations").is_none(), "{}", results[6]);
    let prints = |results: &[Json]| {
        let print = |one: &Json| one["partialFingerprints"]["updraftFinding/v1"].clone();
        results.iter().map(print).collect::<Vec<_>>()
    };
    let before = prints(&results);
    let mut apart: Vec<String> = before.iter().map(Json::to_string).collect();
    apart.sort_unstable();
    apart.dedup();
    assert_eq!(apart.len(), results.len(), "findings have fingerprints of their own");
    bench.write("functions/python/app.py", &format!("\n\n{PYTHON}"));
    bench.write("updraft.toml", &format!("\n{MANIFEST}"));
    let moved = scans(&json(&bench.answer("permissions --scan --sarif")));
    assert_ne!(moved[0]["relatedLocations"], results[0]["relatedLocations"]);
    assert_eq!(prints(&moved), before, "fingerprints stay when lines move");
}

#[test]
fn every_form_names_the_place_in_the_source() {
    let bench = bench();
    let human = bench.answer("permissions --scan");
    let said = "functions/python/app.py:35:5: the call of DeleteItem of dynamodb on what `TABLE` names takes `dynamodb:DeleteItem`, and nothing that is declared gives that.";
    assert!(human.contains(said), "{human}");
    let markdown = bench.answer("permissions --scan --markdown");
    let link = "[functions/python/app.py:35](functions/python/app.py#L35)";
    assert!(markdown.contains(link), "{markdown}");
    let page = bench.answer("permissions --scan --html");
    assert!(page.contains("functions/python/app.py:35:5: the call of DeleteItem"), "{page}");
}

#[test]
fn a_pipeline_stops_at_undeclared_use_only_where_handlers_are_read() {
    let bench = bench();
    let stopped = bench.run("permissions --scan --fail-on undeclared-use");
    assert_eq!(stopped.code, 14, "{}", stopped.transcript());
    assert!(stopped.err.contains("6 findings not allowed"), "{}", stopped.err);
    assert!(stopped.err.contains("functions/python/app.py:35:5: "), "{}", stopped.err);
    for line in ["permissions --fail-on undeclared-use", "plan --local --fail-on undeclared-use"] {
        let blind = bench.run(line);
        assert_eq!(blind.code, 1, "{}", blind.transcript());
        assert!(blind.err.contains("without reading the handlers none is found"), "{}", blind.err);
        assert!(blind.err.contains("permissions --scan --fail-on undeclared-use"), "{}", blind.err);
    }
    let _ = bench.answer("permissions --scan --fail-on privilege-escalation");
}
