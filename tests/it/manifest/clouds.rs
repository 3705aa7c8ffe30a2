//! What a manifest means on several clouds at once.

use std::time::Duration;

use updraft_contract::{Cloud, Egress, Function, Ingress, Managed, Trigger};

use super::load_text;

const WHOLE: &str = r#"
[project]
name = "photos"

[provider.aws]
region = "eu-west-1"
[provider.gcp]
region = "europe-west1"
project = "photos-123"

[defaults]
source = "code"
handler = "app.handler"
runtime = "python3.13"
memory = "512MiB"
[defaults.on.gcp]
memory = "1GiB"
environment = { PLACE = "google", LEVEL = "info" }

[function.thumb]
provider = ["aws", "gcp"]
timeout = "30s"
environment = { LEVEL = "debug" }
[function.thumb.on.gcp]
source = "code/app.py"
handler = "app.thumb"
cpu = 0.5
instance_concurrency = 1
min_instances = 0
max_instances = 10
ingress = "internal"
vpc_connector = "projects/p/locations/europe-west1/connectors/c"
vpc_egress = "all"
build_identity = "build@photos-123.iam.gserviceaccount.com"
environment = { SIZES = "200" }
[[function.thumb.trigger]]
storage = { bucket = "bucket.photos", events = ["created"], prefix = "in/" }
[[function.thumb.on.gcp.trigger]]
storage = { bucket = "bucket.photos", events = ["created"] }

[function.worker]
provider = "gcp"
memory = "2GiB"
[[function.worker.trigger]]
queue = { queue = "queue.jobs", backoff = { min = "20s" }, filter = "attributes.kind = \"a\"" }

[function.api]
provider = "aws"
[[function.api.trigger]]
queue = { queue = "queue.mail", batch_size = 10, batch_window = "5s", max_concurrency = 5, partial_failures = true, filter = { body = { kind = ["a"] } } }

[bucket.photos]
[bucket.photos.on.gcp]
location = "eu"
tags = { team = "photos" }
[bucket.archive]

[queue.jobs]
visibility_timeout = "3m"
dead_letter = { queue = "queue.failed" }
[queue.failed]
dead_letter = { queue = "queue.buried", attempts = 7 }
[queue.buried]
retention = "4d"
[queue.mail]
[queue.extra]
provider = "aws"

[stage.prod.function.thumb.on.gcp]
memory = "768MiB"
environment = { SIZES = "400" }
[stage.prod.queue.failed]
dead_letter = { attempts = 9 }
"#;

struct Read(updraft_contract::App);

impl Read {
    fn of(stage: &str) -> Self {
        let loaded = load_text(WHOLE, stage, &[]);
        Read(loaded.unwrap_or_else(|problems| panic!("{}", problems.render(false, 100))).app)
    }

    fn function(&self, name: &str, cloud: Cloud) -> &Function {
        self.0.functions.iter().find(|it| it.name == name && it.cloud == cloud).unwrap()
    }

    fn managed(&self, name: &str) -> Vec<&Managed> {
        self.0.managed.iter().filter(|it| it.name == name).collect()
    }

    fn clouds(&self, name: &str) -> Vec<Cloud> {
        self.managed(name).iter().map(|it| it.cloud).collect()
    }
}

#[test]
fn a_function_on_two_clouds_stands_twice_each_with_what_differs_there() {
    let app = Read::of("dev");
    let order: Vec<_> = app.0.functions.iter().map(|it| (it.name.as_str(), it.cloud)).collect();
    let (aws, gcp) = (Cloud::Aws, Cloud::Gcp);
    assert_eq!(order, [("thumb", aws), ("thumb", gcp), ("worker", gcp), ("api", aws)]);
    let (one, other) = (app.function("thumb", aws), app.function("thumb", gcp));
    assert_eq!((one.handler.as_str(), other.handler.as_str()), ("app.handler", "app.thumb"));
    assert_eq!((one.timeout, other.timeout), (Duration::from_secs(30), Duration::from_secs(30)));
    assert_eq!((one.scaling.cpu_millis, other.scaling.cpu_millis), (None, Some(500)));
    assert_eq!(other.scaling.instance_concurrency, Some(1));
    assert_eq!((other.scaling.min_instances, other.scaling.max_instances), (Some(0), Some(10)));
    assert_eq!(
        (other.network.ingress, other.network.egress),
        (Some(Ingress::Internal), Some(Egress::All))
    );
    assert!(other.network.connector.is_some() && one.network.connector.is_none());
    assert!(other.build_identity.is_some() && one.build_identity.is_none());
    let prefix = |function: &Function| {
        let Trigger::Storage { prefix, .. } = &function.triggers[0].trigger else { panic!() };
        prefix.clone()
    };
    assert_eq!((prefix(one), prefix(other)), (Some("in/".to_owned()), None));
}

