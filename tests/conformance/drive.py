"""Takes one scenario through its life on one target: apply, empty plan, changes, destroy."""

import json
import re
import subprocess
import time
from pathlib import Path

import readback
from lacks import LACKS
from readback_storage import CHECKS
from scenarios import Scenario
from targets import environment

COMMAND_SECONDS = 240
DELETION_SECONDS = 20


class Stop(Exception):
    """The scenario cannot go on; what went wrong is noted already."""


class Run:
    """One scenario on one target."""

    def __init__(self, scenario: Scenario, target, results, settings):
        self.scenario = scenario
        self.target = target
        self.results = results
        self.updraft = settings["updraft"]
        self.proxy = settings["proxy"]
        self.folder = Path(settings["work"]) / target.name / scenario.name
        self.clients = target.clients()

    def note(self, name, problem):
        """Notes a check; a failure ends the scenario."""
        if not self.results.add(self.target.name, self.scenario.name, name, problem):
            raise Stop

    def command(self, *words):
        """Runs updraft and returns its exit code and output."""
        variables = environment(
            AWS_ENDPOINT_URL=self.proxy.url, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
            HOME=str(self.folder.parent), NO_COLOR="1",
        )
        command = [self.updraft, *words]
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=variables, capture_output=True, text=True, timeout=COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired as late:
            output = (late.stdout or b"").decode() + (late.stderr or b"").decode()
            return "no end", f"no end within {COMMAND_SECONDS} s\n{output}"
        self.answer, self.output = done.stdout, done.stdout + done.stderr
        with open(f"{self.folder}.log", "a", encoding="utf-8") as log:
            log.write(f"$ updraft {' '.join(words)}   # exit {done.returncode}\n{done.stdout}{done.stderr}\n")
        return done.returncode, self.output

    def expect(self, name, code, *words):
        """Runs updraft and checks its exit code."""
        found, output = self.command(*words)
        problem = None if found == code else f"`updraft {' '.join(words)}` ended with {found}, not {code}:\n{output}"
        self.note(name, problem)

    def live(self):
        """Runs the whole life, and destroys what is left when it ends early."""
        before = readback.inventory(self.clients)
        self.scenario.write(self.folder, LACKS[self.target.name])
        try:
            self.expect("validate", 0, "validate")
            if self.scenario.blocked:
                return self.blocked(before)
            self.expect("apply", 0, "apply", "--yes")
            self.expect("plan is empty", 0, "plan", "--detailed-exitcode")
            self.read_back()
            for change in self.scenario.changes:
                if not self.lacks(change.name, change.needs):
                    self.changed(change)
            self.expect("destroy", 0, "destroy", "--yes")
            self.note("destroy leaves nothing", self.left_over(before))
            self.expect("nothing left to destroy", 0, "destroy", "--yes")
        except Stop:
            self.command("destroy", "--yes")

    def blocked(self, before):
        """A foreign resource at a wanted address stops everything, with its name in the message."""
        for words in (["plan"], ["apply", "--yes"]):
            self.expect(f"{words[0]} is refused", 1, *words)
            named = "aws.function/ring" in self.output
            self.note(f"{words[0]} names it", None if named else f"it is not named in:\n{self.output}")
        self.note("nothing is made", difference(before, readback.inventory(self.clients)))

    def left_over(self, before):
        """Returns what is more or less than before, once deletions that take a while have had it."""
        deadline = time.monotonic() + DELETION_SECONDS
        while (problem := difference(before, readback.inventory(self.clients))) and time.monotonic() < deadline:
            time.sleep(0.2)
        return problem

    def read_back(self):
        """Compares what boto3 finds with what the manifest says."""
        for name, check, *needs in CHECKS[self.scenario.name]:
            if self.lacks(f"boto3 reads {name}", *needs):
                continue
            try:
                problem = check(self)
            except Exception as error:  # Whatever a third party raises is a finding.
                problem = f"{type(error).__name__}: {error}"
            self.results.add(self.target.name, self.scenario.name, f"boto3 reads {name}", problem)

    def lacks(self, name, needs=""):
        """Whether the target lacks what a check needs; the check is then noted as skipped."""
        if needs not in LACKS[self.target.name]:
            return False
        self.results.lacks(self.target.name, self.scenario.name, name, f"needs {needs}")
        return True

    def changed(self, change):
        """Makes one change: the plan is what it should be, and empty once it is carried out."""
        self.scenario.change(self.folder, change)
        self.expect(f"{change.name}: plan", 2, "plan", "--detailed-exitcode")
        fields = shown_fields(self.answer)
        self.expect(f"{change.name}: plan as JSON", 2, "plan", "--detailed-exitcode", "--json")
        self.note(f"{change.name}: plan is right", unplanned(change, json.loads(self.answer), fields))
        self.expect(f"{change.name}: apply", 0, "apply", "--yes")
        self.expect(f"{change.name}: plan is empty", 0, "plan", "--detailed-exitcode")


def shown_fields(text):
    """Returns the fields that a plan for people shows as changing, by address."""
    fields, address = {}, None
    for line in text.splitlines():
        if head := re.match(r"  ~ (\S.*) {$", line):
            address = head.group(1)
        elif address and (field := re.match(r"      [~+-] ([\w-]+) +=", line)):
            fields.setdefault(address, set()).add(field.group(1))
    return fields


def unplanned(change, plan, fields):
    """Returns how a plan differs from what a change must lead to."""
    found = {
        resource["address"]: resource["change"]["actions"]
        for resource in plan["resource_changes"]
        if resource["change"]["actions"] != ["no-op"] and not re.fullmatch(change.also, resource["address"])
    }
    problems = []
    for address in sorted({*found, *change.plan}):
        actions = found.get(address, ["no-op"])
        wanted, wanted_fields = change.plan.get(address, (["no-op"], None))
        if actions != wanted:
            problems.append(f"{address}: {actions}, not {wanted}")
        elif wanted_fields is not None and fields.get(address) != wanted_fields:
            problems.append(f"{address}: changes {fields.get(address)}, not {wanted_fields}")
    return "; ".join(problems) or None


def difference(before, after):
    """Returns what an inventory has gained and lost."""
    gained, lost = sorted(after - before), sorted(before - after)
    return "; ".join([f"left over: {it}" for it in gained] + [f"lost: {it}" for it in lost]) or None
