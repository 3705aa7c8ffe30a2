"""Runs a Python function of Cloud Run functions: fetches HTTP requests from the embedded cloud and posts the answers.

Started by the embedded cloud in place of Google's image. It speaks the contract of the Functions Framework
(github.com/GoogleCloudPlatform/functions-framework): if that package or Flask can be imported they are used,
otherwise a small stand-in that needs the standard library alone.
"""

import base64
import http.client
import importlib.util
import io
import json
import os
import sys
import traceback
import types
import urllib.parse

API = os.environ.pop("UPDRAFT_RUNTIME_API")
BASE = "/2018-06-01/runtime"
ROOT = os.getcwd()
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
CRASHED = (
    "500 Internal Server Error: The server encountered an internal error and was unable to complete your "
    "request. Either the server is overloaded or there is an error in the application."
)
registered = {}


def end_of(request_id):
    """Tells the reader of both streams that nothing more of this request follows."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except ValueError:
            pass
    mark = f"\x1eend {request_id}\n".encode()
    os.write(1, mark)
    os.write(2, mark)


def log_exception(error):
    """Writes a traceback as one log entry; line ends inside it travel as carriage returns."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    lines = traceback.format_list(frames) + traceback.format_exception_only(type(error), error)
    text = "Traceback (most recent call last):\n" + "".join(lines)
    sys.stderr.write(text.rstrip("\n").replace("\n", "\r") + "\n")
    sys.stderr.flush()


class Refused(Exception):
    """An answer that stands in for the function's own."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Headers:
    """Headers by name in any case."""

    def __init__(self, pairs):
        self.pairs = [(name, value) for name, value in pairs]

    def get(self, name, default=None, type=None):
        for key, value in self.pairs:
            if key.lower() == name.lower():
                return convert(value, default, type)
        return default

    def getlist(self, name):
        return [value for key, value in self.pairs if key.lower() == name.lower()]

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    def __iter__(self):
        return iter(self.pairs)

    def __len__(self):
        return len(self.pairs)

    def keys(self):
        return [name for name, _ in self.pairs]

    def items(self):
        return list(self.pairs)


class Values(dict):
    """Query or form values: the first of each name, all of them with `getlist`."""

    def __init__(self, text):
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True)
        self.all = {}
        for name, value in pairs:
            self.all.setdefault(name, []).append(value)
        super().__init__({name: values[0] for name, values in self.all.items()})

    def get(self, name, default=None, type=None):
        return convert(self[name], default, type) if name in self else default

    def getlist(self, name):
        return list(self.all.get(name, []))

    def to_dict(self, flat=True):
        return dict(self) if flat else dict(self.all)


def convert(value, default, to):
    if to is None:
        return value
    try:
        return to(value)
    except (TypeError, ValueError):
        return default


class Request:
    """What a function gets, in the words of flask.Request."""

    def __init__(self, call):
        self.method = call["method"]
        self.scheme = "https"
        self.path = urllib.parse.unquote(call["path"])
        self.query_string = call["query"].encode()
        self.full_path = f"{self.path}?{call['query']}"
        self.headers = Headers(call["headers"])
        self.host = self.headers.get("Host", "localhost")
        self.host_url = f"https://{self.host}/"
        self.url_root = self.host_url
        self.base_url = f"https://{self.host}{call['path']}"
        self.url = self.base_url + (f"?{call['query']}" if call["query"] else "")
        self.data = base64.b64decode(call["body"])
        self.args = Values(call["query"])
        self.content_type = self.headers.get("Content-Type")
        self.mimetype = (self.content_type or "").split(";")[0].strip().lower()
        self.content_length = len(self.data)
        self.is_json = self.mimetype == "application/json" or (
            self.mimetype.startswith("application/") and self.mimetype.endswith("+json")
        )
        self.remote_addr = self.headers.get("X-Forwarded-For", "").split(",")[0] or None
        self.stream = io.BytesIO(self.data)
        self.files = {}
        self.view_args = {}
        cookies = (part.strip().partition("=") for part in self.headers.get("Cookie", "").split(";"))
        self.cookies = {name: value for name, _, value in cookies if name}

    @property
    def form(self):
        is_form = self.mimetype == "application/x-www-form-urlencoded"
        return Values(self.data.decode() if is_form else "")

    @property
    def values(self):
        return Values("&".join([self.query_string.decode(), urllib.parse.urlencode(self.form.all, doseq=True)]))

    @property
    def json(self):
        return self.get_json()

    def get_data(self, cache=True, as_text=False, parse_form_data=False):
        return self.data.decode("utf-8", "replace") if as_text else self.data

    def get_json(self, force=False, silent=False, cache=True):
        if not (force or self.is_json):
            if silent:
                return None
            raise Refused(415, "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.")
        try:
            return json.loads(self.data)
        except ValueError:
            if silent:
                return None
            raise Refused(400, "The browser (or proxy) sent a request that this server could not understand.") from None


class CloudEvent:
    """An event as the `cloudevents` package presents it."""

    def __init__(self, attributes, data=None):
        self._attributes = {name.lower(): value for name, value in dict(attributes).items()}
        self._attributes.setdefault("specversion", "1.0")
        self.data = data

    def __getitem__(self, name):
        return self._attributes[name]

    def __contains__(self, name):
        return name in self._attributes

    def __iter__(self):
        return iter(self._attributes)

    def __len__(self):
        return len(self._attributes)

    def __repr__(self):
        return str({"attributes": self._attributes, "data": self.data})

    def get(self, name, default=None):
        return self._attributes.get(name, default)

    def get_attributes(self):
        return dict(self._attributes)

    def get_data(self):
        return self.data

    def get_extension(self, name):
        return self._attributes.get(name)


for attribute in ("id", "type", "source", "subject", "time", "specversion", "datacontenttype", "dataschema"):
    setattr(CloudEvent, f"get_{attribute}", lambda self, attribute=attribute: self._attributes.get(attribute))


def register(kind):
    def decorator(function):
        registered[function.__name__] = (function, kind)
        return function

    return decorator


def stand_in(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


def importable(name):
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def prepare():
    """Puts stand-ins where the packages are not installed; returns the class of events."""
    if not importable("functions_framework"):
        stand_in("functions_framework", http=register("http"), cloud_event=register("cloudevent"))
    if not importable("cloudevents"):
        package = stand_in("cloudevents", __path__=[])
        package.http = stand_in("cloudevents.http", CloudEvent=CloudEvent)
        return CloudEvent
    try:
        return importlib.import_module("cloudevents.http").CloudEvent
    except (ImportError, AttributeError):
        return CloudEvent


def load(source, target):
    """Returns the function, in the framework's words if there is none."""
    path = os.path.join(ROOT, source)
    if not os.path.isfile(path):
        raise LookupError(f"File {path} that is expected to define function doesn't exist")
    sys.path.insert(0, os.path.dirname(path))
    name = os.path.splitext(os.path.basename(path))[0]
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    if target in registered:
        return registered[target]
    function = getattr(module, target, None)
    if function is None:
        raise LookupError(f"File {path} is expected to contain a function named '{target}'.")
    if not callable(function):
        raise TypeError(f"The function defined in file {path} as '{target}' needs to be of type function. Got: invalid type {type(function)}")
    return function, None


