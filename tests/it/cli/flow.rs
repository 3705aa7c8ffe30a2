//! A project's life on the embedded cloud, as its user sees it.

use insta::{assert_snapshot, with_settings};

use super::bench::FILTERS;
use super::shop::{MANIFEST, shop};

/// Cuts the plan off the front of what apply and destroy print: plans have snapshots of their own.
pub(super) fn after_plan(transcript: &str) -> &str {
    transcript.find("\nPlan: ").map_or(transcript, |at| &transcript[at..])
}

#[test]
#[expect(clippy::too_many_lines, reason = "a transcript is as long as what it shows")]
fn a_project_is_planned_applied_changed_and_destroyed() {
    let bench = shop();
    with_settings!({ filters => FILTERS.to_vec() }, {
        assert_snapshot!(bench.run("validate").transcript(), @"
        exit 0
        --- stdout
        Manifest is valid. 2 functions, 2 triggers.
        ");
        let planned = bench.run("plan --local --detailed-exitcode");
        assert_eq!(planned.code, 2);
        assert_snapshot!(planned.out, @r#"
        Actions are shown with these symbols:
          + create

        Updraft will do this in account 000000000000, eu-west-1:

          # aws.log-group/hello will be created
          # because function.hello (updraft.toml:14)
          + aws.log-group/hello {}

          # aws.log-group/tidy will be created
          # because function.tidy (updraft.toml:20)
          + aws.log-group/tidy {}

          # aws.rest-api/main will be created
          # because function.hello.trigger[0] (updraft.toml:17)
          + aws.rest-api/main {
              + default-url = true
              + endpoint    = "REGIONAL"
              + name        = "shop-dev"
            }

          # aws.role/hello will be created
          # because function.hello (updraft.toml:14)
          + aws.role/hello {
              + description = "What hello may do"
              + path        = "/updraft/shop/dev/"
              + policy      = {
                  + "Statement": [
                  +   {
                  +     "Action": [
                  +       "logs:CreateLogStream",
                  +       "logs:PutLogEvents",
                  +     ],
                  +     "Effect": "Allow",
                  +     "Resource": "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*",
                  +     "Sid": "Logs",
                  +   },
                  + ],
                  + "Version": "2012-10-17",
                }
              + trust       = {
                  + "Statement": [
                  +   {
                  +     "Action": "sts:AssumeRole",
                  +     "Condition": {
                  +       "StringEquals": {
                  +         "aws:SourceAccount": "000000000000",
                  +       },
                  +     },
                  +     "Effect": "Allow",
                  +     "Principal": {
                  +       "Service": "lambda.amazonaws.com",
                  +     },
                  +   },
                  + ],
                  + "Version": "2012-10-17",
                }
            }

          # aws.function/hello will be created
          # because function.hello (updraft.toml:14)
          + aws.function/hello {
              + architecture      = "x86_64"
              + arn               = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-hello"
              + code              = digest 86d5a833 (SIZE)
              + ephemeral-storage = 512
              + handler           = "app.handler"
              + log-format        = "Text"
              + log-group         = "/aws/lambda/shop-dev-hello"
              + memory            = 256
              + pushed            = true
              + role              = "arn:aws:iam::000000000000:role/updraft/shop/dev/shop-dev-hello"
              + runtime           = "python3.13"
              + timeout           = 10
              + tracing           = false
            }

          # aws.permission/hello.aws-rest-api-get-hello-name-c194596d will be created
          # because function.hello.trigger[0] (updraft.toml:17)
          + aws.permission/hello.aws-rest-api-get-hello-name-c194596d {
              + action     = "lambda:InvokeFunction"
              + function   = "shop-dev-hello"
              + principal  = "apigateway.amazonaws.com"
              + source-arn = "arn:aws:execute-api:eu-west-1:000000000000:(known after apply)/dev/GET/hello/*"
            }

          # aws.rest-route/GET /hello/{name} will be created
          # because function.hello.trigger[0] (updraft.toml:17)
          + aws.rest-route/GET /hello/{name} {
              + api-id        = (known after apply)
              + api-key       = false
              + authorization = "NONE"
              + function      = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-hello"
              + integration   = "AWS_PROXY"
              + timeout-ms    = 29000
              + url           = (known after apply)
            }

          # aws.rest-stage/main will be created
          # because function.hello.trigger[0] (updraft.toml:17)
          + aws.rest-stage/main {
              + after              = [
                  + "GET /hello/{name}",
                ]
              + api-id             = (known after apply)
              + name               = "dev"
              + routes             = digest eee787d6
              + unused-deployments = 0
              + url                = (known after apply)
            }

          # aws.role/tidy will be created
          # because function.tidy (updraft.toml:20)
          + aws.role/tidy {
              + description = "What tidy may do"
              + path        = "/updraft/shop/dev/"
              + policy      = {
                  + "Statement": [
                  +   {
                  +     "Action": [
                  +       "logs:CreateLogStream",
                  +       "logs:PutLogEvents",
                  +     ],
                  +     "Effect": "Allow",
                  +     "Resource": "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*",
                  +     "Sid": "Logs",
                  +   },
                  + ],
                  + "Version": "2012-10-17",
                }
              + trust       = {
                  + "Statement": [
                  +   {
                  +     "Action": "sts:AssumeRole",
                  +     "Condition": {
                  +       "StringEquals": {
                  +         "aws:SourceAccount": "000000000000",
                  +       },
                  +     },
                  +     "Effect": "Allow",
                  +     "Principal": {
                  +       "Service": "lambda.amazonaws.com",
                  +     },
                  +   },
                  + ],
                  + "Version": "2012-10-17",
                }
            }

          # aws.function/tidy will be created
          # because function.tidy (updraft.toml:20)
          + aws.function/tidy {
              + architecture      = "x86_64"
              + arn               = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy"
              + code              = digest 86d5a833 (SIZE)
              + ephemeral-storage = 512
              + handler           = "app.handler"
              + log-format        = "Text"
              + log-group         = "/aws/lambda/shop-dev-tidy"
              + memory            = 256
              + pushed            = false
              + role              = "arn:aws:iam::000000000000:role/updraft/shop/dev/shop-dev-tidy"
              + runtime           = "python3.13"
              + timeout           = 10
              + tracing           = false
            }

          # aws.role/tidy.schedule will be created
          # because function.tidy.trigger[0] (updraft.toml:23)
          + aws.role/tidy.schedule {
              + description = "Lets schedules call tidy"
              + path        = "/updraft/shop/dev/"
              + policy      = {
                  + "Statement": [
                  +   {
                  +     "Action": "lambda:InvokeFunction",
                  +     "Effect": "Allow",
                  +     "Resource": "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy",
                  +     "Sid": "Invoke",
                  +   },
                  + ],
                  + "Version": "2012-10-17",
                }
              + trust       = {
                  + "Statement": [
                  +   {
                  +     "Action": "sts:AssumeRole",
                  +     "Condition": {
                  +       "StringEquals": {
                  +         "aws:SourceAccount": "000000000000",
                  +         "aws:SourceArn": "arn:aws:scheduler:eu-west-1:000000000000:schedule-group/shop-dev-schedules",
                  +       },
                  +     },
                  +     "Effect": "Allow",
                  +     "Principal": {
                  +       "Service": "scheduler.amazonaws.com",
                  +     },
                  +     "Sid": "Invoke",
                  +   },
                  + ],
                  + "Version": "2012-10-17",
                }
            }

          # aws.schedule-group/main will be created
          # because function.tidy.trigger[0] (updraft.toml:23)
          + aws.schedule-group/main {
              + name = "shop-dev-schedules"
            }

          # aws.schedule/tidy.0 will be created
          # because function.tidy.trigger[0] (updraft.toml:23)
          + aws.schedule/tidy.0 {
              + expression      = "rate(1 hour)"
              + flexible-window = "OFF"
              + function        = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy"
              + group           = "shop-dev-schedules"
              + name            = "shop-dev-tidy-0"
              + role            = "arn:aws:iam::000000000000:role/updraft/shop/dev/shop-dev-tidy-schedule"
              + state           = "ENABLED"
              + timezone        = "UTC"
            }

        Plan: 13 to add, 0 to change, 0 to destroy.

        What changes about permissions:

          + function.hello on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*
              because of the platform: log lines
          + function.hello on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*
              because of the platform: log lines
          + Service apigateway.amazonaws.com may call function.hello on AWS
              because of function.hello.trigger[0] (updraft.toml:17): the http trigger is called, by everybody
          + Service lambda.amazonaws.com may take on the identity of function.hello on AWS
              because of the platform: Lambda runs the function as it
          + function.tidy on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*
              because of the platform: log lines
          + function.tidy on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*
              because of the platform: log lines
          + arn:aws:iam::000000000000:role/updraft/shop/dev/shop-dev-tidy-schedule may lambda:InvokeFunction on arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy, for function.tidy on AWS
              because of function.tidy.trigger[0] (updraft.toml:23): the schedule calls
          + Service lambda.amazonaws.com may take on the identity of function.tidy on AWS
              because of the platform: Lambda runs the function as it
          + Service scheduler.amazonaws.com may take on aws.role/tidy.schedule, for function.tidy on AWS
              because of function.tidy.trigger[0] (updraft.toml:23): the schedule calls

          high (UP102) function.hello on AWS (updraft.toml:17)
              Everybody may call the function, through apigateway.amazonaws.com.
              Give the trigger `auth`, unless the function is meant for the public and checks callers itself.

        Permissions: 9 new; findings: 1 high.
        Digest of what is newly allowed (to be approved): e82fd5720d1ad21ee2fd343509a358d91e52b475aa7177e26940c2b93f74b738
        "#);
        let applied = bench.run("apply --local --yes --parallelism 1");
        assert_snapshot!(after_plan(&applied.transcript()), @r#"

        Plan: 13 to add, 0 to change, 0 to destroy.

        What changes about permissions:

          + function.hello on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*
              because of the platform: log lines
          + function.hello on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-hello:*
              because of the platform: log lines
          + Service apigateway.amazonaws.com may call function.hello on AWS
              because of function.hello.trigger[0] (updraft.toml:17): the http trigger is called, by everybody
          + Service lambda.amazonaws.com may take on the identity of function.hello on AWS
              because of the platform: Lambda runs the function as it
          + function.tidy on AWS may logs:CreateLogStream on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*
              because of the platform: log lines
          + function.tidy on AWS may logs:PutLogEvents on arn:aws:logs:eu-west-1:000000000000:log-group:/aws/lambda/shop-dev-tidy:*
              because of the platform: log lines
          + arn:aws:iam::000000000000:role/updraft/shop/dev/shop-dev-tidy-schedule may lambda:InvokeFunction on arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy, for function.tidy on AWS
              because of function.tidy.trigger[0] (updraft.toml:23): the schedule calls
          + Service lambda.amazonaws.com may take on the identity of function.tidy on AWS
              because of the platform: Lambda runs the function as it
          + Service scheduler.amazonaws.com may take on aws.role/tidy.schedule, for function.tidy on AWS
              because of function.tidy.trigger[0] (updraft.toml:23): the schedule calls

          high (UP102) function.hello on AWS (updraft.toml:17)
              Everybody may call the function, through apigateway.amazonaws.com.
              Give the trigger `auth`, unless the function is meant for the public and checks callers itself.

        Permissions: 9 new; findings: 1 high.
        Digest of what is newly allowed (to be approved): e82fd5720d1ad21ee2fd343509a358d91e52b475aa7177e26940c2b93f74b738

        Apply complete! Resources: 13 added, 0 changed, 0 destroyed.

        Outputs:

        aws.function/hello.arn = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-hello"
        aws.function/tidy.arn = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy"
        aws.rest-route/GET /hello/{name}.url = "$CLOUD/restapis/$ID/dev/_user_request_/hello/{name}"
        aws.rest-stage/main.url = "$CLOUD/restapis/$ID/dev/_user_request_"
        --- stderr
        aws.log-group/hello: Creating...
        aws.log-group/hello: Creation complete after Ns
        aws.log-group/tidy: Creating...
        aws.log-group/tidy: Creation complete after Ns
        aws.rest-api/main: Creating...
        aws.rest-api/main: Creation complete after Ns
        aws.role/hello: Creating...
        aws.role/hello: Creation complete after Ns
        aws.function/hello: Creating...
        aws.function/hello: Creation complete after Ns
        aws.permission/hello.aws-rest-api-get-hello-name-c194596d: Creating...
        aws.permission/hello.aws-rest-api-get-hello-name-c194596d: Creation complete after Ns
        aws.rest-route/GET /hello/{name}: Creating...
        aws.rest-route/GET /hello/{name}: Creation complete after Ns
        aws.rest-stage/main: Creating...
        aws.rest-stage/main: Creation complete after Ns
        aws.role/tidy: Creating...
        aws.role/tidy: Creation complete after Ns
        aws.function/tidy: Creating...
        aws.function/tidy: Creation complete after Ns
        aws.role/tidy.schedule: Creating...
        aws.role/tidy.schedule: Creation complete after Ns
        aws.schedule-group/main: Creating...
        aws.schedule-group/main: Creation complete after Ns
        aws.schedule/tidy.0: Creating...
        aws.schedule/tidy.0: Creation complete after Ns

        The embedded cloud stopped with this command; what was deployed is kept. It answers while this runs:

          updraft local serve
        "#);
        assert_snapshot!(bench.run("plan --local --detailed-exitcode").transcript(), @"
        exit 0
        --- stdout
        No changes. Your infrastructure matches the configuration.
        ");
    });

    let slower = "source = \"hello\"\ntimeout = \"20s\"\n\n[[function.hello";
    bench
        .write("updraft.toml", &MANIFEST.replace("source = \"hello\"\n\n[[function.hello", slower));
    with_settings!({ filters => FILTERS.to_vec() }, {
        assert_snapshot!(bench.run("plan --local --detailed-exitcode").transcript(), @"
        exit 2
        --- stdout
        Actions are shown with these symbols:
          ~ update in-place

        Updraft will do this in account 000000000000, eu-west-1:

          # aws.function/hello will be updated in-place
          # because function.hello (updraft.toml:14)
          ~ aws.function/hello {
              ~ timeout = 10 -> 20
                # (12 unchanged attributes hidden)
            }

        Plan: 0 to add, 1 to change, 0 to destroy.
        ");
        assert_snapshot!(after_plan(&bench.run("apply --local --yes").transcript()), @r#"

        Plan: 0 to add, 1 to change, 0 to destroy.

        Apply complete! Resources: 0 added, 1 changed, 0 destroyed.

        Outputs:

        aws.function/hello.arn = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-hello"
        aws.function/tidy.arn = "arn:aws:lambda:eu-west-1:000000000000:function:shop-dev-tidy"
        aws.rest-route/GET /hello/{name}.url = "$CLOUD/restapis/$ID/dev/_user_request_/hello/{name}"
        aws.rest-stage/main.url = "$CLOUD/restapis/$ID/dev/_user_request_"
        --- stderr
        aws.function/hello: Modifying...
        aws.function/hello: Modification complete after Ns

        The embedded cloud stopped with this command; what was deployed is kept. It answers while this runs:

          updraft local serve
        "#);
    });
}
