"""What Microsoft's own clients find of the scenario, compared with what its manifest says."""

import bindings
from clients import SUBSCRIPTION, Account
from results import fits
from scenario import APPLICATION, CALLER, CLIENT, GROUP, SECRET, VAULT

READER, SENDER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"
RECEIVER, SECRETS = "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", "4633458b-17de-408a-b874-0445c86b69e6"
BASE = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{GROUP}".lower()


class Project:
    """The deployed project: its sites, accounts and rights, by what their names start with."""

    def __init__(self, clients, schema):
        self.clients, self.schema = clients, schema

    def site(self, function):
        sites = [one for one in self.clients.web.web_apps.list_by_resource_group(GROUP)
                 if one.name.startswith(f"shop-dev-{function}-")]
        assert len(sites) == 1, [one.name for one in sites]
        return self.clients.web.web_apps.get(GROUP, sites[0].name)

    def settings(self, function):
        return self.clients.web.web_apps.list_application_settings(GROUP, self.site(function).name).properties

    def data(self):
        """Returns the name of the account whose containers and queues are the project's own."""
        accounts = [one.name for one in self.clients.storage.storage_accounts.list_by_resource_group(GROUP)]
        return next(name for name in accounts if "photos" in self.containers(name))

    def containers(self, account):
        return [one.name for one in self.clients.storage.blob_containers.list(GROUP, account)]

    def triggers(self, function):
        """Returns the trigger of each function of an app, by its name."""
        site = self.site(function).name
        found = {}
        for one in self.clients.web.web_apps.list_functions(GROUP, site):
            shown = self.clients.web.web_apps.get_function(GROUP, site, one.name.split("/")[1]).properties
            found[one.name.split("/")[1]] = shown.config["bindings"][0]
        return found

    def rights(self, function):
        """Returns what the identity of a function may do: role and scope."""
        identity = self.clients.identities.get(GROUP, f"shop-dev-{function}")
        found = self.clients.rights.role_assignments.list_for_subscription(
            filter=f"principalId eq '{identity.principal_id}'")
        return {(one.role_definition_id[-36:], one.scope.lower()) for one in found}


def an_open_app(p):
    site, settings = p.site("open"), p.settings("open")
    config = site.properties.function_app_config
    scale = config.scale_and_concurrency
    routes = {one["route"]: (one["authLevel"], one["methods"]) for one in p.triggers("open").values()}
    return fits(
        state=(site.properties.state, "Running"), https=(site.properties.https_only, True),
        runtime=((config.runtime.name, config.runtime.version), ("python", "3.12")),
        scale=((scale.instance_memory_mb, scale.maximum_instance_count), (512, 50)),
        concurrency=(scale.triggers.http.per_instance_concurrency, 40), team=(site.tags.get("team"), "web"),
        variable=(settings.get("LEVEL"), "info"), credential=(settings["AzureWebJobsStorage__credential"], "managedidentity"),
        routes=(sorted(routes), ["/", "items/{id}"]), levels=({level for level, _ in routes.values()}, {"anonymous"}),
        identity=([one.lower().rpartition("/")[2] for one in site.identity.user_assigned_identities], ["shop-dev-open"]),
    )


def a_keyed_app(p):
    kinds = {one["type"]: one for one in p.triggers("keyed").values()}
    keys = p.clients.web.web_apps.list_host_keys(GROUP, p.site("keyed").name)
    return fits(
        kinds=(sorted(kinds), ["httpTrigger", "timerTrigger"]), level=(kinds["httpTrigger"]["authLevel"], "function"),
        route=(kinds["httpTrigger"]["route"], "{*path}"), rate=(kinds["timerTrigger"]["schedule"], "0 */5 * * * *"),
        keys=(bool(keys.function_keys), True),
    )


def an_inner_app(p):
    site = p.site("inner").name
    auth = p.clients.web.web_apps.get_auth_settings_v2_without_secrets(GROUP, site).properties
    directory = auth.identity_providers.azure_active_directory
    policy = directory.validation.default_authorization_policy
    timer = next(one for one in p.triggers("inner").values() if one["type"] == "timerTrigger")
    reference = p.settings("inner")["API_KEY"]
    secrets = {scope for role, scope in p.rights("inner") if role == SECRETS}
    return fits(
        required=(auth.global_validation.require_authentication, True), application=(directory.registration.client_id, APPLICATION),
        refused=(auth.global_validation.unauthenticated_client_action, "Return401"),
        objects=(policy.allowed_principals.identities, [CALLER]), applications=(policy.allowed_applications, [CLIENT]),
        schedule=(timer["schedule"], "0 0 7 * * 1-5"), reference=("@Microsoft.KeyVault(SecretUri=" in reference, True),
        named=(f"/secrets/{SECRET}" in reference, True),
        secrets=([scope.partition("/vaults/")[2] for scope in secrets], [f"{VAULT}/secrets/{SECRET}"]),
    )


