"""What Microsoft's generated clients for Python know of Azure's requests: paths, versions, queries and bodies.

The operations are read from the text of the clients, whose generator writes all of them alike; the bodies' models are
classes, of two generations, whose annotations name their types and known words.
"""

import importlib
import re
import typing
from dataclasses import dataclass, field
from pathlib import Path

# The clients of what is called through Azure Resource Manager, and the modules of the ones with several versions.
PACKAGES = [
    "azure.mgmt.web", "azure.mgmt.storage", "azure.mgmt.eventgrid", "azure.mgmt.servicebus", "azure.mgmt.keyvault",
    "azure.mgmt.loganalytics", "azure.mgmt.resource.resources", "azure.mgmt.resource.subscriptions",
    "azure.mgmt.resourcegraph", "azure.mgmt.authorization.v2022_04_01", "azure.mgmt.msi.v2024_11_30",
    "azure.mgmt.applicationinsights.v2020_02_02",
]

BLOBS = "azure.storage.blob._generated"
QUEUES = "azure.storage.queue._generated"

# These take any path, and would vouch for whatever is not known otherwise.
ANY_PATH = re.compile(r"/\{\w+\}|.*\{parentResourcePath\}.*")

BUILDER = re.compile(r"^def build_(\w+)_request\(", re.MULTILINE)
URL = re.compile(r'\b_url = (?:kwargs\.pop\(\s*"template_url",\s*|\(\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')
METHOD = re.compile(r'HttpRequest\(\s*method="(\w+)"')
VERSION = re.compile(r'_params\.pop\("api-version", "([^"]+)"\)')
QUERY = re.compile(r'^( +)_params\["([^"]+)"\] = _SERIALIZER\.query\(\s*"\w+",\s*\w+,\s*"([^"]+)"', re.MULTILINE)
HEADER = re.compile(r'_headers\["([^"]+)"\]')
CONSTANT = re.compile(r'_params\.pop\("([^"]+)", "([^"]+)"\)\)')
LABEL = re.compile(r'"(\w+)": _SERIALIZER\.url\("\w+", \w+, "\w+"([^\n]*)\),?\n')
LIMIT = re.compile(r'(max_length|min_length)=(\d+)|pattern=r?"((?:[^"\\]|\\.)*)"')
USE = re.compile(r"request = build_(\w+)_request\(")
OLD_BODY = re.compile(r'self\._serialize\.body\(\s*\w+, "([^"]+)"')
NEW_BODY = re.compile(r"json\.dumps\((\w+), cls=SdkJSONEncoder")


@dataclass
class Operation:
    """One request that a service takes."""

    name: str
    method: str
    path: str
    version: str
    # Query parameters: name → (type, whether it must be there); and the ones with one value.
    queries: dict
    constants: dict
    headers: set
    # Labels of the path: name → (shortest, longest, pattern).
    labels: dict
    # The annotation of the body; None where none is taken.
    body: object = None

    def __post_init__(self):
        self.route = re.compile(route(self.path), re.IGNORECASE)
        self.literals = len(re.sub(r"\{\w+\}", "", self.path))


@dataclass
class Field:
    """A property of a body: its annotation or the properties below it."""

    of: object
    required: bool = False
    read_only: bool = False


@dataclass
class Shape:
    """The properties that an object may have, by the names they have on the wire."""

    fields: dict = field(default_factory=dict)
    is_open: bool = False


def route(path):
    """Returns the pattern of a path; a scope or an address may have several segments."""
    parts = re.split(r"(\{\w+\})", path)
    return "".join(
        f"(?P<{part[1:-1]}>{'.+' if part in ('{scope}', '{resourceUri}') else '[^/]+'})" if part.startswith("{")
        else re.escape(part) for part in parts
    )


def management():
    """Returns every operation of the management clients."""
    return [operation for package in PACKAGES for operation in of_package(package)
            if not ANY_PATH.fullmatch(operation.path)]


def of_package(package):
    """Returns the operations of a client."""
    module = importlib.import_module(package)
    names = {"_models": importlib.import_module(package + ".models"), "datetime": __import__("datetime")}
    folder = Path(next(iter(module.__path__))) / "operations"
    found = []
    for file in sorted(folder.glob("_*operations.py")):
        text = file.read_text(encoding="utf-8")
        bodies = bodies_of(text, names)
        prefix = package.removeprefix("azure.").removeprefix("mgmt.").split(".v20")[0]
        inner = "" if file.name == "_operations.py" else file.name.strip("_").removesuffix("_operations.py") + "_"
        for name, part in builders(text):
            path = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', URL.search(part).group(1)))
            found.append(Operation(
                name=f"{prefix}.{inner}{name}", method=METHOD.search(part).group(1), path=path,
                version=(VERSION.search(part) or [None, None])[1],
                queries={key: (kind, len(indent) == 4) for indent, key, kind in QUERY.findall(part)},
                constants=dict(CONSTANT.findall(part)), headers=set(HEADER.findall(part)),
                labels={label: limits(rest) for label, rest in LABEL.findall(part)}, body=bodies.get(name),
            ))
    return found


