//! What leaves a manifest leaves the embedded cloud, as the user sees it.

use insta::{assert_snapshot, with_settings};

use super::bench::FILTERS;
use super::flow::after_plan;
use super::shop::{MANIFEST, shop};

#[test]
#[expect(clippy::too_many_lines, reason = "a transcript is as long as what it shows")]
fn a_removed_function_goes_in_a_legal_order_and_so_does_everything() {
    let bench = shop();
    let _ = bench.answer("apply --local --yes");
    let (kept, _) = MANIFEST.split_once("[function.tidy]").unwrap();
    bench.write("updraft.toml", kept);
    with_settings!({ filters => FILTERS.to_vec() }, {
        assert_snapshot!(headlines(&bench.answer("plan --local")), @"
          # aws.schedule/tidy.0 will be destroyed
          # aws.function/tidy will be destroyed
          # aws.schedule-group/main will be destroyed
          # aws.log-group/tidy will be destroyed
          # aws.role/tidy will be destroyed
          # aws.role/tidy.schedule will be destroyed
        Plan: 0 to add, 0 to change, 6 to destroy.
        ");
        let applied = bench.run("apply --local --yes --parallelism 1");
        assert_snapshot!(after_plan(&applied.transcript()), @r#"

        Plan: 0 to add, 0 to change, 6 to destroy.

        What changes about permissions:

          - function.tidy on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*
              nothing in the manifest asks for it any more
          - function.tidy on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*
              nothing in the manifest asks for it any more
          - arn:aws:iam::000000000000:role/updraft/shop/dev/shop-dev-tidy-schedule may lambda:InvokeFunction on arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy, for function.tidy on AWS
              nothing in the manifest asks for it any more
          - Service lambda.amazonaws.com may take on the identity of function.tidy on AWS
              nothing in the manifest asks for it any more
          - Service scheduler.amazonaws.com may take on aws.role/tidy.schedule, for function.tidy on AWS
              nothing in the manifest asks for it any more

        Permissions: 5 removed; findings: 1 high.
        1 finding is not shown here; `updraft permissions` has all.

        Apply complete! Resources: 0 added, 0 changed, 6 destroyed.

        Outputs:

        aws.function/hello.arn = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-hello"
        aws.rest-route/GET /hello/{name}.url = "$CLOUD/restapis/$ID/dev/_user_request_/hello/{name}"
        aws.rest-stage/main.url = "$CLOUD/restapis/$ID/dev/_user_request_"
        --- stderr
        aws.schedule/tidy.0: Destroying...
        aws.schedule/tidy.0: Destruction complete after Ns
        aws.function/tidy: Destroying...
        aws.function/tidy: Destruction complete after Ns
        aws.schedule-group/main: Destroying...
        aws.schedule-group/main: Destruction complete after Ns
        aws.log-group/tidy: Destroying...
        aws.log-group/tidy: Destruction complete after Ns
        aws.role/tidy: Destroying...
        aws.role/tidy: Destruction complete after Ns
        aws.role/tidy.schedule: Destroying...
        aws.role/tidy.schedule: Destruction complete after Ns

        The embedded cloud stopped with this command; what was deployed is kept. It answers while this runs:

          updraft local serve
        "#);
        let destroyed = bench.run("destroy --local --yes --parallelism 1");
        assert_snapshot!(after_plan(&destroyed.transcript()), @"

        Plan: 0 to add, 0 to change, 7 to destroy.

        What changes about permissions:

          - function.hello on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*
          - function.hello on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*
          - Service apigateway.amazonaws.com may call function.hello on AWS
          - Service lambda.amazonaws.com may take on the identity of function.hello on AWS

        Permissions: 4 removed; no findings.

        Destroy complete! Resources: 7 destroyed.
        --- stderr
        aws.permission/hello.aws-rest-api-get-hello-name-c194596d: Destroying...
        aws.permission/hello.aws-rest-api-get-hello-name-c194596d: Destruction complete after Ns
        aws.rest-stage/main: Destroying...
        aws.rest-stage/main: Destruction complete after Ns
        aws.rest-route/GET /hello/{name}: Destroying...
        aws.rest-route/GET /hello/{name}: Destruction complete after Ns
        aws.function/hello: Destroying...
        aws.function/hello: Destruction complete after Ns
        aws.rest-api/main: Destroying...
        aws.rest-api/main: Destruction complete after Ns
        aws.log-group/hello: Destroying...
        aws.log-group/hello: Destruction complete after Ns
        aws.role/hello: Destroying...
        aws.role/hello: Destruction complete after Ns
        ");
        assert_snapshot!(bench.run("destroy --local --yes").transcript(), @"
        exit 0
        --- stdout
        No changes. No objects need to be destroyed.

        Destroy complete! Resources: 0 destroyed.
        ");
    });
}

/// Keeps the lines of a plan that say what happens to which resource, and the count.
fn headlines(plan: &str) -> String {
    let kept =
        plan.lines().filter(|line| line.starts_with("  # aws.") || line.starts_with("Plan:"));
    kept.collect::<Vec<_>>().join("\n")
}
