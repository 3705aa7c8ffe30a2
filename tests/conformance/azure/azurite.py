"""Azurite, Microsoft's emulator of storage: installed from npm at a pinned version, started, and spoken to."""

import subprocess

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from npm import installed, node
from targets import answers, environment, free_port, wait_until

VERSION = "3.35.0"

# Its only account, and the key that Microsoft published for it:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


class Azurite:
    """An Azurite that is up, with nothing in it."""

    def __init__(self, work):
        program = installed(work.parent, "azurite", VERSION) / "dist/src/azurite.js"
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
