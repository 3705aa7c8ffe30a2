"""The scenarios: manifests with function code, what is changed in them, and what the plan of each change must be.

A line of a manifest that ends in `#: feature` is left out on a target that is declared to lack the feature, and one
that ends in `#: no feature` on every other. Examples carry no such marks; theirs stand in `marks`.
"""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

PYTHON = """\
import json


def handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"from": context.function_name})}
"""


@dataclass
class Change:
    """One edit of a manifest, and the plan it must lead to."""

    name: str
    old: str
    new: str
    # What happens to which address: {"aws.function/x": (["update"], {"timeout"})}; fields only for updates.
    plan: dict
    # Further addresses the plan may touch, which depend on the design and not on the scenario.
    also: str = ""
    # The feature it needs of a target.
    needs: str = ""


@dataclass
class Scenario:
    """One project."""

    name: str
    project: str
    manifest: str
    files: dict = field(default_factory=dict)
    changes: list = field(default_factory=list)
    # Whether a foreign function has the name of one of its own, so that nothing may be done.
    blocked: bool = False
    # An example folder that is copied.
    example: str = ""
    # The features that lines of the example need, by how they start.
    marks: dict = field(default_factory=dict)

    def write(self, folder, lacks):
        """Writes the project into an empty folder, without what the target lacks."""
        if self.example:
            shutil.copytree(EXAMPLES / self.example, folder)
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in self.files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            place.chmod(0o755 if text.startswith("#!") else 0o644)
        source = on_aws((folder / "updraft.toml").read_text(encoding="utf-8")) if self.example else self.manifest
        for start, feature in self.marks.items():
            source = re.sub(f"(?m)^({re.escape(start)}.*)$", rf"\1  #: {feature}", source)
        self.save(folder, without(source, lacks))

    def change(self, folder, change):
        text = (folder / "updraft.toml").read_text(encoding="utf-8")
        if text.count(change.old) != 1:
            raise RuntimeError(f"{self.name}: {change.old!r} stands {text.count(change.old)} times in the manifest")
        self.save(folder, text.replace(change.old, change.new))

    def save(self, folder, text):
        (folder / "updraft.toml").write_text(text, encoding="utf-8")


def on_aws(manifest):
    """Drops what an example says of other clouds: the targets here are AWS's."""
    tables = re.split(r"(?m)^(?=\[)", manifest)
    kept = "".join(table for table in tables if not re.match(r"\[+[\w.-]*\.(azure|gcp)\b", table))
    return re.sub(r'(?m)^provider = \["aws".*\]\n', "", kept)


def without(manifest, lacks):
    """Drops the lines that a target which lacks these features cannot take."""
    kept = []
    for line in manifest.splitlines():
        marked = re.search(r" *#: (no )?([\w-]+)$", line)
        if not marked or (marked.group(2) in lacks) == bool(marked.group(1)):
            kept.append(line[: marked.start()] if marked else line)
    return "\n".join(kept) + "\n"


REST = Scenario(
    name="rest-api",
    project="rest-api",
    example="rest-api",
    manifest="",
    changes=[
        Change(
            "one timeout",
            "environment = { MAX_NOTES",
            'timeout = "12s"\nenvironment = { MAX_NOTES',
            {"aws.function/notes": (["update"], {"timeout"})},
        ),
        Change(
            "one route less",
            '[[function.notes.trigger]]\nhttp = { method = "DELETE", path = "/notes/{id}", auth = "none" }\n',
            "",
            {"aws.rest-route/DELETE /notes/{id}": (["delete"], None), "aws.rest-stage/main": (["update"], None)},
            also=r"aws\.permission/notes\..*",
        ),
        Change(
            "one function less",
            '[function.about]\nprovider = "aws"\nsource = "functions/about"\n\n[[function.about.trigger]]\n'
            'http = { method = "GET", path = "/", auth = "none" }\n',
            "",
            {
                "aws.function/about": (["delete"], None),
                "aws.role/about": (["delete"], None),
                "aws.log-group/about": (["delete"], None),
                "aws.rest-route/GET /": (["delete"], None),
                "aws.rest-stage/main": (["update"], None),
            },
            also=r"aws\.permission/about\..*",
        ),
    ],
)

HTTP = Scenario(
    name="http-api",
    project="hello-http",
    example="hello-http",
    manifest="",
    changes=[
        Change(
            "environment",
            'GREETING = "Hello"',
            'GREETING = "Welcome"',
            {"aws.function/hello": (["update"], {"environment"})},
        ),
        Change(
            "one route more",
            'path = "/", auth = "none" }\n',
            'path = "/", auth = "none" }\n\n[[function.hello.trigger]]\n'
            'http = { kind = "http-api", method = "POST", path = "/hello", auth = "iam" }\n',
            {"aws.http-route/POST /hello": (["create"], None)},
            also=r"aws\.permission/hello\..*",
        ),
    ],
)

URL = Scenario(
    name="function-url",
    project="doorbell",
    manifest="""\
[project]
name = "doorbell"

[provider.aws]
region = "eu-west-1"

[function.ring]
source = "ring"
runtime = "python3.13"
handler = "app.handler"
memory = "128MiB"
timeout = "5s"
log_retention = "7d"

[[function.ring.trigger]]
http = { kind = "url", auth = "none" }  #: public-url
http = { kind = "url", auth = "iam" }   #: no public-url
""",
    files={"ring/app.py": PYTHON, "ring/run.sh": "#!/bin/sh\nexit 0\n"},
    changes=[
        Change(
            "signed requests only",
            'auth = "none"',
            'auth = "iam"',
            {"aws.function-url/ring": (["update"], None)},
            also=r"aws\.permission/ring\..*",
            needs="public-url",
        ),
        Change(
            "log retention",
            'log_retention = "7d"',
            'log_retention = "14d"',
            {"aws.log-group/ring": (["update"], None)},
        ),
    ],
)

