"""Resources made, read, listed, changed and deleted with Microsoft's own clients: what they are after each step.

The checks go in order and share one resource group, which the last of them deletes with all that is in it.
"""

import base64
import io
import json
import time
import urllib.error
import urllib.request
import uuid
import zipfile

from azure.core.exceptions import ResourceNotFoundError

from clients import REGION, SUBSCRIPTION, TENANT, TOKEN, Account
from results import fits

GROUP = "round-trip"
ACCOUNT, SITE, PLAN, SPACE = "roundtrip", "round-trip-site", "round-trip-plan", "round-trip-bus"
BASE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers"
PLAN_ID, SITE_ID = f"{BASE}/Microsoft.Web/serverfarms/{PLAN}", f"{BASE}/Microsoft.Web/sites/{SITE}"
ACCOUNT_ID = f"{BASE}/Microsoft.Storage/storageAccounts/{ACCOUNT}"
IDENTITY_ID = f"{BASE}/Microsoft.ManagedIdentity/userAssignedIdentities/one"
OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
TAGS = {"team": "web"}
# What the services make on their own account.
HIDDEN = {"microsoft.eventgrid/systemtopics", "microsoft.alertsmanagement/smartdetectoralertrules"}
SPACES = [
    "Microsoft.Web", "Microsoft.Storage", "Microsoft.ManagedIdentity", "Microsoft.Insights", "Microsoft.EventGrid",
    "Microsoft.OperationalInsights", "Microsoft.ServiceBus", "Microsoft.KeyVault",
]


def same(found, wanted):
    """Compares names as Azure does, without regard to case."""
    return (found or "").lower(), wanted.lower()


def subscriptions(c):
    known = {one.subscription_id: one.state for one in c.subscriptions.list()}
    return fits(state=(known.get(SUBSCRIPTION), "Enabled"), tenant=(c.subscriptions.get(SUBSCRIPTION).tenant_id, TENANT))


def registrations(c):
    for space in SPACES:
        c.resources.providers.register(space)
    states = {space: c.resources.providers.get(space).registration_state for space in SPACES}
    wrong = {space: state for space, state in states.items() if state not in ("Registered", "Registering")}
    return fits(states=(wrong, {}))


def a_group(c):
    groups = c.resources.resource_groups
    absent = groups.check_existence(GROUP)
    made = groups.create_or_update(GROUP, {"location": "West Europe", "tags": TAGS})
    again = groups.create_or_update(GROUP, {"location": REGION, "tags": {**TAGS, "other": "1"}})
    listed = [one.name for one in groups.list(filter="tagName eq 'team' and tagValue eq 'web'")]
    return fits(
        absent=(absent, False), there=(groups.check_existence(GROUP.upper()), True), location=(made.location, REGION),
        state=(made.properties.provisioning_state, "Succeeded"), tags=(again.tags, {**TAGS, "other": "1"}),
        listed=(GROUP in listed, True), id=same(made.id, f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}"),
    )


