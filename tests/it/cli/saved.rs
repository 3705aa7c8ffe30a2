//! Saved plans through the command line: shown as they were made, carried out once, and refused
//! when anything is not as it was approved.

use std::fs;
use std::ops::Range;

use serde_json::{Value as Json, json};
use updraft::exact::digest;
use updraft::report::json::PlanDocument;
use updraft::saved::{Flaw, load};

use super::bench::Bench;
#[cfg(feature = "gcp")]
use super::served::Served;
use super::shop::{MANIFEST, shop};

/// Edits a saved plan the way somebody would who knows how its digest is made.
pub(super) fn forged(text: &str, edit: impl FnOnce(&mut Json)) -> String {
    let mut json: Json = serde_json::from_str(text).unwrap();
    edit(&mut json);
    json.as_object_mut().unwrap().remove("digest");
    let digest = digest(&json);
    json["digest"] = digest.into();
    serde_json::to_string_pretty(&json).unwrap()
}

fn read(bench: &Bench, name: &str) -> String {
    fs::read_to_string(bench.path(name)).unwrap()
}

/// A project with a plan of everything in it.
fn planned() -> (Bench, String) {
    let bench = shop();
    bench.answer("plan --local -o plan.json");
    let text = read(&bench, "plan.json");
    (bench, text)
}

/// A small plan that has one of everything.
fn small() -> String {
    let bench = shop();
    bench.answer("plan --local -target aws.role/tidy -o plan.json");
    read(&bench, "plan.json")
}

/// Applies a plan that must be refused for this reason, before anything is written.
pub(super) fn refused(bench: &Bench, line: &str, code: i32, why: &str) {
    let done = bench.run(line);
    assert_eq!(done.code, code, "{line}\n{}{}", done.out, done.err);
    assert!(done.err.contains(why), "{line}: {}", done.err);
    assert!(done.err.contains("Hint: "), "{line}: {}", done.err);
    for word in ["Creating...", "Modifying...", "Destroying..."] {
        assert!(!done.err.contains(word), "{line}: {}", done.err);
    }
}

#[test]
fn a_saved_plan_is_shown_word_for_word_as_it_was_made() {
    let bench = shop();
    let live = bench.answer("plan --local -out=plan.json");
    assert_eq!(bench.answer("show plan.json"), live);
    bench.answer("apply --local --yes");
    bench.write("updraft.toml", &MANIFEST.replace("256MiB", "512MiB").replace("1h", "2h"));
    let live = bench.answer("plan --local -o plan.json");
    assert!(live.contains("memory = 256 -> 512"), "{live}");
    assert_eq!(bench.answer("show plan.json"), live);
    let shown: PlanDocument = serde_json::from_str(&bench.answer("show plan.json --json")).unwrap();
    assert_eq!(shown, serde_json::from_str(&read(&bench, "plan.json")).unwrap());
    let live = bench.answer("destroy --local -o plan.json");
    assert!(live.contains("0 to add, 0 to change, 13 to destroy."), "{live}");
    assert_eq!(bench.answer("show plan.json"), live);
    bench.answer("apply plan.json --local");
    let live = bench.answer("plan --local -destroy -o plan.json");
    assert!(live.contains("No changes."), "{live}");
    assert_eq!(bench.answer("show plan.json"), live);
}

