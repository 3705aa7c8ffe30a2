"""What Google's own clients find of the scenario, compared with what its manifest says."""

import google.cloud.functions_v2 as functions_v2
import google.cloud.run_v2 as run_v2
import google.cloud.scheduler_v1 as scheduler_v1
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import pubsub_v1, storage
from google.cloud.functions_v2.services.function_service.transports import FunctionServiceRestTransport
from google.cloud.run_v2.services.services.transports import ServicesRestTransport
from google.cloud.scheduler_v1.services.cloud_scheduler.transports import CloudSchedulerRestTransport
from google.iam.v1.iam_policy_pb2 import GetIamPolicyRequest
from google.iam.v1.options_pb2 import GetPolicyOptions
from google.pubsub_v1.services.publisher.transports import PublisherRestTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberRestTransport
from googleapiclient.discovery import build

from results import fits
from scenario import PROJECT, REGION

LOCATION = f"projects/{PROJECT}/locations/{REGION}"


class Clients:
    """Google's clients, over REST, for the embedded cloud at `url`."""

    def __init__(self, url):
        host = url.removeprefix("http://")

        def rest(transport):
            return transport(host=host, credentials=AnonymousCredentials(), url_scheme="http")

        def discovered(service, version):
            return build(service, version, credentials=AnonymousCredentials(), static_discovery=True,
                         client_options={"api_endpoint": url})

        self.functions = functions_v2.FunctionServiceClient(transport=rest(FunctionServiceRestTransport))
        self.services = run_v2.ServicesClient(transport=rest(ServicesRestTransport))
        self.jobs = scheduler_v1.CloudSchedulerClient(transport=rest(CloudSchedulerRestTransport))
        self.publisher = pubsub_v1.PublisherClient(transport=rest(PublisherRestTransport))
        self.subscriber = pubsub_v1.SubscriberClient(transport=rest(SubscriberRestTransport))
        self.storage = storage.Client(project=PROJECT, credentials=AnonymousCredentials(),
                                      client_options=ClientOptions(api_endpoint=url))
        self.iam = discovered("iam", "v1")
        self.projects = discovered("cloudresourcemanager", "v3")
        self.secrets = discovered("secretmanager", "v1")

    def function(self, name):
        return self.functions.get_function(name=f"{LOCATION}/functions/shop-dev-{name}")

    def accounts(self):
        answer = self.iam.projects().serviceAccounts().list(name=f"projects/{PROJECT}").execute()
        return {account["email"]: account for account in answer.get("accounts", [])}

    def project_bindings(self):
        body = {"options": {"requestedPolicyVersion": 3}}
        policy = self.projects.projects().getIamPolicy(resource=f"projects/{PROJECT}", body=body).execute()
        return pairs(policy.get("bindings", []))

    def callers(self, name):
        request = GetIamPolicyRequest(
            resource=self.function(name).service_config.service, options=GetPolicyOptions(requested_policy_version=3),
        )
        policy = self.services.get_iam_policy(request=request)
        return {(binding.role, member) for binding in policy.bindings for member in binding.members}

    def inventory(self):
        """Returns the names of everything there is."""
        found = {function.name for function in self.functions.list_functions(parent=LOCATION)}
        found |= {job.name for job in self.jobs.list_jobs(parent=LOCATION)}
        found |= {topic.name for topic in self.publisher.list_topics(project=f"projects/{PROJECT}")}
        found |= {sub.name for sub in self.subscriber.list_subscriptions(project=f"projects/{PROJECT}")}
        found |= {f"bucket {bucket.name}" for bucket in self.storage.list_buckets()}
        found |= {f"account {email}" for email in self.accounts()}
        return found | {f"binding {role} {member}" for role, member in self.project_bindings()}


def pairs(bindings):
    return {(binding["role"], member) for binding in bindings for member in binding.get("members", [])}


def an_open_function(clients):
    function = clients.function("open")
    config, build_config = function.service_config, function.build_config
    return fits(
        state=(function.state, functions_v2.Function.State.ACTIVE),
        runtime=(build_config.runtime, "python313"),
        entry_point=(build_config.entry_point, "answer"),
        memory=(config.available_memory, "512Mi"),
        cpu=(config.available_cpu, "1"),
        concurrency=(config.max_instance_request_concurrency, 40),
        instances=((config.min_instance_count, config.max_instance_count), (0, 5)),
        timeout=(config.timeout_seconds, 30),
        variables=(config.environment_variables.get("LEVEL"), "info"),
        label=(function.labels.get("team"), "web"),
        description=(function.description, "Answers everyone"),
        account=(config.service_account_email.endswith(f"@{PROJECT}.iam.gserviceaccount.com"), True),
        callers=(clients.callers("open"), {("roles/run.invoker", "allUsers")}),
    )


