"""Deploys a project to the embedded Google cloud, reads it back with Google's clients, and validates every request.

    python run.py --updraft target/debug/updraft --work target/conformance-google
"""

import base64
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import readback
import scenario
import validator
from life import Life, Suite

NEIGHBOUR = ("roles/viewer", "user:neighbour@example.com")


def main():
    suite = Suite("google", "Google Cloud")
    suite.during(lambda: whole(suite))
    counts = suite.validate(validator.check)
    spoken = None if suite.tap.grpc_connections else "no connection"
    suite.results.add("google", "requests", "buckets are spoken of in gRPC", spoken)
    return suite.told("Google's", counts, "Google's discovery documents")


def whole(suite):
    """The life of the project: apply, empty plan, changes, destroy."""
    clients = readback.Clients(suite.url)
    life = Life(suite, "gcp", scenario.FILES)
    plant(clients)
    before = clients.inventory()
    life.expect("validate", 0, "validate")
    life.expect("apply", 0, "apply", "--yes")
    life.expect("plan is empty", 0, "plan", "--detailed-exitcode")
    suite.read_back("read back", readback.CHECKS, clients)
    for change in scenario.CHANGES:
        life.changed(*change)
    life.destroyed(before, clients.inventory, ensured(clients))


def ensured(clients):
    """Returns what every app with a storage trigger needs of the project, and leaves to the others that do."""
    project = clients.projects.projects().get(name=f"projects/{scenario.PROJECT}").execute()
    agent = f"service-{project['name'].split('/')[1]}@gs-project-accounts.iam.gserviceaccount.com"
    return {f"binding roles/pubsub.publisher serviceAccount:{agent}"}


def plant(clients):
    """Makes what others have: a secret, a bucket, a topic, and a neighbour's right to the project."""
    secrets = clients.secrets.projects().secrets()
    parent, body = f"projects/{scenario.PROJECT}", {"replication": {"automatic": {}}}
    secrets.create(parent=parent, secretId="api-key", body=body).execute()
    payload = {"payload": {"data": base64.b64encode(b"s3cret").decode()}}
    secrets.addVersion(parent=f"{parent}/secrets/api-key", body=payload).execute()
    clients.storage.create_bucket("somebody-elses-bucket", location=scenario.REGION)
    clients.publisher.create_topic(name=f"{parent}/topics/somebody-elses-topic")
    role, member = NEIGHBOUR
    policy = clients.projects.projects().getIamPolicy(resource=parent, body={}).execute()
    policy.setdefault("bindings", []).append({"role": role, "members": [member]})
    clients.projects.projects().setIamPolicy(resource=parent, body={"policy": policy}).execute()


if __name__ == "__main__":
    sys.exit(main())
