"""Deploys a project to the embedded Google cloud, reads it back with Google's clients, and validates every request.

    python run.py --updraft target/debug/updraft --work target/conformance-google
"""

import argparse
import base64
import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import readback
import scenario
import validator
from results import Results
from tap import Tap
from targets import environment, wait_until

COMMAND_SECONDS = 300
NEIGHBOUR = ("roles/viewer", "user:neighbour@example.com")


class Stop(Exception):
    """The run cannot go on; what went wrong is noted already."""


def main():
    options = arguments()
    work, began = Path(options.work).resolve(), time.monotonic()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    results = Results()
    process, url = start(options.updraft, work)
    tap = Tap(url.removeprefix("http://"))
    try:
        Run(options.updraft, work / "project", url, tap.url, results).whole()
    except Stop:
        pass
    finally:
        process.terminate()
        process.wait(10)
        tap.save(work / "requests.jsonl")
        tap.stop()
    counts = validate(results, tap.requests)
    results.add("google", "requests", "buckets are spoken of in gRPC", None if tap.grpc_connections else "no connection")
    print(f"\nConformance with Google's own parties, {time.monotonic() - began:.0f} s\n\n{results.table()}\n")
    print(f"Requests held against Google's discovery documents: {sum(counts.values())}, of {len(counts)} methods.")
    print("FAILED" if results.failed() else "Google's parties agree.", flush=True)
    return 1 if results.failed() else 0


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--updraft", required=True)
    parser.add_argument("--work", required=True)
    return parser.parse_args()


def start(updraft, work):
    """Starts the embedded cloud and returns its process and the address of its Google services."""
    log, found = work / "embedded.log", []
    command = [str(Path(updraft).resolve()), "local", "serve", "--port", "0", "--state", str(work / "state")]
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(command, cwd=work, env=environment(HOME=str(work)), stdout=file, stderr=file)

    def printed():
        found[:] = re.findall(r"(http://[\w.:]+) \(Google Cloud\)", log.read_text(encoding="utf-8"))
        return found

    wait_until(process, printed, "embedded")
    return process, found[0]


def validate(results, requests):
    """Holds every recorded request against the documents; a check per method."""
    counts, findings = Counter(), {}
    for request in requests:
        method, found = validator.check(request)
        counts[method] += 1
        findings.setdefault(method, []).extend(found)
    for method, found in sorted(findings.items()):
        results.add("google", "requests", method, "; ".join(dict.fromkeys(found)) or None)
    return counts


class Run:
    """The life of the project: apply, empty plan, changes, destroy."""

    def __init__(self, updraft, folder, url, tapped, results):
        self.updraft = str(Path(updraft).resolve())
        self.folder, self.tapped, self.results = folder, tapped, results
        self.clients = readback.Clients(url)

    def whole(self):
        for path, text in scenario.FILES.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        self.plant()
        before = self.clients.inventory()
        self.expect("validate", 0, "validate")
        self.expect("apply", 0, "apply", "--yes")
        self.expect("plan is empty", 0, "plan", "--detailed-exitcode")
        for name, check in readback.CHECKS:
            try:
                problem = check(self.clients)
            except Exception as error:  # Whatever a third party raises is a finding.
                problem = f"{type(error).__name__}: {error}"
            self.results.add("google", "read back", name, problem)
        for change in scenario.CHANGES:
            self.changed(*change)
        self.expect("data is kept", 1, "destroy", "--yes")
        self.expect("destroy", 0, "destroy", "--yes", "--destroy-data")
        after = self.clients.inventory()
        lost, left = sorted(before - after), sorted(after - before - self.ensured())
        problem = "; ".join([f"lost: {it}" for it in lost] + [f"left over: {it}" for it in left]) or None
        self.note("life", "destroy leaves what is not ours", problem)
        self.expect("nothing left to destroy", 0, "destroy", "--yes")

    def ensured(self):
        """Returns what every app with a storage trigger needs of the project, and leaves to the others that do."""
        project = self.clients.projects.projects().get(name=f"projects/{scenario.PROJECT}").execute()
        agent = f"service-{project['name'].split('/')[1]}@gs-project-accounts.iam.gserviceaccount.com"
        return {f"binding roles/pubsub.publisher serviceAccount:{agent}"}

    def plant(self):
        """Makes what others have: a secret, a bucket, a topic, and a neighbour's right to the project."""
        secrets = self.clients.secrets.projects().secrets()
        parent, body = f"projects/{scenario.PROJECT}", {"replication": {"automatic": {}}}
        secrets.create(parent=parent, secretId="api-key", body=body).execute()
        payload = {"payload": {"data": base64.b64encode(b"s3cret").decode()}}
        secrets.addVersion(parent=f"{parent}/secrets/api-key", body=payload).execute()
        self.clients.storage.create_bucket("somebody-elses-bucket", location=scenario.REGION)
        self.clients.publisher.create_topic(name=f"{parent}/topics/somebody-elses-topic")
        role, member = NEIGHBOUR
        policy = self.clients.projects.projects().getIamPolicy(resource=parent, body={}).execute()
        policy.setdefault("bindings", []).append({"role": role, "members": [member]})
        self.clients.projects.projects().setIamPolicy(resource=parent, body={"policy": policy}).execute()

    def command(self, *words):
        variables = environment(UPDRAFT_ENDPOINT=f"gcp={self.tapped}", HOME=str(self.folder), NO_COLOR="1")
        try:
            done = subprocess.run([self.updraft, *words], cwd=self.folder, env=variables, capture_output=True,
                                  text=True, timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired as late:
            return "no end", str(late.stdout), str(late.stderr)
        with open(f"{self.folder}.log", "a", encoding="utf-8") as log:
            log.write(f"$ updraft {' '.join(words)}   # exit {done.returncode}\n{done.stdout}{done.stderr}\n")
        return done.returncode, done.stdout, done.stderr

    def expect(self, name, code, *words):
        found, output, errors = self.command(*words)
        problem = None if found == code else f"`updraft {' '.join(words)}` ended with {found}:\n{output}{errors}"
        self.note("life", name, problem)
        return output

    def note(self, group, name, problem):
        if not self.results.add("google", group, name, problem):
            raise Stop

    def changed(self, name, old, new, wanted):
        """Makes one change: the plan is what it should be, and empty once it is carried out."""
        manifest = self.folder / "updraft.toml"
        text = manifest.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        manifest.write_text(text.replace(old, new), encoding="utf-8")
        plan = json.loads(self.expect(f"{name}: plan", 2, "plan", "--detailed-exitcode", "--json"))
        found = {
            change["address"]: change["change"]["actions"]
            for change in plan["resource_changes"] if change["change"]["actions"] != ["no-op"]
        }
        self.note("life", f"{name}: plan is right", None if found == wanted else f"{found}, not {wanted}")
        self.expect(f"{name}: apply", 0, "apply", "--yes")
        self.expect(f"{name}: plan is empty", 0, "plan", "--detailed-exitcode")


if __name__ == "__main__":
    sys.exit(main())