def monitoring(c):
    body = {"location": REGION, "tags": TAGS, "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}}
    space = c.workspaces.begin_create_or_update(GROUP, "logs", body).result()
    made = c.insights.create_or_update(GROUP, "insights", {
        "location": REGION, "kind": "web", "tags": TAGS,
        "properties": {"Application_Type": "web", "WorkspaceResourceId": space.id, "DisableLocalAuth": True},
    })
    found = c.insights.get(GROUP, "insights")
    return fits(
        state=(space.provisioning_state, "Succeeded"), sku=same(space.sku.name, "PerGB2018"),
        days=(space.retention_in_days, 30), customer=(len(space.customer_id), 36), tags=(space.tags, TAGS),
        workspace=same(found.workspace_resource_id, space.id), kind=(found.application_type, "web"),
        local=(found.disable_local_auth, True), told=("InstrumentationKey=" in found.connection_string, True),
        listed=([one.name for one in c.insights.list_by_resource_group(GROUP)], ["insights"]), id=same(made.id, found.id),
    )


def an_account(c):
    free = c.storage.storage_accounts.check_name_availability({"name": ACCOUNT, "type": "Microsoft.Storage/storageAccounts"})
    properties = {"allowBlobPublicAccess": False, "allowSharedKeyAccess": False, "minimumTlsVersion": "TLS1_2",
                  "supportsHttpsTrafficOnly": True, "defaultToOAuthAuthentication": True}
    body = {"location": REGION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": TAGS,
            "properties": properties}
    made = c.storage.storage_accounts.begin_create(GROUP, ACCOUNT, body).result()
    taken = c.storage.storage_accounts.check_name_availability({"name": ACCOUNT, "type": "Microsoft.Storage/storageAccounts"})
    changed = c.storage.storage_accounts.update(GROUP, ACCOUNT, {"tags": {"team": "two"}})
    return fits(
        free=(free.name_available, True), taken=((taken.name_available, taken.reason), (False, "AlreadyExists")),
        state=(made.provisioning_state, "Succeeded"), kind=(made.kind, "StorageV2"), sku=(made.sku.name, "Standard_LRS"),
        tier=(made.sku.tier, "Standard"), public=(made.allow_blob_public_access, False), tls=(made.minimum_tls_version, "TLS1_2"),
        keys=(made.allow_shared_key_access, False), https=(made.enable_https_traffic_only, True),
        tags=((made.tags, changed.tags), (TAGS, {"team": "two"})), slash=(made.primary_endpoints.blob[-1], "/"),
        listed=(ACCOUNT in [one.name for one in c.storage.storage_accounts.list_by_resource_group(GROUP)], True),
    )


def containers_and_queues(c):
    made = c.storage.blob_containers.create(GROUP, ACCOUNT, "photos", {
        "properties": {"publicAccess": "None", "metadata": {"mark": "1"}}})
    queue = c.storage.queue.create(GROUP, ACCOUNT, "jobs", {"properties": {"metadata": {"mark": "2"}}})
    data = Account.of(c, GROUP, ACCOUNT)
    found = data.blobs().get_container_client("photos").get_container_properties()
    data.queues().get_queue_client("jobs").send_message("x")
    read = c.storage.blob_containers.get(GROUP, ACCOUNT, "photos")
    return fits(
        access=(read.public_access, "None"), marked=(read.metadata, {"mark": "1"}), seen=(found.metadata, {"mark": "1"}),
        queue=(queue.metadata, {"mark": "2"}), etag=(bool(read.etag), True), id=same(made.id, read.id),
        containers=([one.name for one in c.storage.blob_containers.list(GROUP, ACCOUNT)], ["photos"]),
        queues=([one.name for one in c.storage.queue.list(GROUP, ACCOUNT)], ["jobs"]),
        count=(c.storage.queue.get(GROUP, ACCOUNT, "jobs").approximate_message_count in (None, 1), True),
    )


def an_identity(c):
    made = c.identities.create_or_update(GROUP, "one", {"location": REGION, "tags": TAGS})
    again = c.identities.create_or_update(GROUP, "one", {"location": REGION, "tags": TAGS})
    return fits(
        ids=(all(uuid.UUID(one) for one in (made.principal_id, made.client_id)), True), tenant=(made.tenant_id, TENANT),
        stable=((again.principal_id, again.client_id), (made.principal_id, made.client_id)), tags=(made.tags, TAGS),
        id=same(made.id, IDENTITY_ID),
    )


def rights(c):
    identity = c.identities.get(GROUP, "one")
    role, name = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}", str(uuid.uuid4())
    body = {"properties": {"roleDefinitionId": role, "principalId": identity.principal_id,
                           "principalType": "ServicePrincipal", "description": "why"}}
    made = c.rights.role_assignments.create(ACCOUNT_ID, name, body)
    found = c.rights.role_assignments.get(ACCOUNT_ID, name)
    own = [one.name for one in c.rights.role_assignments.list_for_subscription(
        filter=f"principalId eq '{identity.principal_id}'")]
    built_in = c.rights.role_definitions.get_by_id(role)
    group, custom = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}", str(uuid.uuid4())
    actions = ["Microsoft.Storage/storageAccounts/queueServices/queues/messages/delete"]
    defined = c.rights.role_definitions.create_or_update(group, custom, {"properties": {
        "roleName": "Round trip", "type": "CustomRole", "assignableScopes": [group],
        "permissions": [{"actions": [], "dataActions": actions}]}})
    return fits(
        name=(made.name, name), scope=same(found.scope, ACCOUNT_ID), role=same(found.role_definition_id, role),
        why=(found.description, "why"), kind=(found.principal_type, "ServicePrincipal"), own=(own, [name]),
        built_in=(built_in.role_name, "Storage Blob Data Owner"), custom=(defined.role_type, "CustomRole"),
        actions=(defined.permissions[0].data_actions, actions),
        listed=([one.name for one in c.rights.role_definitions.list(group, filter="type eq 'CustomRole'")], [custom]),
    )


