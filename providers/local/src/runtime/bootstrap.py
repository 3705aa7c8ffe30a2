"""Runs a Python handler: takes events from the Lambda Runtime API and posts what the handler returns.

Started by the embedded cloud in place of Lambda's own bootstrap. Speaks only the documented API
(docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) and uses only the standard library.
"""

import http.client
import importlib
import json
import logging
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
ROOT = os.environ["LAMBDA_TASK_ROOT"]
BASE = "/2018-06-01/runtime"
JSON_LOGS = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
LEVELS = {"TRACE": 5, "DEBUG": 10, "INFO": 20, "WARN": 30, "ERROR": 40, "FATAL": 50}
current = {"id": ""}


def emit(text):
    """Writes one log event. Line ends inside it travel as carriage returns."""
    data = text.rstrip("\n").replace("\n", "\r") + "\n"
    sys.stdout.write(data)
    sys.stdout.flush()


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


class Events(logging.Handler):
    """Formats records as the managed runtime does, as text or as JSON objects."""

    def emit(self, record):
        try:
            emit(self.as_json(record) if JSON_LOGS else self.as_text(record))
        except Exception:
            self.handleError(record)

    def as_text(self, record):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = f"[{record.levelname}]\t{stamp}.{int(record.msecs):03d}Z\t{current['id']}\t{record.getMessage()}"
        if record.exc_info:
            text += "\n" + "".join(traceback.format_exception(*record.exc_info))
        return text

    def as_json(self, record):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        line = {
            "timestamp": stamp,
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": current["id"],
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["errorType"] = kind.__name__
            line["errorMessage"] = str(error)
            line["stackTrace"] = traceback.format_tb(trace)
        return json.dumps(line, default=str, ensure_ascii=False)


class CognitoIdentity:
    def __init__(self, data):
        self.cognito_identity_id = data.get("cognitoIdentityId")
        self.cognito_identity_pool_id = data.get("cognitoIdentityPoolId")


class ClientContext:
    def __init__(self, data):
        self.custom = data.get("custom")
        self.env = data.get("env")
        self.client = data.get("client")


class Context:
    """The documented attributes and the one method of a handler's second argument."""

    def __init__(self, headers):
        client = headers.get("Lambda-Runtime-Client-Context")
        identity = headers.get("Lambda-Runtime-Cognito-Identity")
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity(json.loads(identity) if identity else {})

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, message):
        emit(str(message))


class Channel:
    """The one connection to the Runtime API."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(API)

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, BASE + path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def next(self):
        return self.call("GET", "/invocation/next")

    def error(self, path, shape):
        body = json.dumps(shape, default=str, ensure_ascii=False).encode()
        self.call("POST", path, body, {"Lambda-Runtime-Function-Error-Type": shape["errorType"]})


def shape_of(message, kind, trace=(), request_id=""):
    return {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": list(trace)}


def report(shape):
    """Logs a failure as the managed runtime does."""
    if JSON_LOGS:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        line = {"timestamp": stamp, "log_level": "ERROR", **shape}
        emit(json.dumps(line, default=str, ensure_ascii=False))
        return
    text = f"[ERROR] {shape['errorType']}: {shape['errorMessage']}"
    if shape["stackTrace"]:
        text += "\nTraceback (most recent call last):\n" + "".join(shape["stackTrace"])
    emit(text)


def load(name):
    """Returns the handler, or the shape of the reason why there is none."""
    module_name, dot, attribute = name.rpartition(".")
    if not dot:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        return None, shape_of(message, "Runtime.MalformedHandlerName")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        return None, shape_of(f"Unable to import module '{module_name}': {error}", "Runtime.ImportModuleError")
    except SyntaxError as error:
        place = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}\n']
        return None, shape_of(f"Syntax error in module '{module_name}': {error}", "Runtime.UserCodeSyntaxError", place)
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        trace = [line for line in traceback.format_tb(error.__traceback__) if ROOT in line]
        return None, shape_of(str(error), type(error).__name__, trace)
    handler = getattr(module, attribute, None)
    if handler is None:
        return None, shape_of(f"Handler '{attribute}' missing on module '{module_name}'", "Runtime.HandlerNotFound")
    return handler, None


def run(handler, headers, payload):
    """Returns the answer's bytes, or the shape of what went wrong."""
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        result = handler(json.loads(payload), Context(headers))
    except Exception as error:
        trace = traceback.format_list([f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__])
        return None, shape_of(str(error), type(error).__name__, trace, request_id)
    try:
        return json.dumps(result, ensure_ascii=False).encode(), None
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        return None, shape_of(message, "Runtime.MarshalError", (), request_id)


def main():
    root_logger = logging.getLogger()
    root_logger.addHandler(Events())
    level = LEVELS.get(os.environ.get("AWS_LAMBDA_LOG_LEVEL", ""))
    if level:
        root_logger.setLevel(level)
    sys.path[0] = ROOT
    # What was printed must be in the log even if the function is killed.
    sys.stdout.reconfigure(line_buffering=True)
    sys.stderr.reconfigure(line_buffering=True)
    channel = Channel()
    handler, problem = load(os.environ["_HANDLER"])
    if problem:
        report(problem)
        end_of("init")
        channel.error("/init/error", problem)
        sys.exit(1)
    while True:
        answer, payload = channel.next()
        headers = answer.headers
        request_id = current["id"] = headers["Lambda-Runtime-Aws-Request-Id"]
        os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
        body, problem = run(handler, headers, payload)
        if problem:
            report(problem)
            end_of(request_id)
            channel.error(f"/invocation/{request_id}/error", problem)
        else:
            end_of(request_id)
            channel.call("POST", f"/invocation/{request_id}/response", body)


try:
    main()
except (ConnectionError, http.client.HTTPException):
    # The embedded cloud is gone; so is the reason to run.
    sys.exit(0)
