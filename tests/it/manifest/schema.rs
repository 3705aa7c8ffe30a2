//! The JSON Schema of manifests: fresh, and saying what the reader says.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::folder;

const SCHEMA: &str = "schemas/updraft.schema.json";

/// Reads a manifest as JSON, the way an editor does.
fn as_json(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap();
    serde_json::to_value(toml::from_str::<toml::Table>(&text).unwrap()).unwrap()
}

fn mistakes(document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&updraft::manifest::schema()).unwrap();
    validator.iter_errors(document).map(|error| error.to_string()).collect()
}

/// Compares a generated file with what it should be, or writes it anew when asked to.
fn check_fresh(file: &str, fresh: &str) {
    let path = folder(file);
    #[expect(clippy::disallowed_methods, reason = "how a person asks for the file to be rewritten")]
    if std::env::var("UPDATE_SCHEMAS").is_ok() {
        fs::write(&path, fresh).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == fresh,
        "{file} is not what the code says: run `UPDATE_SCHEMAS=1 cargo test --test it manifest::schema`"
    );
}

#[test]
fn the_schema_file_is_fresh() {
    let mut fresh = serde_json::to_string_pretty(&updraft::manifest::schema()).unwrap();
    fresh.push('\n');
    check_fresh(SCHEMA, &fresh);
}

#[test]
fn the_page_of_rules_is_fresh() {
    let mut page = "# Rules\n\nWhat `updraft validate` checks, by the code it prints. This page is made from the code.\n\n\
                    ## Reading\n\n| code | demand |\n|---|---|\n"
        .to_owned();
    for (code, demand) in updraft::manifest::CODES {
        page.extend(["| ", code, " | ", demand, " |\n"]);
    }
    page.push_str("\n## The app\n\n| code | demand | where it comes from |\n|---|---|---|\n");
    for rule in updraft::guard::RULES {
        page.extend(["| ", rule.code, " | ", rule.demand, " | ", rule.source, " |\n"]);
    }
    check_fresh("docs/rules.md", &page);
}

#[test]
fn the_page_of_access_is_fresh() {
    let mut page = "# What declared access gives\n\n\
        What `verbs` of `[[function.NAME.access]]` give on each cloud, and how `to` names the thing. This page is made \
        from the tables that policies, role assignments and bindings are written from. `updraft permissions` shows what \
        an app's own entries come to. How an entry is narrowed to a prefix, indexes, keys or a condition, and how wider access \
        is written out with a reason, is in [the manifest](manifest.md#what-a-function-may-use).\n"
        .to_owned();
    for cloud in updraft_contract::Cloud::ALL {
        page.extend(["\n## ", cloud.title(), "\n"]);
        let mut thing = "";
        for spec in updraft::guard::verbs_of(cloud) {
            if spec.thing != thing {
                thing = spec.thing;
                let forms: Vec<String> =
                    spec.to.split(", ").map(|form| format!("`{form}`")).collect();
                page.extend(["\n### ", thing, "\n\n", &forms.join(" or "), "\n\n"]);
                page += "| verb | gives | |\n|---|---|---|\n";
            }
            let gives: Vec<String> = spec.gives.iter().map(|one| format!("`{one}`")).collect();
            let row = format!("| `{}` | {} | {} |\n", spec.verb, gives.join(", "), spec.note);
            page.push_str(&row);
        }
    }
    check_fresh("docs/access.md", &page);
}

#[test]
fn every_example_fits_the_schema() {
    for example in fs::read_dir(folder("examples")).unwrap() {
        let path = example.unwrap().path().join("updraft.toml");
        if path.exists() {
            assert_eq!(mistakes(&as_json(&path)), [] as [String; 0], "{}", path.display());
        }
    }
}

#[test]
fn mistakes_of_form_do_not_fit_the_schema() {
    let broken = [
        "unknown-keys",
        "wrong-types",
        "bad-words",
        "bad-sizes",
        "no-project",
        "project-without-name",
        "http-without-auth",
        "trigger-types",
        "broken-stage",
        "idle-overlays",
        "bad-numbers",
    ];
    for name in broken {
        let path = folder("tests/manifests").join(name).with_extension("toml");
        assert!(!mistakes(&as_json(&path)).is_empty(), "{name}");
    }
}

#[test]
fn text_to_fill_in_fits_wherever_text_does() {
    let document = json!({
        "project": { "name": "a" },
        "function": { "f": {
            "memory": "${var.memory}", "timeout": "${var.timeout}", "architecture": "${var.cpu}",
            "log_retention": "${var.days}",
        } },
    });
    assert_eq!(mistakes(&document), [] as [String; 0]);
}

#[test]
fn every_key_is_described() {
    let schema = updraft::manifest::schema();
    let mut undescribed = Vec::new();
    let definitions = schema["$defs"].as_object().unwrap();
    for (name, definition) in definitions.iter().chain([(&"manifest".to_owned(), &schema)]) {
        for (key, property) in definition["properties"].as_object().into_iter().flatten() {
            if property["description"].is_null() {
                undescribed.push(format!("{name}.{key}"));
            }
        }
    }
    assert_eq!(undescribed, [] as [String; 0]);
}

#[test]
fn what_differs_on_a_cloud_fits_the_schema_without_the_keys_that_choose_clouds() {
    let on = |over: Value| json!({ "project": { "name": "a" }, "function": { "f": { "on": { "gcp": over } } } });
    assert_eq!(mistakes(&on(json!({ "memory": "1GiB", "cpu": 0.5 }))), [] as [String; 0]);
    for over in [json!({ "provider": "gcp" }), json!({ "on": {} }), json!({ "memry": "1GiB" })] {
        assert!(!mistakes(&on(over.clone())).is_empty(), "{over}");
    }
}
