"""The validator finds what is wrong with a request, and nothing where nothing is."""

import json
import sys

import bindings
import validator

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/shop-dev"
SUBSCRIPTION = GROUP.rpartition("/resourceGroups")[0]
PLAN = f"{GROUP}/providers/Microsoft.Web/serverfarms/shop-dev-api"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/shop-dev-api"
ACCOUNT = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/shopdevh"
IDENTITY = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/shop-dev-api"
EVENTS = f"{ACCOUNT}/providers/Microsoft.EventGrid/eventSubscriptions/shop"
ASSIGNMENT = f"{ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
OPERATION = f"{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/operationResults/x"
WEB, STORAGE = "?api-version=2025-05-01", "?api-version=2025-01-01"

RUNTIME = {"name": "python", "version": "3.12"}
SCALE = {"maximumInstanceCount": 100, "instanceMemoryMB": 2048}
PROPERTIES = {"serverFarmId": PLAN, "httpsOnly": True, "functionAppConfig": {
    "deployment": {"storage": {"type": "blobContainer", "value": "https://a.blob.core.windows.net/c", "authentication": {
        "type": "UserAssignedIdentity", "userAssignedIdentityResourceId": IDENTITY}}},
    "runtime": RUNTIME, "scaleAndConcurrency": SCALE}}
