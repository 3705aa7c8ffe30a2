"""Checks requests against Microsoft's generated clients: method, path, version, query, and the body's model.

Where an embedded cloud serves hosts other than Azure Resource Manager's below a path of its own, the requests below it
are held against the client of that host: `/_blob/<account>/…` against the one of blobs, and so on.
"""

import datetime
import enum
import json
import re
import typing
import urllib.parse

import sdk

# Versions that a request may have beside the one its client sends. Each has served what is asked of it for years:
# https://learn.microsoft.com/azure/templates/
OTHER_VERSIONS = {
    "resources": {"2021-04-01"}, "subscriptions": {"2022-12-01", "2021-04-01"},
    "microsoft.storage": {"2025-01-01"}, "microsoft.servicebus": {"2024-01-01"},
    "microsoft.keyvault": {"2023-07-01"}, "microsoft.resourcegraph": {"2022-10-01", "2021-03-01"},
    "microsoft.web/functionappstacks": {"2020-10-01"},
}

# Parameters that the services take and the clients do not send: the stacks that can run on a plan, and the page that a
# list goes on with, https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/azure/cli/command_modules/appservice/
OTHER_QUERIES = {"web.provider_get_function_app_stacks_for_location": {
    "sku", "stack", "removeHiddenStacks", "removeDeprecatedStacks"}}
PAGES = {"$skiptoken", "$skipToken", "skipToken"}

# What the clients ask of resource groups only, and the service answers for subscriptions too:
# https://learn.microsoft.com/rest/api/authorization/permissions
WIDER = {"/providers/Microsoft.Authorization/permissions": "authorization.permissions_list_for_subscription"}

# The deployment host has no client; these are its requests: method, path, parameters.
# https://github.com/projectkudu/kudu/wiki/REST-API
DEPLOYMENT = [
    ("scm.publish", "POST", r"/api/publish", {"RemoteBuild": "true|false", "Deployer": ".+"}),
    ("scm.deployment", "GET", r"/api/deployments/[\w-]+", {}),
    ("scm.log", "GET", r"/api/deployments/[\w-]+/log", {}),
]

WHOLE = re.compile(r"-?\d+")
# What ARM itself takes of any header is not looked at; what storage knows is.
STORAGE_HEADERS = {"x-ms-date", "x-ms-client-request-id", "x-ms-version", "x-ms-return-client-request-id"}


class Known:
    """The operations, read once."""

    operations = []
    blobs = []
    queues = []
    shapes = sdk.Shapes()

    @classmethod
    def all(cls):
        if not cls.operations:
            cls.operations = sdk.management()
            cls.blobs, cls.queues = sdk.of_package(sdk.BLOBS), sdk.of_package(sdk.QUEUES)
        return cls


def check(request, told=frozenset()):
    """Returns the operation that a recorded request is, and what is wrong with it.

    `told` are the addresses that the cloud told to ask again at: what is read there is Azure's own affair.
    """
    target = request["path"] + ("?" + request["query"] if request["query"] else "")
    if request["method"] == "GET" and any(url.endswith(target) for url in told):
        return "poll", []
    prefix = re.match(r"/_(\w+)/[^/]+", request["path"])
    if prefix:
        rest = {**request, "path": request["path"][prefix.end():] or "/"}
        return HOSTS.get(prefix.group(1), unknown_host)(rest)
    return management(request)


def unknown_host(request):
    return "none", [f"{request['method']} {request['path']}: no such host"]


def management(request):
    """Judges a request to Azure Resource Manager by the operations whose path is most like its own."""
    path = urllib.parse.unquote(request["path"])
    alike = [(operation, operation.route.fullmatch(path)) for operation in Known.all().operations]
    alike = [(operation, match) for operation, match in alike if match]
    fitting = [(operation, match) for operation, match in alike if operation.method == request["method"]]
    wider = re.fullmatch(r"/subscriptions/[^/]+(/providers/.*)", path)
    if wider and wider.group(1) in WIDER and request["method"] == "GET":
        return WIDER[wider.group(1)], []
    if not fitting:
        takes = sorted({operation.method for operation, _ in alike})
        return "none", [f"{request['method']} {path} is no operation" + (f"; it takes {takes}" if takes else "")]
    most = max(operation.literals for operation, _ in fitting)
    judged = [
        (operation.name, examined(operation, match, request))
        for operation, match in fitting if operation.literals == most
    ]
    return min(judged, key=lambda candidate: len(candidate[1]))


