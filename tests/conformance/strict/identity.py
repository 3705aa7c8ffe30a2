"""IAM, STS, the tagging API, and what belongs to no service alone."""

import json
import time

from botocore.exceptions import ClientError

import foreign
from strict.probes import ACCOUNT, FUNCTION, RUN_ROLE, answered, refused, trust


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


@refused(400, "InvalidInput", "iam: a simulation for the account itself")
def _(c):
    source = f"arn:aws:iam::{ACCOUNT}:root"
    c["iam"].simulate_principal_policy(PolicySourceArn=source, ActionNames=["s3:GetObject"])


@refused(404, "NoSuchEntity", "iam: a simulation for a role that does not exist")
def _(c):
    source = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    c["iam"].simulate_principal_policy(PolicySourceArn=source, ActionNames=["s3:GetObject"])


@answered("iam: a simulation tells what a role's policies say")
def _(c):
    statements = [
        {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::probe/*"},
        {"Effect": "Deny", "Action": "s3:GetObjectAcl", "Resource": "*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    c["iam"].put_role_policy(RoleName="probe-lambda", PolicyName="simulated", PolicyDocument=document)
    try:
        found = c["iam"].simulate_principal_policy(
            PolicySourceArn=RUN_ROLE, ActionNames=["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject"],
            ResourceArns=["arn:aws:s3:::probe/key"],
        )["EvaluationResults"]
    finally:
        c["iam"].delete_role_policy(RoleName="probe-lambda", PolicyName="simulated")
    told = {one["EvalActionName"]: one["EvalDecision"] for one in found}
    wanted = {"s3:GetObject": "allowed", "s3:GetObjectAcl": "explicitDeny", "s3:PutObject": "implicitDeny"}
    return None if told == wanted else str(told)


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
