"""Checks requests against the discovery documents that ship in Google's API client for Python.

A request is matched to a method by its verb and path, as Google's front end would; its query parameters and its body
are then held against the document: unknown names, types, enums, formats and what only the server may set.
"""

import json
import re
import urllib.parse
from pathlib import Path

import googleapiclient.discovery_cache.documents as documents

# The documents of the services that are called.
DOCUMENTS = [
    "cloudfunctions.v2", "run.v2", "iam.v1", "iamcredentials.v1", "cloudresourcemanager.v3", "cloudscheduler.v1",
    "pubsub.v1", "storage.v1", "serviceusage.v1", "serviceusage.v1beta1", "logging.v2", "secretmanager.v1",
]

# Google's front end takes these beside what the documents list: https://cloud.google.com/apis/docs/system-parameters
SYSTEM = {"$alt": r"json(;enum-encoding=int)?"}

WHOLE = re.compile(r"-?\d+")


class Document:
    """One service's methods and schemas."""

    cache = []

    def __init__(self, name):
        self.name = name
        folder = Path(documents.__file__).parent if documents.__file__ else Path(next(iter(documents.__path__)))
        content = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        self.schemas = content["schemas"]
        self.parameters = content.get("parameters", {})
        self.routes = []
        self.collect(content, "/" + content["servicePath"])

    @classmethod
    def all(cls):
        if not cls.cache:
            cls.cache = [cls(name) for name in DOCUMENTS]
        return cls.cache

    def collect(self, node, base):
        """Adds the methods of a resource and of those below it."""
        for method in node.get("methods", {}).values():
            self.routes.append((method, pattern(base + method["path"], method)))
            for way in method.get("mediaUpload", {}).get("protocols", {}).values():
                self.routes.append(({**method, "upload": True}, pattern(way["path"], method)))
        for below in node.get("resources", {}).values():
            self.collect(below, base)


def pattern(path, method):
    """Returns what matches a method's path; labels match what their parameter's pattern says."""
    def label(found):
        wanted = method.get("parameters", {}).get(found.group(2), {}).get("pattern")
        if wanted:
            return "(?:" + wanted.strip("^$") + ")"
        return ".+" if found.group(1) else "[^/:]+"

    parts = re.split(r"(\{\+?\w+\})", path)
    return re.compile("".join(
        re.sub(r"\{(\+?)(\w+)\}", label, part) if part.startswith("{") else re.escape(part) for part in parts
    ))


def check(request):
    """Returns the method that a recorded request is, such as `run.projects.locations.services.get`, and what is wrong."""
    path = urllib.parse.unquote(request["path"])
    candidates = [
        examined(document, method, request)
        for document in Document.all()
        for method, route in document.routes
        if method["httpMethod"] == request["method"] and route.fullmatch(path)
    ]
    if not candidates:
        return "none", [f"{request['method']} {path} is no method"]
    # Hosts tell services apart that share a path; here the one that fits best is meant.
    return min(candidates, key=lambda candidate: len(candidate[1]))


def examined(document, method, request):
    findings = unfit_query(document, method, request["query"]) + unfit_headers(request)
    body, schema = request["body"], method.get("request", {}).get("$ref")
    if method.get("upload"):
        return method["id"], findings
    if body and not schema:
        findings.append("body: none is taken")
    elif body:
        try:
            findings += walk(document, {"$ref": schema}, json.loads(body), method, "")
        except ValueError as error:
            findings.append(f"body: not JSON: {error}")
    return method["id"], findings


def unfit_headers(request):
    """Returns what is wrong with the headers: Google's front end answers 411 where no length is told."""
    told = {"content-length", "transfer-encoding"} & request.get("headers", {"content-length": "0"}).keys()
    return [] if told or request["method"] not in ("POST", "PUT", "PATCH") else ["headers: no length is told"]


def unfit_query(document, method, query):
    findings = []
    known = {**document.parameters, **method.get("parameters", {})}
    if method.get("upload"):
        known["uploadType"] = {"type": "string"}
    for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
        if name in SYSTEM:
            if not re.fullmatch(SYSTEM[name], value):
                findings.append(f"{name}: {value}")
        elif name not in known:
            findings.append(f"{name}: unknown parameter")
        elif value:
            findings += unfit_text(known[name], value, name)
    return findings


def unfit_text(schema, text, path):
    """Returns what is wrong with a parameter's text."""
    kind = schema.get("type")
    if kind == "integer" and not WHOLE.fullmatch(text):
        return [f"{path}: {text} is not a number"]
    if kind == "boolean" and text not in ("true", "false"):
        return [f"{path}: {text} is not true or false"]
    if "enum" in schema and text not in schema["enum"]:
        return [f"{path}: {text} is not one of its words"]
    return []


def walk(document, schema, value, method, path):
    """Returns what is wrong with a part of a body."""
    if "$ref" in schema:
        schema = {**document.schemas[schema["$ref"]], **{k: v for k, v in schema.items() if k != "$ref"}}
    if schema.get("readOnly") and not path.endswith("name"):
        return [f"{path}: only the server sets it"]
    kind = schema.get("type", "any")
    if kind == "object":
        return unfit_object(document, schema, value, method, path)
    if kind == "array":
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        return [wrong for at, item in enumerate(value)
                for wrong in walk(document, schema["items"], item, method, f"{path}[{at}]")]
    return unfit_scalar(schema, kind, value, path)


def unfit_object(document, schema, value, method, path):
    if not isinstance(value, dict):
        return [f"{path}: not an object"]
    properties, rest, findings = schema.get("properties", {}), schema.get("additionalProperties"), []
    for name, item in value.items():
        below = f"{path}.{name}" if path else name
        if name in properties:
            findings += walk(document, properties[name], item, method, below)
        elif rest is not None:
            findings += walk(document, rest, item, method, below)
        else:
            findings.append(f"{below}: unknown field")
    for name, property in properties.items():
        if method["id"] in property.get("annotations", {}).get("required", []) and name not in value:
            findings.append(f"{path}.{name}: required")
    return findings


def unfit_scalar(schema, kind, value, path):
    words = schema.get("enum")
    if words is not None:
        # A number stands for a word in the order in which the protocol buffer lists them.
        fits = value in words if isinstance(value, str) else value in range(len(words))
        return [] if fits else [f"{path}: {value} is not one of its words"]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    text = isinstance(value, str)
    fits = {
        "any": True,
        "boolean": isinstance(value, bool),
        "integer": number and int(value) == value,
        "number": number,
        "string": text,
    }[kind]
    if fits and text and schema.get("format") in ("int64", "uint64"):
        fits = WHOLE.fullmatch(value)
    if fits and text and schema.get("format") == "google-duration":
        fits = re.fullmatch(r"-?\d+(\.\d+)?s", value)
    if fits and text and schema.get("format") == "byte":
        fits = re.fullmatch(r"[A-Za-z0-9+/_-]*={0,2}", value)
    return [] if fits else [f"{path}: {value!r} is no {schema.get('format', kind)}"]
