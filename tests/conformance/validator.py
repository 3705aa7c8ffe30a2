"""Checks requests against the service models that AWS publishes with botocore.

A request is matched to an operation as the service would match it, its parts are laid out as the operation's input,
and the input is held against the model: required and unknown members, lengths and ranges, patterns and enums.
"""

import base64
import binascii
import json
import re
import urllib.parse
from xml.etree import ElementTree

import botocore.loaders

# The models, by the signing name in a request's credential scope.
SERVICES = {
    "apigateway": ["apigateway", "apigatewayv2"],
    "iam": ["iam"],
    "lambda": ["lambda"],
    "logs": ["logs"],
    "s3": ["s3"],
    "scheduler": ["scheduler"],
    "sqs": ["sqs"],
    "sts": ["sts"],
    "tagging": ["resourcegroupstaggingapi"],
}

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")

# Python's `re` has no Unicode classes; these are a little wider.
UNICODE_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s", r"\w-_": r"\w\-_"}

loader = botocore.loaders.Loader()


class Model:
    """One service's operations and shapes."""

    cache = {}

    def __init__(self, name):
        self.name = name
        document = loader.load_service_model(name, "service-2")
        self.shapes = document["shapes"]
        self.operations = document["operations"]
        self.protocol = document["metadata"]["protocol"]
        self.routes = sorted(
            (route for operation in self.operations.values() if (route := Route.of(operation))),
            key=lambda route: route.looseness,
        )

    @classmethod
    def of(cls, name):
        if name not in cls.cache:
            cls.cache[name] = cls(name)
        return cls.cache[name]


class Route:
    """How a REST operation is addressed."""

    def __init__(self, operation):
        path, _, query = operation["http"]["requestUri"].partition("?")
        self.operation = operation
        self.method = operation["http"]["method"]
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        self.labels = re.findall(r"{(\w+)\+?}", path)
        pattern = re.sub(r"{\w+\\\+}", "(.+)", re.sub(r"{\w+}", "([^/]+)", escaped(path)))
        self.pattern = re.compile(pattern.rstrip("/") + "/?")
        # The fewest labels and the most fixed query parameters win, and what is current over what it replaced.
        self.looseness = (len(self.labels), -len(self.query), -len(path), bool(operation.get("deprecated")))

    @classmethod
    def of(cls, operation):
        return cls(operation) if operation["http"].get("requestUri") else None

    def match(self, method, path, query):
        if method != self.method:
            return None
        found = self.pattern.fullmatch(path)
        if not found or any(query.get(key, [None])[0] != value for key, value in self.query.items()):
            return None
        return dict(zip(self.labels, map(urllib.parse.unquote, found.groups())))


def escaped(path):
    return re.sub(r"[.*^$()|\[\]\\+]", lambda found: "\\" + found.group(), path)


def check(request):
    """Returns the operation a recorded request is, as `service.Operation`, and what is wrong with it."""
    headers = {key.lower(): value for key, value in request["headers"]}
    scope = SCOPE.search(headers.get("authorization", ""))
    if not scope:
        return "unsigned", ["the request has no credential scope"]
    models = [Model.of(name) for name in SERVICES.get(scope.group(1), [])]
    if not models:
        return scope.group(1), [f"no model for the service {scope.group(1)}"]
    body = base64.b64decode(request["body"])
    query = urllib.parse.parse_qs(request["query"], keep_blank_values=True)
    for model in models:
        found = laid_out(model, request, headers, query, body)
        if found:
            operation, value, findings = found
            shape = operation.get("input")
            if shape:
                findings += walk(model, shape["shape"], value, "")
            return f"{model.name}.{operation['name']}", findings
    return models[0].name, [f"{request['method']} {request['path']} is no operation"]


def laid_out(model, request, headers, query, body):
    """Returns the operation, its input as the caller would write it, and what could not be placed."""
    if model.protocol == "query":
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        operation = model.operations.get(form.pop("Action", None))
        version = form.pop("Version", None)
        if not operation:
            return None
        findings = [] if version else ["Version: required"]
        value, used = from_form(model, operation.get("input", {}).get("shape"), form, "")
        return operation, value, findings + [f"{key}: unknown" for key in form if key not in used]
    if model.protocol == "json":
        operation = model.operations.get(headers.get("x-amz-target", "").rpartition(".")[2])
        return operation and (operation, json.loads(body or b"{}"), [])
    for route in model.routes:
        labels = route.match(request["method"], request["path"], query)
        if labels is not None:
            return rest(model, route, (labels, headers, query, body))
    return None


