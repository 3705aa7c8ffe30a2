"""Runs the Python functions of an Azure function app: fetches invocations from the embedded cloud and posts what came.

Started by the embedded cloud in place of Azure's worker. It loads functions and checks their parameters as the worker
does (github.com/Azure/azure-functions-python-worker). If the package `azure.functions` can be imported its types are
used, otherwise a small stand-in beside this file that needs the standard library alone.
"""

import asyncio
import base64
import datetime
import http.client
import importlib
import importlib.machinery
import importlib.util
import inspect
import json
import logging
import os
import sys
import threading
import traceback
import types

API = os.environ.pop("UPDRAFT_RUNTIME_API")
BASE = "/2018-06-01/runtime"
ROOT = os.getcwd()
NAMESPACE = "__app__"
HERE = os.path.dirname(os.path.abspath(__file__))


def end_of(request_id):
    """Tells the reader of both streams that nothing more of this invocation follows."""
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
    text = f"Result: Failure\nException: {type(error).__name__}: {error}\nStack: " + "".join(lines)
    sys.stderr.write(text.rstrip("\n").replace("\n", "\r") + "\n")
    sys.stderr.flush()


class FunctionLoadError(RuntimeError):
    """A function that does not fit its function.json."""

    def __init__(self, name, text):
        super().__init__(f"cannot load the {name} function: {text}")


def prepare():
    """Puts the app's folders where imports look, its packages first, the stand-in last."""
    packages = os.path.join(ROOT, ".python_packages", "lib", "site-packages")
    sys.path[0:1] = [ROOT] + ([packages] if os.path.isdir(packages) else [])
    sys.path.append(os.path.join(HERE, "azure_stand_in"))
    spec = importlib.machinery.ModuleSpec(NAMESPACE, None, is_package=True)
    spec.submodule_search_locations = [ROOT]
    package = importlib.util.module_from_spec(spec)
    package.__path__ = [ROOT]
    sys.modules[NAMESPACE] = package


def load_script(function):
    """Returns the function that a function.json names."""
    name = function["name"]
    script = function.get("scriptFile") or "__init__.py"
    entry = function.get("entryPoint") or "main"
    path = os.path.normpath(os.path.join(ROOT, name, script))
    relative = os.path.relpath(path, ROOT)
    if relative.startswith(".."):
        raise RuntimeError(f"script path {path} is not relative to the specified directory {os.path.join(ROOT, name)}")
    parts = relative.split(os.sep)
    module, extension = os.path.splitext(parts[-1])
    if extension != ".py":
        raise RuntimeError(f"cannot load function {name}: invalid Python filename {path}")
    names = [NAMESPACE] + parts[:-1] + ([] if module.lower() == "__init__" else [module])
    found = getattr(importlib.import_module(".".join(names)), entry, None)
    if not callable(found):
        raise RuntimeError(f"cannot load function {name}: function {entry}() is not present in {relative}")
    return found


def check(name, found, bindings):
    """Compares parameters with bindings; tells whether the function wants the context."""
    for binding in bindings:
        direction = binding.get("direction", "in").lower()
        if direction == "inout":
            raise FunctionLoadError(name, '"inout" bindings are not supported')
        if binding["name"] == "$return" and direction != "out":
            raise FunctionLoadError(name, '"$return" binding must have direction set to "out"')
    declared = set(inspect.signature(found).parameters)
    bound = {binding["name"] for binding in bindings} - {"$return"}
    wants_context = "context" in declared and "context" not in bound
    declared -= {"context"} if wants_context else set()
    if declared - bound:
        raise FunctionLoadError(
            name, f"the following parameters are declared in Python but not in function.json: {declared - bound!r}"
        )
    if bound - declared:
        raise FunctionLoadError(
            name, f"the following parameters are declared in function.json but not in Python: {bound - declared!r}"
        )
    return wants_context


class Context:
    """What a function may ask about its invocation."""

    def __init__(self, invocation):
        retry = invocation.get("retry") or {}
        name = invocation["function"]["name"]
        self.invocation_id = invocation["id"]
        self.function_name = name
        self.function_directory = os.path.join(ROOT, name)
        self.thread_local_storage = threading.local()
        self.thread_local_storage.invocation_id = invocation["id"]
        self.trace_context = types.SimpleNamespace(trace_parent="", trace_state="", attributes={})
        self.retry_context = types.SimpleNamespace(
            retry_count=retry.get("count", 0), max_retry_count=retry.get("max", 0), exception=None
        )


def moment(text):
    if not text:
        return None
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def http_request(sent):
    return importlib.import_module("azure.functions.http").HttpRequest(
        method=sent["method"],
        url=sent["url"],
        headers=sent["headers"],
        params=sent["query"],
        route_params=sent["params"],
        body_type="bytes",
        body=base64.b64decode(sent["body"]),
    )


def timer_request(sent):
    return importlib.import_module("azure.functions.timer").TimerRequest(
        past_due=sent["IsPastDue"], schedule_status=sent.get("ScheduleStatus"), schedule=sent.get("Schedule")
    )


def queue_message(sent):
    return importlib.import_module("azure.functions.queue").QueueMessage(
        id=sent["Id"],
        body=base64.b64decode(sent["body"]),
        dequeue_count=sent["DequeueCount"],
        expiration_time=moment(sent.get("ExpirationTime")),
        insertion_time=moment(sent.get("InsertionTime")),
        time_next_visible=moment(sent.get("NextVisibleTime")),
        pop_receipt=sent.get("PopReceipt"),
    )


