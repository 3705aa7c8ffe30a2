//! `permissions diff`: two policy documents, compared by what they allow.

use insta::assert_snapshot;
use serde_json::Value as Json;

use super::bench::Bench;

fn policy(statements: &str) -> String {
    format!("{{ \"Version\": \"2012-10-17\", \"Statement\": [{statements}] }}")
}

const READ: &str =
    r#"{ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*" }"#;

#[test]
fn what_a_pattern_takes_is_told_in_one_place() {
    let bench = Bench::new();
    bench.write("old.json", &policy(READ));
    bench.write("wide.json", &policy(&READ.replace("GetObject", "*Object")));
    assert_snapshot!(bench.run("permissions diff old.json wide.json").transcript(), @"
    exit 12
    --- stdout
    Newly allowed:
      + s3:*Object (4 actions today, and any to come) on arn:aws:s3:::photos/*  (write)
          s3:DeleteObject, s3:PutObject, s3:ReplicateObject, s3:RestoreObject
          for example s3:DeleteObject on arn:aws:s3:::photos/example, allowed by the new one only
          new statement 1

    New access: the new one allows what the old one does not.
    ");
    let told = bench.run("permissions diff old.json wide.json --json");
    let told: Json = serde_json::from_str(&told.out).unwrap();
    assert!(told["newly_allowed"].as_array().unwrap().len() > 3, "{told}");
}

#[test]
fn two_policies_are_compared_by_what_they_allow() {
    let bench = Bench::new();
    bench.write("old.json", &policy(READ));
    let wide = READ.replace("photos/*", "*");
    bench.write("wide.json", &policy(&wide));
    let split = READ.replace("\"s3:GetObject\"", "[\"S3:getobject\", \"s3:GetObject\"]");
    bench.write("split.json", &policy(&split));
    bench.write("single.json", READ);
    assert_snapshot!(bench.run("permissions diff old.json wide.json").transcript(), @"
    exit 12
    --- stdout
    Newly allowed:
      + s3:GetObject on arn:aws:s3:::*  (read)
          for example s3:GetObject on arn:aws:s3:::example, allowed by the new one only
          old statement 1; new statement 1

    New access: the new one allows what the old one does not.
    ");
    assert_snapshot!(bench.run("permissions diff wide.json old.json").transcript(), @"
    exit 0
    --- stdout
    No longer allowed:
      - s3:GetObject on arn:aws:s3:::*  (read)
          for example s3:GetObject on arn:aws:s3:::example, allowed by the old one only
          old statement 1; new statement 1

    No new access: the new one allows less.
    ");
    assert_snapshot!(bench.run("permissions diff old.json split.json").transcript(), @"
    exit 0
    --- stdout
    No new access: both allow the same and are written differently.
    ");
    assert_eq!(bench.run("permissions diff old.json single.json").code, 0);
    let told = bench.run("permissions diff old.json wide.json --json");
    assert_eq!(told.code, 12);
    let json: Json = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        (json["verdict"].as_str(), json["format_version"].as_str()),
        (Some("new-access"), Some("1.0"))
    );
    let first = &json["newly_allowed"][0];
    assert_eq!(first["action"], "s3:GetObject");
    assert!(first["witness"]["resource"].is_string(), "{first}");
    let unknown = READ.replace(" }", r#", "Condition": { "StringFrob": { "a:b": "c" } } }"#);
    bench.write("odd.json", &policy(&unknown));
    assert_eq!(
        bench.run("permissions diff old.json odd.json").code,
        0,
        "narrower, whatever it means"
    );
    let odd = bench.run("permissions diff odd.json old.json");
    assert!(odd.code == 12 || odd.code == 13, "{}", odd.transcript());
}

#[test]
fn a_policy_that_cannot_be_read_is_an_error() {
    let bench = Bench::new();
    bench.write("old.json", &policy(READ));
    bench.write("bad.json", &policy(&READ.replace("Allow", "Alow")));
    assert_snapshot!(bench.run("permissions diff old.json bad.json").transcript(), @r#"
    exit 1
    --- stderr
    Error: a policy document cannot be read
      bad.json at /Statement/0/Effect: there is no such effect; write "Allow" or "Deny", with that case
    "#);
    assert_eq!(bench.run("permissions diff old.json nowhere.json").code, 1);
}
