"""Runs the scenarios against the three clouds, reads back, probes, validates every request, and prints a table.

    python run.py --updraft target/debug/updraft --work target/conformance [--target NAME] [--scenario NAME]
"""

import argparse
import shutil
import sys
import threading
import time
import traceback
from collections import Counter
from pathlib import Path

import drive
import features
import foreign
import scenarios
import scenarios_storage
import strict
import targets
import validator
from proxy import Proxy
from results import Results

TARGETS = ["embedded", "moto", "ministack"]
TOTAL_SECONDS = 700


def main():
    options = arguments()
    work = Path(options.work).resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    results, recorded, started = Results(), {}, time.monotonic()
    settings = {"updraft": str(Path(options.updraft).resolve()), "work": work, "scenario": options.scenario, "up": []}
    threads = [
        threading.Thread(target=guarded, args=(name, settings, results, recorded), daemon=True)
        for name in options.target or TARGETS
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(1, TOTAL_SECONDS - (time.monotonic() - started)))
    late = [thread for thread in threads if thread.is_alive()]
    if late:
        results.add("all", "run", "ends in time", f"not within {TOTAL_SECONDS} s")
    for target in settings["up"]:
        target.stop()
    counts = validate(results, recorded)
    print(f"\nConformance with third parties, {time.monotonic() - started:.0f} s\n")
    print(results.table())
    print(f"\nRequests held against botocore's models: {sum(counts.values())}, of {len(counts)} operations.")
    failed = results.failed()
    print("FAILED" if failed else "Third parties agree.", flush=True)
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--updraft", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--target", action="append", choices=TARGETS)
    parser.add_argument("--scenario", action="append")
    return parser.parse_args()


def guarded(name, settings, results, recorded):
    """Runs everything on one target; what goes wrong in the tests themselves fails them too."""
    try:
        whole(name, settings, results, recorded)
    except Exception:
        results.add(name, "run", "is undisturbed", traceback.format_exc())


def whole(name, settings, results, recorded):
    """Starts a target, runs every scenario on it through the recording proxy."""
    target = targets.start(name, settings["work"] / name, settings["updraft"])
    settings["up"].append(target)
    proxy = Proxy(target.url)
    try:
        features.check(target, results)
        before = foreign.plant(target)
        for scenario in scenarios.ALL + scenarios_storage.ALL:
            if not settings["scenario"] or scenario.name in settings["scenario"]:
                drive.Run(scenario, target, results, {**settings, "proxy": proxy}).live()
        results.add(name, "foreign resources", "are untouched", foreign.changed(target, before))
        if name == "embedded" and not settings["scenario"]:
            strict.check(target, results)
    finally:
        recorded[name] = proxy.requests
        proxy.save(settings["work"] / f"{name}.requests.jsonl")
        proxy.stop()


def validate(results, recorded):
    """Holds every recorded request against the service models; a check per target and operation."""
    counts, findings = Counter(), {}
    for name, requests in recorded.items():
        for request in requests:
            operation, found = validator.check(request)
            counts[operation] += 1
            findings.setdefault((name, operation), []).extend(found)
    for (name, operation), found in sorted(findings.items()):
        results.add(name, "requests match the models", operation, "; ".join(dict.fromkeys(found)) or None)
    return counts


if __name__ == "__main__":
    sys.exit(main())
