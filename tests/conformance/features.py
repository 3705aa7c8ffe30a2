"""Sees for itself what each target has: a feature declared as lacking that is there fails, and the other way round."""

import json
import urllib.request

import botocore.exceptions

import foreign
from lacks import LACKS


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


PROBES = {
    "code-location": code_location,
    "log-format": log_format,
    "public-url": public_url,
}
