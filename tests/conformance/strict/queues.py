"""SQS and the event source mappings of Lambda.

botocore itself compares the MD5 digests of what it sends and receives, so a message that comes back was digested right.
"""

import json
import time

import foreign
from botocore.exceptions import ClientError
from strict.probes import ACCOUNT, RUN_ROLE, answered, refused
from targets import REGION

INVALID = "InvalidParameterValueException"
ABSENT = "AWS.SimpleQueueService.NonExistentQueue"
READS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "logs:*"]
READER = f"arn:aws:iam::{ACCOUNT}:role/probe-reader"
SECONDS = 60


def arn(name):
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"


def until(check, seconds=SECONDS):
    """Returns the first answer of `check` that holds; a new queue is not there at once, as it is not at AWS."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = check()
            if found or time.monotonic() > deadline:
                return found
        except ClientError as error:
            if error.response["Error"]["Code"] != ABSENT or time.monotonic() > deadline:
                raise
        time.sleep(0.05)


def queue(c, name, **attributes):
    """Creates a queue and waits until it can be used."""
    url = c["sqs"].create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    until(lambda: c["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"]))
    return url


def attributes(c, url):
    return c["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


# SQS.


@refused(400, ABSENT, "sqs: a queue that does not exist")
def _(c):
    c["sqs"].get_queue_url(QueueName="probe-nothing")


@refused(400, "QueueAlreadyExists", "sqs: a name whose queue is different")
def _(c):
    queue(c, "probe-twice", DelaySeconds="1")
    c["sqs"].create_queue(QueueName="probe-twice", Attributes={"DelaySeconds": "2"})


@refused(400, "AWS.SimpleQueueService.QueueDeletedRecently", "sqs: the name of a queue that was just deleted")
def _(c):
    c["sqs"].delete_queue(QueueUrl=queue(c, "probe-phoenix"))
    c["sqs"].create_queue(QueueName="probe-phoenix")


@refused(400, "InvalidParameterValue", "sqs: a name with a period")
def _(c):
    c["sqs"].create_queue(QueueName="probe.queue")


@refused(400, "InvalidAttributeName", "sqs: FifoQueue=false")
def _(c):
    c["sqs"].create_queue(QueueName="probe-plain", Attributes={"FifoQueue": "false"})


@refused(400, "InvalidAttributeValue", "sqs: a visibility timeout over twelve hours")
def _(c):
    c["sqs"].create_queue(QueueName="probe-long", Attributes={"VisibilityTimeout": "43201"})


@refused(400, "InvalidParameterValue", "sqs: a dead-letter queue that does not exist")
def _(c):
    policy = json.dumps({"deadLetterTargetArn": arn("probe-nothing"), "maxReceiveCount": 3})
    c["sqs"].create_queue(QueueName="probe-redrive", Attributes={"RedrivePolicy": policy})


@refused(400, "InvalidParameterValue", "sqs: a message that is too long")
def _(c):
    url = queue(c, "probe-narrow", MaximumMessageSize="1024")
    c["sqs"].send_message(QueueUrl=url, MessageBody="x" * 1025)


@refused(400, "ReceiptHandleIsInvalid", "sqs: a receipt handle that was never given")
def _(c):
    c["sqs"].delete_message(QueueUrl=queue(c, "probe-handle"), ReceiptHandle="nonsense")


@answered("sqs: a message comes back as it was sent, with its attributes")
def _(c):
    url = queue(c, "probe-round")
    values = {
        "text": {"DataType": "String", "StringValue": "é"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        "number": {"DataType": "Number.float", "StringValue": "1.5"},
    }
    c["sqs"].send_message(QueueUrl=url, MessageBody="böse\n", MessageAttributes=values)
    found = c["sqs"].receive_message(QueueUrl=url, WaitTimeSeconds=2, MessageAttributeNames=["All"])["Messages"][0]
    c["sqs"].delete_message(QueueUrl=url, ReceiptHandle=found["ReceiptHandle"])
    same = (found["Body"], found["MessageAttributes"]) == ("böse\n", values)
    return None if same else f"{found}"


@answered("sqs: pages of queues follow one another for those who say how large")
def _(c):
    made = {queue(c, f"probe-page-{number}") for number in range(5)}
    pages = list(c["sqs"].get_paginator("list_queues").paginate(
        QueueNamePrefix="probe-page-", PaginationConfig={"PageSize": 2},
    ))
    found = [url for page in pages for url in page["QueueUrls"]]
    return None if (len(pages), set(found), len(found)) == (3, made, 5) else f"{pages}"


# Event source mappings.


def reader(c):
    """A function whose role may read queues; made once."""
    try:
        c["lambda"].get_function(FunctionName="probe-reader")
        return
    except c["lambda"].exceptions.ResourceNotFoundException:
        pass
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    rights = {"Effect": "Allow", "Action": READS, "Resource": "*"}
    c["iam"].create_role(RoleName="probe-reader", AssumeRolePolicyDocument=trust)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
    c["iam"].put_role_policy(RoleName="probe-reader", PolicyName="reads", PolicyDocument=policy)
    foreign.create_function(c["lambda"], FunctionName="probe-reader", Role=READER)


def mapping(c, name, **changes):
    """Maps a new queue to the function."""
    reader(c)
    queue(c, name)
    request = {"FunctionName": "probe-reader", "EventSourceArn": arn(name), "Enabled": False}
    return c["lambda"].create_event_source_mapping(**{**request, **changes})


@refused(400, INVALID, "mappings: a role that may not read the queue")
def _(c):
    mapping(c, "probe-unread", FunctionName="probe")


@refused(400, INVALID, "mappings: a queue that hides messages for less than the function runs")
def _(c):
    reader(c)
    queue(c, "probe-short", VisibilityTimeout="1")
    c["lambda"].create_event_source_mapping(FunctionName="probe-reader", EventSourceArn=arn("probe-short"))


@refused(400, INVALID, "mappings: a queue that does not exist")
def _(c):
    reader(c)
    c["lambda"].create_event_source_mapping(FunctionName="probe-reader", EventSourceArn=arn("probe-nothing"))


@refused(400, INVALID, "mappings: a function that does not exist")
def _(c):
    mapping(c, "probe-nobody", FunctionName="nobody")


@refused(400, INVALID, "mappings: a starting position")
def _(c):
    mapping(c, "probe-start", StartingPosition="LATEST")


@refused(400, INVALID, "mappings: a batch over ten without a window")
def _(c):
    mapping(c, "probe-batch", BatchSize=11)


@refused(400, INVALID, "mappings: a filter that is no pattern")
def _(c):
    mapping(c, "probe-filter", FilterCriteria={"Filters": [{"Pattern": '{"body": "text"}'}]})


@refused(400, "ValidationException", "mappings: a concurrency of one")
def _(c):
    mapping(c, "probe-one", ScalingConfig={"MaximumConcurrency": 1})


@refused(409, "ResourceConflictException", "mappings: a second one of the same queue and function")
def _(c):
    mapping(c, "probe-again")
    mapping(c, "probe-again")


@refused(400, "ResourceInUseException", "mappings: a deletion while it is created")
def _(c):
    c["lambda"].delete_event_source_mapping(UUID=mapping(c, "probe-early")["UUID"])


@refused(404, "ResourceNotFoundException", "mappings: one that does not exist")
def _(c):
    c["lambda"].get_event_source_mapping(UUID="00000000-0000-0000-0000-000000000000")


@answered("mappings: a message runs the function and is gone")
def _(c):
    mapping(c, "probe-deliver", Enabled=True)
    url = c["sqs"].get_queue_url(QueueName="probe-deliver")["QueueUrl"]
    c["sqs"].send_message(QueueUrl=url, MessageBody="hello")

    def gone():
        found = attributes(c, url)
        return found["ApproximateNumberOfMessages"] == found["ApproximateNumberOfMessagesNotVisible"] == "0"

    return None if until(gone) else f"{attributes(c, url)}"
