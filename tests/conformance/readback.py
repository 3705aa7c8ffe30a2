"""Reads back with boto3 what Updraft deployed, and compares it with what the scenario asks for."""

import base64
import hashlib
import io
import json
import time
import urllib.parse
import urllib.request
import zipfile

STAGE = "dev"
DELIVERY_SECONDS = 60
RECEIVE = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")


def inventory(clients):
    """Returns everything in an account that a scenario could have made, by name."""
    iam, functions, logs = clients["iam"], clients["lambda"], clients["logs"]
    found = {f"role {it['Path']}{it['RoleName']}" for it in pages(iam, "list_roles", "Roles")}
    found |= {f"function {it['FunctionName']}" for it in pages(functions, "list_functions", "Functions")}
    found |= {f"log group {it['logGroupName']}" for it in pages(logs, "describe_log_groups", "logGroups")}
    found |= {f"REST API {it['name']}" for it in pages(clients["apigateway"], "get_rest_apis", "items")}
    found |= {f"HTTP API {it['Name']}" for it in clients["apigatewayv2"].get_apis()["Items"]}
    found |= {f"bucket {it['Name']}" for it in clients["s3"].list_buckets()["Buckets"]}
    scheduler = clients["scheduler"]
    found |= {f"schedule group {it['Name']}" for it in pages(scheduler, "list_schedule_groups", "ScheduleGroups")}
    found |= {f"schedule {it['Name']}" for it in pages(scheduler, "list_schedules", "Schedules")}
    found |= {f"queue {url.rsplit('/', 1)[-1]}" for url in clients["sqs"].list_queues().get("QueueUrls", [])}
    mappings = pages(functions, "list_event_source_mappings", "EventSourceMappings")
    found |= {f"mapping of {it['EventSourceArn']} to {it['FunctionArn']}" for it in mappings}
    return found


def pages(client, operation, key):
    return [it for page in client.get_paginator(operation).paginate() for it in page[key]]


def physical(run, function):
    return f"{run.scenario.project}-{STAGE}-{function}"


def different(what, found, wanted):
    return None if found == wanted else f"{what}: {found!r}, not {wanted!r}"


def first(problems):
    return next((problem for problem in problems if problem), None)


def code(function, wanted):
    """The zip is the one that was sent, and holds exactly the files of the folder that are not excluded."""

    def check(run):
        name = physical(run, function)
        answer = run.clients["lambda"].get_function(FunctionName=name)
        with urllib.request.urlopen(answer["Code"]["Location"], timeout=30) as body:
            found = body.read()
        digest = base64.b64encode(hashlib.sha256(found).digest()).decode()
        archive = zipfile.ZipFile(io.BytesIO(found))
        inside = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        return first([
            different("bytes", digest, base64.b64encode(hashlib.sha256(sent(run, name)).digest()).decode()),
            different("CodeSha256", answer["Configuration"]["CodeSha256"], digest),
            different("CodeSize", answer["Configuration"]["CodeSize"], len(found)),
            different("archive", archive.testzip(), None),
            different("files", inside, {path: mode for path, (_, mode) in wanted.items()}),
            first(
                different(path, archive.read(path), (run.folder / place).read_bytes())
                for path, (place, _) in wanted.items()
            ),
        ])

    return check


def sent(run, name):
    """Returns the archive in the last request that made or changed a function's code."""
    for request in reversed(run.proxy.requests):
        body = base64.b64decode(request["body"])
        made = request["method"] == "POST" and request["path"].rstrip("/").endswith("/functions")
        if made and json.loads(body)["FunctionName"] == name and request.get("status", 0) < 300:
            return base64.b64decode(json.loads(body)["Code"]["ZipFile"])
    return b""


def settings(function, wanted):
    """The function's configuration; a dot leads into a nested value."""

    def check(run):
        found = run.clients["lambda"].get_function_configuration(FunctionName=physical(run, function))
        return first(different(path, follow(found, path), value) for path, value in wanted.items())

    return check


def follow(value, path):
    for part in path.split("."):
        value = (value or {}).get(part)
    return value


