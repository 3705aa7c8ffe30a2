//! Plans from snapshots: the same as those of the clouds, with no cloud there.

use std::fs;

use serde_json::Value as Json;
use updraft::snapshot::SnapshotDocument;

use super::served::Served;
use super::trio::{MANIFEST, trio};

/// Takes what is of one moment out of a saved plan.
fn timeless(text: &str) -> Json {
    let mut plan: Json = serde_json::from_str(text).unwrap();
    plan.as_object_mut().unwrap().remove("digest");
    for name in ["id", "created", "expires"] {
        plan["saved"].as_object_mut().unwrap().remove(name);
    }
    plan
}

#[test]
fn a_snapshot_gives_the_same_plan_on_three_clouds_when_they_are_gone() {
    let bench = trio();
    let served = Served::start(&bench, "");
    let vars = "--var password=hunter2hunter2";
    bench.answer(&format!("apply --local --yes {vars}"));
    // Something is to be made, changed, deleted, and left as it is.
    let wanted = MANIFEST
        .replace("512MiB", "2GiB")
        .replace("LEVEL = \"info\"", "LEVEL = \"debug\", MORE = \"yes\"")
        .replace("verbs = [\"send\"]\nenv = \"DONE\"", "verbs = [\"send\"]\nenv = \"READY\"");
    bench.write("updraft.toml", &format!("{wanted}\n[queue.more]\n"));
    let live = bench.answer(&format!("plan --local -o live-plan.json {vars}"));
    assert!(live.contains("(sensitive value)") || live.contains("unchanged"), "{live}");
    bench.answer(&format!("snapshot --local -o live.json {vars}"));
    let read = |name: &str| fs::read_to_string(bench.path(name)).unwrap();
    assert!(!read("live.json").contains("hunter2"), "{}", read("live.json"));
    drop(served);
    fs::remove_dir_all(bench.path(".updraft")).unwrap();
    let recorded = bench.answer(&format!("plan --snapshot live.json -o plan.json {vars}"));
    assert_eq!(recorded, live);
    assert_eq!(timeless(&read("plan.json")), timeless(&read("live-plan.json")));
    let again = bench.run(&format!("plan --snapshot live.json --detailed-exitcode {vars}"));
    assert_eq!(again.code, 2);
    assert!(again.err.contains("No cloud is asked."), "{}", again.err);
    assert!(!again.err.contains("did not look at"), "{}", again.err);
    // Nobody needs the secret that is live: it is as wanted, whatever that is.
    let other = bench.answer("plan --snapshot live.json --var password=unknown");
    assert_eq!(other, live);
    // What is in the manifest in plain sight is compared.
    bench
        .write("updraft.toml", &format!("{}\n[queue.more]\n", wanted.replace("\"yes\"", "\"no\"")));
    let changed = bench.answer(&format!("plan --snapshot live.json {vars}"));
    assert!(changed.contains("\"MORE\"") && changed.contains("\"no\""), "{changed}");
    // A plan of what nobody looked at says so.
    bench.write("updraft.toml", &format!("{wanted}\n[queue.more]\n\n[queue.unseen]\n"));
    let done = bench.run(&format!("plan --snapshot live.json {vars}"));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(done.out.contains("unseen will be created"), "{}", done.out);
    let told = done.err.matches("the snapshot did not look at ").count();
    assert!(told >= 3, "{}", done.err);
}

#[test]
fn a_plan_of_a_snapshot_is_carried_out_where_the_snapshot_was_made() {
    let bench = trio();
    // Kept up, so that addresses stay what they are.
    let _served = Served::start(&bench, "");
    let vars = "--var password=hunter2hunter2";
    bench.answer(&format!("snapshot --local -o live.json {vars}"));
    bench.answer(&format!("plan --snapshot live.json -o plan.json {vars}"));
    let done = bench.run(&format!("apply plan.json --local {vars}"));
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(bench.answer(&format!("plan --local {vars}")).contains("No changes."));
    let refused = bench.run(&format!("apply --snapshot live.json --local {vars}"));
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("unexpected argument '--snapshot'"), "{}", refused.err);
}

#[test]
fn a_snapshot_matches_its_schema_and_one_of_something_else_is_refused() {
    let bench = trio();
    let vars = "--var password=hunter2hunter2";
    bench.answer(&format!("snapshot --local -o live.json {vars}"));
    let text = fs::read_to_string(bench.path("live.json")).unwrap();
    let schema = serde_json::to_value(schemars::schema_for!(SnapshotDocument)).unwrap();
    jsonschema::validate(&schema, &serde_json::from_str(&text).unwrap()).unwrap();
    let refused = |name: &str, flags: &str, why: &str| {
        let done = bench.run(&format!("plan --snapshot {name} {flags} {vars}"));
        assert_eq!(done.code, 1, "{}", done.out);
        assert!(done.err.contains(why), "{}", done.err);
    };
    refused("live.json", "--stage prod", "it is for stage dev, and this is prod");
    bench.write("other.json", &text.replace("eu-west-1", "eu-west-2"));
    refused("other.json", "", "it was edited or damaged");
    bench.write("other.json", &text[..text.len() / 2]);
    refused("other.json", "", "it is cut off");
    let manifest = MANIFEST.replace("eu-west-1", "eu-west-3");
    bench.write("updraft.toml", &manifest);
    let done = bench.run(&format!("plan --snapshot live.json {vars}"));
    assert_eq!(done.code, 6, "{}", done.err);
    assert!(done.err.contains("the snapshot is of region eu-west-1"), "{}", done.err);
    bench.write("updraft.toml", &MANIFEST.replace("\"trio\"", "\"quartet\""));
    refused("live.json", "", "the snapshot is of project trio");
}
