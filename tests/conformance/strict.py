"""What AWS refuses and public emulators let pass, asked of the embedded cloud with boto3's checks off.

Each probe names the error code and HTTP status that AWS answers with. The list follows what was measured of the moto
server and ministack: trust policies, states, revisions, ranges, references and conflicts they do not check.
"""

import json
import time

import foreign
from botocore.exceptions import ClientError
from targets import REGION

ACCOUNT = "000000000000"
GROUP = "requests the embedded cloud refuses"
FINE = "requests the embedded cloud answers"
RUN_ROLE = f"arn:aws:iam::{ACCOUNT}:role/probe-lambda"
CLOCK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/probe-scheduler"
FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:probe"

REFUSALS = []
ANSWERS = []


def refused(status, code, name):
    """Marks a probe that must be refused with this status and code."""

    def mark(probe):
        REFUSALS.append((name, status, code, probe))
        return probe

    return mark


def answered(name):
    """Marks a probe that returns what is wrong with the answers, or None."""

    def mark(probe):
        ANSWERS.append((name, probe))
        return probe

    return mark


def check(target, results):
    """Runs every probe against the embedded cloud."""
    clients = target.clients()
    prepare(clients)
    for name, status, code, probe in REFUSALS:
        results.add(target.name, GROUP, name, misjudged(clients, status, code, probe))
    for name, probe in ANSWERS:
        try:
            problem = probe(clients)
        except Exception as error:  # Whatever goes wrong is a finding.
            problem = f"{type(error).__name__}: {error}"
        results.add(target.name, FINE, name, problem)


def misjudged(clients, status, code, probe):
    """Returns how the answer differs from AWS's refusal."""
    try:
        probe(clients)
    except ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        return None if found == (status, code) else f"{found}, not {(status, code)}: {error}"
    except Exception as error:  # Whatever goes wrong is a finding.
        return f"{type(error).__name__}: {error}"
    return f"was accepted, not refused with {status} {code}"