def tags(function, wanted):
    def check(run):
        answer = run.clients["lambda"].get_function(FunctionName=physical(run, function))
        shown = {key: value for key, value in answer.get("Tags", {}).items() if not key.startswith("updraft:")}
        project = answer.get("Tags", {}).get("updraft:project")
        return different("tags", shown, wanted) or different("mark", project, run.scenario.project)

    return check


def concurrency(function, wanted):
    def check(run):
        answer = run.clients["lambda"].get_function_concurrency(FunctionName=physical(run, function))
        return different("reserved", answer.get("ReservedConcurrentExecutions"), wanted)

    return check


def listed(value):
    return value if isinstance(value, list) else [value]


def role(function, extra=()):
    """Only Lambda may assume the role, and its one policy allows writing the function's own log."""

    def check(run):
        iam, name = run.clients["iam"], physical(run, function)
        found = iam.get_role(RoleName=name)["Role"]
        trust = found["AssumeRolePolicyDocument"]["Statement"]
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        if len(policies) != 1:
            return f"inline policies: {policies}"
        statements = iam.get_role_policy(RoleName=name, PolicyName=policies[0])["PolicyDocument"]["Statement"]
        actions = {action for statement in statements for action in listed(statement["Action"])}
        log = [it for it in statements if "logs:PutLogEvents" in listed(it["Action"])]
        return first([
            different("path", found["Path"], f"/updraft/{run.scenario.project}/{STAGE}/"),
            different("trust", [it["Principal"] for it in trust], [{"Service": "lambda.amazonaws.com"}]),
            different("trust action", [it["Action"] for it in trust], ["sts:AssumeRole"]),
            different("actions", actions, {"logs:CreateLogStream", "logs:PutLogEvents", *extra}),
            different("log", [f":log-group:/aws/lambda/{name}:" in str(it["Resource"]) for it in log], [True]),
            different("managed policies", iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"], []),
            different("used", arn_of(run, function)["Role"], found["Arn"]),
        ])

    return check


def arn_of(run, function):
    return run.clients["lambda"].get_function_configuration(FunctionName=physical(run, function))


def retention(function, days):
    def check(run):
        name = f"/aws/lambda/{physical(run, function)}"
        groups = run.clients["logs"].describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return different("retention", {it["logGroupName"]: it.get("retentionInDays") for it in groups}, {name: days})

    return check


def rest_api(run):
    apis = pages(run.clients["apigateway"], "get_rest_apis", "items")
    return next(it["id"] for it in apis if it["name"].startswith(f"{run.scenario.project}-{STAGE}"))


def rest_routes(wanted):
    """Every route, who may call it and the function behind it; and that the stage serves what was deployed."""

    def check(run):
        client, api = run.clients["apigateway"], rest_api(run)
        found = {}
        for resource in client.get_resources(restApiId=api, embed=["methods"], limit=500)["items"]:
            for verb in resource.get("resourceMethods", {}):
                key = {"restApiId": api, "resourceId": resource["id"], "httpMethod": verb}
                method, integration = client.get_method(**key), client.get_integration(**key)
                target = integration["uri"].rpartition(":function:")[2].removesuffix("/invocations")
                found[f"{verb} {resource['path']}"] = (method["authorizationType"], integration["type"], target)
        expected = {
            route: (auth, "AWS_PROXY", physical(run, function)) for route, (auth, function) in wanted.items()
        }
        stages = client.get_stages(restApiId=api)["item"]
        deployments = [it["id"] for it in client.get_deployments(restApiId=api)["items"]]
        return first([
            different("routes", found, expected),
            different("stages", [it["stageName"] for it in stages], [STAGE]),
            different("deployed", stages[0]["deploymentId"] in deployments, True),
        ])

    return check


def http_routes(wanted):
    def check(run):
        client = run.clients["apigatewayv2"]
        (api,) = [it for it in client.get_apis()["Items"] if it["Name"].startswith(f"{run.scenario.project}-{STAGE}")]
        key = {"ApiId": api["ApiId"]}
        integrations = {it["IntegrationId"]: it for it in client.get_integrations(**key)["Items"]}
        found = {}
        for route in client.get_routes(**key)["Items"]:
            integration = integrations[route["Target"].removeprefix("integrations/")]
            target = integration["IntegrationUri"].removesuffix("/invocations").rpartition(":function:")[2]
            version = integration["PayloadFormatVersion"]
            found[route["RouteKey"]] = (route.get("AuthorizationType", "NONE"), version, target)
        expected = {route: (auth, "2.0", physical(run, function)) for route, (auth, function) in wanted.items()}
        stages = [(it["StageName"], it["AutoDeploy"]) for it in client.get_stages(**key)["Items"]]
        return different("routes", found, expected) or different("stages", stages, [("$default", True)])

    return check


def permissions(function, wanted):
    """The function's policy: for each statement its principal, action, and the end of the source's ARN."""

    def check(run):
        document = run.clients["lambda"].get_policy(FunctionName=physical(run, function))["Policy"]
        found = sorted(statement_of(it) for it in json.loads(document)["Statement"])
        return different("statements", found, sorted(wanted))

    return check


def statement_of(statement):
    principal = statement["Principal"]
    principal = principal if isinstance(principal, str) else principal.get("Service") or principal.get("AWS")
    conditions = {key: value for block in statement.get("Condition", {}).values() for key, value in block.items()}
    source = conditions.get("AWS:SourceArn") or conditions.get("aws:SourceArn") or ""
    return (principal, statement["Action"], source.partition("/")[2])


def url(function, auth):
    def check(run):
        config = run.clients["lambda"].get_function_url_config(FunctionName=physical(run, function))
        return different("auth", config["AuthType"], auth)

    return check


def schedule(function, wanted):
    """Each schedule's expression, time zone, target and role, which may call that function and nothing else."""

    def check(run):
        client, iam = run.clients["scheduler"], run.clients["iam"]
        ours = f"{run.scenario.project}-{STAGE}"
        listed_here = [it for it in pages(client, "list_schedules", "Schedules") if it["GroupName"].startswith(ours)]
        found = [client.get_schedule(GroupName=it["GroupName"], Name=it["Name"]) for it in listed_here]
        found.sort(key=lambda it: it["Name"])
        name = f"{physical(run, function)}-schedule"
        trust = iam.get_role(RoleName=name)["Role"]
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        statements = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]
        allowed = [(listed(it["Action"]), listed(it["Resource"])) for it in statements]
        arn, trusted = arn_of(run, function)["FunctionArn"], trust["AssumeRolePolicyDocument"]["Statement"]
        rhythm = [(it["ScheduleExpression"], it.get("ScheduleExpressionTimezone")) for it in found]
        return first([
            different("expressions", rhythm, wanted),
            different("targets", {it["Target"]["Arn"] for it in found}, {arn}),
            different("role", {it["Target"]["RoleArn"] for it in found}, {trust["Arn"]}),
            different("trust", [it["Principal"] for it in trusted], [{"Service": "scheduler.amazonaws.com"}]),
            different("allowed", allowed, [(["lambda:InvokeFunction"], [arn])]),
        ])

    return check


