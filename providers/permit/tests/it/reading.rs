//! What is read as a policy, what is refused and why, and how statements are written.

use serde_json::json;
use updraft_contract::{
    Cloud, Effect, On, Permission, ResourceId, Side, Test, Value, What, When, Who,
};
use updraft_permit::Verdict;
use updraft_permit::aws::{
    Names, PolicyKind, Principals, Reference, Statement, diff, document, kind, minimised, read,
};

fn identity(text: &str) -> Result<Vec<Statement>, String> {
    read("policy", text, PolicyKind::Identity).map_err(|error| error.to_string())
}

const STATEMENT: &str =
    r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}"#;

#[test]
fn a_policy_is_read_in_every_form_that_aws_writes() {
    let one = identity(STATEMENT).unwrap();
    assert_eq!(one.len(), 1);
    let document = format!(r#"{{"Version":"2012-10-17","Id":"x","Statement":{STATEMENT}}}"#);
    let turned = format!(r#"{{"Statement":[{STATEMENT}],"Version":"2012-10-17"}}"#);
    let encoded = document.replace('{', "%7B").replace('"', "%22").replace('}', "%7D");
    let answer = format!(r#"{{"RoleName":"r","PolicyName":"p","PolicyDocument":{document}}}"#);
    let text = json!({"Policy": document, "RevisionId": "1"}).to_string();
    let list = format!("[{STATEMENT}]");
    let documents = format!("[{document}]");
    for text in [document, turned, encoded, answer, text, list, documents] {
        assert_eq!(identity(&text).unwrap(), one, "{text}");
    }
}

#[test]
fn numbers_and_booleans_are_values_of_conditions_and_case_of_keys_does_not_matter() {
    let text = r#"{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":10}}}"#;
    let values: Vec<_> = identity(text).unwrap()[0].conditions.iter().cloned().collect();
    assert!(values[0].values.contains("true") && values[1].values.contains("10"));
}

/// `1.0` and `1` are two texts, and a JSON number keeps the first no better than the second.
#[test]
fn a_number_whose_text_is_lost_is_no_value_of_a_test_of_text() {
    let of = |operator: &str, value: &str| {
        identity(&format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{{"{operator}":{{"aws:PrincipalTag/level":{value}}}}}}}"#
        ))
    };
    for value in ["1.0", "[\"a\",1.50]", "123456789012345678901234"] {
        let error = of("StringEquals", value).unwrap_err();
        assert!(error.contains("whose text is not kept"), "{error}");
        assert!(error.contains("write it in quotes"), "{error}");
    }
    assert!(of("StringEquals", "7").is_ok() && of("NumericLessThan", "1.5").is_ok());
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_what_to_write() {
    let text = r#"{"Version":"2012","Statement":[
        {"Effect":"allow","Actions":"s3:GetObject","Resource":["*",7]},
        {"Effect":"Deny","Action":"*","NotAction":"*","Resource":"*","Resource":"*","Principal":"*"},
        "x"],"statement":[]}"#;
    let error = identity(text).unwrap_err();
    let expected = "\
policy at /statement: there is no such element; write Statement
policy at /Version: there is no such version; write \"2012-10-17\", the version of the policy language
policy at /Statement/0/Actions: there is no such element; write Action
policy at /Statement/0/Effect: there is no such effect; write \"Allow\" or \"Deny\", with that case
policy at /Statement/0/Resource: there is a number; write a string or a list of strings
policy at /Statement/0: it has no Action; name actions, such as \"s3:GetObject\"
policy at /Statement/1/Resource: it is there twice; put both into one; AWS would keep only the last
policy at /Statement/1: it has Action and NotAction; keep one of them
policy at /Statement/1: the policy of an identity has no Principal; \
say that it is a resource's policy or a role's trust policy
policy at /Statement/2: it is a string; a statement is an object with Effect, Action and Resource";
    assert_eq!(error, expected);
}

