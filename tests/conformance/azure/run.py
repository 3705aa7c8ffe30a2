"""Holds the embedded Azure and what Updraft does on it against Microsoft's own parties.

    python run.py --updraft target/debug/updraft --work target/conformance-azure
"""

import logging
import sys
import threading
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import arm
import data
import validator
from azurite import Azurite
from clients import REGION, Account, Clients
from life import Suite


# A HEAD of what is absent has no body, which the clients complain of; what matters they raise.
logging.getLogger("azure").setLevel(logging.CRITICAL + 1)


def main():
    suite = Suite("azure", "Azure")
    suite.during(lambda: whole(suite))
    counts = suite.validate(lambda request: validator.check(request, suite.tap.told))
    return suite.told("Microsoft's", counts, "the models of Microsoft's clients")


def whole(suite):
    """Everything, on one embedded cloud; Azurite beside it."""
    beside = threading.Thread(target=azurite, args=(suite,))
    beside.start()
    try:
        clients = Clients(suite.url, retry_total=2)
        suite.read_back("made and read", arm.CHECKS, clients)
        data.check(suite.results, suite.target, planted(clients))
    finally:
        beside.join()


def azurite(suite):
    """Runs the traffic of blobs and queues on Azurite; that it cannot is a failure."""
    try:
        cloud = Azurite(suite.work)
    except Exception as error:
        suite.results.add("azurite", data.GROUP, "starts", str(error))
        return
    try:
        data.check(suite.results, "azurite", cloud)
    finally:
        cloud.stop()


def planted(clients):
    """Makes somebody else's storage account and returns it."""
    clients.resources.resource_groups.create_or_update("company", {"location": REGION})
    clients.storage.storage_accounts.begin_create("company", "companydata", {
        "location": REGION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}).result()
    return Account.of(clients, "company", "companydata")


if __name__ == "__main__":
    sys.exit(main())