def as_answer(result):
    """Turns what a function returned into status, headers and body, as Flask does."""
    status, headers = 200, []
    if isinstance(result, tuple):
        if len(result) == 3:
            result, status, headers = result
        elif len(result) == 2:
            result, second = result
            if isinstance(second, (dict, list, tuple, Headers)):
                headers = second
            else:
                status = second
        else:
            raise TypeError("The view function did not return a valid response tuple.")
    if result is None:
        raise TypeError("The view function did not return a valid response. The function either returned None or ended without a return statement.")
    pairs = list(headers.items() if hasattr(headers, "items") else headers)
    if hasattr(result, "get_data") and hasattr(result, "status_code"):
        status = result.status_code if status == 200 else status
        return status, list(result.headers.items()) + pairs, result.get_data()
    kind = "text/html; charset=utf-8"
    if isinstance(result, (dict, list)):
        kind, body = "application/json", (json.dumps(result) + "\n").encode()
    elif isinstance(result, str):
        body = result.encode()
    elif isinstance(result, (bytes, bytearray)):
        body = bytes(result)
    elif hasattr(result, "__next__"):
        body = b"".join(part.encode() if isinstance(part, str) else part for part in result)
    else:
        raise TypeError(f"The view function did not return a valid response. It was a {type(result).__name__}.")
    if not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.insert(0, ("Content-Type", kind))
    if isinstance(status, str):
        status = status.split(" ", 1)[0]
    return int(status), pairs, body


def event_of(headers, data, event_class):
    """Reads a CloudEvent in binary or structured mode; `None` if it is none."""
    kind = (headers.get("Content-Type") or "").split(";")[0].strip().lower()
    if kind == "application/cloudevents+json":
        members = json.loads(data)
        body = members.pop("data", None)
        if "data_base64" in members:
            body = base64.b64decode(members.pop("data_base64"))
        return event_class(members, body)
    attributes = {name.lower()[3:]: value for name, value in headers.items() if name.lower().startswith("ce-")}
    if not {"id", "source", "type", "specversion"} <= set(attributes):
        return None
    if kind:
        attributes.setdefault("datacontenttype", kind)
    is_json = kind in ("", "application/json") or kind.endswith("+json")
    return event_class(attributes, json.loads(data) if data and is_json else data)


