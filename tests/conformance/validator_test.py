"""The validator finds what is wrong with a request, and nothing where nothing is."""

import base64
import json
import sys
import urllib.parse

import validator

ROLE = "arn:aws:iam::123456789012:role/updraft/shop/dev/shop-dev-api"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
GOOD_FUNCTION = {
    "FunctionName": "shop-dev-api",
    "Runtime": "python3.13",
    "Handler": "app.handler",
    "Role": ROLE,
    "Code": {"ZipFile": base64.b64encode(b"zip").decode()},
    "MemorySize": 128,
    "Timeout": 3,
    "Environment": {"Variables": {"KEY": "1"}},
    "Tags": {"updraft:project": "shop"},
}


def request(service, method, path, body=b"", target=None):
    """Makes a request as the proxy records it."""
    path, _, query = path.partition("?")
    scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    headers = [("Authorization", scope)] + ([("X-Amz-Target", target)] if target else [])
    if isinstance(body, dict):
        body = json.dumps(body).encode()
    body = base64.b64encode(body).decode()
    return {"method": method, "path": path, "query": query, "headers": headers, "body": body}


def form(**fields):
    return urllib.parse.urlencode({key.replace("_", "."): value for key, value in fields.items()}).encode()


def function(**changes):
    body = {key: value for key, value in {**GOOD_FUNCTION, **changes}.items() if value is not None}
    return request("lambda", "POST", "/2015-03-31/functions", body)


TAGS = "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>"
ENTRY = (
    "<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:eu-west-1:123456789012:function:f</CloudFunction>"
    "<Event>s3:ObjectCreated:*</Event></CloudFunctionConfiguration>"
)


def xml(root, inner):
    return f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</{root}>'.encode()


SCHEDULE = {
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "ScheduleExpression": "rate(5 minutes)",
    "Target": {"Arn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "RoleArn": ROLE},
}

# What is sent, the operation it is, and what each finding holds, in order; none where the request is right.
CASES = [
    (function(), "lambda.CreateFunction", []),
    (function(FunctionName="a b!"), "lambda.CreateFunction", ["FunctionName"]),
    (function(Runtime="python2.0"), "lambda.CreateFunction", ["Runtime"]),
    (function(Role="nobody"), "lambda.CreateFunction", ["Role"]),
    (function(Role=None), "lambda.CreateFunction", ["Role: required"]),
    (function(MemorySize=64), "lambda.CreateFunction", ["MemorySize"]),
    (function(MemorySize="128"), "lambda.CreateFunction", ["MemorySize"]),
    (function(Timeout=0), "lambda.CreateFunction", ["Timeout"]),
    (function(Foo=1), "lambda.CreateFunction", ["Foo: unknown"]),
    (function(Code={"Zip": ""}), "lambda.CreateFunction", ["Code.Zip: unknown"]),
    (function(Code={"ZipFile": "!"}), "lambda.CreateFunction", ["Code.ZipFile: not base64"]),
    (function(Tags={"a\x00": "b"}), "lambda.CreateFunction", ["Tags key"]),
    (request("lambda", "GET", "/2015-03-31/functions/?MaxItems=20000"), "lambda.ListFunctions", ["MaxItems"]),
    (request("lambda", "GET", "/2015-03-31/functions/?Max=2"), "lambda.ListFunctions", ["Max: unknown"]),
    (request("lambda", "GET", "/2015-03-31/functions/f/policy"), "lambda.GetPolicy", []),
    (
        request("lambda", "POST", "/2015-03-31/functions/f/policy", {"StatementId": "a.b", "Action": "lambda:Invoke"}),
        "lambda.AddPermission",
        ["Principal: required", "StatementId"],
    ),
    (request("lambda", "PATCH", "/2015-03-31/functions/f"), "lambda", ["is no operation"]),
    (
        request("iam", "POST", "/", form(Action="CreateRole", Version="2010-05-08", RoleName="r",
                                         AssumeRolePolicyDocument=TRUST, Tags_member_1_Key="k",
                                         Tags_member_1_Value="v")),
        "iam.CreateRole",
        [],
    ),
    (
        request("iam", "POST", "/", form(Action="CreateRole", Version="2010-05-08", RoleName="r/x", Path="no",
                                         Extra="1", Tags_member_1_Key="k")),
        "iam.CreateRole",
        ["Extra: unknown", "AssumeRolePolicyDocument: required", "Path", "RoleName", "Tags[0].Value: required"],
    ),
    (request("apigateway", "POST", "/v2/apis/a1/routes", {"authorizationType": "ALL"}), "apigatewayv2.CreateRoute",
     ["RouteKey: required", "AuthorizationType"]),
    (request("apigateway", "PUT", "/restapis/a1/resources/r1/methods/GET", {}), "apigateway.PutMethod",
     ["authorizationType: required"]),
    (request("scheduler", "POST", "/schedules/nightly", SCHEDULE), "scheduler.CreateSchedule", []),
    (
        request("scheduler", "POST", "/schedules/nightly", {**SCHEDULE, "Target": {"Arn": "a"}}),
        "scheduler.CreateSchedule",
        ["Target.RoleArn: required"],
    ),
    (
        request("logs", "POST", "/", {"logGroupName": "a b", "retentionInDays": "7"},
                "Logs_20140328.PutRetentionPolicy"),
        "logs.PutRetentionPolicy",
        ["logGroupName", "retentionInDays"],
    ),
    (request("s3", "PUT", "/photos?tagging&x-id=PutBucketTagging", xml("Tagging", TAGS)), "s3.PutBucketTagging", []),
    (
        request("s3", "PUT", "/photos?tagging", xml("Tagging", TAGS.replace("Value", "Text"))),
        "s3.PutBucketTagging",
        ["Value: required", "Text: unknown"],
    ),
    (request("s3", "PUT", "/photos?notification", xml("NotificationConfiguration", ENTRY)),
     "s3.PutBucketNotificationConfiguration", []),
    (
        request("s3", "PUT", "/photos?notification", xml("NotificationConfiguration", ENTRY.replace(":*", ":All"))),
        "s3.PutBucketNotificationConfiguration",
        ["Events[0]"],
    ),
    (request("nothing", "GET", "/"), "nothing", ["no model"]),
]


def main():
    failures = []
    for sent, operation, wanted in CASES:
        found, findings = validator.check(sent)
        unmatched = [text for text in wanted if not any(text in finding for finding in findings)]
        if found != operation or len(findings) != len(wanted) or unmatched:
            failures.append(f"{operation}: wanted {wanted}, found {found}: {findings}")
    print(f"validator: {len(CASES) - len(failures)} of {len(CASES)} requests judged right")
    for failure in failures:
        print(f"  {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