def queue(name, wanted, dead_letter=None):
    """A queue's attributes, and the queue that takes its failed messages after so many attempts."""

    def check(run):
        sqs, name_there = run.clients["sqs"], physical(run, name)
        url = sqs.get_queue_url(QueueName=name_there)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        redrive = json.loads(found.get("RedrivePolicy", "null"))
        if redrive:
            redrive = (redrive["deadLetterTargetArn"].rpartition(":")[2], int(redrive["maxReceiveCount"]))
        expected = dead_letter and (physical(run, dead_letter[0]), dead_letter[1])
        marks = sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
        return first([
            first(different(key, found.get(key), value) for key, value in wanted.items()),
            different("redrive", redrive, expected),
            different("mark", marks.get("updraft:project"), run.scenario.project),
        ])

    return check


def mapping(function, name, wanted):
    """The one mapping of a function: its queue and its settings."""

    def check(run):
        client = run.clients["lambda"]
        (found,) = client.list_event_source_mappings(FunctionName=physical(run, function))["EventSourceMappings"]
        return first([
            different("queue", found["EventSourceArn"].rpartition(":")[2], physical(run, name)),
            different("function", found["FunctionArn"], arn_of(run, function)["FunctionArn"]),
            first(different(path, follow(found, path), value) for path, value in wanted.items()),
        ])

    return check