def examined(operation, match, request):
    findings = unfit_labels(operation, match) + unfit_query(operation, request["query"])
    body = request["body"]
    if operation.body is None:
        return findings + (["body: none is taken"] if body else [])
    if not body:
        return findings + ["body: one is needed"]
    if "json" not in request.get("headers", {}).get("content-type", "json"):
        findings.append("headers: the content type is not JSON")
    try:
        found = json.loads(body)
    except ValueError as error:
        return findings + [f"body: not JSON: {error}"]
    return findings + walk(operation.body, found, operation.method == "PATCH", "")


def unfit_labels(operation, match):
    """Returns what is wrong with the names in a path."""
    findings = []
    for label, (shortest, longest, pattern) in operation.labels.items():
        if label not in match.groupdict():
            continue
        text = match.group(label)
        if (shortest and len(text) < shortest) or (longest and len(text) > longest):
            findings.append(f"{label}: {text} has {len(text)} characters, not {shortest} to {longest}")
        if pattern and not re.search(pattern, text):
            findings.append(f"{label}: {text} does not match {pattern}")
    return findings


def unfit_query(operation, query):
    """Returns what is wrong with the parameters of a request to Azure Resource Manager."""
    sent, findings = urllib.parse.parse_qsl(query, keep_blank_values=True), []
    names = [name for name, _ in sent]
    for name, value in sent:
        if name == "api-version":
            if value not in versions(operation):
                findings.append(f"api-version: {value} is not {operation.version}")
        elif name in PAGES or name in OTHER_QUERIES.get(operation.name, ()):
            continue
        elif name not in operation.queries:
            findings.append(f"{name}: unknown parameter")
        else:
            findings += unfit_text(operation.queries[name][0], value, name)
    needed = {name for name, (_, required) in operation.queries.items() if required}
    findings += [f"{name}: required parameter" for name in sorted(needed - set(names))]
    return findings + [f"{name}: told twice" for name in sorted({name for name in names if names.count(name) > 1})]


def versions(operation):
    """Returns the versions that an operation may be asked for in."""
    path = operation.path.lower()
    others = [found for of, found in OTHER_VERSIONS.items() if belongs(path, operation.name, of)]
    return {operation.version}.union(*others)


def belongs(path, name, of):
    space, _, kind = of.partition("/")
    if "." not in space:
        return name.startswith(f"resource.{space}.")
    return f"/providers/{space}/" in path and kind in path


def unfit_text(kind, text, path):
    """Returns what is wrong with a parameter's text."""
    if kind == "int" and not WHOLE.fullmatch(text):
        return [f"{path}: {text} is not a number"]
    if kind == "bool" and text not in ("true", "false"):
        return [f"{path}: {text} is not true or false"]
    return []


def walk(kind, value, is_patch, path):
    """Returns what is wrong with a part of a body, which is to be of a type."""
    if isinstance(kind, sdk.Shape):
        return unfit_object(kind, value, is_patch, path)
    options = [option for option in typing.get_args(kind) if option is not type(None)]
    if typing.get_origin(kind) is typing.Union:
        words = [option for option in options if isinstance(option, type) and issubclass(option, enum.Enum)]
        if words:
            known = [word.value for word in words[0]]
            return [] if value in known else [f"{path}: {value!r} is none of {', '.join(map(str, known))}"]
        return min((walk(option, value, is_patch, path) for option in options), key=len)
    if typing.get_origin(kind) is list:
        if not isinstance(value, list):
            return [f"{path}: not a list"]
        return [wrong for at, item in enumerate(value) for wrong in walk(options[0], item, is_patch, f"{path}[{at}]")]
    if typing.get_origin(kind) is dict:
        if not isinstance(value, dict):
            return [f"{path}: not an object"]
        return [wrong for key, item in value.items() for wrong in walk(options[1], item, is_patch, f"{path}.{key}")]
    if sdk.is_model(kind):
        return unfit_model(kind, value, is_patch, path)
    return unfit_scalar(kind, value, path)


def unfit_model(kind, value, is_patch, path):
    """Judges by the model, or by the variant of it that the value says it is."""
    variants = sdk.variants(kind)
    if variants and isinstance(value, dict):
        name, known = variants
        if value.get(name) not in known:
            return [f"{path}.{name}: {value.get(name)!r} is none of {', '.join(known)}"]
        kind = known[value[name]]
    return unfit_object(Known.shapes.of(kind), value, is_patch, path)