#[test]
fn the_closest_word_counts() {
    let app = Read::of("dev");
    let environment = |function: &Function| {
        let pairs = function.environment.iter();
        pairs.map(|(name, value)| format!("{name}={}", value.text)).collect::<Vec<_>>()
    };
    let (one, other) = (app.function("thumb", Cloud::Aws), app.function("thumb", Cloud::Gcp));
    assert_eq!(environment(one), ["LEVEL=debug"]);
    // The function's own word counts more than what the defaults say of a cloud.
    assert_eq!(environment(other), ["LEVEL=debug", "PLACE=google", "SIZES=200"]);
    assert_eq!((one.memory_mib, other.memory_mib), (512, 1024));
    assert_eq!(app.function("worker", Cloud::Gcp).memory_mib, 2048);
}

#[test]
fn a_stage_reaches_what_differs_on_a_cloud() {
    let app = Read::of("prod");
    let (one, other) = (app.function("thumb", Cloud::Aws), app.function("thumb", Cloud::Gcp));
    assert_eq!((one.memory_mib, other.memory_mib), (512, 768));
    assert_eq!(other.environment["SIZES"].text, "400");
    let dead_letter = app.managed("failed")[0].dead_letter.as_ref().unwrap();
    assert_eq!((dead_letter.queue.as_str(), dead_letter.attempts), ("queue.buried", 9));
}

#[test]
fn sources_are_packaged_for_each_cloud() {
    let app = Read::of("dev");
    assert_eq!(
        app.function("thumb", Cloud::Gcp).code.digest,
        app.function("worker", Cloud::Gcp).code.digest,
        "the folder holds that file only"
    );
    assert!(!app.function("thumb", Cloud::Gcp).code.bytes.is_empty());
}

#[test]
fn a_resource_is_where_it_is_used() {
    let app = Read::of("dev");
    let (aws, gcp) = (Cloud::Aws, Cloud::Gcp);
    assert_eq!(app.clouds("photos"), [aws, gcp]);
    assert_eq!(app.clouds("archive"), [aws, gcp], "nobody uses it");
    assert_eq!((app.clouds("jobs"), app.clouds("mail")), (vec![gcp], vec![aws]));
    assert_eq!((app.clouds("failed"), app.clouds("buried")), (vec![gcp], vec![gcp]));
    assert_eq!(app.clouds("extra"), [aws], "it says so");
    let photos = app.managed("photos");
    assert_eq!((photos[0].tags.len(), photos[1].tags.len()), (0, 1));
    assert_eq!((photos[0].location.as_deref(), photos[1].location.as_deref()), (None, Some("eu")));
}