def builders(text):
    """Yields the name and the text of each function that makes a request."""
    starts = list(BUILDER.finditer(text))
    for at, start in enumerate(starts):
        end = starts[at + 1].start() if at + 1 < len(starts) else text.find("\nclass ", start.end())
        yield start.group(1), text[start.start():end]


def limits(text):
    """Returns the shortest and longest that a label may be and its pattern."""
    found = {"min_length": None, "max_length": None}
    pattern = None
    for name, number, wanted in LIMIT.findall(text):
        if name:
            found[name] = int(number)
        else:
            pattern = wanted
    return found["min_length"], found["max_length"], pattern


def bodies_of(text, names):
    """Returns the annotation of each request's body, by the request's name."""
    bodies = {}
    for use in USE.finditer(text):
        function = text[text.rfind("\n    def ", 0, use.start()):use.start()]
        signature = function[:function.find(") ->")]
        if old := OLD_BODY.search(function):
            bodies[use.group(1)] = old_annotation(old.group(1), names)
        elif new := NEW_BODY.search(function):
            told = re.search(rf"\b{new.group(1)}: ((?:[^,\[]|\[(?:[^\[\]]|\[[^\]]*\])*\])+)", signature)
            bodies[use.group(1)] = new_annotation(told.group(1) if told else "", names)
    return bodies


def old_annotation(text, names):
    """Returns the annotation for a type as the older clients write it: `Site`, `[str]`, `{object}`."""
    if text[0] in "[{":
        inner = old_annotation(text[1:-1], names)
        return list[inner] if text[0] == "[" else dict[str, inner]
    plain = {"str": str, "int": int, "bool": bool, "float": float}
    return plain.get(text) or getattr(names["_models"], text, typing.Any)


def new_annotation(text, names):
    """Returns the model in an annotation such as `Union[_models.Site, JSON, IO[bytes]]`, or anything."""
    model = re.search(r"(List\[|list\[)?_models\.(\w+)", text)
    if not model:
        return typing.Any
    found = getattr(names["_models"], model.group(2))
    return list[found] if model.group(1) else found


class Shapes:
    """The shapes of models, each worked out once."""

    def __init__(self):
        self.known = {}

    def of(self, model):
        if model not in self.known:
            self.known[model] = old_shape(model) if hasattr(model, "_attribute_map") else new_shape(model)
        return self.known[model]


def is_model(kind):
    """Tells whether a type is one of the clients' models."""
    return isinstance(kind, type) and (hasattr(kind, "_attribute_map") or getattr(kind, "_is_model", False))


def names_for(model):
    """Returns what a model's annotations refer to."""
    module = importlib.import_module(model.__module__)
    package = importlib.import_module(model.__module__.rpartition(".")[0])
    return {**vars(typing), **vars(module), "_models": package}


def old_shape(model):
    """Returns the shape of a model with a table of attributes, whose properties may lie below others."""
    hints = typing.get_type_hints(model.__init__, localns=names_for(model))
    shape = Shape()
    for name, entry in model._attribute_map.items():
        rules = model._validation.get(name, {})
        if not entry["key"]:
            shape.is_open = True
            continue
        *above, last = (part.replace("\\.", ".") for part in re.split(r"(?<!\\)\.", entry["key"]))
        at = shape
        for part in above:
            parent = at.fields.setdefault(part, Field(Shape()))
            parent.required = parent.required or bool(rules.get("required"))
            at = parent.of
        kind = hints.get(name) or (str if entry["type"] == "str" else typing.Any)
        at.fields[last] = Field(kind, bool(rules.get("required")), bool(rules.get("readonly")))
    return shape


def new_shape(model):
    """Returns the shape of a model with annotated fields."""
    shape = Shape(is_open=issubclass(model, dict))
    for base in reversed(model.__mro__):
        own = {name: entry for name, entry in vars(base).items() if hasattr(entry, "_rest_name_input")}
        if not own:
            continue
        hints = typing.get_type_hints(base, localns=names_for(base))
        for name, entry in own.items():
            told = entry._rest_name_input or name
            optional = type(None) in typing.get_args(hints[name])
            only_read = entry._visibility == ["read"]
            shape.fields[told] = Field(hints[name], not optional and not only_read, only_read)
    return shape


def variants(model):
    """Returns the name of the property that tells which variant of a model is meant, and the variants by its value."""
    if table := getattr(model, "_subtype_map", None):
        attribute, known = next(iter(table.items()))
        package = importlib.import_module(model.__module__.rpartition(".")[0])
        key = model._attribute_map[attribute]["key"].replace("\\.", ".")
        return key, {value: getattr(package, name) for value, name in known.items()}
    for base in model.__mro__:
        for name, entry in vars(base).items():
            if getattr(entry, "_is_discriminator", False) and model.__mapping__:
                return entry._rest_name_input or name, model.__mapping__
    return None
