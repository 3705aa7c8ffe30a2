//! `apply` asks first whether the credentials may do what its steps take, where IAM lets them ask: what is missing is
//! told, and nothing is changed.

use insta::assert_snapshot;

use super::deployer_aws::{Right, Strict, deployer, rights};
use super::examples::{change, example};

/// What lets somebody ask.
fn asking() -> Right {
    let (action, resource) = ("iam:SimulatePrincipalPolicy", "arn:aws:iam::*:user/*");
    Right { action: action.into(), resource: resource.into(), condition: String::new() }
}

#[test]
fn what_the_credentials_lack_is_told_before_anything_is_changed() {
    let bench = example("hello-http");
    let all = rights(&bench, "apply");
    let missing = ["iam:PassRole", "lambda:CreateFunction", "logs:TagResource"];
    let kept = all.iter().filter(|right| !missing.contains(&right.action.as_str()));
    let asks = asking();
    let cloud = Strict::new();
    let ran = cloud.run(&bench, "apply --yes", (&cloud.empty, deployer(kept.chain([&asks]))));
    assert_eq!(ran.code, 4, "{}", ran.text);
    let (_, told) = ran.text.split_once("Error:").unwrap();
    assert_snapshot!(told, @"
     the credentials lack permissions that this takes
      AWS: iam:PassRole on arn:aws:iam::000000000000:role/updraft/hello-http/dev/hello-http-dev-hello
      AWS: lambda:CreateFunction on arn:aws:lambda:eu-west-1:000000000000:function:hello-http-dev-*
      AWS: logs:TagResource on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/hello-http-dev-*
    Hint: Nothing was changed. `updraft deployer-policy` writes what they need.
    ");
    assert_eq!(ran.contents, cloud.empty, "something was changed");
}

#[test]
fn what_the_steps_do_not_take_is_not_missed() {
    let bench = example("hello-http");
    let all = rights(&bench, "apply");
    let asks = asking();
    let (cloud, whole) = (Strict::new(), deployer(all.iter().chain([&asks])));
    let made = cloud.run(&bench, "apply --yes", (&cloud.empty, whole));
    assert_eq!(made.code, 0, "{}", made.text);
    // Only the function changes: nobody needs to make or remove one, nor anything else.
    change(&bench, "128MiB", "192MiB");
    let others = ["Function", "Role", "LogGroup"];
    let idle: Vec<String> = others
        .iter()
        .flat_map(|what| ["Create", "Delete"].map(|verb| format!(":{verb}{what}")))
        .chain([":POST", ":DELETE", ":AddPermission"].map(str::to_owned))
        .collect();
    let taken = |right: &&Right| !idle.iter().any(|end| right.action.ends_with(end.as_str()));
    let kept = deployer(all.iter().filter(taken).chain([&asks]));
    let changed = cloud.run(&bench, "apply --yes", (&made.contents, kept));
    assert_eq!(changed.code, 0, "{}", changed.text);
}

#[test]
fn who_may_not_ask_goes_on_and_is_told_by_the_step_that_fails() {
    let bench = example("hello-http");
    let all = rights(&bench, "apply");
    let kept = deployer(all.iter().filter(|right| right.action != "iam:PassRole"));
    let cloud = Strict::new();
    let ran = cloud.run(&bench, "apply --yes --parallelism 1", (&cloud.empty, kept));
    assert_eq!(ran.code, 6, "{}", ran.text);
    let (_, told) = ran.text.split_once("Error:").unwrap();
    assert_snapshot!(told, @"
     1 step failed
      creating aws.function/hello failed: permission `iam:PassRole` is missing: User: arn:aws:iam::000000000000:user/deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role/updraft/hello-http/dev/hello-http-dev-hello because no identity-based policy allows the iam:PassRole action
      Done: 3 added, 0 changed, 0 destroyed.
      aws.http-integration/hello: creation not started: it waits for aws.function/hello
      aws.http-route/GET /: creation not started: it waits for aws.http-integration/hello
      aws.http-stage/main: creation not started: it waits for aws.http-route/GET /
      aws.http-route/GET /hello/{name}: creation not started: it waits for aws.http-integration/hello
      aws.permission/hello.aws-http-api-get-7a3ac1cc: creation not started: it waits for aws.function/hello
      aws.permission/hello.aws-http-api-get-hello-name-b4f892b0: creation not started: it waits for aws.function/hello
    Hint: Allow `iam:PassRole` to these credentials, or use others.
    Hint: `updraft deployer-policy` writes everything that whoever plans and applies needs.
    Hint: Nothing is rolled back. When the cause is removed, run `updraft apply` again: it continues from here.
    ");
}
