"""Resources of somebody else, beside and among the scenarios' own, that must survive untouched."""

import io
import json
import time
import zipfile

from targets import REGION

NAMES = {
    "role": "dashboard-lambda",
    # As the scenarios would name their own, but not theirs.
    "neighbour": "rest-api-dev-billing",
    # Just what a scenario wants to name its own function.
    "taken": "squatter-dev-ring",
    "group": "/aws/lambda/dashboard",
    "bucket": "somebody-elses-archive",
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
VOLATILE = ("ResponseMetadata", "RoleLastUsed", "Location", "RevisionId", "LastModified")


def archive():
    """Returns a small archive of a Python function."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(zipfile.ZipInfo("app.py"), "def handler(event, context):\n    return event\n")
    return buffer.getvalue()


def plant(target):
    """Makes the foreign resources and returns how they look."""
    clients = target.clients()
    roles = {
        name: clients["iam"].create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        for name in (NAMES["role"], NAMES["neighbour"])
    }
    for name in ("dashboard", NAMES["neighbour"], NAMES["taken"]):
        create_function(
            clients["lambda"], FunctionName=name, Role=roles[NAMES["role"]],
            Tags={"updraft:project": "another", "team": "billing"},
        )
    clients["logs"].create_log_group(logGroupName=NAMES["group"])
    clients["apigateway"].create_rest_api(name="dashboard")
    clients["apigatewayv2"].create_api(Name="dashboard", ProtocolType="HTTP")
    clients["scheduler"].create_schedule_group(Name="dashboard")
    plant_bucket(clients)
    return appearance(target)


def plant_bucket(clients):
    """Makes a bucket that calls a function already."""
    bucket = NAMES["bucket"]
    clients["s3"].create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    function = clients["lambda"].get_function(FunctionName="dashboard")["Configuration"]["FunctionArn"]
    clients["lambda"].add_permission(
        FunctionName="dashboard", StatementId="archive", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn=f"arn:aws:s3:::{bucket}", SourceAccount=function.split(":")[4],
    )
    rules = {"Key": {"FilterRules": [{"Name": "prefix", "Value": "reports/"}]}}
    entry = {"Id": "reports", "LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"], "Filter": rules}
    document = {"LambdaFunctionConfigurations": [entry], "EventBridgeConfiguration": {}}
    clients["s3"].put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=document)


def create_function(client, **request):
    """Makes a function once its role can be assumed, and waits until it is active."""
    settings = {"Runtime": "python3.13", "Handler": "app.handler", "Code": {"ZipFile": archive()}}
    deadline = time.monotonic() + 10
    while True:
        try:
            made = client.create_function(**{**settings, **request})
            break
        except client.exceptions.InvalidParameterValueException as error:
            if "assumed" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    waiter = client.get_waiter("function_active_v2")
    waiter.wait(FunctionName=request["FunctionName"], WaiterConfig={"Delay": 0.2, "MaxAttempts": 50})
    return made


def appearance(target):
    clients = target.clients()
    found = {
        "roles": [clients["iam"].get_role(RoleName=NAMES[key])["Role"] for key in ("role", "neighbour")],
        "functions": [
            clients["lambda"].get_function(FunctionName=it) for it in ("dashboard", NAMES["neighbour"], NAMES["taken"])
        ],
        "log groups": clients["logs"].describe_log_groups(logGroupNamePrefix=NAMES["group"])["logGroups"],
        "REST APIs": clients["apigateway"].get_rest_apis()["items"],
        "HTTP APIs": clients["apigatewayv2"].get_apis()["Items"],
        "buckets": clients["s3"].list_buckets(Prefix=NAMES["bucket"])["Buckets"],
        "notifications": clients["s3"].get_bucket_notification_configuration(Bucket=NAMES["bucket"]),
        "schedule groups": clients["scheduler"].list_schedule_groups()["ScheduleGroups"],
    }
    return {key: steady(value) for key, value in found.items()}


def steady(value):
    """Returns a value without what changes by itself."""
    if isinstance(value, dict):
        return {key: steady(item) for key, item in value.items() if key not in VOLATILE}
    return [steady(item) for item in value] if isinstance(value, list) else value


def changed(target, before):
    """Returns what has become of the foreign resources."""
    after = appearance(target)
    return "; ".join(f"{key}: {before[key]} became {after[key]}" for key in before if before[key] != after[key]) or None
