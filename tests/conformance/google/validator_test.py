"""The validator finds what is wrong with a request, and nothing where nothing is."""

import json
import sys

import validator

FUNCTIONS = "/v2/projects/p/locations/europe-west1/functions"
FUNCTION = {
    "name": "projects/p/locations/europe-west1/functions/shop-dev-api",
    "environment": "GEN_2",
    "buildConfig": {"runtime": "python313", "entryPoint": "handler"},
    "serviceConfig": {"timeoutSeconds": 60, "availableMemory": "256Mi", "ingressSettings": "ALLOW_ALL"},
    "labels": {"updraft-project": "shop"},
}


def request(method, target, body=None):
    path, _, query = target.partition("?")
    return {"method": method, "path": path, "query": query, "body": "" if body is None else json.dumps(body)}


def function(**changes):
    return request("POST", FUNCTIONS + "?functionId=shop-dev-api", {**FUNCTION, **changes})


def service(**changes):
    return function(serviceConfig={**FUNCTION["serviceConfig"], **changes})


CREATE = "cloudfunctions.projects.locations.functions.create"
SET_POLICY = "cloudresourcemanager.projects.setIamPolicy"
POLICY = "/v3/projects/p:setIamPolicy"

GENERATE = "serviceusage.services.generateServiceIdentity"
IDENTITY = request("POST", "/v1beta1/projects/1/services/pubsub.googleapis.com:generateServiceIdentity")

# What is sent, the method it is, and what each finding holds, in order; none where the request is right.
CASES = [
    (function(), CREATE, []),
    (function(environment=2), CREATE, []),
    (function(environment="GEN_9"), CREATE, ["environment"]),
    (function(environment=77), CREATE, ["environment"]),
    (function(labels={"a": 1}), CREATE, ["labels.a"]),
    (function(colour="red"), CREATE, ["colour: unknown field"]),
    (function(state="ACTIVE"), CREATE, ["state: only the server"]),
    (service(timeoutSeconds="60"), CREATE, ["timeoutSeconds"]),
    (service(timeoutSeconds=True), CREATE, ["timeoutSeconds"]),
    (service(uri="https://x"), CREATE, ["uri: only the server"]),
    (request("POST", FUNCTIONS + "?functionid=x", FUNCTION), CREATE, ["functionid"]),
    (request("GET", FUNCTIONS + "?pageSize=10&$alt=json;enum-encoding=int&filter="),
     "cloudfunctions.projects.locations.functions.list", []),
    (request("GET", FUNCTIONS + "?pageSize=ten"), "cloudfunctions.projects.locations.functions.list", ["pageSize"]),
    (request("GET", FUNCTIONS + "?$alt=xml"), "cloudfunctions.projects.locations.functions.list", ["$alt"]),
    (request("GET", "/v2/projects/p/locations/europe-west1/functions/f/children"), "none", ["no method"]),
    (request("PUT", "/v1/projects/p/topics/t", {"labels": {"a": "b"}}), "pubsub.projects.topics.create", []),
    (request("PUT", "/v1/projects/p/subscriptions/s", {"topic": "projects/p/topics/t", "ackDeadlineSeconds": 60,
     "retryPolicy": {"minimumBackoff": "10s"}}), "pubsub.projects.subscriptions.create", []),
    (request("PUT", "/v1/projects/p/subscriptions/s", {"retryPolicy": {"minimumBackoff": 10}}),
     "pubsub.projects.subscriptions.create", ["minimumBackoff"]),
    (request("POST", POLICY, {"policy": {"version": 3, "etag": "BwX=", "bindings": [{"role": "r", "members": ["m"]}]},
     "updateMask": "bindings,etag"}), SET_POLICY, []),
    (request("POST", POLICY, {"policy": {"bindings": {"role": "r"}}}), SET_POLICY, ["bindings: not a list"]),
    (request("GET", "/v2/projects/p/locations/l/services/s:getIamPolicy?options.requestedPolicyVersion=3"),
     "run.projects.locations.services.getIamPolicy", []),
    (request("POST", "/v1/projects/p/serviceAccounts", {"accountId": "a", "serviceAccount": {"description": "d"}}),
     "iam.projects.serviceAccounts.create", []),
    (request("POST", "/v1/projects/p/serviceAccounts", {"accountId": "a", "serviceAccount": {"uniqueId": "1"}}),
     "iam.projects.serviceAccounts.create", ["uniqueId: only the server"]),
    (request("POST", "/v1/projects/p/locations/l/jobs", {"schedule": "* * * * *", "attemptDeadline": "180s"}),
     "cloudscheduler.projects.locations.jobs.create", []),
    (request("POST", "/upload/storage/v1/b/bucket/o?uploadType=multipart&name=x&ifGenerationMatch=0"),
     "storage.objects.insert", []),
    (request("POST", "/v2/entries:list", {"resourceNames": ["projects/p"], "filter": "x", "pageSize": 10}),
     "logging.entries.list", []),
    (request("GET", "/v1/projects/1/services:batchGet?names=projects/1/services/run.googleapis.com"),
     "serviceusage.services.batchGet", []),
    (IDENTITY, GENERATE, []),
    ({**IDENTITY, "body": "{}"}, GENERATE, ["body: none"]),
    ({**IDENTITY, "headers": {"content-length": "0"}}, GENERATE, []),
    ({**IDENTITY, "headers": {"accept": "*/*"}}, GENERATE, ["no length"]),
]


def main():
    wrong = 0
    for sent, method, wanted in CASES:
        found, findings = validator.check(sent)
        right = found == method and len(findings) == len(wanted) and all(w in f for w, f in zip(wanted, findings))
        if not right:
            wrong += 1
            print(f"{sent['method']} {sent['path']}?{sent['query']} {sent['body']}\n  is {found}: {findings}\n  not {method}: {wanted}")
    print(f"validator of Google's requests: {len(CASES) - wrong} of {len(CASES)} requests judged right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
