"""The three clouds a scenario runs against: the embedded one, the moto server, and ministack."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3
import botocore.config

REGION = "eu-west-1"
START_SECONDS = 120
SERVICES = [
    "apigateway", "apigatewayv2", "iam", "lambda", "logs", "resourcegroupstaggingapi", "s3", "scheduler", "sqs",
    "sts",
]


class Target:
    """A cloud that is up."""

    def __init__(self, name, process, url):
        self.name = name
        self.process = process
        self.url = url

    def client(self, service, url=None, key="test"):
        """Returns a boto3 client that tries once and waits a bounded time."""
        config = botocore.config.Config(
            connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1}, parameter_validation=False,
        )
        return boto3.client(
            service, endpoint_url=url or self.url, region_name=REGION, config=config,
            aws_access_key_id=key, aws_secret_access_key="test",
        )

    def clients(self):
        return {service: self.client(service) for service in SERVICES}

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def environment(**more):
    """Returns a clean environment: no credentials, profiles or settings of the person running the tests."""
    kept = {key: os.environ[key] for key in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if key in os.environ}
    return {**kept, **more}


def start(name, work, updraft):
    """Starts a cloud and waits until it answers."""
    work.mkdir(parents=True, exist_ok=True)
    log = open(work / f"{name}.log", "w", encoding="utf-8")
    home = {"HOME": str(work), "PYTHONUNBUFFERED": "1"}
    if name == "embedded":
        command = [updraft, "local", "serve", "--port", "0", "--state", str(work / "state")]
        process = subprocess.Popen(command, cwd=work, env=environment(**home), stdout=log, stderr=log)
        return Target(name, process, announced(process, Path(log.name)))
    port = free_port()
    scripts = Path(sys.executable).parent
    if name == "moto":
        command = [scripts / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
        settings = {}
    else:
        command = [scripts / "ministack"]
        # Its MQTT listener has one fixed port, which two runs of these tests would fight for.
        settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "IOT_MTLS_ENABLED": "0"}
    process = subprocess.Popen(command, cwd=work, env=environment(**home, **settings), stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    wait_until(process, lambda: answers(url), name)
    return Target(name, process, url)


def announced(process, log):
    """Returns the address that the embedded cloud prints once it listens."""
    found = []

    def printed():
        found[:] = re.findall(r"AWS_ENDPOINT_URL=(http://[\w.]+:\d+)", log.read_text(encoding="utf-8"))
        return found

    wait_until(process, printed, "embedded")
    return found[0]


def wait_until(process, ready, name):
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode} before it answered")
        if time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"{name} did not answer within {START_SECONDS} s")
        time.sleep(0.1)


def answers(url):
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
