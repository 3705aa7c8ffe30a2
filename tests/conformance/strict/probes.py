"""How a probe is written and judged, and what the probes refer to."""

import json

from botocore.exceptions import ClientError

import foreign
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