def trust(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def prepare(c):
    """Makes the roles and the function that the probes refer to."""
    iam = c["iam"]
    iam.create_role(RoleName="probe-lambda", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    iam.create_role(RoleName="probe-scheduler", AssumeRolePolicyDocument=trust("scheduler.amazonaws.com"))
    foreign.create_function(c["lambda"], FunctionName="probe", Role=RUN_ROLE)


def function(c, **changes):
    request = {
        "FunctionName": "refused", "Role": RUN_ROLE, "Runtime": "python3.13", "Handler": "app.handler",
        "Code": {"ZipFile": foreign.archive()},
    }
    return c["lambda"].create_function(**{**request, **changes})


def permission(c, **changes):
    request = {
        "FunctionName": "probe", "StatementId": "one", "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
    }
    return c["lambda"].add_permission(**{**request, **changes})


# Lambda.

INVALID = "InvalidParameterValueException"


@refused(400, INVALID, "lambda: a role that does not exist")
def _(c):
    function(c, Role=f"arn:aws:iam::{ACCOUNT}:role/nobody")


@refused(400, INVALID, "lambda: a role that Lambda may not assume")
def _(c):
    function(c, Role=CLOCK_ROLE)


@refused(400, INVALID, "lambda: bytes that are no archive")
def _(c):
    function(c, Code={"ZipFile": b"no archive"})


@refused(400, INVALID, "lambda: an unknown runtime")
def _(c):
    function(c, Runtime="python2.0")


@refused(400, "ValidationException", "lambda: too little memory")
def _(c):
    function(c, MemorySize=64)


@refused(400, "ValidationException", "lambda: too long a timeout")
def _(c):
    function(c, Timeout=100_000)


@refused(400, "ValidationException", "lambda: a name with a blank")
def _(c):
    function(c, FunctionName="a b")


@refused(400, INVALID, "lambda: a reserved environment variable")
def _(c):
    function(c, Environment={"Variables": {"AWS_REGION": "eu-west-1"}})


@refused(400, INVALID, "lambda: an environment over 4 KB")
def _(c):
    function(c, Environment={"Variables": {"LONG": "x" * 5000}})


@refused(409, "ResourceConflictException", "lambda: a name that is taken")
def _(c):
    function(c, FunctionName="probe")


@refused(409, "ResourceConflictException", "lambda: an update while the function is pending")
def _(c):
    function(c, FunctionName="pending")
    c["lambda"].update_function_configuration(FunctionName="pending", Timeout=9)


@refused(412, "PreconditionFailedException", "lambda: a configuration changed under an old revision")
def _(c):
    c["lambda"].update_function_configuration(FunctionName="probe", Timeout=9, RevisionId=old_revision(c))


@refused(412, "PreconditionFailedException", "lambda: code changed under an old revision")
def _(c):
    c["lambda"].update_function_code(FunctionName="probe", ZipFile=foreign.archive(), RevisionId=old_revision(c))


@refused(412, "PreconditionFailedException", "lambda: a permission given under an old revision")
def _(c):
    permission(c, RevisionId=old_revision(c))


def old_revision(_c):
    return "00000000-0000-4000-8000-000000000000"


@refused(404, "ResourceNotFoundException", "lambda: the policy of a function that has none")
def _(c):
    c["lambda"].get_policy(FunctionName="probe")


@refused(409, "ResourceConflictException", "lambda: a statement that exists")
def _(c):
    permission(c, StatementId="twice")
    permission(c, StatementId="twice")


@refused(400, INVALID, "lambda: a principal that cannot be")
def _(c):
    permission(c, Principal="nobody.example.com")


@refused(404, "ResourceNotFoundException", "lambda: a statement that does not exist")
def _(c):
    c["lambda"].remove_permission(FunctionName="probe", StatementId="nothing")


@refused(404, "ResourceNotFoundException", "lambda: the deletion of a function that does not exist")
def _(c):
    c["lambda"].delete_function(FunctionName="nothing")


@refused(404, "ResourceNotFoundException", "lambda: an invocation of a function that does not exist")
def _(c):
    c["lambda"].invoke(FunctionName="nothing")


@refused(409, "ResourceConflictException", "lambda: a second function URL")
def _(c):
    c["lambda"].create_function_url_config(FunctionName="probe", AuthType="NONE")
    c["lambda"].create_function_url_config(FunctionName="probe", AuthType="NONE")


@refused(400, INVALID, "lambda: more concurrency reserved than the account has")
def _(c):
    c["lambda"].put_function_concurrency(FunctionName="probe", ReservedConcurrentExecutions=100_000)


@answered("lambda: a function is pending before it is active")
def _(c):
    made = function(c, FunctionName="later")
    states = [made["State"]]
    deadline = time.monotonic() + 10
    while states[-1] != "Active" and time.monotonic() < deadline:
        states.append(c["lambda"].get_function_configuration(FunctionName="later")["State"])
        time.sleep(0.05)
    return None if (states[0], states[-1]) == ("Pending", "Active") else f"{states[0]} … {states[-1]}"


@answered("lambda: a revision changes with the function, and the new one is taken")
def _(c):
    before = c["lambda"].get_function_configuration(FunctionName="later")["RevisionId"]
    c["lambda"].update_function_configuration(FunctionName="later", Timeout=9, RevisionId=before)
    after = c["lambda"].get_function_configuration(FunctionName="later")["RevisionId"]
    return None if before != after else "the revision stayed"


@answered("lambda: functions are listed 50 at a time, whatever is asked")
def _(c):
    for number in range(52):
        function(c, FunctionName=f"many-{number}")
    page = c["lambda"].list_functions(MaxItems=10_000)
    every = [it for page in c["lambda"].get_paginator("list_functions").paginate() for it in page["Functions"]]
    sizes = (len(page["Functions"]), bool(page.get("NextMarker")))
    many = [it for it in every if it["FunctionName"].startswith("many-")]
    return None if sizes == (50, True) and len(many) == 52 else f"{sizes}, {len(many)} in all"


@answered("lambda: what is configured is what is read")
def _(c):
    wanted = {
        "TracingConfig": {"Mode": "Active"},
        "EphemeralStorage": {"Size": 1024},
        "LoggingConfig": {"LogFormat": "JSON"},
        "Architectures": ["arm64"],
    }
    # Tracing needs leave to write traces.
    allowed = {"Effect": "Allow", "Action": ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    c["iam"].put_role_policy(RoleName="probe-lambda", PolicyName="traces", PolicyDocument=document)
    foreign.create_function(c["lambda"], FunctionName="configured", Role=RUN_ROLE, **wanted)
    found = c["lambda"].get_function_configuration(FunctionName="configured")
    c["iam"].delete_role_policy(RoleName="probe-lambda", PolicyName="traces")
    return next(
        (f"{key}: {found.get(key)}" for key, value in wanted.items() if not holds(found.get(key), value)), None
    )


def holds(found, wanted):
    return wanted.items() <= (found or {}).items() if isinstance(wanted, dict) else found == wanted


# IAM.


@refused(409, "EntityAlreadyExists", "iam: a role that exists")
def _(c):
    c["iam"].create_role(RoleName="probe-lambda", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))


@refused(400, "MalformedPolicyDocument", "iam: a trust policy that is not JSON")
def _(c):
    c["iam"].create_role(RoleName="refused", AssumeRolePolicyDocument="{")


@refused(400, "MalformedPolicyDocument", "iam: a trust policy for a service that does not exist")
def _(c):
    c["iam"].create_role(RoleName="refused", AssumeRolePolicyDocument=trust("nothing.amazonaws.com"))


@refused(400, "MalformedPolicyDocument", "iam: a trust policy for a role that does not exist")
def _(c):
    statement = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/nobody"}, "Action": "sts:AssumeRole",
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    c["iam"].create_role(RoleName="refused", AssumeRolePolicyDocument=document)


@refused(409, "LimitExceeded", "iam: inline policies over 10,240 characters")
def _(c):
    arns = [f"arn:aws:s3:::bucket-{number:04}/*" for number in range(500)]
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": arns}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    c["iam"].put_role_policy(RoleName="probe-lambda", PolicyName="large", PolicyDocument=document)


@refused(409, "DeleteConflict", "iam: the deletion of a role that has an inline policy")
def _(c):
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    c["iam"].put_role_policy(RoleName="probe-scheduler", PolicyName="one", PolicyDocument=document)
    try:
        c["iam"].delete_role(RoleName="probe-scheduler")
    finally:
        c["iam"].delete_role_policy(RoleName="probe-scheduler", PolicyName="one")


@refused(404, "NoSuchEntity", "iam: a role that does not exist")
def _(c):
    c["iam"].get_role(RoleName="nobody")


@refused(404, "NoSuchEntity", "iam: an attachment of a policy that does not exist")
def _(c):
    c["iam"].attach_role_policy(RoleName="probe-lambda", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/nothing")


@answered("iam: roles are listed by path, a page at a time")
def _(c):
    for number in range(3):
        document = trust("lambda.amazonaws.com")
        c["iam"].create_role(RoleName=f"paged-{number}", Path="/probe/", AssumeRolePolicyDocument=document)
    page = c["iam"].list_roles(PathPrefix="/probe/", MaxItems=2)
    rest = c["iam"].list_roles(PathPrefix="/probe/", MaxItems=2, Marker=page.get("Marker", ""))
    sizes = (len(page["Roles"]), page["IsTruncated"], len(rest["Roles"]), rest["IsTruncated"])
    return None if sizes == (2, True, 1, False) else str(sizes)


# CloudWatch Logs.


@refused(400, "InvalidParameterException", "logs: a retention of 15 days")
def _(c):
    c["logs"].create_log_group(logGroupName="/probe/retention")
    c["logs"].put_retention_policy(logGroupName="/probe/retention", retentionInDays=15)


@refused(400, "ResourceAlreadyExistsException", "logs: a log group that exists")
def _(c):
    c["logs"].create_log_group(logGroupName="/probe/twice")
    c["logs"].create_log_group(logGroupName="/probe/twice")


@refused(400, "ResourceNotFoundException", "logs: a log group that does not exist")
def _(c):
    c["logs"].delete_log_group(logGroupName="/probe/nothing")


# API Gateway, REST APIs.


def rest(c):
    """Makes a REST API and returns its id and its root's."""
    api = c["apigateway"].create_rest_api(name="probe")["id"]
    return api, c["apigateway"].get_resources(restApiId=api)["items"][0]["id"]


def method(c, api, resource, verb="GET"):
    key = {"restApiId": api, "resourceId": resource, "httpMethod": verb}
    c["apigateway"].put_method(**key, authorizationType="NONE")
    return key


def integrated(c):
    """Makes a REST API with one method that leads to a function."""
    api, root = rest(c)
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"
    key = method(c, api, root)
    c["apigateway"].put_integration(**key, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    return api


@refused(409, "ConflictException", "apigateway: a path part that exists")
def _(c):
    api, root = rest(c)
    c["apigateway"].create_resource(restApiId=api, parentId=root, pathPart="notes")
    c["apigateway"].create_resource(restApiId=api, parentId=root, pathPart="notes")


@refused(409, "ConflictException", "apigateway: a method that exists")
def _(c):
    api, root = rest(c)
    method(c, api, root)
    method(c, api, root)


@refused(400, "BadRequestException", "apigateway: a deployment of no methods")
def _(c):
    c["apigateway"].create_deployment(restApiId=rest(c)[0])


@refused(400, "BadRequestException", "apigateway: a deployment of a method without integration")
def _(c):
    api, root = rest(c)
    method(c, api, root)
    c["apigateway"].create_deployment(restApiId=api)


@refused(409, "ConflictException", "apigateway: a stage that exists")
def _(c):
    api = integrated(c)
    deployment = c["apigateway"].create_deployment(restApiId=api)["id"]
    c["apigateway"].create_stage(restApiId=api, stageName="dev", deploymentId=deployment)
    c["apigateway"].create_stage(restApiId=api, stageName="dev", deploymentId=deployment)


@refused(400, "BadRequestException", "apigateway: the deletion of a deployment that a stage serves")
def _(c):
    api = integrated(c)
    deployment = c["apigateway"].create_deployment(restApiId=api, stageName="dev")["id"]
    c["apigateway"].delete_deployment(restApiId=api, deploymentId=deployment)


@refused(404, "NotFoundException", "apigateway: an API that does not exist")
def _(c):
    c["apigateway"].get_rest_api(restApiId="nothing123")


@refused(400, "BadRequestException", "apigateway: an authorization type that does not exist")
def _(c):
    api, root = rest(c)
    c["apigateway"].put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="PERHAPS")


# API Gateway, HTTP APIs.


def http(c):
    """Makes an HTTP API with an integration."""
    api = {"ApiId": c["apigatewayv2"].create_api(Name="probe", ProtocolType="HTTP")["ApiId"]}
    integration = c["apigatewayv2"].create_integration(
        **api, IntegrationType="AWS_PROXY", IntegrationUri=FUNCTION, PayloadFormatVersion="2.0",
    )
    return api, integration["IntegrationId"]


@refused(409, "ConflictException", "apigatewayv2: a route that exists")
def _(c):
    api, _integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes")
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes")


@refused(400, "BadRequestException", "apigatewayv2: a route to an integration that does not exist")
def _(c):
    api, _integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes", Target="integrations/nothing")


@refused(409, "ConflictException", "apigatewayv2: the deletion of an integration that a route uses")
def _(c):
    api, integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="GET /notes", Target=f"integrations/{integration}")
    c["apigatewayv2"].delete_integration(**api, IntegrationId=integration)


@refused(400, "BadRequestException", "apigatewayv2: a route key that is none")
def _(c):
    api, _integration = http(c)
    c["apigatewayv2"].create_route(**api, RouteKey="FETCH notes")


@refused(404, "NotFoundException", "apigatewayv2: an API that does not exist")
def _(c):
    c["apigatewayv2"].get_api(ApiId="nothing123")


# EventBridge Scheduler.


def schedule(c, **changes):
    request = {
        "Name": "probe", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": FUNCTION, "RoleArn": CLOCK_ROLE},
    }
    return c["scheduler"].create_schedule(**{**request, **changes})


@refused(400, "ValidationException", "scheduler: a cron expression of five fields")
def _(c):
    schedule(c, ScheduleExpression="cron(0 7 * * *)")


@refused(400, "ValidationException", "scheduler: a rate of nothing")
def _(c):
    schedule(c, ScheduleExpression="rate(0 minutes)")


@refused(400, "ValidationException", "scheduler: a time zone that does not exist")
def _(c):
    schedule(c, ScheduleExpressionTimezone="Europe/Atlantis")


@refused(400, "ValidationException", "scheduler: a role that the scheduler may not assume")
def _(c):
    schedule(c, Target={"Arn": FUNCTION, "RoleArn": RUN_ROLE})


@refused(404, "ResourceNotFoundException", "scheduler: a group that does not exist")
def _(c):
    schedule(c, GroupName="nothing")


@refused(409, "ConflictException", "scheduler: a schedule that exists")
def _(c):
    schedule(c, Name="twice")
    schedule(c, Name="twice")


@refused(404, "ResourceNotFoundException", "scheduler: a schedule that does not exist")
def _(c):
    c["scheduler"].get_schedule(Name="nothing")


# S3.

EUROPE = {"LocationConstraint": REGION}


@refused(409, "BucketAlreadyOwnedByYou", "s3: a bucket that is ours already")
def _(c):
    c["s3"].create_bucket(Bucket="probe-twice", CreateBucketConfiguration=EUROPE)
    c["s3"].create_bucket(Bucket="probe-twice", CreateBucketConfiguration=EUROPE)


@refused(412, "PreconditionFailed", "s3: an object that must not exist yet")
def _(c):
    c["s3"].create_bucket(Bucket="probe-once", CreateBucketConfiguration=EUROPE)
    c["s3"].put_object(Bucket="probe-once", Key="a", Body=b"1")
    c["s3"].put_object(Bucket="probe-once", Key="a", Body=b"2", IfNoneMatch="*")


@refused(409, "BucketNotEmpty", "s3: the deletion of a bucket that holds something")
def _(c):
    c["s3"].create_bucket(Bucket="probe-full", CreateBucketConfiguration=EUROPE)
    c["s3"].put_object(Bucket="probe-full", Key="a", Body=b"1")
    c["s3"].delete_bucket(Bucket="probe-full")


@refused(404, "NoSuchKey", "s3: an object that does not exist")
def _(c):
    c["s3"].create_bucket(Bucket="probe-empty", CreateBucketConfiguration=EUROPE)
    c["s3"].get_object(Bucket="probe-empty", Key="nothing")


@refused(404, "NoSuchBucket", "s3: a bucket that does not exist")
def _(c):
    c["s3"].list_objects_v2(Bucket="probe-nothing")


@answered("s3: an object reads back as it was written")
def _(c):
    c["s3"].create_bucket(Bucket="probe-round", CreateBucketConfiguration=EUROPE)
    c["s3"].put_object(Bucket="probe-round", Key="a/b c", Body=b"\x00\x01")
    found = c["s3"].get_object(Bucket="probe-round", Key="a/b c")["Body"].read()
    keys = [it["Key"] for it in c["s3"].list_objects_v2(Bucket="probe-round", Prefix="a/")["Contents"]]
    return None if (found, keys) == (b"\x00\x01", ["a/b c"]) else f"{found!r}, {keys}"


# What belongs to no service alone.


@answered("sts: says which account it is")
def _(c):
    found = c["sts"].get_caller_identity()["Account"]
    return None if found == ACCOUNT else found


@answered("tagging: finds a function by its tag, in time")
def _(c):
    foreign.create_function(c["lambda"], FunctionName="tagged", Role=RUN_ROLE, Tags={"probe": "yes"})
    query = {"TagFilters": [{"Key": "probe", "Values": ["yes"]}], "ResourceTypeFilters": ["lambda:function"]}
    deadline, arns = time.monotonic() + 10, []
    while not arns and time.monotonic() < deadline:
        answer = c["resourcegroupstaggingapi"].get_resources(**query)
        arns = [it["ResourceARN"] for it in answer["ResourceTagMappingList"]]
        time.sleep(0.1)
    return None if arns == [FUNCTION.replace(":probe", ":tagged")] else str(arns)


@answered("what is not modelled is refused by name, not granted")
def _(c):
    try:
        c["lambda"].create_capacity_provider(CapacityProviderName="x", VpcConfig={}, PermissionsConfig={})
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return None if status == 501 and "CreateCapacityProvider" in str(error) else f"{status}: {error}"
    return "was accepted"