def answer_event(function, headers, data, event_class):
    event = event_of(headers, data, event_class)
    if event is None:
        text = (
            "Function was defined with FUNCTION_SIGNATURE_TYPE=cloudevent but it did not receive a valid "
            "CloudEvent. Please check the request's headers ce-id, ce-source, ce-type and ce-specversion."
        )
        return text, 400
    function(event)
    return "OK", 200


def plain(function, kind, event_class):
    """Serves with the stand-in."""

    def serve(call):
        request = Request(call)
        try:
            if kind == "cloudevent":
                result = answer_event(function, request.headers, request.data, event_class)
            else:
                result = function(request)
            return as_answer(result)
        except Refused as refused:
            return refused.code, [("Content-Type", "text/plain; charset=utf-8")], str(refused).encode()
        except Exception as error:
            log_exception(error)
            return 500, [("Content-Type", "text/html; charset=utf-8"), ("X-Google-Status", "crash")], CRASHED.encode()

    return serve


def with_flask(function, kind, event_class):
    """Serves with the host's Flask, for functions that use it."""
    import flask

    app = flask.Flask("function", root_path=ROOT)

    def view(path):
        request = flask.request
        if kind == "cloudevent":
            return answer_event(function, request.headers, request.get_data(), event_class)
        return function(request._get_current_object())

    def crashed(error):
        log_exception(getattr(error, "original_exception", None) or error)
        return CRASHED, 500, {"X-Google-Status": "crash"}

    app.add_url_rule("/", "function", view, defaults={"path": ""}, methods=METHODS)
    app.add_url_rule("/<path:path>", "function", view, methods=METHODS)
    app.register_error_handler(500, crashed)
    return over_wsgi(app)


def over_wsgi(app):
    def serve(call):
        body = base64.b64decode(call["body"])
        headers = Headers(call["headers"])
        environ = {
            "REQUEST_METHOD": call["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": urllib.parse.unquote(call["path"], "latin-1"),
            "QUERY_STRING": call["query"],
            "RAW_URI": call["path"],
            "CONTENT_TYPE": headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": headers.get("Host", "localhost").split(":")[0],
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name in dict.fromkeys(name.lower() for name in headers.keys()):
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
                environ[f"HTTP_{key}"] = ",".join(headers.getlist(name))
        said = {}

        def start(status, pairs, exc_info=None):
            said.update(status=int(status.split(" ", 1)[0]), headers=pairs)

        parts = app(environ, start)
        try:
            content = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return said["status"], said["headers"], content

    return serve


def start():
    """Returns what serves requests."""
    target = os.environ["FUNCTION_TARGET"]
    kind = os.environ["FUNCTION_SIGNATURE_TYPE"]
    source = os.environ.get("FUNCTION_SOURCE", "main.py")
    sys.path[0] = ROOT
    if importable("functions_framework"):
        import functions_framework

        return over_wsgi(functions_framework.create_app(target, os.path.join(ROOT, source), kind))
    event_class = prepare()
    function, declared = load(source, target)
    how = with_flask if "flask" in sys.modules else plain
    return how(function, declared or kind, event_class)


class Channel:
    """The one connection to the embedded cloud."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(API)

    def call(self, method, path, body=None):
        self.connection.request(method, BASE + path, body=body)
        answer = self.connection.getresponse()
        return answer, answer.read()


def main():
    # What was printed must be in the log even if the function is killed.
    sys.stdout.reconfigure(line_buffering=True)
    sys.stderr.reconfigure(line_buffering=True)
    channel = Channel()
    try:
        serve = start()
    except BaseException as error:
        log_exception(error)
        end_of("init")
        shape = {"errorType": type(error).__name__, "errorMessage": str(error)}
        channel.call("POST", "/init/error", json.dumps(shape))
        sys.exit(1)
    while True:
        answer, payload = channel.call("GET", "/invocation/next")
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        status, headers, body = serve(json.loads(payload))
        end_of(request_id)
        pairs = [[str(name), str(value)] for name, value in headers]
        said = {"status": status, "headers": pairs, "body": base64.b64encode(body).decode()}
        channel.call("POST", f"/invocation/{request_id}/response", json.dumps(said))


try:
    main()
except (ConnectionError, http.client.HTTPException):
    # The embedded cloud is gone; so is the reason to run.
    sys.exit(0)