def an_app(c):
    plan = c.web.app_service_plans.begin_create_or_update(GROUP, PLAN, {
        "location": REGION, "kind": "functionapp", "sku": {"name": "FC1", "tier": "FlexConsumption"}, "tags": TAGS,
        "properties": {"reserved": True}}).result()
    site = c.web.web_apps.begin_create_or_update(GROUP, SITE, {
        "location": REGION, "kind": "functionapp,linux", "tags": TAGS,
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY_ID: {}}},
        "properties": {"serverFarmId": PLAN_ID, "httpsOnly": True, "functionAppConfig": {
            "deployment": {"storage": {
                "type": "blobContainer", "value": Account.of(c, GROUP, ACCOUNT).blob + "/photos",
                "authentication": {"type": "UserAssignedIdentity", "userAssignedIdentityResourceId": IDENTITY_ID}}},
            "runtime": {"name": "python", "version": "3.12"},
            "scaleAndConcurrency": {"maximumInstanceCount": 100, "instanceMemoryMB": 2048}}}}).result()
    config = site.properties.function_app_config
    return fits(
        sku=((plan.sku.name, plan.sku.tier), ("FC1", "FlexConsumption")), plan=same(site.properties.server_farm_id, PLAN_ID),
        state=(site.properties.state, "Running"), runtime=((config.runtime.name, config.runtime.version), ("python", "3.12")),
        memory=(config.scale_and_concurrency.instance_memory_mb, 2048), tags=(site.tags, TAGS),
        storage=(config.deployment.storage.type.lower(), "blobcontainer"),
        hosts=(sorted(one.host_type for one in site.properties.host_name_ssl_states), ["Repository", "Standard"]),
        sites=(c.web.app_service_plans.get(GROUP, PLAN).properties.number_of_sites, 1),
        listed=([one.name for one in c.web.web_apps.list_by_resource_group(GROUP)], [SITE]),
    )


def settings(c):
    apps = c.web.web_apps
    apps.update_application_settings(GROUP, SITE, {"properties": {"A": "1", "B": "2"}})
    apps.update_application_settings(GROUP, SITE, {"properties": {
        "B": "3", "AzureWebJobsStorage__accountName": ACCOUNT, "AzureWebJobsStorage__credential": "managedidentity",
        "AzureWebJobsStorage__clientId": c.identities.get(GROUP, "one").client_id}})
    found = apps.list_application_settings(GROUP, SITE).properties
    auth = {"properties": {
        "platform": {"enabled": True}, "globalValidation": {"requireAuthentication": True,
                                                            "unauthenticatedClientAction": "Return401"},
        "identityProviders": {"azureActiveDirectory": {"enabled": True, "registration": {
            "openIdIssuer": f"https://sts.windows.net/{TENANT}/v2.0", "clientId": str(uuid.uuid4())}}}}}
    apps.update_auth_settings_v2(GROUP, SITE, auth)
    read = apps.get_auth_settings_v2_without_secrets(GROUP, SITE).properties
    c.resources.tags.begin_update_at_scope(SITE_ID, {"operation": "Merge", "properties": {"tags": {"sum": "1"}}}).result()
    return fits(
        replaced=(found.get("A"), None), value=(found.get("B"), "3"),
        action=(read.global_validation.unauthenticated_client_action, "Return401"),
        tags=(apps.get(GROUP, SITE).tags, {**TAGS, "sum": "1"}),
        same=(c.resources.tags.get_at_scope(SITE_ID).properties.tags, {**TAGS, "sum": "1"}),
    )