def rest(model, route, parts):
    """Lays out the parts of a REST request as the operation's input."""
    labels, headers, query, body = parts
    shape = model.shapes[route.operation["input"]["shape"]] if "input" in route.operation else {}
    value, findings, left = {}, [], {key for key in query if key not in route.query}
    if query.get("x-id") == [route.operation["name"]]:
        left.discard("x-id")  # The SDK for Rust names operations of S3 that share a path; botocore does not.
    in_body = {}
    for name, member in shape.get("members", {}).items():
        location, wire = member.get("location"), member.get("locationName", name)
        if location == "uri":
            value[name] = labels[wire]
        elif location == "querystring" and query_map(model, member):
            value[name] = {key: query[key][0] for key in sorted(left)}
            left = set()
        elif location == "querystring" and wire in query:
            value[name] = typed(model, member["shape"], query[wire])
            left.discard(wire)
        elif location == "header" and wire.lower() in headers:
            value[name] = typed(model, member["shape"], [headers[wire.lower()]])
        elif location is None:
            in_body[wire] = name
    # AWS's own clients name the operation beside what the model has.
    findings += [f"{key}: unknown query parameter" for key in sorted(left - {"x-id"})]
    if shape.get("payload"):
        member = model.shapes[shape["members"][shape["payload"]]["shape"]]
        if member["type"] == "blob":
            return route.operation, value, findings
        if model.protocol == "rest-xml":
            if body:
                value[shape["payload"]] = from_xml(model, shape["members"][shape["payload"]]["shape"], body)
            return route.operation, value, findings
        value[shape["payload"]] = json.loads(body) if body else {}
        return route.operation, value, findings
    if body and model.protocol == "rest-json":
        sent = json.loads(body)
        if not isinstance(sent, dict):
            return route.operation, value, findings + ["the body is no object"]
        # Unknown members stay under their wire name, where the walk finds them.
        value.update({in_body.get(key, f"body.{key}"): item for key, item in sent.items()})
    return route.operation, value, findings


def query_map(model, member):
    return model.shapes[member["shape"]]["type"] == "map"


def typed(model, name, texts):
    """Returns the value that the text of a header or query parameter stands for."""
    shape = model.shapes[name]
    if shape["type"] == "list":
        return [typed(model, shape["member"]["shape"], [text]) for text in texts]
    (text, *_rest) = texts
    if shape["type"] in ("integer", "long") and re.fullmatch(r"-?\d+", text):
        return int(text)
    if shape["type"] == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def from_form(model, name, form, prefix):
    """Reads a value in the query protocol, and which parameters it took."""
    if name is None:
        return {}, set()
    shape = model.shapes[name]
    if shape["type"] == "structure":
        value, used = {}, set()
        for member, reference in shape.get("members", {}).items():
            key = prefix + reference.get("locationName", member)
            if any(given == key or given.startswith(key + ".") for given in form):
                value[member], taken = from_form(model, reference["shape"], form, key + ".")
                used |= taken
        return value, used
    if shape["type"] == "list":
        wire = "" if shape.get("flattened") else shape["member"].get("locationName", "member") + "."
        value, used, index = [], set(), 1
        while any(re.match(re.escape(f"{prefix}{wire}{index}") + r"(\.|$)", given) for given in form):
            item, taken = from_form(model, shape["member"]["shape"], form, f"{prefix}{wire}{index}.")
            value.append(item)
            used |= taken
            index += 1
        # An empty list is sent as its bare name.
        return value, used | ({prefix[:-1]} & set(form))
    key = prefix[:-1]
    return typed(model, name, [form[key]]) if key in form else None, {key}


def from_xml(model, name, body):
    """Reads an XML document as a value of a shape. What the shape does not have stays, where the walk finds it."""
    return from_element(model, name, ElementTree.fromstring(body))


