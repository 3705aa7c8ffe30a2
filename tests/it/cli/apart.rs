//! Two clouds in one manifest: one that does not answer leaves the other's part as it is; data and
//! what runs are not lost unasked.

use updraft::report::json::PortabilityDocument;

use super::bench::Bench;
use super::served::Served;

/// One function on both clouds.
const BOTH: &str = r#"
[project]
name = "pair"

[provider.aws]
region = "eu-west-1"

[provider.gcp]
region = "europe-west1"

[function.hello]
provider = ["aws", "gcp"]
source = "code"
handler = "main.handler"
runtime = "python3.13"
memory = "256MiB"

[function.hello.on.aws]
handler = "main.on_lambda"

[[function.hello.trigger]]
http = { kind = "url", auth = "none" }
"#;

const CODE: &str = "def handler(request):\n    return 'from google'\n\n\ndef on_lambda(event, context):\n    return 'from aws'\n";

fn both() -> Bench {
    let bench = Bench::new();
    bench.write("updraft.toml", BOTH);
    bench.write("code/main.py", CODE);
    bench
}

#[test]
fn one_manifest_deploys_to_two_clouds_and_plans_empty_afterwards() {
    let bench = both();
    let out = bench.answer("apply --local --yes");
    assert!(out.contains("aws.function/hello will be created"), "{out}");
    assert!(out.contains("gcp.function/hello will be created"), "{out}");
    assert!(out.contains("Apply complete!"), "{out}");
    let again = bench.answer("plan --local --detailed-exitcode");
    assert!(again.contains("No changes."), "{again}");
    let called = bench.answer("invoke hello --on gcp --local");
    assert!(called.contains("from google"), "{called}");
    let called = bench.answer("invoke hello --on aws --local");
    assert!(called.contains("from aws"), "{called}");
    let gone = bench.answer("destroy --local --yes");
    assert!(gone.contains("Destroy complete!"), "{gone}");
}

#[test]
fn a_cloud_that_is_down_leaves_the_other_ones_part() {
    let bench = both();
    let served = Served::start(&bench, "--state aside");
    let down = format!("--endpoint gcp=http://127.0.0.1:9 --endpoint aws={}", served.url);
    let done = bench.run(&format!("apply --yes {down}"));
    assert_eq!(done.code, 6, "{}{}", done.out, done.err);
    assert!(done.out.contains("aws.function/hello will be created"), "{}", done.out);
    assert!(done.out.contains("Apply complete!"), "{}", done.out);
    assert!(!done.out.contains("gcp.function"), "{}", done.out);
    assert!(done.err.contains("nothing was planned on Google Cloud"), "{}", done.err);
}

/// One function that answers over HTTP, and a queue that nobody listens to.
const ALONE: &str = r#"
[project]
name = "alone"

[provider.gcp]
region = "europe-west1"

[function.hello]
source = "code"
handler = "main.handler"
runtime = "python3.13"

[[function.hello.trigger]]
http = { kind = "url", auth = "none" }

[bucket.pictures]

[queue.letters]
"#;

#[test]
fn what_runs_is_not_stopped_and_data_is_not_lost_unasked() {
    let bench = Bench::new();
    bench.write("updraft.toml", ALONE);
    bench.write("code/main.py", CODE);
    bench.answer("apply --local --yes");
    let events = r#"storage = { bucket = "bucket.pictures", events = ["created"] }"#;
    let changed = ALONE.replace(r#"http = { kind = "url", auth = "none" }"#, events);
    bench.write("updraft.toml", &changed);
    let plan = bench.answer("plan --local");
    assert!(plan.contains("# until it is there again, nobody can call the function"), "{plan}");
    let refused = bench.run("apply --local --yes");
    assert_eq!(refused.code, 1, "{}", refused.out);
    assert!(refused.err.contains("Add --allow-downtime"), "{}", refused.err);
    bench.answer("apply --local --yes --allow-downtime");
    bench.answer("plan --local --detailed-exitcode");
    let kept = bench.run("destroy --local --yes");
    assert_eq!(kept.code, 1, "{}", kept.out);
    assert!(kept.err.contains("gcp.subscription/letters holds messages"), "{}", kept.err);
    assert!(kept.err.contains("Add --destroy-data"), "{}", kept.err);
    let gone = bench.answer("destroy --local --yes --destroy-data");
    assert!(gone.contains("Destroy complete!"), "{gone}");
}

/// A function on AWS alone; what it is called by differs on Google Cloud.
const MOVING: &str = r#"
[project]
name = "moving"

[provider.aws]
region = "eu-west-1"

[function.hello]
source = "code"
handler = "main.handler"
runtime = "python3.13"

[[function.hello.trigger]]
storage = { bucket = "bucket.in", events = ["created"], prefix = "a/" }

[bucket.in]
"#;

#[test]
fn portability_lays_the_clouds_beside_each_other_and_names_the_gaps() {
    let bench = Bench::new();
    bench.write("updraft.toml", MOVING);
    bench.write("code/main.py", CODE);
    let shown = bench.answer("portability");
    let heading = shown.lines().nth(1).unwrap_or_default();
    assert!(heading.contains("AWS") && heading.contains("Azure (not"), "{shown}");
    assert!(heading.contains("Google Cloud (not"), "{shown}");
    for label in ["storage", "- identity", "- timeout", "- retry", "- ordering", "gaps"] {
        assert!(shown.lines().any(|line| line.starts_with(&format!("| {label}"))), "{shown}");
    }
    let text = bench.answer("portability --json");
    let document: PortabilityDocument = serde_json::from_str(&text).unwrap();
    let schema = serde_json::to_value(schemars::schema_for!(PortabilityDocument)).unwrap();
    jsonschema::validate(&schema, &serde_json::to_value(&document).unwrap()).unwrap();
    let [aws, azure, gcp] = document.functions[0].clouds.as_slice() else { panic!("{text}") };
    assert!(aws.deployed && aws.gaps.is_empty(), "{text}");
    assert!(!gcp.deployed && !azure.deployed, "{text}");
    // Eventarc has no filter on keys, which the manifest asks for.
    assert!(gcp.gaps.iter().any(|gap| gap.contains("prefix")), "{text}");
    let terms = &document.functions[0].triggers[0].terms;
    for terms in terms {
        let told = !terms.retry.is_empty() || terms.how.starts_with("not available");
        assert!(told, "{text}");
    }
}