def package():
    archive = io.BytesIO()
    function = {"scriptFile": "../main.py", "entryPoint": "handler", "bindings": [
        {"type": "eventGridTrigger", "direction": "in", "name": "event"}]}
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("host.json", json.dumps({"version": "2.0"}))
        file.writestr("main.py", "def handler(event, context):\n    print(event)\n")
        file.writestr("seen/function.json", json.dumps(function))
    return archive.getvalue()


def functions(c):
    hosts = c.web.web_apps.get(GROUP, SITE).properties.host_name_ssl_states
    host = next(one.name for one in hosts if one.host_type == "Repository")
    url = f"http://{host}/api/publish?RemoteBuild=false&Deployer=conformance"
    headers = {"Authorization": TOKEN, "Content-Type": "application/zip"}
    sent = urllib.request.urlopen(urllib.request.Request(url, package(), headers), timeout=60)
    name = json.loads(sent.read())
    state = until(lambda: deployed(host, name))
    listed = until(lambda: [one.name for one in c.web.web_apps.list_functions(GROUP, SITE)])
    keys = c.web.web_apps.list_host_keys(GROUP, SITE)
    function = c.web.web_apps.get_function(GROUP, SITE, "seen").properties
    return fits(
        accepted=(sent.status in (200, 202), True), state=(state, 4), listed=(listed, [f"{SITE}/seen"]), master=(bool(keys.master_key), True),
        binding=(function.config["bindings"][0]["type"], "eventGridTrigger"),
    )


def deployed(host, name):
    """Returns the state of a deployment once it is an end; one is not told of at once."""
    request = urllib.request.Request(f"http://{host}/api/deployments/{name}", headers={"Authorization": TOKEN})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = json.loads(answer.read())["status"]
    except urllib.error.HTTPError as error:
        if error.code == 404:
            return None
        raise
    return found if found in (3, 4, 5, 6, -1) else None


def until(check):
    deadline = time.monotonic() + 60
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


def events(c):
    body = {"properties": {
        "destination": {"endpointType": "AzureFunction", "properties": {"resourceId": f"{SITE_ID}/functions/seen"}},
        "filter": {"includedEventTypes": ["Microsoft.Storage.BlobCreated"], "subjectBeginsWith": "/blobServices/default/"},
        "retryPolicy": {"maxDeliveryAttempts": 7, "eventTimeToLiveInMinutes": 60}, "labels": ["mine"]}}
    made = c.events.begin_create_or_update(ACCOUNT_ID, "seen", body).result()
    found = c.events.get(ACCOUNT_ID, "seen")
    return fits(
        state=(made.provisioning_state, "Succeeded"), labels=(found.labels, ["mine"]),
        destination=same(found.destination.resource_id, f"{SITE_ID}/functions/seen"), topic=same(found.topic, ACCOUNT_ID),
        types=(found.filter.included_event_types, ["Microsoft.Storage.BlobCreated"]),
        attempts=(found.retry_policy.max_delivery_attempts, 7), schema=(found.event_delivery_schema, "EventGridSchema"),
        listed=([one.name for one in c.events.list_by_resource(
            GROUP, "Microsoft.Storage", "storageAccounts", ACCOUNT)], ["seen"]),
    )


