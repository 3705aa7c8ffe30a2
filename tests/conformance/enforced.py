"""Uses a deployed example under exactly its roles, then takes every action of every role away in turn and sees the
run fail for want of it.

    python enforced.py worker http://127.0.0.1:4580 [URL…]

The embedded AWS enforces roles; what it refuses stands in its ledger, with the action.
"""

import copy
import json
import sys
import time
import urllib.error
import urllib.request

import examples

# Actions that the examples' runs do not take, and why their roles have them all the same. What is excepted must be in a
# role of some example, beside what makes it needed.
EXCEPTIONS = {
    # The verb `write` is for objects of any size. boto3 sends 8 MiB and more in parts, and when a part fails takes the
    # others back: without this they stay, unseen and paid for, until somebody finds them. SAM's S3WritePolicy lacks it
    # for that price; CDK's grantWrite has it. The examples' pictures are small, and the embedded S3 has no parts.
    "s3:AbortMultipartUpload": "s3:PutObject",
}
PATIENCE_SECONDS = 240


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


class Scene:
    def __init__(self, name, url, urls):
        self.name, self.url, self.urls = name, url, urls
        self.iam, self.logs = examples.client("iam", url), examples.client("logs", url)
        self.s3, self.sqs = examples.client("s3", url), examples.client("sqs", url)
        self.count = 0

    def run(self):
        """The example as its users know it."""
        if self.name == "image-pipeline":
            examples.image_pipeline(self.url)
        elif self.name == "worker":
            examples.worker(self.url)
        else:
            self.stir()
        self.wait("log lines", lambda: self.lines() or None)

    def stir(self):
        """Gives every function something to do."""
        self.count += 1
        for url in self.urls:
            if get(url.replace("{name}", "Ada").replace("{id}", "none")) >= 500:
                raise SystemExit(f"{url} fails")
        if self.name == "image-pipeline":
            bucket = examples.named([it["Name"] for it in self.s3.list_buckets()["Buckets"]], "image-pipeline-dev-pictures")
            self.s3.put_object(Bucket=bucket, Key=f"{self.count}.png", Body=examples.picture(examples.png()))
        if self.name == "worker":
            queue = examples.named(self.sqs.list_queues()["QueueUrls"], "worker-dev-orders")
            self.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"id": self.count, "items": {"apple": 1}}))

    def lines(self):
        groups = self.logs.describe_log_groups()["logGroups"]
        found = [self.logs.filter_log_events(logGroupName=it["logGroupName"])["events"] for it in groups]
        return found if found and all(found) else []

    def ledger(self):
        with urllib.request.urlopen(f"{self.url}/_updraft/ledger", timeout=60) as answer:
            return json.load(answer)

    def refusals(self, since):
        return [it for it in self.ledger() if it["seq"] > since and (it["error"] or "").startswith("AccessDenied")]

    def now(self):
        return max((it["seq"] for it in self.ledger()), default=0)

    @staticmethod
    def wait(what, look):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if (found := look()) is not None:
                return found
            time.sleep(0.2)
        raise SystemExit(f"{what}: not within {PATIENCE_SECONDS} s")

    def policies(self):
        for role in self.iam.list_roles(PathPrefix="/updraft/")["Roles"]:
            name = role["RoleName"]
            for policy in self.iam.list_role_policies(RoleName=name)["PolicyNames"]:
                document = self.iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                yield name, policy, document

    def put(self, role, policy, document):
        self.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))

    def fails_without(self, role, policy, document, action):
        self.put(role, policy, without(document, action))
        since = self.now()
        self.stir()

        def refused():
            for it in self.refusals(since):
                scheduled = it["operation"] == "RunSchedule" and action == "lambda:InvokeFunction"
                if scheduled or (it["object"] or "").startswith(f"{action} "):
                    return it
            return None

        found = self.wait(f"a refusal of {action} to {role}", refused)
        print(f"ok  without {action} {role} fails: {found['service']} {found['operation']} {found['error']}")
        self.put(role, policy, document)


def as_list(value):
    return value if isinstance(value, list) else [value]


def actions(document):
    return sorted({action for one in document["Statement"] for action in as_list(one["Action"])})


def without(document, action):
    """Returns the document without an action; something harmless stands where nothing would be left."""
    left = copy.deepcopy(document)
    for one in left["Statement"]:
        one["Action"] = [it for it in as_list(one["Action"]) if it != action]
    kept = [one for one in left["Statement"] if one["Action"]]
    left["Statement"] = kept or [{"Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*"}]
    return left


def main(name, url, *urls):
    scene = Scene(name, url, urls)
    scene.run()
    if refused := scene.refusals(0):
        raise SystemExit(f"refused under the roles as they are: {refused}")
    print("ok  the example runs under exactly its roles")
    taken = 0
    for role, policy, document in list(scene.policies()):
        for action in actions(document):
            if action in EXCEPTIONS:
                if EXCEPTIONS[action] not in actions(document):
                    raise SystemExit(f"{role} has {action} without {EXCEPTIONS[action]}")
                print(f"--  {action} is only taken when {EXCEPTIONS[action]} fails midway")
                continue
            scene.fails_without(role, policy, document, action)
            taken += 1
    if not taken:
        raise SystemExit("there was nothing to take away")


if __name__ == "__main__":
    main(*sys.argv[1:])
