//! Function apps: what is sent reads back as it was wanted, in whatever form Azure gives it back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use updraft_contract::{
    App, Auth, EnvValue, Function, HttpKind, Known, Managed, Method, Origin, Outputs, QueueKind,
    Resource, ResourceType, Trigger, Value,
};

use super::shape::{self, Reading};
use super::spec::{PACKAGE, SETTINGS, SITE, SPEC};
use super::{auth, settings};
use crate::marks;
use crate::package::bindings;
use crate::package::tests::{app, entry, function, http};
use crate::place::Place;
use crate::place::tests::place;

/// A queue of the manifest.
fn queue(name: &str, kind: QueueKind) -> Managed {
    Managed {
        resource_type: ResourceType::Queue,
        name: name.into(),
        cloud: updraft_contract::Cloud::Azure,
        existing: false,
        physical_name: None,
        location: None,
        queue_kind: Some(kind),
        visibility_timeout: None,
        retention: None,
        dead_letter: None,
        tags: BTreeMap::new(),
        origin: Origin { path: format!("queue.{name}"), line: 9 },
    }
}

fn messages(queue: &str) -> Trigger {
    Trigger::Queue {
        queue: queue.into(),
        batch_size: None,
        batch_window: None,
        max_concurrency: None,
        partial_failures: false,
        filter: None,
        backoff: None,
    }
}

/// A function that says something in every field.
fn rich() -> Function {
    let mut api = function("api");
    api.environment.insert("KEY".into(), EnvValue { text: "hunter2!".into(), shown: false });
    api.secrets.insert("TOKEN".into(), "shop/api-token".into());
    api.tags.insert("team".into(), "web".into());
    api.scaling.min_instances = Some(2);
    api.scaling.max_instances = Some(40);
    api.scaling.instance_concurrency = Some(4);
    let (kind, method, path) = (HttpKind::Url, Method::Any, "/".to_owned());
    let callers = vec!["object:11112222-3333-4444-5555-666677778888".into()];
    let door = Trigger::Http { kind, method, path, auth: Auth::Iam, callers };
    api.triggers = [door, messages("queue.jobs"), messages("queue.orders")].map(entry).into();
    api
}

fn whole(functions: Vec<Function>) -> App {
    let mut app = app(functions);
    app.managed = vec![queue("jobs", QueueKind::Storage), queue("orders", QueueKind::ServiceBus)];
    app
}

fn wanted(place: &Place, function: &Function) -> Resource {
    let app = whole(vec![function.clone()]);
    let names = place.names("shop", "dev");
    let package = super::package(names, &app, function).unwrap();
    super::wanted(names, &app, function, &package)
}

fn settled(resource: &Resource) -> Known {
    let mut outputs = Outputs::default();
    for reference in resource.fields.refs() {
        let text = format!("https://{}@{}", reference.name, reference.of.name);
        outputs.record(reference.of.clone(), BTreeMap::from([(reference.name, text)]));
    }
    resource.fields.resolve(&outputs).unwrap()
}

/// What Azure answers after `body` was written.
fn live(body: &Known, function: &Function) -> Reading {
    let id = super::id(&function.name);
    let mut tags = marks::with(&marks::tests::scope(), &id, body.get("tags"));
    tags.insert(shape::CODE.into(), body.text("code").unwrap().into());
    let app = whole(vec![function.clone()]);
    let place = place();
    let called = super::called(place.names("shop", "dev"), &app, function);
    let functions = called.iter().map(|it| {
        let trigger = bindings::trigger(it).unwrap();
        json!({
            "name": format!("site/{}", it.name),
            "properties": {"config": {"bindings": [trigger]}},
        })
    });
    Reading {
        site: shape::site(body, &tags),
        settings: settings::merged(&BTreeMap::new(), body, "InstrumentationKey=k"),
        auth: auth::settings(body),
        functions: functions.collect(),
        traces: Some("InstrumentationKey=k".into()),
    }
}

fn differing(body: &Known, read: &Known) -> Vec<&'static str> {
    let compared = SPEC.fields.iter().map(|field| field.name);
    compared.filter(|name| body.get(name) != read.get(name)).collect()
}

fn with_application() -> Place {
    Place { application: Some("app-1".into()), key_vault: Some("shop".into()), ..place() }
}

#[test]
fn every_field_that_is_sent_reads_back_as_it_was_wanted() {
    let mut plain = function("api");
    plain.triggers = vec![entry(http("/a"))];
    for function in [plain, rich()] {
        let body = settled(&wanted(&with_application(), &function));
        let read = shape::fields(&live(&body, &function));
        assert_eq!(differing(&body, &read), Vec::<&str>::new(), "{body:?} but {read:?}");
    }
}

