"""Holds the embedded Azure and what Updraft does on it against Microsoft's own parties.

    python run.py --updraft target/debug/updraft --work target/conformance-azure
"""

import logging
import sys
import threading
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

import arm
import bindings
import data
import readback
import scenario
import validator
from azurite import Azurite
from clients import REGION, TENANT, Account, Clients
from life import Life, Suite


# A HEAD of what is absent has no body, which the clients complain of; what matters they raise.
logging.getLogger("azure").setLevel(logging.CRITICAL + 1)


def main():
    suite = Suite("azure", "Azure", disguised=True)
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
        live(suite, clients)
    finally:
        beside.join()


def live(suite, clients):
    """The life of the project: apply, empty plan, changes, destroy."""
    life = Life(suite, "azure", scenario.FILES)
    before = clients.inventory()
    life.expect("validate", 0, "validate")
    life.expect("apply", 0, "apply", "--yes")
    life.expect("plan is empty", 0, "plan", "--detailed-exitcode")
    project = readback.Project(clients, bindings.host_schema(suite.work.parent))
    suite.read_back("read back", readback.CHECKS, project)
    for change in scenario.CHANGES:
        life.changed(*change)
    photos = Account.of(clients, scenario.GROUP, project.data()).blobs().get_container_client("photos")
    photos.upload_blob("kept.txt", b"nobody else has it")
    life.destroyed(before, clients.inventory)


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
    """Makes what somebody else has: a storage account, which is returned, and a key vault with a secret."""
    group, vault = scenario.VAULT_GROUP, scenario.VAULT
    clients.resources.resource_groups.create_or_update(group, {"location": REGION})
    clients.vaults.vaults.begin_create_or_update(group, vault, {"location": REGION, "properties": {
        "tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}}).result()
    clients.vaults.secrets.create_or_update(group, vault, scenario.SECRET, {"properties": {"value": "s3cret"}})
    clients.storage.storage_accounts.begin_create(group, "companydata", {
        "location": REGION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {}}).result()
    return Account.of(clients, group, "companydata")


if __name__ == "__main__":
    sys.exit(main())
