"""Azurite, Microsoft's emulator of storage: installed from npm at a pinned version, started, and spoken to."""

import os
import shutil
import subprocess
from pathlib import Path

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from targets import answers, environment, free_port, wait_until

VERSION = "3.35.0"
NEEDED = "the conformance tests need Node.js 18 or later with npm; on Debian and Ubuntu: apt install nodejs npm"
INSTALLATION_SECONDS = 300

# Its only account, and the key that Microsoft published for it:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azurite:
    """An Azurite that is up, with nothing in it."""

    def __init__(self, work):
        program = installed(work.parent / "conformance-azurite")
        blob, queue, table = free_port(), free_port(), free_port()
        command = [
            node(), program, "--inMemoryPersistence", "--disableTelemetry", "--silent", "--skipApiVersionCheck",
            "--blobPort", str(blob), "--queuePort", str(queue), "--tablePort", str(table),
        ]
        with open(work / "azurite.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, cwd=work, env=environment(HOME=str(work)), stdout=log, stderr=log)
        self.blob, self.queue = f"http://127.0.0.1:{blob}/{ACCOUNT}", f"http://127.0.0.1:{queue}/{ACCOUNT}"
        wait_until(self.process, lambda: answers(self.blob) and answers(self.queue), "azurite")

    def blobs(self, **options):
        return BlobServiceClient(self.blob, credential=KEY, **options)

    def queues(self, **options):
        return QueueServiceClient(self.queue, credential=KEY, **options)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def node():
    found = shutil.which("node") or shutil.which("nodejs")
    if not found:
        raise RuntimeError(NEEDED)
    return found


def installed(folder):
    """Returns the program, installed unless it is there at this very version."""
    program = folder / "node_modules/azurite/dist/src/azurite.js"
    stamp = folder / "version"
    if program.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == VERSION:
        return program
    npm = shutil.which("npm")
    if not npm:
        raise RuntimeError(NEEDED)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # npm finds its registry, its proxy and its certificates in settings and variables of the person's own.
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), f"azurite@{VERSION}"]
    done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True,
                          timeout=INSTALLATION_SECONDS)
    if done.returncode or not Path(program).exists():
        raise RuntimeError(f"Azurite could not be installed from npm: {done.stdout}{done.stderr}")
    stamp.write_text(VERSION, encoding="utf-8")
    return program
