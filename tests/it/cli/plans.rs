//! Plans as people read them.

use insta::assert_snapshot;
use updraft::diff::Change;
use updraft::report::human::{self, Purpose};
use updraft_contract::{Owner, Secret, Value};

use super::world::{
    API, FUNCTION, NEW_CODE, OLD_CODE, ROLE, change, environment, function_fields, id, live, plan,
    policy, rendered, wanted,
};

#[test]
fn what_is_created_is_shown_whole() {
    let (role, function) = (id(ROLE, "hello"), id(FUNCTION, "hello"));
    let api = Value::output(&id(API, "main"), "api-id");
    let resource = Value::Join(vec!["arn:aws:execute-api:".into(), api, "/*".into()]);
    let want_role = wanted(&role, 12, [("policy", policy(&["logs:PutLogEvents"], resource))]);
    let mut want = wanted(&function, 12, function_fields(NEW_CODE, 30));
    want.resource.fields.set("role", Value::output(&role, "arn"));
    let secrets = [("KEY", Secret::hidden("hunter2")), ("SIZES", Secret::plain("200,800"))];
    want.resource.fields.set("environment", environment(secrets));
    let plan = plan(vec![Change::Create(want_role), Change::Create(want)]);
    assert_snapshot!(rendered(&plan, Purpose::Apply), @r#"
    Actions are shown with these symbols:
      + create

    Updraft will do this in account 111122223333, eu-west-1:

      # aws.role/hello will be created
      # because function.hello (updraft.toml:12)
      + aws.role/hello {
          + arn    = "arn:aws:test:::aws.role/hello"
          + policy = {
              + "Statement": [
              +   {
              +     "Action": [
              +       "logs:PutLogEvents",
              +     ],
              +     "Effect": "Allow",
              +     "Resource": "arn:aws:execute-api:(known after apply)/*",
              +   },
              + ],
              + "Version": "2012-10-17",
            }
        }

      # aws.function/hello will be created
      # because function.hello (updraft.toml:12)
      + aws.function/hello {
          + architectures = [
              + "arm64",
            ]
          + arn           = "arn:aws:test:::aws.function/hello"
          + code          = digest 1a2b3c4d (12.3 KiB)
          + environment   = {
              + "KEY"   = (sensitive value)
              + "SIZES" = "200,800"
            }
          + package       = "Zip"
          + role          = (known after apply)
          + timeout       = 30
          + url           = (known after apply)
        }

    Plan: 2 to add, 0 to change, 0 to destroy.
    "#);
}

#[test]
fn an_update_shows_old_and_new_and_hides_the_rest() {
    let function = id(FUNCTION, "hello");
    let mut want = wanted(&function, 12, function_fields(NEW_CODE, 60));
    let entries = [("MODE", Secret::plain("fast")), ("SIZES", Secret::plain("200,800"))];
    want.resource.fields.set("environment", environment(entries));
    let mut found = function_fields(OLD_CODE, 30);
    let entries = [
        ("MODE", Secret::hidden("slow")),
        ("OLD", Secret::hidden("x")),
        ("SIZES", Secret::hidden("200,800")),
    ];
    found[2].1 = environment(entries);
    let plan = plan(vec![change(want, live(&function, found))]);
    assert_snapshot!(rendered(&plan, Purpose::Apply), @r#"
    Actions are shown with these symbols:
      ~ update in-place

    Updraft will do this in account 111122223333, eu-west-1:

      # aws.function/hello will be updated in-place
      # because function.hello (updraft.toml:12)
      ~ aws.function/hello {
          ~ code        = digest 0badc0de -> digest 1a2b3c4d (12.3 KiB)
          ~ environment = {
              ~ "MODE" = (sensitive value) -> "fast"
              - "OLD"  = (sensitive value) -> null
                # (1 unchanged element hidden)
            }
          ~ timeout     = 30 -> 60
            # (2 unchanged attributes hidden)
        }

    Plan: 0 to add, 1 to change, 0 to destroy.
    "#);
}

#[test]
fn a_document_is_compared_line_by_line() {
    let role = id(ROLE, "hello");
    let group = || Value::from("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/hello:*");
    let before = policy(&["logs:CreateLogStream", "logs:PutLogEvents"], group());
    let after = policy(&["logs:CreateLogStream", "logs:PutLogEvents", "s3:GetObject"], group());
    let want = wanted(&role, 3, [("policy", after)]);
    let plan = plan(vec![change(want, live(&role, [("policy", before)]))]);
    assert_snapshot!(rendered(&plan, Purpose::Apply), @r#"
    Actions are shown with these symbols:
      ~ update in-place

    Updraft will do this in account 111122223333, eu-west-1:

      # aws.role/hello will be updated in-place
      # because function.hello (updraft.toml:3)
      ~ aws.role/hello {
          ~ policy = {
                    "Action": [
                      "logs:CreateLogStream",
                      "logs:PutLogEvents",
              +       "s3:GetObject",
                    ],
                    "Effect": "Allow",
                    "Resource": "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/hello:*",
                # (5 unchanged lines hidden)
            }
        }

    Plan: 0 to add, 1 to change, 0 to destroy.
    "#);
}

#[test]
fn a_replacement_says_what_forces_it() {
    let function = id(FUNCTION, "hello");
    let mut found = function_fields(NEW_CODE, 30);
    found[3].1 = "Image".into();
    let want = wanted(&function, 7, function_fields(NEW_CODE, 30));
    let plan = plan(vec![change(want, live(&function, found))]);
    assert_snapshot!(rendered(&plan, Purpose::Apply), @r#"
    Actions are shown with these symbols:
    -/+ destroy and then create replacement

    Updraft will do this in account 111122223333, eu-west-1:

      # aws.function/hello must be replaced
      # because function.hello (updraft.toml:7)
    -/+ aws.function/hello {
          ~ package = "Image" -> "Zip" # forces replacement
            # (4 unchanged attributes hidden)
        }

    Plan: 1 to add, 0 to change, 1 to destroy.
    "#);
}

#[test]
fn what_goes_is_shown_with_its_values_and_users_go_first() {
    let (role, function) = (id(ROLE, "hello"), id(FUNCTION, "hello"));
    let changes = vec![
        Change::Delete(live(&role, [("policy", policy(&["s3:GetObject"], "*".into()))])),
        Change::Delete(live(&function, function_fields(OLD_CODE, 30))),
    ];
    assert_snapshot!(rendered(&plan(changes), Purpose::Destroy), @r#"
    Actions are shown with these symbols:
      - destroy

    Updraft will do this in account 111122223333, eu-west-1:

      # aws.function/hello will be destroyed
      # because everything of this project and stage is to be destroyed
      - aws.function/hello {
          - architectures = [
              - "arm64",
            ] -> null
          - code          = digest 0badc0de -> null
          - environment   = {
              - "SIZES" = "200,800" -> null
            } -> null
          - package       = "Zip" -> null
          - timeout       = 30 -> null
        }

      # aws.role/hello will be destroyed
      # because everything of this project and stage is to be destroyed
      - aws.role/hello {
          - policy = {
              - "Statement": [
              -   {
              -     "Action": [
              -       "s3:GetObject",
              -     ],
              -     "Effect": "Allow",
              -     "Resource": "*",
              -   },
              - ],
              - "Version": "2012-10-17",
            } -> null
        }

    Plan: 0 to add, 0 to change, 2 to destroy.
    "#);
}

#[test]
fn nothing_to_do_is_one_sentence() {
    let function = id(FUNCTION, "hello");
    let want = wanted(&function, 7, function_fields(NEW_CODE, 30));
    let keep = change(want, live(&function, function_fields(NEW_CODE, 30)));
    let plan = plan(vec![keep]);
    assert_snapshot!(rendered(&plan, Purpose::Apply), @"No changes. Your infrastructure matches the configuration.");
    assert_snapshot!(rendered(&plan, Purpose::Destroy), @"No changes. No objects need to be destroyed.");
}

#[test]
fn what_is_not_ours_is_listed_at_once_with_the_way_out() {
    let blocked = ["a", "b"].map(|name| {
        let function = id(FUNCTION, name);
        let mut found = live(&function, function_fields(OLD_CODE, 30));
        found.owner = Owner::Other("no Updraft tags".to_owned());
        (wanted(&function, 4, function_fields(NEW_CODE, 30)), found)
    });
    let failure = human::failure(&human::blocked(&blocked, "updraft.toml"));
    assert_snapshot!(anstream::adapter::strip_str(&failure).to_string(), @"
    Error: 2 resources already exist and are not ours
      aws.function/a: no Updraft tags (wanted by function.a (updraft.toml:4))
      aws.function/b: no Updraft tags (wanted by function.b (updraft.toml:4))
    Hint: Updraft never changes what does not carry this project's and stage's mark.
    Hint: Rename the project or the function, choose another --stage, or remove what stands there yourself.
    ");
}

#[test]
fn names_from_the_cloud_cannot_drive_the_terminal() {
    let function = id(FUNCTION, "a\u{1b}]0;title\u{7}");
    let found = live(&function, [("package", "\u{1b}[2J\u{202e}".into())]);
    let text = rendered(&plan(vec![Change::Delete(found)]), Purpose::Apply);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
}
