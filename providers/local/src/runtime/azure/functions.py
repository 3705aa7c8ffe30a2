"""A stand-in for the package `azure.functions`, for hosts that do not have it: the types functions are called with, and
the decorators of the triggers the embedded cloud models. The real one is github.com/Azure/azure-functions-python-library.
"""

import json
import sys
import types


class _Headers(dict):
    """Headers by name in any case."""

    def __init__(self, source=None):
        super().__init__({name.lower(): value for name, value in dict(source or {}).items()})

    def __getitem__(self, name):
        return super().__getitem__(name.lower())

    def __setitem__(self, name, value):
        super().__setitem__(name.lower(), value)

    def __contains__(self, name):
        return super().__contains__(name.lower())

    def get(self, name, default=None):
        return super().get(name.lower(), default)


class HttpRequest:
    """A request to a function."""

    def __init__(self, method, url, *, headers=None, params=None, route_params=None, body_type="bytes", body):
        self.method = method.upper()
        self.url = url
        self.headers = _Headers(headers)
        self.params = dict(params or {})
        self.route_params = dict(route_params or {})
        self._body = body.encode() if isinstance(body, str) else body

    def get_body(self):
        return self._body

    def get_json(self):
        try:
            return json.loads(self._body.decode("utf-8"))
        except ValueError as error:
            raise ValueError("HTTP request does not contain valid JSON data") from error


class HttpResponse:
    """A function's answer."""

    def __init__(self, body=None, *, status_code=None, headers=None, mimetype=None, charset=None):
        self.status_code = 200 if status_code is None else int(status_code)
        self.mimetype = mimetype or "text/plain"
        self.charset = charset or "utf-8"
        self.headers = _Headers(headers)
        content = b"" if body is None else body
        content = content.encode(self.charset) if isinstance(content, str) else content
        if not isinstance(content, (bytes, bytearray)):
            raise TypeError(f"response is expected to be either of str, bytes, or bytearray, got {type(body).__name__}")
        self._body = bytes(content)

    def get_body(self):
        return self._body


class TimerRequest:
    """A run of a schedule."""

    def __init__(self, *, past_due=False, schedule_status=None, schedule=None):
        self.past_due = past_due
        self.schedule_status = schedule_status or {}
        self.schedule = schedule or {}


class QueueMessage:
    """A message of a storage queue."""

    def __init__(self, *, id=None, body=None, dequeue_count=None, expiration_time=None, insertion_time=None,
                 time_next_visible=None, pop_receipt=None):
        self.id = id
        self.dequeue_count = dequeue_count
        self.expiration_time = expiration_time
        self.insertion_time = insertion_time
        self.time_next_visible = time_next_visible
        self.pop_receipt = pop_receipt
        self._body = body.encode() if isinstance(body, str) else bytes(body or b"")

    def get_body(self):
        return self._body

    def get_json(self):
        return json.loads(self._body)


class ServiceBusMessage:
    """A message of a Service Bus queue."""

    def __init__(self, *, body, **members):
        members.pop("trigger_metadata", None)
        self.__dict__.update(members)
        self._body = body

    def get_body(self):
        return self._body


class EventGridEvent:
    """An event."""

    def __init__(self, *, id, data, topic, subject, event_type, event_time, data_version):
        self.id = id
        self.topic = topic
        self.subject = subject
        self.event_type = event_type
        self.event_time = event_time
        self.data_version = data_version
        self._data = data

    def get_json(self):
        return self._data


class Context:
    """What a function may ask about its invocation."""


class AuthLevel:
    """Who may call a function over HTTP."""

    ANONYMOUS = "ANONYMOUS"
    FUNCTION = "FUNCTION"
    ADMIN = "ADMIN"


class _Function:
    def __init__(self, call):
        self.call = call
        self.name = call.__name__
        self.bindings = []

    def get_function_name(self):
        return self.name

    def get_user_function(self):
        return self.call

    def get_function_json(self):
        return json.dumps({"bindings": self.bindings})


def _function(target):
    return target if isinstance(target, _Function) else _Function(target)


class FunctionApp:
    """Functions declared with decorators."""

    def __init__(self, http_auth_level="FUNCTION"):
        self.http_auth_level = http_auth_level
        self._functions = []

    def get_functions(self):
        return list(self._functions)

    def _add(self, *bindings):
        def decorate(target):
            function = _function(target)
            function.bindings.extend(bindings)
            if function not in self._functions:
                self._functions.append(function)
            return function

        return decorate

    def function_name(self, name):
        def decorate(target):
            function = _function(target)
            function.name = name
            return function

        return decorate

    def route(self, route=None, trigger_arg_name="req", binding_arg_name="$return", methods=None, auth_level=None, **_):
        trigger = {"direction": "IN", "type": "httpTrigger", "name": trigger_arg_name,
                   "authLevel": str(auth_level or self.http_auth_level).upper()}
        if methods:
            trigger["methods"] = [str(method).upper() for method in methods]
        if route is not None:
            trigger["route"] = route
        return self._add(trigger, {"direction": "OUT", "type": "http", "name": binding_arg_name})

    def timer_trigger(self, arg_name, schedule, run_on_startup=False, use_monitor=True, **_):
        return self._add({"direction": "IN", "type": "timerTrigger", "name": arg_name, "schedule": schedule,
                          "runOnStartup": run_on_startup, "useMonitor": use_monitor})

    schedule = timer_trigger

    def queue_trigger(self, arg_name, queue_name, connection, **_):
        return self._add({"direction": "IN", "type": "queueTrigger", "name": arg_name, "queueName": queue_name,
                          "connection": connection})

    def service_bus_queue_trigger(self, arg_name, connection, queue_name, cardinality="one", **_):
        return self._add({"direction": "IN", "type": "serviceBusTrigger", "name": arg_name, "queueName": queue_name,
                          "connection": connection, "cardinality": str(cardinality).upper()})

    def event_grid_trigger(self, arg_name, **_):
        return self._add({"direction": "IN", "type": "eventGridTrigger", "name": arg_name})


for _name in ("http", "timer", "queue", "servicebus", "eventgrid"):
    _module = types.ModuleType(f"{__name__}.{_name}")
    _module.__dict__.update({name: value for name, value in list(globals().items()) if isinstance(value, type)})
    sys.modules[_module.__name__] = _module
    globals()[_name] = _module
