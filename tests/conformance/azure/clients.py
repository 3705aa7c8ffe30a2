"""Microsoft's clients for the embedded cloud, which takes any token and speaks plain HTTP on this machine."""

from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.eventgrid import EventGridManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient
from azure.mgmt.resourcegraph import ResourceGraphClient
from azure.mgmt.servicebus import ServiceBusManagementClient
from azure.mgmt.storage import StorageManagementClient
from azure.mgmt.web import WebSiteManagementClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
TENANT = "11111111-1111-1111-1111-111111111111"
REGION = "westeurope"
TOKEN = "Bearer local"


class Nobody:
    """A credential that is never asked: the policies below say who calls."""

    def get_token(self, *_scopes, **_more):
        raise AssertionError("a token was asked for")


class Known(SansIOHTTPPolicy):
    """Adds a token where the clients of Azure Resource Manager would get one."""

    def on_request(self, request):
        request.http_request.headers["Authorization"] = TOKEN


class Carried(RequestsTransport):
    """Adds a token below the clients of storage, which send none over plain HTTP."""

    def send(self, request, **more):
        request.headers["Authorization"] = TOKEN
        return super().send(request, **more)


# The clients of storage sign with some key, and the token takes the signature's place.
SIGNED = {"account_name": "local", "account_key": "AAAA"}


class Clients:
    """One client for each service, all at one address."""

    def __init__(self, url, policy=None, **more):
        self.url = url
        options = {
            "base_url": url, "credential_scopes": ["local/.default"], "authentication_policy": policy or Known(),
            "polling_interval": 0.05, **more,
        }

        def of(kind, *given):
            return kind(Nobody(), *given, **options)

        self.resources = of(ResourceManagementClient, SUBSCRIPTION)
        self.subscriptions = of(SubscriptionClient).subscriptions
        self.web = of(WebSiteManagementClient, SUBSCRIPTION)
        self.storage = of(StorageManagementClient, SUBSCRIPTION)
        self.events = of(EventGridManagementClient, SUBSCRIPTION).event_subscriptions
        self.rights = of(AuthorizationManagementClient, SUBSCRIPTION)
        self.identities = of(ManagedServiceIdentityClient, SUBSCRIPTION).user_assigned_identities
        self.workspaces = of(LogAnalyticsManagementClient, SUBSCRIPTION).workspaces
        self.insights = of(ApplicationInsightsManagementClient, SUBSCRIPTION).components
        self.bus = of(ServiceBusManagementClient, SUBSCRIPTION)
        self.vaults = of(KeyVaultManagementClient, SUBSCRIPTION)
        self.graph = of(ResourceGraphClient)

    def inventory(self):
        """Returns the ids of everything there is, in lower case."""
        found = {group.id for group in self.resources.resource_groups.list()}
        found |= {resource.id for resource in self.resources.resources.list()}
        scope = f"/subscriptions/{SUBSCRIPTION}"
        found |= {one.id for one in self.rights.role_assignments.list_for_subscription()}
        found |= {one.id for one in self.rights.role_definitions.list(scope, filter="type eq 'CustomRole'")}
        for account in self.storage.storage_accounts.list():
            group = group_of(account.id)
            found |= {one.id for one in self.storage.blob_containers.list(group, account.name)}
            found |= {one.id for one in self.storage.queue.list(group, account.name)}
            found |= {one.id for one in self.events.list_by_resource(
                group, "Microsoft.Storage", "storageAccounts", account.name)}
        for space in self.bus.namespaces.list():
            found |= {one.id for one in self.bus.queues.list_by_namespace(group_of(space.id), space.name)}
        return {one.lower() for one in found}


class Account:
    """The data of one storage account of the embedded cloud."""

    def __init__(self, blob, queue):
        # The embedded cloud tells the addresses with the scheme that they have in Azure.
        self.blob, self.queue = (one.rstrip("/").replace("https:", "http:") for one in (blob, queue))

    @classmethod
    def of(cls, clients, group, name):
        found = clients.storage.storage_accounts.get_properties(group, name).primary_endpoints
        return cls(found.blob, found.queue)

    def blobs(self, **options):
        return BlobServiceClient(self.blob, SIGNED, transport=Carried(), retry_total=0, **options)

    def queues(self, **options):
        return QueueServiceClient(self.queue, SIGNED, transport=Carried(), retry_total=0, **options)


def group_of(resource):
    """Returns the resource group in an id."""
    parts = resource.split("/")
    return parts[[part.lower() for part in parts].index("resourcegroups") + 1]
