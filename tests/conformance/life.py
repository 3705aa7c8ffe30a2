"""The life of a project on one embedded cloud, through a tap: what the suites of single clouds share."""

import argparse
import json
import re
import shutil
import subprocess
import time
import traceback
from collections import Counter
from pathlib import Path

from results import Results
from tap import Tap
from targets import environment, wait_until

COMMAND_SECONDS = 300


class Stop(Exception):
    """The run cannot go on; what went wrong is noted already."""


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--updraft", required=True)
    parser.add_argument("--work", required=True)
    return parser.parse_args()


def empty(folder):
    """Returns the absolute path of a folder that is new."""
    work = Path(folder).resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


class Suite:
    """One run of the checks on one cloud: the embedded cloud, a tap before it, and what was found."""

    def __init__(self, target, title, disguised=False):
        """Starts the cloud; `title` is what it calls itself. `disguised` is the tap's."""
        options = arguments()
        self.target, self.updraft = target, str(Path(options.updraft).resolve())
        self.work, self.began = empty(options.work), time.monotonic()
        self.results = Results()
        self.process, self.url = start(self.updraft, self.work, title)
        self.tap = Tap(self.url.removeprefix("http://"), disguised)

    def during(self, steps):
        """Goes through the steps, up to the first that leaves nothing to go on with, and stops the cloud."""
        try:
            steps()
        except Stop:
            pass
        except Exception:
            self.results.add(self.target, "run", "is undisturbed", traceback.format_exc())
        finally:
            self.process.terminate()
            self.process.wait(10)
            self.tap.save(self.work / "requests.jsonl")
            self.tap.stop()

    def validate(self, check):
        """Holds every recorded request against what its service knows; a check per operation. Returns their counts."""
        counts, findings = Counter(), {}
        for request in self.tap.requests:
            operation, found = check(request)
            counts[operation] += 1
            findings.setdefault(operation, []).extend(found)
        for operation, found in sorted(findings.items()):
            self.results.add(self.target, "requests", operation, "; ".join(dict.fromkeys(found)) or None)
        return counts

    def told(self, whose, counts, against):
        """Prints what came of it and returns the exit status."""
        print(f"\nConformance with {whose} own parties, {time.monotonic() - self.began:.0f} s\n\n{self.results.table()}\n")
        print(f"Requests held against {against}: {sum(counts.values())}, of {len(counts)} methods.")
        print("FAILED" if self.results.failed() else f"{whose} parties agree.", flush=True)
        return 1 if self.results.failed() else 0

    def read_back(self, group, checks, *given):
        """Notes what each check finds; it returns what is wrong, or None."""
        for name, check in checks:
            try:
                problem = check(*given)
            except Exception as error:  # Whatever a third party raises is a finding.
                problem = f"{type(error).__name__}: {error}"
            self.results.add(self.target, group, name, problem)


def start(updraft, work, title):
    """Starts the embedded clouds and returns their process and the address of the one with this title."""
    log, found = work / "embedded.log", []
    command = [updraft, "local", "serve", "--port", "0", "--state", str(work / "state")]
    with open(log, "w", encoding="utf-8") as file:
        process = subprocess.Popen(command, cwd=work, env=environment(HOME=str(work)), stdout=file, stderr=file)

    def printed():
        found[:] = re.findall(rf"(http://[\w.]+:\d+) \({title}\)", log.read_text(encoding="utf-8"))
        return found

    wait_until(process, printed, "embedded")
    return process, found[0]


class Life:
    """A project, and the commands that are given for it."""

    def __init__(self, suite, cloud, files):
        self.suite, self.cloud, self.folder = suite, cloud, suite.work / "project"
        for path, text in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")

    def command(self, *words):
        variables = environment(UPDRAFT_ENDPOINT=f"{self.cloud}={self.suite.tap.url}", HOME=str(self.folder), NO_COLOR="1")
        try:
            done = subprocess.run([self.suite.updraft, *words], cwd=self.folder, env=variables, capture_output=True,
                                  text=True, timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired as late:
            return "no end", str(late.stdout), str(late.stderr)
        with open(f"{self.folder}.log", "a", encoding="utf-8") as log:
            log.write(f"$ updraft {' '.join(words)}   # exit {done.returncode}\n{done.stdout}{done.stderr}\n")
        return done.returncode, done.stdout, done.stderr

    def expect(self, name, code, *words):
        found, output, errors = self.command(*words)
        problem = None if found == code else f"`updraft {' '.join(words)}` ended with {found}:\n{output}{errors}"
        self.note(name, problem)
        return output

    def note(self, name, problem):
        if not self.suite.results.add(self.suite.target, "life", name, problem):
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
        self.note(f"{name}: plan is right", None if found == wanted else f"{found}, not {wanted}")
        self.expect(f"{name}: apply", 0, "apply", "--yes")
        self.expect(f"{name}: plan is empty", 0, "plan", "--detailed-exitcode")

    def destroyed(self, before, inventory, ensured=frozenset()):
        """Destroys everything; only what was there before stays, and what every project leaves behind."""
        self.expect("data is kept", 1, "destroy", "--yes")
        self.expect("destroy", 0, "destroy", "--yes", "--destroy-data")
        after = inventory()
        lost, left = sorted(before - after), sorted(after - before - ensured)
        problem = "; ".join([f"lost: {it}" for it in lost] + [f"left over: {it}" for it in left]) or None
        self.note("destroy leaves what is not ours", problem)
        self.expect("nothing left to destroy", 0, "destroy", "--yes")