def answers(fetch):
    """The deployed API answers over HTTP with what the function's own code says. Only where code is run."""

    def check(run):
        return fetch(run) if run.target.name == "embedded" else None

    return check


def fetched(url, body=None, method=None):
    request = urllib.request.Request(url, data=body and json.dumps(body).encode(), method=method)
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return answer.status, json.loads(text) if text else None


def call_notes(run):
    base = f"{run.target.url}/restapis/{rest_api(run)}/{STAGE}/_user_request_"
    status, note = fetched(f"{base}/notes", {"text": "milk"})
    return first([
        different("created", (status, note["text"]), (201, "milk")),
        different("read", fetched(f"{base}/notes/{urllib.parse.quote(note['id'])}"), (200, note)),
        different("listed", fetched(f"{base}/notes"), (200, {"notes": [note]})),
        different("deleted", fetched(f"{base}/notes/{note['id']}", method="DELETE")[0], 204),
        different("about", fetched(f"{base}/")[1]["name"], "notes"),
    ])


def call_hello(run):
    (api,) = [it for it in run.clients["apigatewayv2"].get_apis()["Items"] if it["Name"].startswith("hello-http")]
    found = fetched(f"{api['ApiEndpoint'].rstrip('/')}/hello/Ada")
    return different("answer", found, (200, {"message": "Hello, Ada!"}))


def call_url(run):
    config = run.clients["lambda"].get_function_url_config(FunctionName=physical(run, "ring"))
    return different("answer", fetched(config["FunctionUrl"]), (200, {"from": physical(run, "ring")}))


def call_report(run):
    answer = run.clients["lambda"].invoke(FunctionName=physical(run, "report"), Payload=b"{}")
    lines = json.loads(answer["Payload"].read())["lines"]
    return different("error", answer.get("FunctionError"), None) or different("lines", len(lines), 3)


def send_orders(run):
    """An order that can be priced is done; one that cannot stays, and both stand in the log."""
    sqs, group = run.clients["sqs"], f"/aws/lambda/{physical(run, 'orders')}"
    url = sqs.get_queue_url(QueueName=physical(run, "orders"))["QueueUrl"]
    for number, item in ((1, "apple"), (2, "unicorn")):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"id": number, "items": {item: 2}}))
    lines, deadline = "", time.monotonic() + DELIVERY_SECONDS
    while time.monotonic() < deadline and not ("order 1: 60 cents" in lines and "KeyError('unicorn')" in lines):
        time.sleep(0.2)
        events = run.clients["logs"].filter_log_events(logGroupName=group)["events"]
        lines = "".join(event["message"] for event in events)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

    def left():
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return [found[name] for name in names]

    while time.monotonic() < deadline and left() != ["0", "1"]:
        time.sleep(0.2)
    found = left()
    sqs.purge_queue(QueueUrl=url)
    return first([
        None if "order 1: 60 cents" in lines else f"log: {lines!r}",
        None if "KeyError('unicorn')" in lines else f"log: {lines!r}",
        different("messages left", found, ["0", "1"]),
    ])


GATEWAY = ("apigateway.amazonaws.com", "lambda:InvokeFunction")
NOTES = "functions/notes"