def bus_message(sent):
    if isinstance(sent, list):
        return [bus_message(one) for one in sent]
    return importlib.import_module("azure.functions.servicebus").ServiceBusMessage(
        body=base64.b64decode(sent["body"]),
        trigger_metadata=None,
        message_id=sent["MessageId"],
        content_type=sent.get("ContentType"),
        correlation_id=sent.get("CorrelationId"),
        delivery_count=sent.get("DeliveryCount"),
        sequence_number=sent.get("SequenceNumber"),
        enqueued_time_utc=moment(sent.get("EnqueuedTimeUtc")),
        expires_at_utc=moment(sent.get("ExpiresAtUtc")),
        lock_token=sent.get("LockToken"),
        subject=sent.get("Subject"),
        label=sent.get("Subject"),
        application_properties=sent.get("ApplicationProperties") or {},
        user_properties=sent.get("ApplicationProperties") or {},
    )


def grid_event(sent):
    import azure.functions

    return azure.functions.EventGridEvent(
        id=sent.get("id"),
        topic=sent.get("topic"),
        subject=sent.get("subject"),
        event_type=sent.get("eventType"),
        event_time=moment(sent.get("eventTime")),
        data=sent.get("data"),
        data_version=sent.get("dataVersion"),
    )


TYPES = {
    "httptrigger": http_request,
    "timertrigger": timer_request,
    "queuetrigger": queue_message,
    "servicebustrigger": bus_message,
    "eventgridtrigger": grid_event,
}


def is_trigger(binding):
    return binding["type"].lower().endswith("trigger")


def http_answer(result):
    """Turns what a function returned into status, headers and body, as the worker and the host do."""
    if isinstance(result, str):
        return {"status": 200, "headers": [["content-type", "text/plain; charset=utf-8"]], "body": encoded(result.encode())}
    if not hasattr(result, "get_body"):
        raise TypeError(
            'unable to encode outgoing TypedData: unsupported type "<class \'azure.functions.http.HttpResponseConverter\'>" '
            f'for Python type "{type(result).__name__}"'
        )
    pairs = [[str(name), str(value)] for name, value in result.headers.items()]
    if not any(name.lower() == "content-type" for name, _ in pairs):
        kind = result.mimetype
        pairs.append(["content-type", f"{kind}; charset={result.charset}" if kind.startswith("text/") else kind])
    return {"status": int(result.status_code), "headers": pairs, "body": encoded(result.get_body() or b"")}


def encoded(content):
    return base64.b64encode(content).decode()


class App:
    """The functions of the app, loaded when they are first called."""

    def __init__(self):
        self.loaded = {}
        self.declared = None

    def index(self):
        """Returns what function_app.py declares with decorators."""
        if self.declared is None:
            module = importlib.import_module("function_app")
            import azure.functions

            kind = getattr(azure.functions, "FunctionApp", None)
            apps = [one for one in vars(module).values() if kind is not None and isinstance(one, kind)]
            if len(apps) != 1:
                raise ValueError(f"{'Could not find' if not apps else 'More than one'} top level function app instances in function_app.py.")
            self.declared = {one.get_function_name(): one for one in apps[0].get_functions()}
        functions = []
        for name, one in self.declared.items():
            shape = json.loads(one.get_function_json())
            functions.append({"name": name, **shape, "scriptFile": "function_app.py"})
        return functions

    def find(self, function):
        name = function["name"]
        if name not in self.loaded:
            if function["scriptFile"] == "function_app.py" and function.get("decorated"):
                self.index()
                found = self.declared[name].get_user_function()
            else:
                found = load_script(function)
            self.loaded[name] = (found, check(name, found, function["bindings"]))
        return self.loaded[name]

    def call(self, invocation):
        function = invocation["function"]
        found, wants_context = self.find(function)
        arguments, returns = {}, None
        for binding in function["bindings"]:
            if is_trigger(binding):
                arguments[binding["name"]] = TYPES[binding["type"].lower()](invocation["trigger"])
            elif binding["name"] == "$return":
                returns = binding["type"].lower()
        if wants_context:
            arguments["context"] = Context(invocation)
        result = asyncio.run(found(**arguments)) if inspect.iscoroutinefunction(found) else found(**arguments)
        if returns == "http":
            return {"http": http_answer(result)}
        if result is not None:
            raise RuntimeError(f"function {function['name']!r} without a $return binding returned a non-None value")
        return {}


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
    # What is logged goes to the log from this level on, as with the worker.
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    prepare()
    channel, app = Channel(), App()
    while True:
        answer, payload = channel.call("GET", "/invocation/next")
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        invocation = json.loads(payload)
        try:
            said = {"functions": app.index()} if "function" not in invocation else app.call(invocation)
            where = "response"
        except BaseException as error:
            log_exception(error)
            said = {"errorType": type(error).__name__, "errorMessage": str(error)}
            where = "error"
        end_of(request_id)
        channel.call("POST", f"/invocation/{request_id}/{where}", json.dumps(said))


if __name__ == "__main__":
    try:
        main()
    except (ConnectionError, http.client.HTTPException):
        # The embedded cloud is gone; so is the reason to run.
        sys.exit(0)
