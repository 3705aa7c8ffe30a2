"""Sees for itself what each target has: a feature declared as lacking that is there fails, and the other way round."""

import json
import time
import urllib.request

import botocore.exceptions

import foreign
from lacks import LACKS
from targets import REGION


def check(target, results):
    """Probes every feature that some target lacks."""
    declared = LACKS[target.name]
    for feature in sorted({feature for lacks in LACKS.values() for feature in lacks}):
        try:
            problem = PROBES[feature](target)
        except Exception as error:  # Whatever a third party raises is a finding.
            problem = f"{type(error).__name__}: {error}"
        finally:
            remove(target)
        if problem and feature in declared:
            results.lacks(target.name, "features", feature, declared[feature])
        elif feature in declared:
            results.add(target.name, "features", feature, "declared as lacking, but it works: correct lacks.py")
        else:
            results.add(target.name, "features", feature, problem)


def probed(target, **request):
    """Makes a function for a probe, and returns its client and what the cloud says of it."""
    clients = target.clients()
    document = json.dumps(foreign.TRUST)
    try:
        role = clients["iam"].create_role(RoleName="probe-features", AssumeRolePolicyDocument=document)
    except clients["iam"].exceptions.EntityAlreadyExistsException:
        role = clients["iam"].get_role(RoleName="probe-features")
    client = clients["lambda"]
    foreign.create_function(client, FunctionName="probe", Role=role["Role"]["Arn"], **request)
    return client, client.get_function_configuration(FunctionName="probe")


def remove(target):
    """Removes what probes made."""
    clients = target.clients()
    for remove, name in (
        (clients["lambda"].delete_function, {"FunctionName": "probe"}),
        (clients["iam"].delete_role, {"RoleName": "probe-features"}),
    ):
        try:
            remove(**name)
        except botocore.exceptions.ClientError:
            pass


def log_format(target):
    _client, found = probed(target, LoggingConfig={"LogFormat": "JSON"})
    return None if found.get("LoggingConfig", {}).get("LogFormat") == "JSON" else f"reads {found.get('LoggingConfig')}"


def public_url(target):
    client, _found = probed(target)
    client.add_permission(
        FunctionName="probe", StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*",
        FunctionUrlAuthType="NONE",
    )
    (statement,) = json.loads(client.get_policy(FunctionName="probe")["Policy"])["Statement"]
    wanted = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
    return None if statement.get("Condition") == wanted else f"reads {statement.get('Condition')}"


def code_location(target):
    client, _found = probed(target)
    location = client.get_function(FunctionName="probe")["Code"]["Location"]
    with urllib.request.urlopen(location, timeout=10) as answer:
        return None if answer.read() == foreign.archive() else "other bytes"


def mappings_by_name(target):
    client, found = probed(target)
    sqs, arn = target.client("sqs"), found["FunctionArn"]
    policy = {"Effect": "Allow", "Action": ["sqs:*"], "Resource": "*"}
    target.client("iam").put_role_policy(
        RoleName="probe-features", PolicyName="reads",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [policy]}),
    )
    url = sqs.create_queue(QueueName="probe-features")["QueueUrl"]
    time.sleep(1)  # As AWS asks of who made a queue.
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    made = client.create_event_source_mapping(FunctionName=arn, EventSourceArn=queue, Enabled=False)["UUID"]
    listed = client.list_event_source_mappings(FunctionName="probe")["EventSourceMappings"]
    time.sleep(1)  # One that is being made cannot be deleted.
    client.delete_event_source_mapping(UUID=made)
    sqs.delete_queue(QueueUrl=url)
    target.client("iam").delete_role_policy(RoleName="probe-features", PolicyName="reads")
    return None if [it["UUID"] for it in listed] == [made] else f"finds {listed}"


def bucket_tags(target):
    client, name = target.clients()["s3"], "probe-features-bucket"
    tag = {"Key": "updraft:project", "Value": "probe"}
    configuration = {"LocationConstraint": REGION, "Tags": [tag]}
    client.create_bucket(Bucket=name, CreateBucketConfiguration=configuration)
    try:
        found = client.get_bucket_tagging(Bucket=name)["TagSet"]
    finally:
        client.delete_bucket(Bucket=name)
    return None if found == [tag] else f"reads {found}"


PROBES = {
    "bucket-tags": bucket_tags,
    "code-location": code_location,
    "log-format": log_format,
    "mappings-by-name": mappings_by_name,
    "public-url": public_url,
}
