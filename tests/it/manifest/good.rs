//! What good manifests mean.

use std::time::Duration;

use updraft_contract::{
    Architecture, Auth, Cloud, HttpKind, LogFormat, Method, ResourceType, Schedule, Trigger,
    TriggerType,
};

use super::{folder, load, load_text};

const WHOLE: &str = r#"
[project]
name = "photo-pipeline"

[provider.aws]
region = "eu-west-1"
account = "111122223333"
profile = "photos"
rest_timeout = "60s"

[vars.level]
default = "info"

[vars.api_key]
secret = true

[defaults]
source = "code"
runtime = "python3.13"
memory = "256MiB"
environment = { LEVEL = "${var.level}", STAGE = "${stage}" }

[function.resize]
handler = "app.handler"
architecture = "arm64"
memory = "1GiB"
timeout = "2m"
ephemeral_storage = "1GiB"
environment = { SIZES = "200,800", KEY = "${var.api_key}", PRICE = "$$5 $ 5" }
secrets = { TOKEN = "photo/token" }
description = "Resizes for ${project}-${stage}"
tags = { team = "photos" }
tracing = true
log_format = "json"
log_retention = "30d"
concurrency = 5
retry = { attempts = 2, max_age = "1h", dead_letter = "queue.failed" }

[[function.resize.trigger]]
storage = { bucket = "bucket.photos", events = ["created"], prefix = "uploads/", suffix = ".jpg" }
[[function.resize.trigger]]
queue = { queue = "queue.failed", batch_size = 10, batch_window = "5s" }
[[function.resize.trigger]]
topic = { topic = "topic.orders", filter = { kind = ["photo"] } }
[[function.resize.trigger]]
stream = { stream = "stream.clicks", batch_size = 100, start = "latest" }
[[function.resize.trigger]]
database = { table = "table.albums", batch_size = 10 }
[[function.resize.trigger]]
event = { bus = "bus.shop", pattern = { source = ["shop"] } }
[[function.resize.trigger]]
iot = { topic = "cameras/+/photo" }
[[function.resize.trigger]]
schedule = { cron = "0 7 * * MON-FRI", timezone = "Europe/Paris", input = { full = true } }

[[function.resize.access]]
to = "bucket.photos"
verbs = ["write"]
prefix = "thumbs/"

[function.api]
handler = "app.handler"
timeout = "45s"

[[function.api.trigger]]
http = { method = "POST", path = "/photos/{id}/resize", auth = "iam" }
[[function.api.trigger]]
http = { kind = "url", auth = "none" }

[bucket.photos]
existing = true
name = "the-photos"
[queue.failed]
[topic.orders]
[stream.clicks]
[table.albums]
[bus.shop]

[stage.prod.provider.aws]
account = "444455556666"
[stage.prod.function.resize]
memory = "2GiB"
environment = { SIZES = "400" }
[stage.prod.vars.level]
default = "warn"
"#;

fn whole(stage: &str) -> updraft::manifest::Manifest {
    load_text(WHOLE, stage, &[("api_key", "k-123")])
        .unwrap_or_else(|problems| panic!("{}", problems.render(false, 100)))
}

#[test]
fn every_key_reaches_the_app() {
    let app = whole("dev").app;
    let aws = &app.providers[&Cloud::Aws];
    assert_eq!(aws.rest_timeout, Some(Duration::from_mins(1)));
    assert_eq!(aws.account.as_deref(), Some("111122223333"));
    let resize = &app.functions[0];
    assert_eq!((resize.name.as_str(), resize.memory_mib), ("resize", 1024));
    assert_eq!(resize.architecture, Architecture::Arm64);
    assert_eq!((resize.timeout, resize.ephemeral_storage_mib), (Duration::from_mins(2), 1024));
    assert_eq!((resize.tracing, resize.log_format), (true, LogFormat::Json));
    assert_eq!((resize.log_retention_days, resize.reserved_concurrency), (Some(30), Some(5)));
    assert_eq!(resize.description.as_deref(), Some("Resizes for photo-pipeline-dev"));
    assert_eq!(resize.secrets["TOKEN"], "photo/token");
    let retry = resize.retry.as_ref().unwrap();
    assert_eq!((retry.attempts, retry.max_age), (Some(2), Some(Duration::from_hours(1))));
    assert_eq!(resize.access[0].verbs, ["write"]);
    assert_eq!(app.managed.len(), 6);
    assert_eq!(app.managed[0].resource_type, ResourceType::Bucket);
    assert_eq!(app.managed[0].physical_name.as_deref(), Some("the-photos"));
}

