"""Uses a deployed example as its users would, with the clouds' own clients, and says what came of it.

    python examples.py image-pipeline http://127.0.0.1:4580
"""

import importlib.util
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import botocore.config

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
REGION = "eu-west-1"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
PATIENCE_SECONDS = 240


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


def names(url, listed):
    """Returns the names of all resources of a type in the embedded Azure."""
    address = f"{url}/subscriptions/{SUBSCRIPTION}/providers/{listed}"
    request = urllib.request.Request(address, headers={"authorization": "Bearer local"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return [it["name"] for it in json.load(answer)["value"]]


def account(url, start):
    """Returns Microsoft's clients for blobs and queues of the account of managed buckets and queues."""
    from azure.core.pipeline.transport import RequestsTransport
    from azure.storage.blob import BlobServiceClient
    from azure.storage.queue import QueueServiceClient

    class Carried(RequestsTransport):
        """Adds a token below the clients, which send none over plain HTTP."""

        def send(self, request, **more):
            request.headers["Authorization"] = "Bearer local"
            return super().send(request, **more)

    name = named(names(url, "Microsoft.Storage/storageAccounts?api-version=2025-01-01"), start)
    # The clients want a signature where there is no TLS. The token is what counts.
    signed = {"account_name": name, "account_key": "AAAA"}
    return (BlobServiceClient(f"{url}/_blob/{name}", signed, transport=Carried()),
            QueueServiceClient(f"{url}/_queue/{name}", signed, transport=Carried()))


def taken(queue):
    """Returns the text of one message of a storage queue and deletes it."""

    def look():
        for message in queue.receive_messages(max_messages=1):
            queue.delete_message(message)
            return json.loads(message.content)
        return None

    return look


def image_pipeline_azure(url):
    """On Azure."""
    blobs, queues = account(url, "imagepipelineded")
    pictures = png()
    source, target = blobs.get_container_client("pictures"), blobs.get_container_client("thumbnails")
    source.upload_blob("notes.txt", b"not a picture")
    source.upload_blob(KEY, picture(pictures))
    expect("one thumbnail is made", poll("a thumbnail", lambda: [it.name for it in target.list_blobs()] or None), [KEY])
    small = target.download_blob(KEY).readall()
    expect("it is small", pictures.decode(small)[:2], (128, 64))
    wanted = {"picture": f"pictures/{KEY}", "thumbnail": f"thumbnails/{KEY}", "bytes": len(small)}
    expect("a message says so", poll("a message", taken(queues.get_queue_client("done"))), wanted)


def worker_azure(url):
    """On Azure, where the failed orders go to the queue whose name says so."""
    _, queues = account(url, "workerdevd")
    orders, failed = queues.get_queue_client("orders"), queues.get_queue_client("orders-poison")
    bad = {"id": 2, "items": {"unicorn": 1}}
    for order in ({"id": 1, "items": {"apple": 3, "coffee": 1}}, bad, {"id": 3, "items": {"bread": 2}}):
        orders.send_message(json.dumps(order))
    expect("an order that fails becomes a dead letter", poll("a dead letter", taken(failed)), bad)
    left = orders.get_queue_properties().approximate_message_count
    expect("the others are done", left, 0)


def rest_api_azure(url):
    """On Azure: the one address of the function."""
    site = named(names(url, "Microsoft.Web/sites?api-version=2025-05-01"), "rest-api-dev-notes-")

    def call(method, path, body=None):
        request = urllib.request.Request(f"{url}/_site/{site}{path}", body, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    expect("it tells what there is", call("GET", "/")[1]["name"], "notes")
    expect("there is nothing yet", call("GET", "/notes"), (200, {"notes": []}))
    status, note = call("POST", "/notes", b'{"text": "buy milk"}')
    expect("a note is made", (status, note["text"]), (201, "buy milk"))
    expect("it is read", call("GET", f"/notes/{note['id']}"), (200, note))
    expect("what is no JSON is refused", call("POST", "/notes", b"{")[0], 400)
    expect("it is deleted", call("DELETE", f"/notes/{note['id']}"), (204, None))
    expect("it is gone", call("GET", f"/notes/{note['id']}")[0], 404)


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
    # On a machine that is busy an attempt may end before the function says anything.
    attempts = [it for it in events if "failed: KeyError" in it["message"] or "timed out" in it["message"]]
    expect("it was tried three times", len(attempts), 3)


if __name__ == "__main__":
    uses = {
        "image-pipeline": image_pipeline, "image-pipeline-azure": image_pipeline_azure,
        "image-pipeline-google": image_pipeline_google, "rest-api-azure": rest_api_azure,
        "worker": worker, "worker-azure": worker_azure,
    }
    uses[sys.argv[1]](sys.argv[2])