def unfit_object(shape, value, is_patch, path):
    if not isinstance(value, dict):
        return [f"{path}: not an object"]
    findings = []
    for name, item in value.items():
        below = f"{path}.{name}" if path else name
        if name not in shape.fields:
            findings += [] if shape.is_open else [f"{below}: unknown property"]
        elif shape.fields[name].read_only:
            findings.append(f"{below}: only the service sets it")
        elif item is None:
            # In a PATCH it takes a property away; elsewhere it says nothing, or breaks what is needed.
            findings += [] if is_patch else [f"{below}: null"]
        else:
            findings += walk(shape.fields[name].of, item, is_patch, below)
    missing = [name for name, entry in shape.fields.items() if entry.required and name not in value]
    return findings + [f"{path}.{name}: required".lstrip(".") for name in missing if not is_patch]


def unfit_scalar(kind, value, path):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    text = isinstance(value, str)
    if kind is typing.Any or kind not in (bool, int, float, str, bytes, datetime.datetime, datetime.timedelta):
        fits = True
    elif kind is bool:
        fits = isinstance(value, bool)
    elif kind in (int, float):
        fits = number and (kind is float or int(value) == value)
    elif kind is datetime.datetime:
        fits = text and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", value)
    elif kind is datetime.timedelta:
        fits = text and re.fullmatch(r"P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", value)
    else:
        fits = text
    return [] if fits else [f"{path}: {value!r} is no {kind.__name__}"]


def deployment(request):
    """Judges a request to the deployment host of an app."""
    sent = dict(urllib.parse.parse_qsl(request["query"], keep_blank_values=True))
    for name, method, path, known in DEPLOYMENT:
        if method == request["method"] and re.fullmatch(path, request["path"]):
            wrong = [f"{key}: unknown parameter" for key in sent.keys() - known.keys()]
            wrong += [f"{key}: {sent[key]}" for key in sent.keys() & known.keys() if not re.fullmatch(known[key], sent[key])]
            if method == "POST" and request.get("headers", {}).get("content-type") != "application/zip":
                wrong.append("headers: the content type is not application/zip")
            return name, wrong
    return "none", [f"{request['method']} {request['path']} is nothing the deployment host knows"]


def blobs(request):
    """Judges a request to the blobs of an account; the client has one address for each service, container and blob."""
    depth = len([part for part in request["path"].split("/") if part])
    prefixes = ["service_", "container_"][depth:depth + 1] or ["blob_", "block_blob_", "append_blob_", "page_blob_"]
    fitting = [
        operation for operation in Known.all().blobs
        if operation.name.rpartition(".")[2].startswith(tuple(prefixes))
    ]
    return storage(fitting, request)


def queues(request):
    """Judges a request to the queues of an account."""
    parts = [part for part in request["path"].split("/") if part]
    fitting = []
    for operation in Known.all().queues:
        path, _, fixed = operation.path.partition("?")
        first = operation.name.rpartition(".")[2].split("_")[0]
        below = parts if first == "service" else parts[1:]
        if (first == "service") == (not parts) and re.fullmatch(sdk.route(path), "/".join([""] + below)):
            fitting.append(operation)
            operation.constants.update(urllib.parse.parse_qsl(fixed))
    return storage(fitting, request)


def storage(fitting, request):
    """Judges a request to the data of a storage account, by its method, its parameters and the headers it has."""
    sent = dict(urllib.parse.parse_qsl(request["query"], keep_blank_values=True))
    headers = {name for name in request.get("headers", {"x-ms-version": ""})}
    judged = []
    for operation in fitting:
        fixed = {name: sent.get(name) for name in operation.constants}
        if operation.method != request["method"] or fixed != operation.constants:
            continue
        wrong = [f"{name}: unknown parameter" for name in sent if name not in operation.queries.keys() | fixed.keys()]
        known = {header.lower() for header in operation.headers} | STORAGE_HEADERS
        wrong += [
            f"{header}: unknown header" for header in headers
            if header.startswith("x-ms-") and header not in known and not header.startswith("x-ms-meta-")
        ]
        wrong += [] if "x-ms-version" in headers else ["x-ms-version: required header"]
        judged.append((operation.name.replace("._generated", ""), wrong))
    if not judged:
        return "none", [f"{request['method']} {request['path']}?{request['query']} is no operation on storage"]
    return min(judged, key=lambda candidate: len(candidate[1]))


HOSTS = {"scm": deployment, "blob": blobs, "queue": queues}