def from_element(model, name, element):
    shape = model.shapes[name]
    if shape["type"] == "list":
        return [from_element(model, shape["member"]["shape"], child) for child in element]
    if shape["type"] != "structure":
        # S3 answers `Prefix` where `prefix` was written, and takes its own answers back.
        text = (element.text or "").lower() if name == "FilterRuleName" else element.text or ""
        return typed(model, name, [text])
    value = {}
    members = {member.get("locationName", key): (key, member) for key, member in shape.get("members", {}).items()}
    for child in element:
        wire = child.tag.rpartition("}")[2]
        key, member = members.get(wire, (f"body.{wire}", None))
        if member is None:
            value[key] = child.text
        elif model.shapes[member["shape"]].get("flattened") or member.get("flattened"):
            of = model.shapes[member["shape"]]["member"]["shape"]
            value.setdefault(key, []).append(from_element(model, of, child))
        else:
            value[key] = from_element(model, member["shape"], child)
    return value


def walk(model, name, value, path):
    """Returns what a value breaks of its shape."""
    shape = model.shapes[name]
    at = path or "input"
    kinds = {"structure": structure, "list": items, "map": entries}
    if shape["type"] in kinds:
        expected = list if shape["type"] == "list" else dict
        if not isinstance(value, expected):
            return [f"{at}: {type(value).__name__} where a {shape['type']} belongs"]
        return bounds(shape, len(value), at) + kinds[shape["type"]](model, shape, value, path)
    return scalar(shape, value, at)


def structure(model, shape, value, path):
    members = shape.get("members", {})
    dot = path + "." if path else ""
    findings = [f"{dot}{name}: required" for name in shape.get("required", []) if value.get(name) is None]
    # A nested member may go by another name on the wire.
    wire = {} if not path else {it.get("locationName", name): name for name, it in members.items()}
    for key, item in value.items():
        name = wire.get(key, key)
        if name not in members:
            findings.append(f"{dot}{key}: unknown")
        elif item is not None:
            findings += walk(model, members[name]["shape"], item, dot + name)
    if path and wire:
        findings = [it for it in findings if not renamed(it, shape, value, dot)]
    return findings


def renamed(finding, shape, value, dot):
    """Whether a member is reported as missing that is there under its wire name."""
    for name, member in shape.get("members", {}).items():
        if finding == f"{dot}{name}: required":
            return value.get(member.get("locationName", name)) is not None
    return False


def items(model, shape, value, path):
    found = [walk(model, shape["member"]["shape"], item, f"{path}[{i}]") for i, item in enumerate(value)]
    return sum(found, [])


def entries(model, shape, value, path):
    findings = []
    for key, item in value.items():
        findings += walk(model, shape["key"]["shape"], key, f"{path} key {key!r}")
        findings += walk(model, shape["value"]["shape"], item, f"{path}[{key!r}]")
    return findings


def scalar(shape, value, at):
    kind = shape["type"]
    if kind == "string":
        return text(shape, value, at)
    if kind in ("integer", "long", "float", "double"):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return [f"{at}: {value!r} is no number"]
        return bounds(shape, value, at)
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{at}: {value!r} is no boolean"]
    if kind == "blob":
        try:
            return bounds(shape, len(base64.b64decode(value, validate=True)), at)
        except (binascii.Error, TypeError):
            return [f"{at}: not base64"]
    return []


def text(shape, value, at):
    if not isinstance(value, str):
        return [f"{at}: {value!r} is no string"]
    if "enum" in shape and value not in shape["enum"]:
        return [f"{at}: {value!r} is none of the {len(shape['enum'])} allowed values"]
    findings = bounds(shape, len(value), at)
    pattern = shape.get("pattern")
    if pattern:
        for ours, theirs in UNICODE_CLASSES.items():
            pattern = pattern.replace(ours, theirs)
        if not re.fullmatch(pattern, value, re.DOTALL):
            findings.append(f"{at}: {value!r} does not match {shape['pattern']}")
    return findings


def bounds(shape, size, at):
    low, high = shape.get("min"), shape.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        return [f"{at}: {size} is outside {low}..{high}"]
    return []
