"""Makes a small copy of every PNG picture put into a container of Azure, and tells a storage queue.

It needs no package: the platform gives out tokens for the function's identity, and storage is spoken to over HTTP.
"""

import json
import logging
import os
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen
from xml.sax.saxutils import escape

import png

# https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services
VERSION = "2021-12-02"
BLOBS = "/blobServices/default/containers/"


def handler(event, context):
    # The subject is /blobServices/default/containers/CONTAINER/blobs/NAME, and the URL is where the picture is.
    container, _, name = event.subject.removeprefix(BLOBS).partition("/blobs/")
    if name.lower().endswith(".png"):
        copy(container, name, event.get_json()["url"])
    else:
        logging.info("%s is not a PNG picture", name)


def copy(container, name, url):
    picture = storage("GET", url)
    try:
        small = png.thumbnail(picture, int(os.environ["LONGEST_SIDE"]))
    except png.NotSupported as reason:
        # Trying again would not help.
        logging.info("%s is left as it is: %s", name, reason)
        return
    thumbnails = os.environ["THUMBNAILS"]
    headers = {"x-ms-blob-type": "BlockBlob", "content-type": "image/png"}
    storage("PUT", f"{thumbnails}/{quote(name)}", small, headers)
    bucket = thumbnails.rpartition("/")[2]
    message = {"picture": f"{container}/{name}", "thumbnail": f"{bucket}/{name}", "bytes": len(small)}
    text = f"<QueueMessage><MessageText>{escape(json.dumps(message))}</MessageText></QueueMessage>"
    storage("POST", f"{os.environ['DONE']}/messages", text.encode(), {"content-type": "application/xml"})
    logging.info("%s: %d bytes became %d", name, len(picture), len(small))


def storage(method, url, body=None, headers=None):
    """Sends a request to blobs or queues as the function's own identity."""
    headers = {"authorization": f"Bearer {token()}", "x-ms-version": VERSION, **(headers or {})}
    with urlopen(Request(url, body, headers, method=method), timeout=30) as answer:
        return answer.read()


def token():
    """Asks the platform for a token of the identity that the app setting names."""
    asked = {
        "resource": "https://storage.azure.com/",
        "api-version": "2019-08-01",
        "client_id": os.environ["AZURE_CLIENT_ID"],
    }
    request = Request(f"{os.environ['IDENTITY_ENDPOINT']}?{urlencode(asked)}")
    request.add_header("x-identity-header", os.environ["IDENTITY_HEADER"])
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)["access_token"]