def a_queue(p):
    account = p.data()
    queues = {one.name for one in p.clients.storage.queue.list(GROUP, account)}
    trigger = next(iter(p.triggers("work").values()))
    service = f"{BASE}/providers/microsoft.storage/storageaccounts/{account}"
    rights = p.rights("work")
    return fits(
        queues=(sorted(queues), ["done", "jobs", "jobs-poison"]), trigger=((trigger["type"], trigger["queueName"]), ("queueTrigger", "jobs")),
        sender=((SENDER, f"{service}/queueservices/default/queues/done") in rights, True),
        poison=((SENDER, f"{service}/queueservices/default/queues/jobs-poison") in rights, True),
        reader=((READER, f"{service}/blobservices/default/containers/photos") in rights, True),
        consumer=(len([scope for _, scope in rights if scope.endswith("/queues/jobs")]), 1),
    )


def a_bus(p):
    spaces = list(p.clients.bus.namespaces.list_by_resource_group(GROUP))
    found = p.clients.bus.queues.get(GROUP, spaces[0].name, "orders")
    trigger = next(iter(p.triggers("orders").values()))
    scope = f"{BASE}/providers/microsoft.servicebus/namespaces/{spaces[0].name}/queues/orders".lower()
    return fits(
        spaces=(len(spaces), 1), local=(spaces[0].disable_local_auth, True), lock=(found.lock_duration.seconds, 120),
        kept=(found.default_message_time_to_live.days, 2), count=(found.max_delivery_count, 4),
        lost=(found.forward_dead_lettered_messages_to, "lost"), many=(trigger["cardinality"], "many"),
        receiver=((RECEIVER, scope) in p.rights("orders"), True),
    )


def a_storage_event(p):
    account = p.data()
    found = list(p.clients.events.list_by_resource(GROUP, "Microsoft.Storage", "storageAccounts", account))
    rule = found[0]
    return fits(
        count=(len(found), 1), types=(rule.filter.included_event_types, ["Microsoft.Storage.BlobCreated"]),
        prefix=(rule.filter.subject_begins_with, "/blobServices/default/containers/photos/blobs/in/"),
        suffix=(rule.filter.subject_ends_with, ".jpg"), attempts=(rule.retry_policy.max_delivery_attempts, 6),
        age=(rule.retry_policy.event_time_to_live_in_minutes, 120),
        target=(rule.destination.resource_id.lower().startswith(p.site("watch").id.lower()), True),
    )


def accounts(p):
    found = list(p.clients.storage.storage_accounts.list_by_resource_group(GROUP))
    return fits(
        count=(len(found), 2), keys=({one.allow_shared_key_access for one in found}, {False}),
        public=({one.allow_blob_public_access for one in found}, {False}), tls=({one.minimum_tls_version for one in found}, {"TLS1_2"}),
        apart=(p.containers(p.data()), ["photos"]),
    )


def packages(p):
    """Every package that was published holds functions as Microsoft's library writes them, and a host as its schema says."""
    host = next(one.name for one in p.clients.storage.storage_accounts.list_by_resource_group(GROUP) if one.name != p.data())
    account, wrong, counts = Account.of(p.clients, GROUP, host), [], {}
    for name in ("open", "keyed", "inner", "work", "orders", "watch"):
        blob = account.blobs().get_blob_client(name, "released-package.zip")
        findings, counts[name] = bindings.of_package(blob.download_blob().readall(), p.schema)
        wrong += [f"{name}: {finding}" for finding in findings]
    wanted = {"open": 2, "keyed": 2, "inner": 2, "work": 1, "orders": 1, "watch": 1}
    late = bindings.of_host(p.schema, {"version": "2.0", "functionTimeout": "soon"})
    return fits(wrong=(wrong, []), functions=(counts, wanted), judged=(bool(late), True))


CHECKS = [
    ("an open app", an_open_app), ("an app with keys", a_keyed_app), ("an inner app", an_inner_app), ("a queue", a_queue),
    ("a queue of service bus", a_bus), ("a storage event", a_storage_event), ("storage accounts", accounts),
    ("packages", packages),
]