def a_bus(c):
    made = c.bus.namespaces.begin_create_or_update(GROUP, SPACE, {
        "location": REGION, "sku": {"name": "Standard", "tier": "Standard"}, "tags": TAGS,
        "properties": {"disableLocalAuth": True}}).result()
    c.bus.queues.create_or_update(GROUP, SPACE, "lost", {"properties": {}})
    c.bus.queues.create_or_update(GROUP, SPACE, "orders", {"properties": {
        "lockDuration": "PT2M", "maxDeliveryCount": 4, "forwardDeadLetteredMessagesTo": "lost"}})
    found = c.bus.queues.get(GROUP, SPACE, "orders")
    return fits(
        state=(made.provisioning_state, "Succeeded"), local=(made.disable_local_auth, True), lock=(found.lock_duration.seconds, 120),
        count=(found.max_delivery_count, 4), lost=(found.forward_dead_lettered_messages_to, "lost"),
        listed=(sorted(one.name for one in c.bus.queues.list_by_namespace(GROUP, SPACE)), ["lost", "orders"]),
    )


def a_vault(c):
    made = c.vaults.vaults.begin_create_or_update(GROUP, "round-trip-vault", {"location": REGION, "properties": {
        "tenantId": TENANT, "sku": {"family": "A", "name": "standard"}, "enableRbacAuthorization": True}}).result()
    c.vaults.secrets.create_or_update(GROUP, "round-trip-vault", "one", {"properties": {"value": "s3cret"}})
    found = c.vaults.secrets.get(GROUP, "round-trip-vault", "one")
    return fits(
        rights=(made.properties.enable_rbac_authorization, True), value=(found.properties.value, None),
        uri=("/secrets/one" in found.properties.secret_uri, True),
    )


def a_listing(c):
    kinds = sorted({one.type.lower() for one in c.resources.resources.list_by_resource_group(GROUP)})
    wanted = [
        "microsoft.insights/components", "microsoft.keyvault/vaults", "microsoft.managedidentity/userassignedidentities",
        "microsoft.operationalinsights/workspaces", "microsoft.servicebus/namespaces", "microsoft.storage/storageaccounts",
        "microsoft.web/serverfarms", "microsoft.web/sites",
    ]
    query = {"subscriptions": [SUBSCRIPTION], "query": "resources | where tags['team'] =~ 'web' | project id, tags | order by id asc"}
    tagged = c.resources.resources.list(filter="tagName eq 'team' and tagValue eq 'web'")
    return fits(
        kinds=([kind for kind in kinds if kind not in HIDDEN], wanted),
        graph=(isinstance(c.graph.resources(query).data, list), True), tagged=(any(one.name == SITE for one in tagged), True),
    )


def an_end(c):
    c.web.web_apps.delete(GROUP, SITE, delete_empty_server_farm=False)
    plan = c.web.app_service_plans.get(GROUP, PLAN).properties.number_of_sites
    c.resources.resource_groups.begin_delete(GROUP).wait()
    try:
        c.resources.resource_groups.get(GROUP)
        return "the group is still there"
    except ResourceNotFoundError as error:
        left = [one for one in c.inventory() if f"/resourcegroups/{GROUP}/" in one + "/"]
        return fits(plan=(plan, 0), code=(error.error.code, "ResourceGroupNotFound"), left=(left, []))


CHECKS = [
    ("subscriptions", subscriptions), ("registrations", registrations), ("a resource group", a_group),
    ("monitoring", monitoring), ("a storage account", an_account), ("containers and queues", containers_and_queues),
    ("an identity", an_identity), ("rights", rights), ("a function app", an_app), ("settings", settings),
    ("functions", functions), ("event subscriptions", events), ("service bus", a_bus), ("a key vault", a_vault),
    ("listings", a_listing), ("the end of a group", an_end),
]