#[test]
fn what_is_no_policy_is_refused_by_place() {
    let said = |text: &str| identity(text).unwrap_err();
    assert_eq!(
        said("{\n  \"Effect\" \"Allow\"}"),
        "policy at line 2, column 12: expected `:`; a policy is JSON"
    );
    assert!(said("").contains("it is empty"));
    assert!(said("%7").contains("percent-encoding is broken"));
    assert!(said("7").contains("it is a number"));
    assert!(said("{}").contains("there is no element Statement"));
    assert!(said(&"[".repeat(100_000)).contains("recursion limit"));
    assert!(said(&" ".repeat(2 << 20)).contains("at most 1 MiB"));
    let twice = r#"{"Effect":"Allow","Action":"*","Resource":"*",
        "Condition":{"StringLike":{"aws:username":"a","AWS:UserName":"b"}}}"#;
    assert!(said(twice).contains("/Condition/StringLike/AWS:UserName: it is there twice"));
}

#[test]
fn both_documents_are_told_apart() {
    let error = diff("{}", "[", PolicyKind::Identity, &Reference).unwrap_err();
    assert_eq!(error.mistakes.len(), 2);
    let text = error.to_string();
    assert!(text.starts_with("old: there is no element Statement"), "{text}");
    assert!(text.contains("\nnew at line 1, column 1: "), "{text}");
}

#[test]
fn a_policy_tells_what_it_hangs_on() {
    let of = |text: &str| kind("policy", text).unwrap();
    assert_eq!(of(STATEMENT), PolicyKind::Identity);
    let named =
        r#"{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*"}"#;
    assert_eq!(of(named), PolicyKind::Resource);
    let trust = r#"{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}"#;
    assert_eq!(of(trust), PolicyKind::Trust);
}

#[test]
fn statements_are_written_minimised_and_read_back() {
    let text = format!(
        r#"[{STATEMENT},{{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}},
        {{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::a"}},
        {{"Effect":"Deny","NotAction":"s3:*","NotResource":"*","Condition":{{"Null":{{"k":true}}}}}}]"#
    );
    let statements = identity(&text).unwrap();
    let written = document(&statements);
    assert_eq!(
        written["Statement"],
        json!([
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::b/*"],
            },
            {
                "Effect": "Deny",
                "NotAction": "s3:*",
                "NotResource": "*",
                "Condition": {"Null": {"k": "true"}},
            },
        ])
    );
    assert_eq!(identity(&written.to_string()).unwrap(), minimised(&statements));
}

fn permission(resource: Value) -> Permission {
    Permission {
        cloud: Cloud::Aws,
        function: "f".to_owned(),
        side: Side::Does,
        who: Who::Everybody,
        effect: Effect::Allow,
        what: What::Actions(["sqs:SendMessage".to_owned()].into()),
        on: On::These([resource].into()),
        when: When::Tests(
            [Test {
                operator: "StringEquals".to_owned(),
                key: "aws:SourceAccount".to_owned(),
                values: [Value::Text("111122223333".to_owned())].into(),
            }]
            .into(),
        ),
        carrier: ResourceId { kind: updraft_contract::Kind("aws.role"), name: "f".into() },
        reasons: std::collections::BTreeSet::new(),
    }
}

#[test]
fn what_is_not_known_yet_is_equal_to_itself_only() {
    let queue = |name: &str| {
        let id = ResourceId { kind: updraft_contract::Kind("aws.queue"), name: name.into() };
        Statement::of(&permission(Value::output(&id, "arn"))).unwrap()
    };
    let (jobs, mail) = (queue("jobs"), queue("mail"));
    assert_eq!(jobs.resources, Some(Names::Of(["${aws.queue/jobs.arn}".to_owned()].into())));
    assert_eq!(jobs.principals, Principals::Everybody);
    let all = Statement { resources: Some(Names::Of(["*".to_owned()].into())), ..jobs.clone() };
    let wild = "arn:aws:sqs:*:*:*".to_owned();
    let some = Statement { resources: Some(Names::Of([wild].into())), ..jobs.clone() };
    let verdict = |old: &Statement, new: &Statement| {
        let (old, new) = (std::slice::from_ref(old), std::slice::from_ref(new));
        updraft_permit::aws::compare(old, new, PolicyKind::Resource, &Reference)
    };
    assert_eq!(verdict(&jobs, &jobs).verdict, Verdict::NoNewAccess);
    assert_eq!(verdict(&all, &jobs).verdict, Verdict::NoNewAccess);
    assert_eq!(verdict(&some, &jobs).verdict, Verdict::Undecided);
    let found = verdict(&jobs, &mail);
    assert_eq!(found.verdict, Verdict::NewAccess);
    assert_eq!(found.newly_allowed[0].witness.resource, "${aws.queue/mail.arn}");
}
