"""Lambda."""

import json
import time

import foreign
from strict.probes import ACCOUNT, CLOCK_ROLE, RUN_ROLE, answered, refused


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
