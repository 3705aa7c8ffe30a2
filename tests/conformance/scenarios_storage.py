"""The scenario of buckets: managed ones, one of somebody else, and the functions they call."""

import foreign
from scenarios import PYTHON, Change, Scenario

STORAGE = Scenario(
    name="storage",
    project="gallery",
    manifest=f"""\
[project]
name = "gallery"

[provider.aws]
region = "eu-west-1"

[defaults]
source = "code"
runtime = "python3.13"
handler = "app.handler"
log_retention = "7d"

[function.thumb]
timeout = "10s"

[[function.thumb.trigger]]  #: bucket-tags
storage = {{ bucket = "bucket.pictures", events = ["created"], prefix = "in/", suffix = ".png" }}  #: bucket-tags

[[function.thumb.access]]  #: bucket-tags
to = "bucket.pictures"  #: bucket-tags
verbs = ["read"]  #: bucket-tags
prefix = "in/"  #: bucket-tags

[[function.thumb.access]]  #: bucket-tags
to = "bucket.thumbnails"  #: bucket-tags
verbs = ["write"]  #: bucket-tags
env = "THUMBNAILS"  #: bucket-tags

[function.sweep]

[[function.sweep.trigger]]
storage = {{ bucket = "bucket.archive", events = ["removed"], suffix = ".png" }}

[bucket.pictures]  #: bucket-tags

[bucket.thumbnails]  #: bucket-tags
tags = {{ team = "gallery" }}  #: bucket-tags

[bucket.archive]
existing = true
name = "{foreign.NAMES['bucket']}"
""",
    files={"code/app.py": PYTHON},
    changes=[
        Change(
            "another prefix",
            'events = ["created"], prefix = "in/"',
            'events = ["created"], prefix = "incoming/"',
            {"aws.bucket-notification/pictures": (["update"], {"entries"})},
            needs="bucket-tags",
        ),
        Change(
            "tags",
            'tags = { team = "gallery" }',
            'tags = { team = "museum", floor = "2" }',
            {"aws.bucket/thumbnails": (["update"], {"tags"})},
            needs="bucket-tags",
        ),
        Change(
            "no trigger on somebody else's bucket",
            '[[function.sweep.trigger]]\nstorage = { bucket = "bucket.archive", events = ["removed"], suffix = ".png" }\n',
            "",
            {f"aws.bucket-notification/s3:{foreign.NAMES['bucket']}": (["delete"], None)},
            also=r"aws\.permission/sweep\..*",
        ),
    ],
)

ALL = [STORAGE]
