"""The project that is deployed, with every trigger and feature there is on Google Cloud, and what is changed in it."""

PROJECT = "conformance-project"
REGION = "europe-west1"

CODE = """\
def answer(request):
    return {"method": request.method}
"""

EVENTS = """\
def seen(event):
    print(event["type"], event.data["name"])
"""

MANIFEST = """\
[project]
name = "shop"

[provider.gcp]
project = "conformance-project"
region = "europe-west1"

[defaults]
runtime = "python3.13"
source = "code"
handler = "main.answer"
memory = "512MiB"
timeout = "30s"

[function.open]
description = "Answers everyone"
cpu = 1
instance_concurrency = 40
min_instances = 0
max_instances = 5
environment = { LEVEL = "info" }
tags = { team = "web" }

[[function.open.trigger]]
http = { method = "GET", path = "/", auth = "none" }

[function.inner]
ingress = "internal"
secrets = { API_KEY = "api-key" }

[[function.inner.trigger]]
http = { method = "ANY", path = "/", auth = "iam", callers = ["group:ops@example.com"] }

[[function.inner.trigger]]
schedule = { cron = "0 7 * * 1-5", timezone = "Europe/Paris", input = { full = true } }

[function.work]

[[function.work.trigger]]
queue = { queue = "queue.jobs", filter = 'attributes.kind = "order"', backoff = { min = "10s", max = "5m" } }

[[function.work.access]]
to = "bucket.photos"
verbs = ["read"]

[[function.work.access]]
to = "queue.done"
verbs = ["send"]

[function.watch]
source = "events"
handler = "main.seen"

[[function.watch.trigger]]
storage = { bucket = "bucket.photos", events = ["created"] }

[queue.jobs]
dead_letter = { queue = "queue.failed", attempts = 7 }
retention = "2d"

[queue.failed]

[queue.done]

[bucket.photos]
"""

FILES = {"updraft.toml": MANIFEST, "code/main.py": CODE, "events/main.py": EVENTS}

# One edit each: what it is called, the old text and the new, and the addresses whose action is told.
CHANGES = [
    ("a setting", 'LEVEL = "info"', 'LEVEL = "debug"', {"gcp.function/open": ["update"]}),
    ("who may call", '"group:ops@example.com"', '"group:web@example.com"', {"gcp.callers/inner": ["update"]}),
    ("when it runs", "0 7 * * 1-5", "30 6 * * *", {"gcp.schedule/inner.schedule[0]": ["update"]}),
    ("what comes back when", 'max = "5m"', 'max = "9m"', {"gcp.subscription/work.jobs": ["update"]}),
]