#[test]
fn a_saved_plan_matches_its_schema() {
    let (_bench, text) = planned();
    let schema = serde_json::to_value(schemars::schema_for!(PlanDocument)).unwrap();
    jsonschema::validate(&schema, &serde_json::from_str(&text).unwrap()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_saved_plan_is_its_owners_alone_and_replaces_a_link_instead_of_following_it() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let bench = shop();
    bench.write("victim", "untouched");
    symlink(bench.path("victim"), bench.path("plan.json")).unwrap();
    refused(&bench, "apply plan.json --local", 1, "it is a link");
    bench.answer("plan --local -o plan.json");
    assert_eq!(read(&bench, "victim"), "untouched");
    let found = fs::symlink_metadata(bench.path("plan.json")).unwrap();
    assert!(found.is_file());
    assert_eq!(found.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_saved_plan_is_carried_out_once() {
    let (bench, _) = planned();
    let out = bench.answer("apply plan.json --local");
    assert!(out.contains("Apply complete! Resources: 13 added"), "{out}");
    refused(&bench, "apply plan.json --local", 5, "it was carried out before");
    assert!(bench.answer("plan --local").contains("No changes."));
}

#[test]
fn a_plan_of_a_stage_needs_no_stage_to_be_carried_out_and_is_for_no_other() {
    let bench = shop();
    bench.write("updraft.toml", &format!("{MANIFEST}\n[stage.prod]\n"));
    bench.answer("plan --local --stage prod -o plan.json");
    refused(&bench, "apply plan.json --local --stage dev", 1, "it is for stage prod");
    let out = bench.answer("apply plan.json --local");
    assert!(out.contains("shop-prod-hello"), "{out}");
    assert!(bench.answer("plan --local --stage prod").contains("No changes."));
}

#[test]
fn a_plan_of_a_part_stays_one() {
    let bench = shop();
    bench.answer("plan --local -target function.tidy -o plan.json");
    let out = bench.answer("apply plan.json --local");
    assert!(out.contains("aws.function/tidy"), "{out}");
    assert!(!out.contains("aws.function/hello"), "{out}");
    refused(&bench, "apply plan.json --local", 5, "it was carried out before");
}

#[test]
fn what_the_file_alone_gives_away_is_refused() {
    let (bench, text) = planned();
    let forged = |edit: fn(&mut Json)| forged(&text, edit);
    let cases: [(String, &str); 13] = [
        (text.replace("eu-west-1", "eu-west-2"), "it was edited or damaged"),
        (text[..text.len() / 2].to_owned(), "it is cut off"),
        (String::new(), "it is cut off"),
        ("no plan".to_owned(), "it is not JSON"),
        ("[1, 2]".to_owned(), "it is no document of Updraft"),
        (format!("{}1{}", "[".repeat(100), "]".repeat(100)), "nested more than 64 levels"),
        (forged(|plan| plan["extra"] = 1.into()), "unknown field `extra`"),
        (forged(|plan| plan["saved"]["consent"]["more"] = 1.into()), "unknown field `more`"),
        (forged(|plan| plan["format_version"] = "2.0".into()), "it has format 2.0"),
        (forged(|plan| plan["format_version"] = "1.9".into()), "it has format 1.9"),
        (
            forged(|plan| plan["saved"]["expires"] = "2020-01-01T00:00:00Z".into()),
            "it expired at 2020-01-01T00:00:00Z",
        ),
        (
            forged(|plan| {
                plan["resource_changes"][0]["change"]["after"]["tags"] = json!({"a": "b"});
            }),
            "its parts contradict each other",
        ),
        (forged(|plan| plan["saved"]["actions"][0]["verb"] = "delete".into()), "contradict"),
    ];
    for (text, why) in cases {
        bench.write("other.json", &text);
        refused(&bench, "apply other.json --local", 1, why);
    }
    let large = fs::File::create(bench.path("other.json")).unwrap();
    large.set_len((64 << 20) + 1).unwrap();
    refused(&bench, "apply other.json --local", 1, "it is larger than 64 MiB");
    refused(&bench, "apply missing.json --local", 1, "missing.json: ");
    assert!(bench.answer("plan --local").contains("13 to add"));
}

/// Something that somebody writes into a plan.
type Edit = fn(&mut Json);

#[test]
fn a_plan_for_another_place_or_of_another_source_is_refused() {
    let (bench, text) = planned();
    refused(&bench, "apply plan.json", 1, "it is for the embedded clouds");
    let cases: [(Edit, &str); 4] = [
        (|plan| plan["saved"]["clouds"][0]["account"] = "1".into(), "it is for account 1, and"),
        (|plan| plan["saved"]["clouds"][0]["region"] = "r".into(), "it is for region r, and"),
        (
            |plan| {
                plan["project"] = "other".into();
                plan["permissions"]["review"]["project"] = "other".into();
            },
            "it is for project other, and this is shop",
        ),
        (|plan| plan["saved"]["manifest"]["digest"] = "0".into(), "updraft.toml changed since"),
    ];
    for (edit, why) in cases {
        bench.write("other.json", &forged(&text, edit));
        refused(&bench, "apply other.json --local", 1, why);
    }
    bench.write("hello/app.py", "def handler(event, context):\n    return 1\n");
    refused(
        &bench,
        "apply plan.json --local",
        1,
        "the code of function.hello, function.tidy changed",
    );
    bench.write("updraft.toml", &MANIFEST.replace("256MiB", "512MiB"));
    refused(&bench, "apply plan.json --local", 1, "the manifest updraft.toml changed");
    assert!(bench.answer("plan --local").contains("13 to add"));
}

#[test]
fn a_plan_of_the_old_format_is_shown_and_not_carried_out() {
    let (bench, text) = planned();
    let live = bench.answer("show plan.json");
    let mut old: Json = serde_json::from_str(&text).unwrap();
    let members = old.as_object_mut().unwrap();
    members.remove("saved");
    members.remove("digest");
    members["format_version"] = "1.0".into();
    for change in members["resource_changes"].as_array_mut().unwrap() {
        change.as_object_mut().unwrap().remove("exact");
    }
    bench.write("old.json", &old.to_string());
    refused(&bench, "apply old.json --local", 1, "it has format 1.0, which tells what is planned");
    let shown = bench.answer("show old.json");
    assert!(shown.contains("aws.function/hello will be created"), "{shown}");
    assert_eq!(shown.lines().last(), live.lines().last());
}

#[test]
fn what_drifted_is_refused_with_what_waits_for_it_and_the_rest_is_done() {
    let bench = shop();
    bench.answer("apply --local --yes");
    let wanted = MANIFEST.replace("256MiB", "512MiB").replace("1h", "2h");
    bench.write("updraft.toml", &wanted);
    bench.answer("plan --local -o plan.json");
    // Somebody else changes one of the functions.
    bench.write("updraft.toml", &MANIFEST.replace("256MiB", "1GiB"));
    bench.answer("apply --local --yes --target aws.function/tidy");
    bench.write("updraft.toml", &wanted);
    let done = bench.run("apply plan.json --local");
    assert_eq!(done.code, 7, "{}{}", done.out, done.err);
    let drift = "aws.function/tidy: modification refused: it drifted since the plan was made: memory: 256 -> 1024";
    assert!(done.err.contains(drift), "{}", done.err);
    assert!(done.err.contains("aws.function/hello: Modification complete"), "{}", done.err);
    let left = bench.answer("plan --local -o plan.json");
    assert!(left.contains("memory = 1024 -> 512"), "{left}");
    assert!(!left.contains("aws.function/hello"), "{left}");
    bench.answer("apply plan.json --local");
    assert!(bench.answer("plan --local").contains("No changes."));
}

#[test]
fn a_programs_event_stream_tells_of_drift() {
    let bench = shop();
    bench.answer("apply --local --yes");
    bench.write("updraft.toml", &MANIFEST.replace("256MiB", "512MiB"));
    bench.answer("plan --local -o plan.json");
    bench.write("updraft.toml", &MANIFEST.replace("256MiB", "1GiB"));
    bench.answer("apply --local --yes");
    bench.write("updraft.toml", &MANIFEST.replace("256MiB", "512MiB"));
    let done = bench.run("apply plan.json --local --json");
    assert_eq!(done.code, 7, "{}{}", done.out, done.err);
    let skipped = done.out.lines().filter(|line| line.contains("\"apply_skipped\"")).count();
    assert_eq!(skipped, 2, "{}", done.out);
    assert!(done.out.contains("memory: 256 -> 1024"), "{}", done.out);
}

/// A function that Google Cloud calls, and a queue that may hold messages.
#[cfg(feature = "gcp")]
const HOLDING: &str = r#"
[project]
name = "holding"

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

#[cfg(feature = "gcp")]
#[test]
fn losing_data_and_stopping_take_consent_with_the_plan_or_with_its_application() {
    let bench = Bench::new();
    bench.write("updraft.toml", HOLDING);
    bench.write("code/main.py", "def handler(*event):\n    return None\n");
    // Kept up, so that addresses stay what they are.
    let _served = Served::start(&bench, "");
    bench.answer("apply --local --yes");
    // What stops for a while.
    let events = r#"storage = { bucket = "bucket.pictures", events = ["created"] }"#;
    let changed = HOLDING.replace(r#"http = { kind = "url", auth = "none" }"#, events);
    bench.write("updraft.toml", &changed);
    bench.answer("plan --local -o plan.json");
    refused(&bench, "apply plan.json --local", 1, "something would stop for a while");
    bench.answer("plan --local -o agreed.json --allow-downtime");
    bench.answer("apply agreed.json --local");
    refused(&bench, "apply plan.json --local --allow-downtime", 5, "it was carried out before");
    // What holds data.
    bench.answer("destroy --local -o plan.json");
    let why = "data would be lost; nothing was changed\n  gcp.subscription/letters holds messages";
    refused(&bench, "apply plan.json --local", 1, why);
    assert!(bench.answer("plan --local").contains("No changes."));
    let shown = bench.answer("show plan.json");
    assert!(shown.contains("it holds messages"), "{shown}");
    let out = bench.answer("apply plan.json --local --destroy-data");
    assert!(out.contains("Destroy complete!"), "{out}");
    bench.answer("apply --local --yes");
    bench.answer("destroy --local -o plan.json --destroy-data");
    let shown = bench.answer("show plan.json --markdown");
    assert!(shown.contains("- Agreed: data may be deleted"), "{shown}");
    let out = bench.answer("apply plan.json --local");
    assert!(out.contains("Destroy complete!"), "{out}");
}

/// Takes what changes about permissions out of a plan, in every place where it stands.
fn hidden(plan: &mut Json, action: &str) {
    let says = |line: &Json| {
        line["actions"].as_array().unwrap().iter().any(|one| one.as_str() == Some(action))
    };
    let changes = plan["permission_changes"].as_array_mut().unwrap();
    let all = changes.len();
    changes.retain(|change| !says(&change["permission"]));
    assert!(changes.len() < all, "nothing says {action}");
    for function in plan["permissions"]["review"]["functions"].as_array_mut().unwrap() {
        for side in ["may", "called_by", "assumed_by"] {
            function[side].as_array_mut().unwrap().retain(|line| !says(line));
        }
    }
}

#[test]
fn what_changes_about_permissions_is_part_of_what_is_approved() {
    let bench = shop();
    let url = r#"http = { kind = "url", auth = "none" }"#;
    let route = r#"http = { method = "GET", path = "/hello/{name}", auth = "none" }"#;
    bench.write("updraft.toml", &MANIFEST.replace(route, url));
    bench.answer("plan --local -o plan.json");
    let text = read(&bench, "plan.json");
    let plan: Json = serde_json::from_str(&text).unwrap();
    let changes = plan["permission_changes"].as_array().unwrap();
    let logs = changes.iter().find(|change| change["function"] == "hello").unwrap();
    assert_eq!((&logs["cloud"], &logs["change"]), (&"aws".into(), &"new".into()), "{logs}");
    assert!(logs["permission"]["levels"].is_array(), "{logs}");
    let called = changes.iter().find(|change| change["side"] == "called-by").unwrap();
    let reason = &called["permission"]["reasons"][0];
    assert!(reason["path"].as_str().unwrap().starts_with("function."), "{called}");
    assert!(reason["line"].as_u64().unwrap() > 1, "{called}");
    let open = changes.iter().find(|change| !change["findings"].is_null()).unwrap();
    assert_eq!(open["findings"][0]["code"], "UP102", "{open}");
    assert_eq!(plan["permissions"]["before"], json!([]));
    assert!(!plan["permissions"]["after"].as_array().unwrap().is_empty());
    // Edited without its digest.
    bench.write("other.json", &text.replacen("\"called-by\"", "\"assumed-by\"", 1));
    refused(&bench, "apply other.json --local", 1, "it was edited or damaged");
    // Edited with its digest, in one of the places where it stands.
    let other = forged(&text, |plan| {
        plan["permission_changes"].as_array_mut().unwrap().pop().unwrap();
    });
    bench.write("other.json", &other);
    refused(&bench, "apply other.json --local", 1, "contradict each other: what changes about");
    refused(&bench, "show other.json", 1, "contradict each other: what changes about");
    let other = forged(&text, |plan| {
        plan.as_object_mut().unwrap().remove("permissions").unwrap();
    });
    bench.write("other.json", &other);
    refused(&bench, "apply other.json --local", 1, "`permissions` is missing");
    let other = forged(&text, |plan| plan["permissions"]["after"][0]["cloud"] = "ibm".into());
    bench.write("other.json", &other);
    refused(&bench, "apply other.json --local", 1, "`ibm` is not a cloud");
}

#[test]
fn another_change_of_permissions_than_the_approved_one_is_refused_with_what_waits_for_it() {
    let (bench, text) = planned();
    // Whoever approved this was not shown that the function writes log lines.
    bench.write("other.json", &forged(&text, |plan| hidden(plan, "logs:PutLogEvents")));
    let shown = bench.answer("show other.json");
    assert!(!shown.split("What changes about permissions").nth(1).unwrap().contains("PutLog"));
    let done = bench.run("apply other.json --local");
    assert_eq!(done.code, 7, "{}{}", done.out, done.err);
    let told = "aws.role/hello: creation refused: it drifted since the plan was made: what it changes about permissions was not approved: function.hello on AWS may ";
    assert!(done.err.contains(told), "{}", done.err);
    assert!(!done.err.contains("aws.role/hello: Creation complete"), "{}", done.err);
    assert!(!done.err.contains("aws.function/hello: Creation complete"), "{}", done.err);
    assert!(done.err.contains("aws.log-group/hello: Creation complete"), "{}", done.err);
    // Whoever compared it with another plan saw another policy.
    let bench = shop();
    bench.answer("plan --local -o plan.json");
    let other = forged(&read(&bench, "plan.json"), |plan| {
        let after = plan["permissions"]["after"].as_array_mut().unwrap();
        after.retain(|one| one["carrier"] != "aws.role/tidy");
    });
    bench.write("other.json", &other);
    let done = bench.run("apply other.json --local");
    assert_eq!(done.code, 7, "{}{}", done.out, done.err);
    let told = "aws.role/tidy: creation refused: it drifted since the plan was made: other permissions than the approved ones";
    assert!(done.err.contains(told), "{}", done.err);
    assert!(done.err.contains("aws.function/hello: Creation complete"), "{}", done.err);
    assert!(!done.err.contains("aws.function/tidy: Creation complete"), "{}", done.err);
    // The plan as it was made does what is left.
    let done = bench.run("apply plan.json --local");
    assert_eq!(done.code, 0, "{}{}", done.out, done.err);
    assert!(bench.answer("plan --local").contains("No changes."));
}

/// Flips every byte of a part of a plan in two ways: one of its bits, each of the eight in turn, and
/// all of them. Returns how many of those were refused; none may mean anything else.
fn flipped(text: &str, original: &PlanDocument, part: Range<usize>) -> usize {
    let mut bytes = text.as_bytes().to_vec();
    let mut refused = 0;
    for at in part {
        let byte = bytes[at];
        for flip in [1 << (at % 8), 0xff] {
            bytes[at] = byte ^ flip;
            match load(&bytes) {
                Ok(read) => assert_eq!(read, *original, "byte {at} with {flip:#x}"),
                Err(_) => refused += 1,
            }
        }
        bytes[at] = byte;
    }
    assert_eq!(load(&bytes).as_ref(), Ok(original));
    refused
}

#[test]
fn every_byte_of_a_saved_plan_counts() {
    let text = small();
    let original = load(text.as_bytes()).unwrap();
    assert!(!original.permission_changes.is_empty());
    let (text, original) = (text.as_str(), &original);
    let (start, middle, end) = (0, text.len() / 2, text.len());
    let refused: usize = std::thread::scope(|scope| {
        let parts = [start..middle, middle..end];
        let parts = parts.map(|part| scope.spawn(move || flipped(text, original, part)));
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    // No flip makes other white space of white space, and nothing else may differ.
    assert_eq!(refused, 2 * text.len());
}

#[test]
fn a_saved_plan_cut_at_any_length_is_refused() {
    let text = small();
    let whole = text.trim_end().len();
    for length in 0..whole {
        let flaw = load(&text.as_bytes()[..length]).unwrap_err();
        assert_eq!(flaw, Flaw::Truncated, "{length}");
    }
}

#[test]
fn flipped_bytes_are_refused_by_the_command_too() {
    let (bench, text) = planned();
    let places = [text.find("\"created\"").unwrap() + 14, text.find("shop-dev").unwrap(), 0];
    for at in places {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        fs::write(bench.path("other.json"), &bytes).unwrap();
        let done = bench.run("apply other.json --local");
        assert_eq!(done.code, 1, "{}", done.err);
        assert!(done.err.contains("other.json is refused: "), "{}", done.err);
    }
    assert!(bench.answer("plan --local").contains("13 to add"));
}
