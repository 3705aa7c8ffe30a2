"""The traffic of blobs and queues, in Microsoft's own clients; the embedded cloud and Azurite must answer it alike."""

import hashlib
import time

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobBlock, ContentSettings

from results import fits

GROUP = "blobs and queues"
SECONDS = 60


def check(results, target, cloud):
    """Runs the traffic on a cloud with a `blobs` and a `queues` that return clients."""
    for name, one in CHECKS:
        try:
            problem = one(cloud)
        except Exception as error:  # Whatever a third party raises is a finding.
            problem = f"{type(error).__name__}: {error}"
        results.add(target, GROUP, name, problem)


def refused(call, *given, **more):
    """Returns the status and the code that a call is refused with."""
    try:
        call(*given, **more)
    except HttpResponseError as error:
        return error.status_code, getattr(error.error_code, "value", error.error_code)
    return "accepted"


def container(cloud, name):
    found = cloud.blobs().get_container_client(name)
    found.create_container()
    return found


def a_container(cloud):
    photos = container(cloud, "photos")
    absent = cloud.blobs().get_container_client("nothing")
    photos.set_container_metadata({"team": "web"})
    properties = photos.get_container_properties()
    listed = [one.name for one in cloud.blobs().list_containers(name_starts_with="pho")]
    first = refused(photos.create_container)
    photos.delete_container()
    return fits(
        name=(properties.name, "photos"), metadata=(properties.metadata, {"team": "web"}), etag=(bool(properties.etag), True),
        access=(properties.public_access, None), listed=(listed, ["photos"]), twice=(first, (409, "ContainerAlreadyExists")),
        absent=(absent.exists(), False), gone=(photos.exists(), False),
        unknown=(refused(absent.delete_container), (404, "ContainerNotFound")),
        illegal=(refused(cloud.blobs().create_container, "No_Such"), (400, "InvalidResourceName")),
        short=(refused(cloud.blobs().create_container, "no"), (400, "OutOfRangeInput")),
    )


def a_blob(cloud):
    blobs = container(cloud, "one-blob")
    blob = blobs.get_blob_client("a/b.txt")
    kind = ContentSettings(content_type="text/plain", cache_control="no-cache")
    told = blob.upload_blob(b"hello world", content_settings=kind, metadata={"Key": "value"})
    properties = blob.get_blob_properties()
    whole, part = blob.download_blob().readall(), blob.download_blob(offset=6, length=3).readall()
    blob.set_blob_metadata({"other": "2"})
    blob.set_http_headers(ContentSettings(content_type="text/html"))
    later = blob.get_blob_properties()
    return fits(
        size=(properties.size, 11), type=(properties.content_settings.content_type, "text/plain"),
        cache=(properties.content_settings.cache_control, "no-cache"),
        digest=(bytes(properties.content_settings.content_md5), hashlib.md5(b"hello world").digest()),
        metadata=({key.lower(): value for key, value in properties.metadata.items()}, {"key": "value"}),
        etag=(properties.etag, told["etag"]), kind=(properties.blob_type.value, "BlockBlob"),
        whole=(whole, b"hello world"), part=(part, b"wor"), changed=(later.metadata, {"other": "2"}),
        new_type=(later.content_settings.content_type, "text/html"), new_etag=(later.etag != told["etag"], True),
        beyond=(refused(lambda: blob.download_blob(offset=100, length=1).readall()), (416, "InvalidRange")),
    )


def conditions(cloud):
    blobs = container(cloud, "conditions")
    blob = blobs.get_blob_client("x")
    first = blob.upload_blob(b"1")["etag"]
    twice = refused(blob.upload_blob, b"2")
    blob.upload_blob(b"2", overwrite=True)
    stale = {"etag": first, "match_condition": MatchConditions.IfNotModified}
    return fits(
        twice=(twice, (409, "BlobAlreadyExists")),
        stale=(refused(blob.upload_blob, b"3", overwrite=True, **stale), (412, "ConditionNotMet")),
        stale_delete=(refused(blob.delete_blob, **stale), (412, "ConditionNotMet")),
        stale_read=(refused(blob.download_blob, **stale), (412, "ConditionNotMet")),
        kept=(blob.download_blob().readall(), b"2"),
    )


def absent_blobs(cloud):
    blobs = container(cloud, "absent")
    blob, lost = blobs.get_blob_client("x"), cloud.blobs().get_blob_client("nowhere", "x")
    blob.upload_blob(b"1")
    blob.delete_blob()
    return fits(
        get=(refused(blob.download_blob), (404, "BlobNotFound")), delete=(refused(blob.delete_blob), (404, "BlobNotFound")),
        head=(refused(blob.get_blob_properties), (404, "BlobNotFound")), exists=(blob.exists(), False),
        metadata=(refused(blob.set_blob_metadata, {"a": "b"}), (404, "BlobNotFound")),
        put=(refused(lost.upload_blob, b"1"), (404, "ContainerNotFound")),
        list=(refused(lambda: list(cloud.blobs().get_container_client("nowhere").list_blobs())), (404, "ContainerNotFound")),
    )


