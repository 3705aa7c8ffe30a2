"""Makes a small copy of every PNG picture put into a bucket of Cloud Storage, and tells a topic."""

import json
import os

import functions_framework
from google.cloud import pubsub_v1, storage

import png

store = storage.Client()
publisher = pubsub_v1.PublisherClient()


@functions_framework.cloud_event
def thumbnail(event):
    name = event.data["name"]
    if name.lower().endswith(".png"):
        copy(event.data["bucket"], name)
    else:
        print(f"{name} is not a PNG picture")


def copy(bucket, name):
    picture = store.bucket(bucket).blob(name).download_as_bytes()
    try:
        small = png.thumbnail(picture, int(os.environ["LONGEST_SIDE"]))
    except png.NotSupported as reason:
        # Trying again would not help.
        print(f"{name} is left as it is: {reason}")
        return
    thumbnails = os.environ["THUMBNAILS"]
    store.bucket(thumbnails).blob(name).upload_from_string(small, content_type="image/png")
    message = {"picture": f"{bucket}/{name}", "thumbnail": f"{thumbnails}/{name}", "bytes": len(small)}
    # The answer is awaited: what is still in flight when a function returns may be lost.
    publisher.publish(os.environ["DONE"], json.dumps(message).encode()).result(timeout=30)
    print(f"{name}: {len(picture)} bytes became {len(small)}")