# What is read back after the first apply, by scenario; the last word of some is a feature they need.
CHECKS = {
    "rest-api": [
        ("the code", code("notes", {name: (f"{NOTES}/{name}", 0o644) for name in ("index.mjs", "notes.mjs", "on-azure.mjs")}), "code-location"),
        ("the configuration", settings("notes", {
            "Runtime": "nodejs24.x", "Handler": "index.handler", "MemorySize": 256, "Timeout": 10,
            "Environment.Variables": {"MAX_NOTES": "100"},
        })),
        ("the role and its policy", role("notes")),
        ("the log group", retention("notes", 30)),
        ("the routes and the stage", rest_routes({
            "GET /": ("NONE", "about"), "GET /notes": ("NONE", "notes"), "POST /notes": ("NONE", "notes"),
            "GET /notes/{id}": ("NONE", "notes"), "DELETE /notes/{id}": ("NONE", "notes"),
        })),
        ("the function's policy", permissions("notes", [
            (*GATEWAY, "dev/GET/notes"), (*GATEWAY, "dev/POST/notes"),
            (*GATEWAY, "dev/GET/notes/*"), (*GATEWAY, "dev/DELETE/notes/*"),
        ])),
        ("answers of the API", answers(call_notes)),
    ],
    "http-api": [
        ("the code", code("hello", {"app.py": ("functions/hello/app.py", 0o644)}), "code-location"),
        ("the routes and the stage", http_routes({"GET /": ("NONE", "hello"), "GET /hello/{name}": ("NONE", "hello")})),
        ("the log group", retention("hello", 7)),
        ("answers of the API", answers(call_hello)),
    ],
    "function-url": [
        ("the code", code("ring", {
            "app.py": ("ring/app.py", 0o644), "run.sh": ("ring/run.sh", 0o755),
        }), "code-location"),
        ("the URL", url("ring", "NONE"), "public-url"),
        ("the function's policy", permissions("ring", [
            ("*", "lambda:InvokeFunction", ""), ("*", "lambda:InvokeFunctionUrl", ""),
        ]), "public-url"),
        ("answers of the URL", answers(call_url)),
    ],
    "schedule": [
        ("the code", code("report", {
            "app.py": ("functions/report/app.py", 0o644),
            "deadlines.json": ("functions/report/deadlines.json", 0o644),
            "on_azure.py": ("functions/report/on_azure.py", 0o644),
        }), "code-location"),
        ("the schedule and its role", schedule("report", [("cron(30 2 * * ? *)", "Europe/Paris")])),
        ("the role and its policy", role("report")),
        ("the log group", retention("report", 90)),
        ("answers of the function", answers(call_report)),
    ],
    "queue": [
        ("the queue", queue("orders", {
            "VisibilityTimeout": "60", "MessageRetentionPeriod": "345600", "SqsManagedSseEnabled": "true",
        }, ("failed", 3))),
        ("the dead-letter queue", queue("failed", {"MessageRetentionPeriod": "1209600"})),
        ("the mapping", mapping("orders", "orders", {
            "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0, "ScalingConfig.MaximumConcurrency": 5,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }), "mappings-by-name"),
        ("the role and its policy", role("orders", RECEIVE), "mappings-by-name"),
        ("messages and what became of them", answers(send_orders)),
    ],
    "everything": [
        ("the code", code("shop", {
            "app.py": ("shop/app.py", 0o644), "data/items.json": ("shop/data/items.json", 0o644),
        }), "code-location"),
        ("the configuration", settings("shop", {
            "MemorySize": 512, "Timeout": 10, "Architectures": ["arm64"], "Description": "Sells everything",
            "Environment.Variables": {"STAGE": "dev", "PROJECT": "everything"},
        })),
        ("the tags", tags("shop", {"team": "shop", "cost-centre": "4711"})),
        ("the reserved concurrency", concurrency("shop", 5)),
        ("a function of one file", code("tidy", {"tidy.py": ("tidy.py", 0o644)}), "code-location"),
        ("the schedules and their role", schedule("tidy", [
            ("rate(5 minutes)", "UTC"), ("cron(0 7 ? * MON-FRI *)", "Europe/Paris"),
        ])),
        ("the REST routes", rest_routes({"ANY /": ("NONE", "shop"), "GET /items/{id}/photos": ("AWS_IAM", "shop")})),
        ("the HTTP routes", http_routes({"GET /items/{id}": ("NONE", "shop")})),
        ("the URL", url("shop", "AWS_IAM")),
    ],
    "many-functions": [
        ("the configuration", settings("f42", {"MemorySize": 170, "Timeout": 3})),
        ("the log group", retention("f42", 7)),
    ],
}