TAKEN = Scenario(
    name="a name that is taken",
    project="squatter",
    manifest=URL.manifest.replace("doorbell", "squatter"),
    files=URL.files,
    blocked=True,
)

SCHEDULE = Scenario(
    name="schedule",
    project="nightly-report",
    example="nightly-report",
    manifest="",
    marks={"log_format": "log-format"},
    changes=[
        Change(
            "another hour",
            'cron = "30 2 * * *"',
            'cron = "45 3 * * *"',
            {"aws.schedule/report.0": (["update"], None)},
        ),
    ],
)

EVERYTHING = Scenario(
    name="everything",
    project="everything",
    manifest="""\
[project]
name = "everything"

[provider.aws]
region = "eu-west-1"

[defaults]
runtime = "python3.13"
handler = "app.handler"
memory = "256MiB"
timeout = "10s"
log_retention = "30d"

[function.shop]
source = "shop"
description = "Sells everything"
memory = "512MiB"
architecture = "arm64"
ephemeral_storage = "1GiB"  #: ephemeral-storage
tracing = true              #: tracing
log_format = "json"         #: log-format
concurrency = 5
environment = { STAGE = "${stage}", PROJECT = "${project}" }
tags = { team = "shop", "cost-centre" = "4711" }

[[function.shop.trigger]]
http = { method = "ANY", path = "/", auth = "none" }

[[function.shop.trigger]]
http = { method = "GET", path = "/items/{id}/photos", auth = "iam" }

[[function.shop.trigger]]
http = { kind = "http-api", method = "GET", path = "/items/{id}", auth = "none" }

[[function.shop.trigger]]
http = { kind = "url", auth = "iam" }

[function.tidy]
source = "tidy.py"
handler = "tidy.handler"

[[function.tidy.trigger]]
schedule = { rate = "5m" }

[[function.tidy.trigger]]
schedule = { cron = "0 7 * * MON-FRI", timezone = "Europe/Paris" }

[function.plain]
source = "plain"
runtime = "nodejs24.x"
handler = "index.handler"
""",
    files={
        "shop/app.py": PYTHON,
        "shop/data/items.json": '["a", "b"]\n',
        "shop/.env": "SECRET=never-packaged\n",
        "tidy.py": "def handler(event, context):\n    print('tidy')\n",
        "plain/index.mjs": "export const handler = async (event) => ({ got: event });\n",
    },
    changes=[
        Change(
            "memory and timeout",
            'memory = "512MiB"\n',
            'memory = "1GiB"\ntimeout = "20s"\n',
            {"aws.function/shop": (["update"], {"memory", "timeout"})},
        ),
        Change(
            "tags",
            'tags = { team = "shop", "cost-centre" = "4711" }',
            'tags = { team = "market" }',
            {
                "aws.function/shop": (["update"], {"tags"}),
                "aws.log-group/shop": (["update"], {"tags"}),
                "aws.role/shop": (["update"], {"tags"}),
            },
        ),
        Change(
            "no schedules",
            '[[function.tidy.trigger]]\nschedule = { rate = "5m" }\n\n[[function.tidy.trigger]]\n'
            'schedule = { cron = "0 7 * * MON-FRI", timezone = "Europe/Paris" }\n',
            "",
            {
                "aws.schedule/tidy.0": (["delete"], None),
                "aws.schedule/tidy.1": (["delete"], None),
                "aws.role/tidy.schedule": (["delete"], None),
            },
            also=r"aws\.(schedule-group/main|permission/tidy\..*)",
        ),
    ],
)

QUEUE = Scenario(
    name="queue",
    project="worker",
    example="worker",
    manifest="",
    marks={"[[function.orders.trigger]]": "mappings-by-name", "queue = {": "mappings-by-name"},
    changes=[
        Change(
            "batches",
            "batch_size = 10, max_concurrency = 5",
            'batch_size = 20, batch_window = "1s", max_concurrency = 7',
            {"aws.queue-mapping/orders.orders": (["update"], {"batch-size", "batch-window", "max-concurrency"})},
            needs="mappings-by-name",
        ),
        Change(
            "attempts and visibility",
            'attempts = 3 }\n\n[queue.orders.on.aws]\nvisibility_timeout = "1m"',
            'attempts = 4 }\n\n[queue.orders.on.aws]\nvisibility_timeout = "2m"',
            {"aws.queue/orders": (["update"], {"dead-letter", "visibility-timeout"})},
        ),
    ],
)

# More functions than are read one by one, and than one page of functions holds.
MANY = Scenario(
    name="many-functions",
    project="crowd",
    manifest="""\
[project]
name = "crowd"

[provider.aws]
region = "eu-west-1"

[defaults]
source = "code"
runtime = "python3.13"
handler = "app.handler"
log_retention = "7d"

""" + "".join(f"[function.f{number}]\nmemory = \"{128 + number}MiB\"\n\n" for number in range(55)),
    files={"code/app.py": PYTHON},
    changes=[
        Change(
            "one memory",
            'memory = "170MiB"',
            'memory = "512MiB"',
            {"aws.function/f42": (["update"], {"memory"})},
        ),
        Change(
            "one function less",
            '[function.f54]\nmemory = "182MiB"\n',
            "",
            {
                "aws.function/f54": (["delete"], None),
                "aws.role/f54": (["delete"], None),
                "aws.log-group/f54": (["delete"], None),
            },
        ),
    ],
)

ALL = [REST, HTTP, URL, TAKEN, SCHEDULE, QUEUE, EVERYTHING, MANY]
