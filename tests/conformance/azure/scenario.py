"""The project that is deployed, with every trigger and feature there is on Azure, and what is changed in it."""

APPLICATION = "22222222-2222-2222-2222-222222222222"
CALLER = "33333333-3333-3333-3333-333333333333"
CLIENT = "44444444-4444-4444-4444-444444444444"
GROUP = "shop-dev"
VAULT_GROUP, VAULT, SECRET = "company", "company-vault", "api-key"

CODE = """\
def handler(event, context):
    return "fine"
"""

MANIFEST = f"""\
[project]
name = "shop"

[provider.azure]
region = "westeurope"
application = "{APPLICATION}"
key_vault = "{VAULT}"

[defaults]
runtime = "python3.12"
source = "code"
handler = "main.handler"
memory = "2GiB"
timeout = "30s"

[function.open]
memory = "512MiB"
instance_concurrency = 40
max_instances = 50
environment = {{ LEVEL = "info" }}
tags = {{ team = "web" }}

[[function.open.trigger]]
http = {{ method = "GET", path = "/", auth = "none" }}

[[function.open.trigger]]
http = {{ method = "POST", path = "/items/{{id}}", auth = "none" }}

[function.keyed]

[[function.keyed.trigger]]
http = {{ kind = "url", auth = "key" }}

[[function.keyed.trigger]]
schedule = {{ rate = "5m" }}

[function.inner]
secrets = {{ API_KEY = "{SECRET}" }}

[[function.inner.trigger]]
http = {{ method = "ANY", path = "/", auth = "iam", callers = ["object:{CALLER}", "application:{CLIENT}"] }}

[[function.inner.trigger]]
schedule = {{ cron = "0 7 * * 1-5" }}

[function.work]

[[function.work.trigger]]
queue = {{ queue = "queue.jobs", backoff = {{ min = "10s", max = "10s" }} }}

[[function.work.access]]
to = "bucket.photos"
verbs = ["read"]

[[function.work.access]]
to = "queue.done"
verbs = ["send"]

[function.orders]

[[function.orders.trigger]]
queue = {{ queue = "queue.orders", batch_size = 20 }}

[[function.orders.access]]
to = "bucket.photos"
verbs = ["write", "delete"]

[function.watch]
retry = {{ attempts = 5, max_age = "2h" }}

[[function.watch.trigger]]
storage = {{ bucket = "bucket.photos", events = ["created"], prefix = "in/", suffix = ".jpg" }}

[queue.jobs]
dead_letter = {{ queue = "queue.failed", attempts = 7 }}

[queue.failed]

[queue.done]

[queue.orders]
kind = "service-bus"
visibility_timeout = "2m"
retention = "2d"
dead_letter = {{ queue = "queue.lost", attempts = 4 }}

[queue.lost]
kind = "service-bus"

[bucket.photos]
"""

FILES = {"updraft.toml": MANIFEST, "code/main.py": CODE}

# One edit each: what it is called, the old text and the new, and the addresses whose action is told.
CHANGES = [
    ("a setting", 'LEVEL = "info"', 'LEVEL = "debug"', {"azure.function/open": ["update"]}),
    ("who may call", CLIENT, "55555555-5555-5555-5555-555555555555", {"azure.function/inner": ["update"]}),
    ("when it runs", "0 7 * * 1-5", "30 6 * * *", {"azure.function/inner": ["update"]}),
    ("which objects", 'prefix = "in/"', 'prefix = "new/"', {"azure.event-subscription/watch.storage": ["update"]}),
    ("how often", "attempts = 4", "attempts = 9", {"azure.service-bus-queue/orders": ["update"]}),
]
