//! The JSON documents: their schemas are fresh, describe them, and nothing is lost on the way.

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;
use updraft::diff::Change;
use updraft::report::json::{
    ComparisonDocument, DeployerDocument, EventLine, ExplanationDocument, PlanDocument,
    PortabilityDocument, ValidationDocument, plan as document,
};
use updraft::snapshot::SnapshotDocument;
use updraft_contract::{Secret, Value};
use updraft_permit::Review;

use super::world::{
    API, FUNCTION, NEW_CODE, OLD_CODE, ROLE, change, environment, function_fields, id, live, plan,
    wanted,
};

/// Compares a schema with its file; `UPDATE_SCHEMAS=1` writes the file.
fn assert_fresh<T: schemars::JsonSchema>(name: &str) {
    let schema = schemars::schema_for!(T);
    let fresh = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        fs::write(&path, &fresh).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stored == fresh, "schemas/{name} is stale: run the tests with UPDATE_SCHEMAS=1");
}

#[test]
fn the_schemas_of_answers_are_fresh() {
    assert_fresh::<PlanDocument>("plan.schema.json");
    assert_fresh::<SnapshotDocument>("snapshot.schema.json");
    assert_fresh::<EventLine>("event.schema.json");
    assert_fresh::<ValidationDocument>("validation.schema.json");
    assert_fresh::<PortabilityDocument>("portability.schema.json");
    assert_fresh::<Review>("permissions.schema.json");
    assert_fresh::<ComparisonDocument>("comparison.schema.json");
    assert_fresh::<ExplanationDocument>("explanation.schema.json");
    assert_fresh::<DeployerDocument>("deployer-policy.schema.json");
}

fn everything() -> PlanDocument {
    let (role, function) = (id(ROLE, "hello"), id(FUNCTION, "hello"));
    let mut made = wanted(&id(FUNCTION, "new"), 9, function_fields(NEW_CODE, 30));
    made.resource.fields.set("environment", environment([("KEY", Secret::hidden("hunter2"))]));
    made.resource.fields.set("role", Value::output(&role, "arn"));
    let mut found = function_fields(OLD_CODE, 30);
    found[3].1 = "Image".into();
    found[2].1 = environment([("SIZES", Secret::hidden("hunter3"))]);
    let replaced =
        change(wanted(&function, 3, function_fields(NEW_CODE, 30)), live(&function, found));
    let kept = change(
        wanted(&id(API, "main"), 1, [("name", "shop".into())]),
        live(&id(API, "main"), [("name", "shop".into())]),
    );
    let gone = Change::Delete(live(&id(ROLE, "old"), [("description", "x".into())]));
    let role = Change::Create(wanted(&role, 3, [("description", "y".into())]));
    document(&plan(vec![role, replaced, Change::Create(made), kept, gone]), "shop", "dev")
}

#[test]
fn a_plan_document_matches_its_schema_and_survives_a_round_trip() {
    let document = everything();
    let text = serde_json::to_string(&document).unwrap();
    let read: PlanDocument = serde_json::from_str(&text).unwrap();
    assert_eq!(read, document);
    let schema = serde_json::to_value(schemars::schema_for!(PlanDocument)).unwrap();
    let json: Json = serde_json::from_str(&text).unwrap();
    jsonschema::validate(&schema, &json).unwrap();
}

#[test]
fn a_plan_document_holds_no_secret_and_says_what_is_unknown() {
    let text = serde_json::to_string(&everything()).unwrap();
    assert!(!text.contains("hunter"), "{text}");
    let json: Json = serde_json::from_str(&text).unwrap();
    let changes = json["resource_changes"].as_array().unwrap();
    let of = |address: &str| changes.iter().find(|c| c["address"] == address).unwrap();
    let made = &of("aws.function/new")["change"];
    assert_eq!(made["actions"], serde_json::json!(["create"]));
    assert_eq!(made["after_unknown"], serde_json::json!({ "role": true }));
    assert_eq!(made["after_sensitive"], serde_json::json!({ "environment": { "KEY": true } }));
    assert_eq!(made["after"]["environment"], serde_json::json!({ "KEY": null }));
    let replaced = &of("aws.function/hello")["change"];
    assert_eq!(replaced["actions"], serde_json::json!(["delete", "create"]));
    assert_eq!(replaced["replace_paths"], serde_json::json!([["package"]]));
    assert_eq!(of("aws.rest-api/main")["change"]["actions"], serde_json::json!(["no-op"]));
    assert_eq!(of("aws.role/old")["action_reason"], "delete_because_no_resource_config");
    assert_eq!(json["summary"], serde_json::json!({ "add": 3, "change": 0, "destroy": 2 }));
}