#[test]
fn queues_and_their_triggers_are_read() {
    let app = Read::of("dev");
    let jobs = app.managed("jobs")[0];
    assert_eq!(jobs.visibility_timeout, Some(Duration::from_mins(3)));
    assert_eq!(jobs.dead_letter.as_ref().unwrap().attempts, 5);
    assert_eq!(app.managed("buried")[0].retention, Some(Duration::from_hours(96)));
    let trigger = |function: &str, cloud| app.function(function, cloud).triggers[0].trigger.clone();
    assert_eq!(
        trigger("api", Cloud::Aws),
        Trigger::Queue {
            queue: "queue.mail".to_owned(),
            batch_size: Some(10),
            batch_window: Some(Duration::from_secs(5)),
            max_concurrency: Some(5),
            partial_failures: true,
            filter: Some(r#"{"body":{"kind":["a"]}}"#.to_owned()),
            backoff: None,
        }
    );
    let Trigger::Queue { filter, backoff, .. } = trigger("worker", Cloud::Gcp) else { panic!() };
    assert_eq!(filter.as_deref(), Some("attributes.kind = \"a\""));
    assert_eq!(backoff, Some((Duration::from_secs(20), Duration::from_mins(10))));
}

#[test]
fn the_region_and_project_of_google_cloud_are_read() {
    let app = Read::of("dev");
    let gcp = &app.0.providers[&Cloud::Gcp];
    assert_eq!(gcp.region.as_deref(), Some("europe-west1"));
    assert_eq!(gcp.account.as_deref(), Some("photos-123"));
}

#[test]
#[cfg(feature = "azure")]
fn the_keys_of_azure_are_read() {
    use updraft_contract::{Auth, QueueKind};

    let text = r#"
        [project]
        name = "shop"
        [provider.azure]
        region = "westeurope"
        subscription = "${var.subscription}"
        resource_group = "shop-${stage}"
        key_vault = "shop-secrets"
        application = "8f5d1e0a-0b1c-4d2e-8f3a-4b5c6d7e8f90"
        host_storage = "per-function"
        [vars.subscription]
        default = "00000000-0000-0000-0000-000000000000"
        [function.api]
        source = "code"
        runtime = "python3.13"
        handler = "app.handler"
        remote_build = true
        trigger = [
            { http = { method = "GET", path = "/a", auth = "key" } },
            { queue = { queue = "queue.jobs" } },
            { queue = { queue = "queue.plain" } },
        ]
        [queue.jobs]
        [queue.jobs.on.azure]
        kind = "service-bus"
        [queue.plain]
    "#;
    let manifest = load_text(text, "dev", &[]);
    let app = manifest.unwrap_or_else(|problems| panic!("{}", problems.render(false, 100))).app;
    let azure = &app.providers[&Cloud::Azure];
    assert_eq!(azure.region.as_deref(), Some("westeurope"));
    assert_eq!(azure.account.as_deref(), Some("00000000-0000-0000-0000-000000000000"));
    assert_eq!(azure.resource_group.as_deref(), Some("shop-dev"));
    assert_eq!(azure.key_vault.as_deref(), Some("shop-secrets"));
    assert_eq!(azure.application.as_deref(), Some("8f5d1e0a-0b1c-4d2e-8f3a-4b5c6d7e8f90"));
    assert!(azure.own_storage && app.functions[0].remote_build);
    let Trigger::Http { auth, .. } = &app.functions[0].triggers[0].trigger else { panic!() };
    assert_eq!(*auth, Auth::Key);
    let kinds: Vec<_> = app.managed.iter().map(|queue| queue.queue_kind).collect();
    assert_eq!(kinds, [Some(QueueKind::ServiceBus), None]);
}

#[test]
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
fn what_nobody_wrote_is_what_the_cloud_itself_would_choose() {
    let text = |cloud: &str| {
        format!(
            "[project]\nname = \"a\"\n[provider.{cloud}]\n[function.f]\nsource = \"code\"\n\
             runtime = \"python3.13\"\nhandler = \"app.handler\"\n"
        )
    };
    let usual = |cloud| {
        let manifest = load_text(&text(cloud), "dev", &[]).unwrap();
        assert_eq!(manifest.warnings, []);
        let function = &manifest.app.functions[0];
        (function.memory_mib, function.timeout.as_secs())
    };
    assert_eq!((usual("aws"), usual("gcp")), ((128, 3), (256, 60)));
    assert_eq!(usual("azure"), (2048, 1800));
}

#[test]
#[cfg(all(feature = "aws", feature = "gcp"))]
fn two_functions_that_share_a_route_do_so_only_behind_a_gateway() {
    let text = |cloud: &str| {
        let route = "{ method = \"GET\", path = \"/\", auth = \"iam\" }";
        let function = |name: &str| {
            format!(
                "[function.{name}]\nsource = \"code\"\nruntime = \"python3.13\"\n\
                 handler = \"app.handler\"\ntrigger = [{{ http = {route} }}]\n"
            )
        };
        let (one, other) = (function("a"), function("b"));
        format!("[project]\nname = \"a\"\n[provider.{cloud}]\n{one}{other}")
    };
    assert_eq!(load_text(&text("aws"), "dev", &[]).unwrap_err().problems[0].code, "UD202");
    assert!(load_text(&text("gcp"), "dev", &[]).is_ok());
}
