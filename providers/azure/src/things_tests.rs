//! Tests of what references lead to.

use std::collections::BTreeMap;

use updraft_contract::{
    App, Cloud, DeadLetter, Managed, Origin, ProviderConfig, QueueKind, ResourceType,
};

use super::{Spot, Thing, container_at, label_of, queue_address, queue_name};
use crate::place::Account;
use crate::place::tests::place;
use crate::roles::{Level, Sort};

pub(crate) fn managed(resource_type: ResourceType, name: &str) -> Managed {
    Managed {
        resource_type,
        name: name.into(),
        cloud: Cloud::Azure,
        existing: false,
        physical_name: None,
        location: None,
        queue_kind: None,
        visibility_timeout: None,
        retention: None,
        dead_letter: None,
        tags: BTreeMap::new(),
        origin: Origin { path: format!("{}.{name}", resource_type.word()), line: 1 },
    }
}

pub(crate) fn queue(name: &str) -> Managed {
    managed(ResourceType::Queue, name)
}

pub(crate) fn failing(name: &str, to: &str) -> Managed {
    let dead_letter = Some(DeadLetter { queue: format!("queue.{to}"), attempts: 3 });
    Managed { dead_letter, ..queue(name) }
}

pub(crate) fn app(managed: Vec<Managed>) -> App {
    App {
        project: "shop".into(),
        stage: "dev".into(),
        providers: BTreeMap::from([(Cloud::Azure, ProviderConfig::default())]),
        functions: Vec::new(),
        managed,
    }
}

#[test]
fn things_of_others_are_named_with_what_they_are_in() {
    let existing = Managed {
        existing: true,
        physical_name: Some("orders/inbox".into()),
        queue_kind: Some(QueueKind::ServiceBus),
        ..queue("inbox")
    };
    let app = app(vec![existing, queue("jobs")]);
    let of = |text| Thing::of(&app, ResourceType::Queue, text);
    let theirs = of("queue.inbox").unwrap();
    assert_eq!(theirs.queue(&app), Spot::new(Sort::BusQueue, "orders/inbox"));
    assert_eq!(of("queue.jobs").unwrap().queue(&app), Spot::new(Sort::Queue, "jobs"));
    assert_eq!(of("acct/jobs").unwrap().queue(&app), Spot::new(Sort::Queue, "acct/jobs"));
    assert_eq!(of("acct/jobs").unwrap().poison(&app), Spot::new(Sort::Queue, "acct/jobs-poison"));
    for text in ["jobs", "queue.none", "a/b/c", "/jobs", "acct/"] {
        assert_eq!(of(text), None, "{text}");
    }
}

#[test]
fn a_dead_letter_queue_is_called_as_the_host_expects() {
    let app = app(vec![failing("jobs", "failed"), failing("failed", "lost"), queue("lost")]);
    let address = |at: usize| queue_address(&app, &app.managed[at]);
    assert_eq!(queue_name(&address(0)), "jobs");
    assert_eq!(queue_name(&address(1)), "jobs-poison");
    assert_eq!(queue_name(&address(2)), "jobs-poison-poison");
    let jobs = Thing::Ours(&app.managed[0]);
    assert_eq!(jobs.poison(&app).name, address(1));
}

#[test]
fn queues_that_feed_each_other_still_have_addresses() {
    let app = app(vec![failing("a", "b"), failing("b", "a")]);
    assert_eq!(queue_address(&app, &app.managed[0]), "a.poison.poison");
}

#[test]
fn dead_letters_of_service_bus_keep_their_names() {
    let bus = |it: Managed| Managed { queue_kind: Some(QueueKind::ServiceBus), ..it };
    let app = app(vec![bus(failing("jobs", "failed")), bus(queue("failed"))]);
    assert_eq!(queue_address(&app, &app.managed[1]), "failed");
}

#[test]
fn what_is_ours_reads_back_from_its_resource_id() {
    let place = place();
    let names = place.names("shop", "dev");
    let spots = [
        (Sort::Account, "host"),
        (Sort::Account, "host.api"),
        (Sort::Container, "photos"),
        (Sort::Container, "api.package"),
        (Sort::Queue, "jobs.poison"),
        (Sort::BusQueue, "jobs"),
        (Sort::Insights, "traces"),
    ];
    for (sort, name) in spots {
        let spot = Spot::new(sort, name);
        let id = spot.id(names).unwrap();
        assert_eq!(label_of(&id), spot.label(names), "{id}");
        assert_eq!(
            label_of(&id.to_uppercase().replace("PROVIDERS", "providers")),
            spot.label(names)
        );
    }
    let data = names.account(&Account::Data);
    assert_eq!(
        Spot::new(Sort::Container, "photos").label(names),
        format!("container {data}/photos")
    );
}

#[test]
fn what_is_of_others_reads_back_from_its_resource_id() {
    let place = place();
    let names = place.names("shop", "dev");
    let account =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acct";
    let vault = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/keys";
    let bus = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ServiceBus/namespaces/Bus";
    for (home, sort, name) in [
        (account, Sort::Container, "acct/photos"),
        (account, Sort::Queue, "acct/jobs"),
        (vault, Sort::Secret, "keys/api-key"),
        (bus, Sort::BusQueue, "bus/jobs"),
    ] {
        let spot = Spot::new(sort, name);
        assert_eq!(spot.id(names), None);
        assert_eq!(label_of(&spot.id_in(home).unwrap()), spot.label(names));
    }
    assert_eq!(label_of("/subscriptions/S"), "/subscriptions/s");
}

#[test]
fn what_is_named_by_its_resource_id_reads_back_from_it() {
    let place = place();
    let names = place.names("shop", "dev");
    let account = format!(
        "{}/resourceGroups/Theirs/providers/Microsoft.DocumentDB/databaseAccounts/acct",
        place.subscription_id()
    );
    for (rest, level, name, label) in [
        ("", Level::Account, "Theirs/acct", "account acct"),
        ("/sqlDatabases/default", Level::Database, "Theirs/acct/default", "database acct/default"),
        ("/sqlDatabases/D/containers/C", Level::Container, "Theirs/acct/D/C", "container acct/D/C"),
    ] {
        let id = format!("{account}{rest}");
        let spot = Spot::of_id(&id).unwrap();
        assert_eq!(spot, Spot::new(Sort::Cosmos(level), name));
        assert_eq!(spot.id(names).as_deref(), Some(id.as_str()));
        assert_eq!(spot.label(names), format!("Cosmos DB {label}"));
        assert_eq!(label_of(&id), spot.label(names));
    }
    // What addresses set apart by a sign cannot have it in their names.
    assert_eq!(Spot::of_id(&format!("{account}/sqlDatabases/a@b")), None);
}

#[test]
fn packages_are_in_the_account_of_the_host() {
    let mut place = place();
    let at =
        |place: &crate::place::Place| container_at(place.names("shop", "dev"), "api.package").0;
    assert_eq!(at(&place), Account::Host);
    place.own_storage = true;
    assert_eq!(at(&place), Account::HostOf("api".into()));
}
