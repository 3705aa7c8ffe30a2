"""Uses a deployed example as its users would, with the clouds' own clients, and says what came of it.

    python examples.py image-pipeline http://127.0.0.1:4580
"""

import importlib.util
import json
import os
import sys
import time
from pathlib import Path

import boto3
import botocore.config

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
REGION = "eu-west-1"
PATIENCE_SECONDS = 90


def client(service, url):
    config = botocore.config.Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1})
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, config=config,
        aws_access_key_id="test", aws_secret_access_key="test",
    )


def poll(what, look):
    """Returns what `look` finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.2)
    raise SystemExit(f"{what}: not within {PATIENCE_SECONDS} s")


def named(names, start):
    """Returns the one name with this start."""
    found = [name for name in names if name.rpartition("/")[2].startswith(start)]
    if len(found) != 1:
        raise SystemExit(f"{start}: {found}")
    return found[0]


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, not {wanted!r}")
    print(f"ok  {what}")


def received(sqs, queue):
    """Returns the body of one message and deletes it."""

    def look():
        answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            return json.loads(message["Body"])
        return None

    return look


def png():
    """Returns the example's own module, which makes the picture and measures the thumbnail."""
    path = EXAMPLES / "image-pipeline/functions/thumbnail-aws/png.py"
    spec = importlib.util.spec_from_file_location("png", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KEY = "holiday/red flower+1.png"


def picture(pictures):
    """Returns a picture of 300 by 150 pixels."""
    width, height = 300, 150
    colours = bytes((x + y * channel) & 255 for y in range(height) for x in range(width) for channel in range(3))
    return pictures.encode(width, height, pictures.COLOUR, colours)


def image_pipeline(url):
    """On AWS."""
    s3, sqs, pictures = client("s3", url), client("sqs", url), png()
    buckets = [it["Name"] for it in s3.list_buckets()["Buckets"]]
    source = named(buckets, "image-pipeline-dev-pictures")
    target = named(buckets, "image-pipeline-dev-thumbnails")
    queue = named(sqs.list_queues()["QueueUrls"], "image-pipeline-dev-done")
    s3.put_object(Bucket=source, Key="notes.txt", Body=b"not a picture")
    s3.put_object(Bucket=source, Key=KEY, Body=picture(pictures))

    def made():
        listed = s3.list_objects_v2(Bucket=target).get("Contents")
        return listed and [it["Key"] for it in listed]

    expect("one thumbnail is made", poll("a thumbnail", made), [KEY])
    small = s3.get_object(Bucket=target, Key=KEY)["Body"].read()
    expect("it is small", pictures.decode(small)[:2], (128, 64))
    wanted = {"picture": f"{source}/{KEY}", "thumbnail": f"{target}/{KEY}", "bytes": len(small)}
    expect("a message says so", poll("a message", received(sqs, queue)), wanted)


def image_pipeline_google(url):
    """On Google Cloud."""
    os.environ.update(STORAGE_EMULATOR_HOST=url, PUBSUB_EMULATOR_HOST=url.removeprefix("http://"))
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import pubsub_v1, storage

    store = storage.Client(project="my-project", credentials=AnonymousCredentials())
    pictures = png()
    buckets = [it.name for it in store.list_buckets()]
    source = store.bucket(named(buckets, "image-pipeline-dev-pictures"))
    target = store.bucket(named(buckets, "image-pipeline-dev-thumbnails"))
    source.blob("notes.txt").upload_from_string(b"not a picture")
    source.blob(KEY).upload_from_string(picture(pictures), content_type="image/png")

    def made():
        return [it.name for it in target.list_blobs()] or None

    expect("one thumbnail is made", poll("a thumbnail", made), [KEY])
    small = target.blob(KEY).download_as_bytes()
    expect("it is small", pictures.decode(small)[:2], (128, 64))
    subscriber = pubsub_v1.SubscriberClient()
    subscription = subscriber.subscription_path("my-project", "image-pipeline-dev-done")

    def message():
        answer = subscriber.pull(subscription=subscription, max_messages=1, return_immediately=True, timeout=30)
        for it in answer.received_messages:
            subscriber.acknowledge(subscription=subscription, ack_ids=[it.ack_id], timeout=30)
            return json.loads(it.message.data)
        return None

    wanted = {"picture": f"{source.name}/{KEY}", "thumbnail": f"{target.name}/{KEY}", "bytes": len(small)}
    expect("a message says so", poll("a message", message), wanted)


def worker(url):
    sqs, logs = client("sqs", url), client("logs", url)
    urls = sqs.list_queues()["QueueUrls"]
    orders, failed = named(urls, "worker-dev-orders"), named(urls, "worker-dev-failed")
    bad = {"id": 2, "items": {"unicorn": 1}}
    for order in ({"id": 1, "items": {"apple": 3, "coffee": 1}}, bad, {"id": 3, "items": {"bread": 2}}):
        sqs.send_message(QueueUrl=orders, MessageBody=json.dumps(order))
    expect("an order that fails becomes a dead letter", poll("a dead letter", received(sqs, failed)), bad)
    events = logs.filter_log_events(logGroupName="/aws/lambda/worker-dev-orders")["events"]
    lines = sorted(it["message"].strip() for it in events if it["message"].startswith("order "))
    expect("the others are done once", lines, ["order 1: 510 cents", "order 3: 500 cents"])
    attempts = [it for it in events if "failed: KeyError" in it["message"]]
    expect("it was tried three times", len(attempts), 3)


if __name__ == "__main__":
    uses = {"image-pipeline": image_pipeline, "image-pipeline-google": image_pipeline_google, "worker": worker}
    uses[sys.argv[1]](sys.argv[2])