def an_inner_function(clients):
    function = clients.function("inner")
    secrets = [(secret.key, secret.secret) for secret in function.service_config.secret_environment_variables]
    members = {member for _, member in clients.callers("inner")}
    return fits(
        ingress=(function.service_config.ingress_settings, functions_v2.ServiceConfig.IngressSettings.ALLOW_INTERNAL_ONLY),
        secrets=(secrets, [("API_KEY", "api-key")]),
        group=("group:ops@example.com" in members, True),
        everyone=("allUsers" in members, False),
        scheduler=(len(members), 2),
    )


def a_schedule(clients):
    jobs = [job for job in clients.jobs.list_jobs(parent=LOCATION) if "inner" in job.name]
    if len(jobs) != 1:
        return f"{len(jobs)} jobs"
    target, uri = jobs[0].http_target, clients.function("inner").service_config.uri
    caller = target.oidc_token.service_account_email
    return fits(
        schedule=(jobs[0].schedule, "0 7 * * 1-5"),
        time_zone=(jobs[0].time_zone, "Europe/Paris"),
        body=(target.body, b'{"full":true}'),
        audience=(target.oidc_token.audience, uri),
        uri=(target.uri.rstrip("/"), uri.rstrip("/")),
        caller=(("roles/run.invoker", f"serviceAccount:{caller}") in clients.callers("inner"), True),
    )


def a_queue(clients):
    subscriptions = [
        subscription for subscription in clients.subscriber.list_subscriptions(project=f"projects/{PROJECT}")
        if subscription.push_config.push_endpoint
    ]
    if len(subscriptions) != 1:
        return f"{len(subscriptions)} push subscriptions"
    found = subscriptions[0]
    return fits(
        filter=(found.filter, 'attributes.kind = "order"'),
        attempts=(found.dead_letter_policy.max_delivery_attempts, 7),
        dead_letters=("failed" in found.dead_letter_policy.dead_letter_topic, True),
        backoff=((found.retry_policy.minimum_backoff.seconds, found.retry_policy.maximum_backoff.seconds), (10, 300)),
        never_expires=(found.expiration_policy.ttl.seconds, 0),
        endpoint=(found.push_config.push_endpoint.rstrip("/"), clients.function("work").service_config.uri.rstrip("/")),
        token=(bool(found.push_config.oidc_token.service_account_email), True),
    )


def a_storage_event(clients):
    function = clients.function("watch")
    trigger = function.event_trigger
    filters = {one.attribute: one.value for one in trigger.event_filters}
    return fits(
        event=(trigger.event_type, "google.cloud.storage.object.v1.finalized"),
        bucket=("photos" in filters.get("bucket", ""), True),
        retry=(trigger.retry_policy, functions_v2.EventTrigger.RetryPolicy.RETRY_POLICY_RETRY),
        caller=(("roles/run.invoker", f"serviceAccount:{trigger.service_account_email}") in clients.callers("watch"), True),
        receiver=(("roles/eventarc.eventReceiver", f"serviceAccount:{trigger.service_account_email}")
                  in clients.project_bindings(), True),
    )


def buckets(clients):
    photos = [bucket for bucket in clients.storage.list_buckets() if "photos" in bucket.name]
    if len(photos) != 1:
        return f"{len(photos)} buckets"
    reader = "serviceAccount:" + clients.function("work").service_config.service_account_email
    bindings = pairs(photos[0].get_iam_policy(requested_policy_version=3).bindings)
    return fits(
        location=(photos[0].location.lower(), REGION),
        uniform=(photos[0].iam_configuration.uniform_bucket_level_access_enabled, True),
        prevention=(photos[0].iam_configuration.public_access_prevention, "enforced"),
        reader=(("roles/storage.objectViewer", reader) in bindings, True),
    )


def a_sender(clients):
    done = [topic for topic in clients.publisher.list_topics(project=f"projects/{PROJECT}") if "done" in topic.name]
    if len(done) != 1:
        return f"{len(done)} topics"
    policy = clients.publisher.get_iam_policy(request=GetIamPolicyRequest(resource=done[0].name))
    sender = "serviceAccount:" + clients.function("work").service_config.service_account_email
    bindings = {(binding.role, member) for binding in policy.bindings for member in binding.members}
    return fits(sender=(("roles/pubsub.publisher", sender) in bindings, True))


CHECKS = [
    ("an open function", an_open_function),
    ("an inner function", an_inner_function),
    ("a schedule", a_schedule),
    ("a queue", a_queue),
    ("a storage event", a_storage_event),
    ("buckets", buckets),
    ("a sender", a_sender),
]