#[test]
fn all_nine_types_of_trigger_are_read() {
    let app = whole("dev").app;
    let mut types: Vec<TriggerType> = app
        .functions
        .iter()
        .flat_map(|function| &function.triggers)
        .map(|entry| entry.trigger.trigger_type())
        .collect();
    types.sort();
    types.dedup();
    assert_eq!(types, TriggerType::ALL);
    let Trigger::Event { pattern, .. } = &app.functions[0].triggers[5].trigger else { panic!() };
    assert_eq!(pattern, r#"{"source":["shop"]}"#);
}

#[test]
fn http_and_schedule_triggers_are_read() {
    let app = whole("dev").app;
    let [route, url] = app.functions[1].triggers.as_slice() else { panic!() };
    let (kind, method) = (HttpKind::RestApi, Method::Post);
    let path = "/photos/{id}/resize".to_owned();
    assert_eq!(
        route.trigger,
        Trigger::Http { kind, method, path, auth: Auth::Iam, callers: Vec::new() }
    );
    let (kind, method, path) = (HttpKind::Url, Method::Any, "/".to_owned());
    assert_eq!(
        url.trigger,
        Trigger::Http { kind, method, path, auth: Auth::None, callers: Vec::new() }
    );
    let Trigger::Schedule { schedule, input } = &app.functions[0].triggers[7].trigger else {
        panic!()
    };
    assert_eq!(input.as_deref(), Some(r#"{"full":true}"#));
    let Schedule::Cron { cron, timezone } = schedule else { panic!() };
    assert_eq!((cron.day_of_week.as_str(), timezone.as_str()), ("MON-FRI", "Europe/Paris"));
}

#[test]
fn a_stage_is_laid_over_the_base() {
    let app = whole("prod").app;
    assert_eq!(app.providers[&Cloud::Aws].account.as_deref(), Some("444455556666"));
    let resize = &app.functions[0];
    assert_eq!((resize.memory_mib, resize.handler.as_str()), (2048, "app.handler"));
    assert_eq!(resize.environment["SIZES"].text, "400");
    assert_eq!(resize.environment["LEVEL"].text, "warn");
    assert_eq!(resize.environment["STAGE"].text, "prod");
    assert_eq!(app.functions[1].memory_mib, 256);
}

#[test]
fn what_the_command_line_sets_is_kept_out_of_sight() {
    let app = whole("dev").app;
    let environment = &app.functions[0].environment;
    assert_eq!((environment["KEY"].text.as_str(), environment["KEY"].shown), ("k-123", false));
    assert!(environment["SIZES"].shown && environment["LEVEL"].shown);
    assert_eq!(environment["PRICE"].text, "$5 $ 5");
}

#[test]
fn origins_name_the_line() {
    let manifest = whole("dev");
    let resize = &manifest.app.functions[0];
    let line = WHOLE.lines().position(|line| line == "[function.resize]").unwrap() + 1;
    assert_eq!((resize.origin.path.as_str(), resize.origin.line), ("function.resize", line));
    let trigger = &resize.triggers[0].origin;
    assert_eq!(trigger.path, "function.resize.trigger[0]");
    assert!(WHOLE.lines().nth(trigger.line - 1).unwrap().contains("[[function.resize.trigger]]"));
}

#[test]
fn identical_sources_are_packaged_once() {
    let app = whole("dev").app;
    assert!(std::sync::Arc::ptr_eq(&app.functions[0].code.bytes, &app.functions[1].code.bytes));
}

#[test]
fn little_is_enough() {
    let text = "[project]\nname = \"a\"\n[provider.aws]\n[function.f]\nsource = \"code\"\n\
                runtime = \"python3.13\"\nhandler = \"app.handler\"\n";
    let manifest = load_text(text, "dev", &[]).unwrap();
    let function = &manifest.app.functions[0];
    assert_eq!((function.memory_mib, function.timeout), (128, Duration::from_secs(3)));
    assert_eq!(function.log_retention_days, None);
    assert!(manifest.warnings.is_empty());
}

#[test]
fn every_example_is_without_mistakes_or_warnings() {
    let mut seen = 0;
    for example in std::fs::read_dir(folder("examples")).unwrap() {
        let path = example.unwrap().path().join("updraft.toml");
        if !path.exists() {
            continue;
        }
        let manifest = load(&path, "dev", &[])
            .unwrap_or_else(|problems| panic!("{}", problems.render(false, 100)));
        assert!(!manifest.app.functions.is_empty(), "{}", path.display());
        assert_eq!(manifest.warnings, [], "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 3);
}

#[test]
fn the_example_of_the_guide_is_right() {
    let guide = std::fs::read_to_string(folder("docs/manifest.md")).unwrap();
    let whole = guide.split("## Whole").nth(1).unwrap();
    let example = whole.split("```toml").nth(1).unwrap().split("```").next().unwrap();
    let example = example.replace("functions/resize", "code");
    for stage in ["dev", "prod"] {
        let loaded = load_text(&example, stage, &[("api_key", "k-123")]);
        let manifest = loaded.unwrap_or_else(|problems| panic!("{}", problems.render(false, 100)));
        assert_eq!(manifest.warnings, []);
    }
}