/// Azure gives words back in small letters, what was left out as null, regions with spaces, and
/// ids in whatever case.
#[test]
fn the_form_in_which_azure_answers_is_no_difference() {
    let mut api = function("api");
    api.triggers = vec![entry(http("/a"))];
    let body = settled(&wanted(&with_application(), &api));
    let mut reading = live(&body, &api);
    let site = &mut reading.site;
    site["location"] = json!("West Europe");
    site["kind"] = json!("functionapp,linux");
    let properties = &mut site["properties"];
    properties["publicNetworkAccess"] = Json::Null;
    properties["sku"] = json!("FlexConsumption");
    properties["containerSize"] = json!(1536);
    let upper = |text: &Json| json!(text.as_str().unwrap().to_uppercase());
    properties["serverFarmId"] = upper(&properties["serverFarmId"]);
    properties["keyVaultReferenceIdentity"] = upper(&properties["keyVaultReferenceIdentity"]);
    let config = &mut properties["functionAppConfig"];
    config["siteUpdateStrategy"] = Json::Null;
    let scale = &mut config["scaleAndConcurrency"];
    scale["alwaysReady"] = Json::Null;
    scale["triggers"] = Json::Null;
    let storage = &mut config["deployment"]["storage"];
    storage["type"] = json!("blobcontainer");
    storage["authentication"]["type"] = json!("userassignedidentity");
    storage["authentication"]["storageAccountConnectionStringName"] = Json::Null;
    let assigned = &mut site["identity"]["userAssignedIdentities"];
    let ids = assigned.as_object().unwrap().keys();
    let principal = json!({"principalId": "p", "clientId": "c"});
    *assigned = ids.map(|id| (id.to_uppercase(), principal.clone())).collect();
    reading.functions[0]["properties"]["config"]["bindings"][0]["authLevel"] = json!("ANONYMOUS");
    assert_eq!(differing(&body, &shape::fields(&reading)), Vec::<&str>::new());
}

#[test]
fn every_compared_field_belongs_to_one_write() {
    let mut writes: Vec<&str> = [SITE, SETTINGS, PACKAGE, &["tags", "callers"]].concat();
    let mut compared: Vec<&str> = SPEC.fields.iter().map(|field| field.name).collect();
    writes.sort_unstable();
    compared.sort_unstable();
    assert_eq!(writes, compared);
}

#[test]
fn the_app_is_made_after_what_it_is_made_of_and_its_rights() {
    let resource = wanted(&with_application(), &rich());
    let refs = resource.fields.refs();
    let kinds: BTreeSet<&str> = refs.iter().map(|it| it.of.kind.0).collect();
    for kind in [
        "azure.plan",
        "azure.identity",
        "azure.insights",
        "azure.container",
        "azure.storage-account",
        "azure.role-assignment",
        "azure.service-bus-namespace",
    ] {
        assert!(kinds.contains(kind), "{kind} in {kinds:?}");
    }
    for reference in refs {
        assert!(SPEC.needs.contains(&reference.of.kind), "{reference}");
    }
}

#[test]
fn each_group_of_instances_is_kept_warm() {
    let body = settled(&wanted(&with_application(), &rich()));
    let ready: Vec<&String> = body.map("always-ready").unwrap().keys().collect();
    assert_eq!(ready, ["function:queue", "function:queue-2", "http"]);
}

#[test]
fn settings_lead_to_queues_with_the_functions_identity() {
    let body = settled(&wanted(&with_application(), &rich()));
    let settings = body.map("addresses").unwrap();
    let text = |name: &str| settings.get(name).and_then(Value::as_text).unwrap_or_default();
    assert!(text("UPDRAFT_JOBS__queueServiceUri").starts_with("https://queue@"));
    assert!(text("UPDRAFT_ORDERS__fullyQualifiedNamespace").starts_with("https://host@"));
    assert_eq!(text("UPDRAFT_JOBS__credential"), "managedidentity");
    assert_eq!(text("UPDRAFT_JOBS__clientId"), text("AZURE_CLIENT_ID"));
    assert_eq!(text("AzureWebJobsDisableHomepage"), "true");
    let environment = body.map("environment").unwrap();
    let Some(Value::Secret(token)) = environment.get("TOKEN") else { panic!("no token") };
    let uri = "https://shop.vault.azure.net/secrets/api-token/";
    assert_eq!(token.reveal(), format!("@Microsoft.KeyVault(SecretUri={uri})"));
}

#[test]
fn only_an_app_with_a_door_has_an_address() {
    let site = json!({"properties": {
        "defaultHostName": "api.azurewebsites.net",
        "hostNameSslStates": [
            {"name": "api.azurewebsites.net", "hostType": "Standard"},
            {"name": "api.scm.azurewebsites.net", "hostType": "Repository"},
        ],
    }});
    let with = |kind: &str| {
        let triggers = [("x".to_owned(), bindings::compared("x", &json!({"type": kind})))].into();
        shape::outputs("/s", &site, &triggers)
    };
    assert_eq!(with("httpTrigger")["url"], "https://api.azurewebsites.net");
    assert!(!with("timerTrigger").contains_key("url"));
    assert_eq!(shape::deployment_host(&site).as_deref(), Some("api.scm.azurewebsites.net"));
    assert_eq!(shape::address("127.0.0.1:4582/_site/a"), "http://127.0.0.1:4582/_site/a");
}