def lists(cloud):
    blobs = container(cloud, "lists")
    names = ["a", "a/b", "a/c", "b", "d e+%&<ü>.txt"]
    for name in names:
        blobs.upload_blob(name, name.encode())
    pages = [[one.name for one in page] for page in blobs.list_blobs(results_per_page=2).by_page()]
    sizes = {one.name: (one.size, one.blob_type.value) for one in blobs.list_blobs(name_starts_with="a")}
    marked = blobs.list_blobs(results_per_page=2).by_page()
    next(marked)
    resumed = [one.name for one in next(blobs.list_blobs(results_per_page=9).by_page(marked.continuation_token))]
    return fits(
        all=([one.name for one in blobs.list_blobs()], names), pages=(pages, [names[:2], names[2:4], names[4:]]),
        prefix=(sizes, {"a": (1, "BlockBlob"), "a/b": (3, "BlockBlob"), "a/c": (3, "BlockBlob")}),
        resumed=(resumed, names[2:]), walked=(sorted(one.name for one in blobs.walk_blobs()), ["a", "a/", "b", names[4]]),
        below=([one.name for one in blobs.walk_blobs(name_starts_with="a/")], ["a/b", "a/c"]),
        odd=(blobs.download_blob(names[4]).readall(), names[4].encode()),
    )


def blocks(cloud):
    blobs = container(cloud, "blocks")
    blob = cloud.blobs(max_single_put_size=4, max_block_size=4).get_blob_client("blocks", "big")
    blob.upload_blob(b"0123456789", overwrite=True)
    other = blobs.get_blob_client("other")
    other.stage_block("AAAA", b"a")
    early = other.exists()
    unknown = refused(other.commit_block_list, [BlobBlock("BBBB")])
    other.commit_block_list([BlobBlock("AAAA")])
    return fits(
        whole=(blob.download_blob().readall(), b"0123456789"), early=(early, False),
        unknown=(unknown, (400, "InvalidBlockList")), other=(other.download_blob().readall(), b"a"),
    )


def queue(cloud, name):
    found = cloud.queues().get_queue_client(name)
    found.create_queue()
    return found


def a_queue(cloud):
    jobs = cloud.queues().get_queue_client("jobs")
    jobs.create_queue(metadata={"team": "web"})
    same = refused(jobs.create_queue, metadata={"team": "web"})
    different = refused(jobs.create_queue, metadata={"team": "other"})
    properties = jobs.get_queue_properties()
    listed = [one.name for one in cloud.queues().list_queues(name_starts_with="jo", include_metadata=True)]
    jobs.set_queue_metadata({"a": "b"})
    changed = jobs.get_queue_properties().metadata
    jobs.delete_queue()
    return fits(
        metadata=(properties.metadata, {"team": "web"}), empty=(properties.approximate_message_count, 0),
        listed=(listed, ["jobs"]), same=(same, (204, "QueueAlreadyExists")), different=(different, (409, "QueueAlreadyExists")), changed=(changed, {"a": "b"}),
        gone=(refused(jobs.get_queue_properties), (404, "QueueNotFound")),
        send=(refused(jobs.send_message, "x"), (404, "QueueNotFound")),
        receive=(refused(lambda: list(jobs.receive_messages())), (404, "QueueNotFound")),
        illegal=(refused(cloud.queues().create_queue, "No_Such"), (400, "InvalidResourceName")),
    )


def messages(cloud):
    jobs = queue(cloud, "messages")
    texts = ["plain", "<a & b> \"ü\"", "eyJhIjoxfQ=="]
    for text in texts:
        jobs.send_message(text)
    peeked = [one.content for one in jobs.peek_messages(max_messages=5)]
    count = jobs.get_queue_properties().approximate_message_count
    received = list(jobs.receive_messages(messages_per_page=3, visibility_timeout=60))
    hidden = list(jobs.receive_messages()) + list(jobs.peek_messages())
    changed = jobs.update_message(received[0], visibility_timeout=0, content="changed")
    again = next(iter(jobs.receive_messages(visibility_timeout=60)))
    stale = refused(jobs.delete_message, received[0].id, pop_receipt=received[0].pop_receipt)
    jobs.delete_message(again)
    jobs.delete_message(received[1])
    gone = refused(jobs.delete_message, received[1])
    jobs.clear_messages()
    return fits(
        peeked=(peeked, texts), count=(count, 3), received=([one.content for one in received], texts),
        counts=([one.dequeue_count for one in received], [1, 1, 1]), hidden=(len(hidden), 0),
        updated=(bool(changed.pop_receipt), True), again=((again.id, again.content, again.dequeue_count),
                                                          (received[0].id, "changed", 2)),
        stale=(stale, (400, "PopReceiptMismatch")), gone=(gone, (404, "MessageNotFound")),
        cleared=(jobs.get_queue_properties().approximate_message_count, 0),
    )


def visibility(cloud):
    jobs = queue(cloud, "visibility")
    jobs.send_message("later", visibility_timeout=2)
    early = list(jobs.receive_messages())
    deadline = time.monotonic() + SECONDS
    found = []
    while not found and time.monotonic() < deadline:
        found = list(jobs.receive_messages(visibility_timeout=1))
        time.sleep(0.1)
    again = []
    while not again and time.monotonic() < deadline:
        again = list(jobs.receive_messages(visibility_timeout=60))
        time.sleep(0.1)
    return fits(
        early=(early, []), first=([(one.content, one.dequeue_count) for one in found], [("later", 1)]),
        second=([(one.content, one.dequeue_count) for one in again], [("later", 2)]),
    )


def sizes(cloud):
    jobs = queue(cloud, "sizes")
    jobs.send_message("x" * 65536)
    return fits(
        large=(len(next(iter(jobs.receive_messages())).content), 65536),
        larger=(refused(jobs.send_message, "x" * 65537), (413, "RequestBodyTooLarge")),
        long=(refused(jobs.send_message, "x", visibility_timeout=604801), (400, "OutOfRangeQueryParameterValue")),
    )


CHECKS = [
    ("a container", a_container), ("a blob", a_blob), ("conditions", conditions), ("absent blobs", absent_blobs),
    ("lists of blobs", lists), ("blocks", blocks), ("a queue", a_queue), ("messages", messages),
    ("visibility", visibility), ("sizes", sizes),
]