BODY = {"location": "westeurope", "kind": "functionapp,linux", "tags": {"updraft-project": "shop"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}, "properties": PROPERTIES}
DESTINATION = {"endpointType": "AzureFunction", "properties": {"resourceId": f"{SITE}/functions/storage"}}
FILTER = {"includedEventTypes": ["Microsoft.Storage.BlobCreated"], "subjectBeginsWith": "/blobServices/"}
RETRY = {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
ROLE = {"roleDefinitionId": "/x", "principalId": "p", "principalType": "ServicePrincipal"}


def request(method, target, body=None, **headers):
    path, _, query = target.partition("?")
    sent = {"x-ms-version": "2025-01-05", "content-type": "application/json"} | {
        key.replace("_", "-"): value for key, value in headers.items()
    }
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
    return {"method": method, "path": path, "query": query, "headers": sent, "body": text}


def site(**changes):
    return request("PUT", SITE + WEB, {**BODY, **changes})


def config(**changes):
    return site(properties={**PROPERTIES, "functionAppConfig": {**PROPERTIES["functionAppConfig"], **changes}})


def events(**changes):
    properties = {"destination": DESTINATION, "filter": FILTER, "retryPolicy": RETRY, "labels": ["a"], **changes}
    return request("PUT", EVENTS + "?api-version=2025-02-15", {"properties": properties})


def role(**changes):
    properties = {key: value for key, value in {**ROLE, **changes}.items() if value is not None}
    return request("PUT", ASSIGNMENT + "?api-version=2022-04-01", {"properties": properties})


def settings(body):
    return request("PUT", f"{SITE}/config/appsettings{WEB}", body)


def publish(query, **headers):
    return request("POST", "/_scm/shop/api/publish" + query, "zip", **{"content_type": "application/zip", **headers})


GRAPH, STACKS = "resourcegraph.resource_graph_client_resources", "web.provider_get_function_app_stacks_for_location"
CREATE, ASSIGN = "web.web_apps_create_or_update", "authorization.role_assignments_create"
SUBSCRIBE, SETTINGS = "eventgrid.event_subscriptions_create_or_update", "web.web_apps_update_application_settings"
LIST, PUBLISH = "storage.blob.container_list_blob_flat_segment", "scm.publish"
IDENTIFY = "msi.user_assigned_identities_create_or_update"

# What is sent, the operation it is, and what each finding holds, in order; none where the request is right.
CASES = [
    (site(), CREATE, []),
    (site(colour="red"), CREATE, ["colour: unknown property"]),
    (site(location=None), CREATE, ["location: null"]),
    (site(location=1), CREATE, ["location: 1 is no str"]),
    (site(id=SITE), CREATE, ["id: only the service"]),
    (site(tags={"a": 1}), CREATE, ["tags.a"]),
    (site(tags=["a"]), CREATE, ["tags: not an object"]),
    (site(identity={"type": "Mine"}), CREATE, ["identity.type: 'Mine' is none of"]),
    (request("PUT", SITE + WEB, {"properties": PROPERTIES}), CREATE, ["location: required"]),
    (site(properties={**PROPERTIES, "httpsOnly": "true"}), CREATE, ["httpsOnly"]),
    (site(properties={**PROPERTIES, "defaultHostName": "x"}), CREATE, ["defaultHostName: only the service"]),
    (site(properties={**PROPERTIES, "serverFarmID": PLAN}), CREATE, ["serverFarmID: unknown"]),
    (config(runtime={**RUNTIME, "name": "Python"}), CREATE, ["runtime.name: 'Python' is none of"]),
    (config(scaleAndConcurrency={**SCALE, "instanceMemoryMB": "2048"}), CREATE, ["instanceMemoryMB"]),
    (config(scaleAndConcurrency={**SCALE, "instanceMemoryMB": True}), CREATE, ["instanceMemoryMB"]),
    (config(scaleAndConcurrency={**SCALE, "alwaysReady": {"name": "http"}}), CREATE, ["alwaysReady: not a list"]),
    (config(scaleAndConcurrency={**SCALE, "alwaysReady": [{"name": "http", "count": 1}]}), CREATE,
     ["alwaysReady[0].count: unknown"]),
    (request("PUT", SITE + WEB, "{"), CREATE, ["not JSON"]),
    (request("PUT", SITE + WEB), CREATE, ["body: one is needed"]),
    (request("PUT", SITE, BODY), CREATE, ["api-version: required"]),
    (request("PUT", SITE + "?api-version=2014-01-01", BODY), CREATE, ["api-version: 2014-01-01"]),
    (request("PUT", SITE + WEB + "&force=true", BODY), CREATE, ["force: unknown parameter"]),
    (request("PUT", SITE + WEB, BODY, content_type="text/plain"), CREATE, ["content type"]),
    (request("PATCH", SITE + WEB, {"properties": {"httpsOnly": True}}), "web.web_apps_update", []),
    (request("DELETE", SITE + WEB + "&deleteEmptyServerFarm=false"), "web.web_apps_delete", []),
    (request("DELETE", SITE + WEB + "&deleteEmptyServerFarm=no"), "web.web_apps_delete", ["no is not true or false"]),
    (request("DELETE", SITE + WEB, {}), "web.web_apps_delete", ["body: none"]),
    (request("DELETE", f"{SITE}/config/appsettings{WEB}"), "none", ["it takes ['PUT']"]),
    (request("GET", f"{SITE}/thing{WEB}"), "none", ["is no operation"]),
    (settings({"properties": {"A": "b"}}), SETTINGS, []),
    (settings({"properties": {"A": 1}}), SETTINGS, ["properties.A"]),
    (request("GET", f"{SITE}/functions{WEB}"), "web.web_apps_list_functions", []),
    (request("POST", f"{SITE}/host/default/listkeys{WEB}"), "web.web_apps_list_host_keys", []),
    (request("PUT", PLAN + WEB, {"location": "x", "kind": "functionapp", "sku": {"name": "FC1", "tier": "FlexConsumption"},
     "properties": {"reserved": True}}), "web.app_service_plans_create_or_update", []),
    (request("PUT", PLAN + WEB, {"location": "x", "sku": "FC1"}), "web.app_service_plans_create_or_update",
     ["sku: not an object"]),
    (request("PUT", f"{ACCOUNT}{STORAGE}", {"location": "x", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
     "properties": {"allowSharedKeyAccess": False}}), "storage.storage_accounts_create", []),
    (request("PUT", f"{ACCOUNT}{STORAGE}", {"location": "x", "kind": "StorageV3", "sku": {}}),
     "storage.storage_accounts_create", ["kind: 'StorageV3'", "sku.name: required"]),
    (request("PUT", IDENTITY + "?api-version=2024-11-30", {"location": "x"}), IDENTIFY, []),
    (request("PUT", IDENTITY + "?api-version=2024-11-30", {"properties": {"clientId": "x"}}), IDENTIFY,
     ["clientId: only the service", "location: required"]),
    (role(), ASSIGN, []),
    (role(principalType="Robot"), ASSIGN, ["principalType: 'Robot'"]),
    (role(principalId=None), ASSIGN, ["properties.principalId: required"]),
    (role(colour="red"), ASSIGN, ["properties.colour: unknown"]),
    (events(), SUBSCRIBE, []),
    (events(destination={**DESTINATION, "endpointType": "Pigeon"}), SUBSCRIBE, ["endpointType: 'Pigeon'"]),
    (events(destination={"endpointType": "AzureFunction", "properties": {"endpointUrl": "x"}}), SUBSCRIBE,
     ["endpointUrl: unknown"]),
    (events(filter={**FILTER, "includedEventTypes": "all"}), SUBSCRIBE, ["includedEventTypes: not a list"]),
    (events(retryPolicy={"maxDeliveryAttempts": 1.5}), SUBSCRIBE, ["maxDeliveryAttempts"]),
    (events(eventDeliverySchema="Mine"), SUBSCRIBE, ["eventDeliverySchema"]),
    (events(expirationTimeUtc="tomorrow"), SUBSCRIBE, ["expirationTimeUtc"]),
    (events(topic="x"), SUBSCRIBE, ["topic: only the service"]),
    (request("GET", f"{ACCOUNT}/providers/Microsoft.EventGrid/eventSubscriptions?api-version=2025-02-15"),
     "eventgrid.event_subscriptions_list_by_resource", []),
    (request("GET", f"{SUBSCRIPTION}/resourcegroups/shop-dev?api-version=2025-04-01"),
     "resource.resources.resource_groups_get", []),
    (request("GET", f"{GROUP}/resources?api-version=2021-04-01&$filter=x"),
     "resource.resources.resources_list_by_resource_group", []),
    (request("GET", f"{GROUP}/resources?api-version=2021-04-01&$top=ten"),
     "resource.resources.resources_list_by_resource_group", ["$top: ten is not a number"]),
    (request("GET", f"{SUBSCRIPTION}/resourceGroups?api-version=2025-04-01&api-version=2025-04-01"),
     "resource.resources.resource_groups_list", ["api-version: told twice"]),
    (request("PATCH", f"{SITE}/providers/Microsoft.Resources/tags/default?api-version=2025-04-01",
     {"operation": "Merge", "properties": {"tags": {"a": "b"}}}), "resource.resources.tags_update_at_scope", []),
    (request("PATCH", f"{SITE}/providers/Microsoft.Resources/tags/default?api-version=2025-04-01",
     {"operation": "Mix", "properties": {"tags": {"a": "b"}}}), "resource.resources.tags_update_at_scope", ["operation"]),
    (request("POST", "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01",
     {"query": "resources", "options": {"$top": 10, "resultFormat": "objectArray"}}), GRAPH, []),
    (request("POST", "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01", {"options": {"resultFormat": 1}}),
     GRAPH, ["resultFormat", "query: required"]),
    (request("GET", "/providers/Microsoft.Web/locations/westeurope/functionAppStacks?api-version=2020-10-01&stack=python&sku=FC1"),
     STACKS, []),
    (request("GET", "/_scm/shop/api/deployments/1-2"), "scm.deployment", []),
    (request("GET", OPERATION), "poll", []),
    (request("DELETE", OPERATION), "none", ["is no operation"]),
    (publish("?RemoteBuild=true&Deployer=updraft"), PUBLISH, []),
    (publish("?remoteBuild=true"), PUBLISH, ["remoteBuild: unknown"]),
    (publish("?RemoteBuild=yes"), PUBLISH, ["RemoteBuild: yes"]),
    (publish("", content_type="application/json"), PUBLISH, ["content type"]),
    (request("POST", "/_scm/shop/api/zipdeploy", "zip"), "none", ["nothing the deployment host knows"]),
    (request("GET", "/_blob/shopdevd/photos?restype=container&comp=list&maxresults=1"), LIST, []),
    (request("GET", "/_blob/shopdevd/photos?restype=container&comp=list&limit=1"), LIST, ["limit: unknown"]),
    (request("GET", "/_blob/shopdevd/photos?restype=container&comp=list", x_ms_thing="1"), LIST, ["x-ms-thing: unknown"]),
    (request("GET", "/_blob/shopdevd/photos?comp=everything"), "none", ["no operation on storage"]),
    (request("GET", "/_queue/shopdevd/jobs/messages?peekonly=true&numofmessages=1"),
     "storage.queue.queue_peek_messages", []),
    (request("POST", "/_queue/shopdevd/jobs/message"), "none", ["no operation on storage"]),
    (request("GET", "/_thing/x/y"), "none", ["no such host"]),
]

HTTP = {"type": "httpTrigger", "direction": "in", "name": "event", "authLevel": "function", "route": "items/{id}"}
OUT = {"type": "http", "direction": "out", "name": "$return"}
TIMER = {"type": "timerTrigger", "direction": "in", "name": "event", "schedule": "0 */5 * * * *", "useMonitor": True}
QUEUE = {"type": "queueTrigger", "direction": "in", "name": "event", "queueName": "q", "connection": "C"}
BUS = {**QUEUE, "type": "serviceBusTrigger", "cardinality": "many"}
GRID = {"type": "eventGridTrigger", "direction": "in", "name": "event"}

# The bindings of a function, and what each finding holds.
BINDINGS = [
    ([HTTP, OUT], []), ([TIMER], []), ([QUEUE], []), ([BUS], []), ([GRID], []),
    ([OUT], ["0 triggers"]),
    ([QUEUE, TIMER], ["2 triggers"]),
    ([{**HTTP, "methods": ["get", "fetch"]}], ["methods: ['get', 'fetch'] is none of"]),
    ([{**HTTP, "authLevel": "everyone"}], ["authLevel: 'everyone' is none of"]),
    ([{**TIMER, "schedule": 5}], ["schedule: 5 has another type"]),
    ([{**TIMER, "useMonitor": "yes"}], ["useMonitor: 'yes' has another type"]),
    ([{**TIMER, "timezone": "UTC"}], ["timezone: unknown"]),
    ([{**QUEUE, "queue": "q"}], ["queueTrigger.queue: unknown"]),
    ([{key: value for key, value in QUEUE.items() if key != "connection"}], ["needs connection"]),
    ([{**BUS, "cardinality": "few"}], ["cardinality: 'few' is none of"]),
    ([{**GRID, "type": "pigeonTrigger"}], ["no type of binding"]),
    ([{**GRID, "direction": "out"}], ["eventGridTrigger"]),
    ([{key: value for key, value in GRID.items() if key != "name"}], ["no name"]),
]

TOLD = {"http://127.0.0.1:1" + OPERATION}


def main():
    wrong = 0
    for sent, operation, wanted in CASES:
        found, findings = validator.check(sent, TOLD)
        right = found == operation and len(findings) == len(wanted) and all(w in f for w, f in zip(wanted, findings))
        if not right:
            wrong += 1
            print(f"{sent['method']} {sent['path']}?{sent['query']} {sent['body']}\n  is {found}: {findings}\n"
                  f"  not {operation}: {wanted}")
    for told, wanted in BINDINGS:
        findings = bindings.check({"scriptFile": "../app.py", "bindings": told})
        if len(findings) != len(wanted) or not all(w in f for w, f in zip(wanted, findings)):
            wrong += 1
            print(f"{told}\n  is {findings}\n  not {wanted}")
    every = len(CASES) + len(BINDINGS)
    print(f"validator of Azure's requests and bindings: {every - wrong} of {every} judged right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
