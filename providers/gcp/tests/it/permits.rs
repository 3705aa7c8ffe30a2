//! Permissions: what an app has and why, and the same read back from what is live.

use std::collections::BTreeSet;

use updraft_contract::{
    App, Auth, DeadLetter, HttpKind, Method, Permission, Permit as _, Provider as _, Side, Trigger,
    What, When, Who,
};
use updraft_gcp::{Gcp, Settings};

use crate::apps::{app, bucket, function, of_bucket, of_queue, queue, using};
use crate::world::World;

fn http(auth: Auth, callers: &[&str]) -> Trigger {
    Trigger::Http {
        kind: HttpKind::Url,
        method: Method::Any,
        path: "/".into(),
        auth,
        callers: callers.iter().map(|caller| (*caller).to_owned()).collect(),
    }
}

/// An app with a bit of everything.
fn full() -> App {
    let mut thumb = function("thumb", vec![of_bucket("bucket.photos")]);
    thumb.access = vec![
        using("bucket.photos", &["read"], None),
        using("bucket.photos", &["write", "list"], Some("out/")),
        using("queue.jobs", &["send"], None),
        using("function.api", &["invoke"], None),
        using("projects/my-project/databases/shop", &["write"], None),
        using("projects/my-project/datasets/sales", &["read"], None),
    ];
    let work = function("work", vec![of_queue("queue.jobs")]);
    let api = function("api", vec![http(Auth::Iam, &["group:ops@example.com"])]);
    let open = function("open", vec![http(Auth::None, &[])]);
    let jobs = updraft_contract::Managed {
        dead_letter: Some(DeadLetter { queue: "queue.failed".into(), attempts: 7 }),
        ..queue("jobs")
    };
    app(vec![thumb, work, api, open], vec![bucket("photos"), jobs, queue("failed")])
}

fn plain(all: Vec<Permission>) -> BTreeSet<Permission> {
    all.into_iter().map(|it| Permission { reasons: BTreeSet::new(), ..it }).collect()
}

#[tokio::test]
async fn what_is_live_after_a_deployment_is_what_the_app_asks_for() {
    let mut world = World::new().await;
    let app = full();
    world.apply(&app).await.unwrap();
    let (wanted, _) = world.lower(&app);
    let live: Vec<_> = world.live(&wanted).await.into_values().collect();
    let asked = world.gcp.permissions(&app);
    assert!(asked.iter().all(|permission| !permission.reasons.is_empty()));
    let (asked, given) = (plain(asked), plain(world.gcp.granted(&live)));
    let (more, less): (Vec<_>, Vec<_>) =
        (given.difference(&asked).collect(), asked.difference(&given).collect());
    assert_eq!((more, less), (vec![], vec![]));
}

#[tokio::test]
async fn what_somebody_added_for_our_accounts_shows_without_a_reason() {
    let mut world = World::new().await;
    let app = full();
    world.apply(&app).await.unwrap();
    let mut more = app.clone();
    more.functions[0].access.push(using("bucket.photos", &["delete"], None));
    world.apply(&more).await.unwrap();
    let (wanted, _) = world.lower(&app);
    let live: Vec<_> = world.live(&wanted).await.into_values().collect();
    let (asked, given) = (plain(world.gcp.permissions(&app)), plain(world.gcp.granted(&live)));
    let added: Vec<&Permission> = given.difference(&asked).collect();
    assert_eq!(added.len(), 1, "{added:?}");
    assert_eq!(added[0].function, "thumb");
}

#[test]
fn everybody_and_invoking_identities_are_told_apart() {
    let gcp = Gcp::offline(Settings::default());
    let all = gcp.permissions(&full());
    let called = |function: &str| -> Vec<&Who> {
        let of = |it: &&Permission| it.side == Side::Called && it.function == function;
        all.iter().filter(of).map(|it| &it.who).collect()
    };
    assert_eq!(called("open"), [&Who::Everybody]);
    let kinds = |function: &str| -> Vec<String> {
        let named = |who: &Who| match who {
            Who::Named(all) => all.keys().next().cloned(),
            Who::Holder(_) | Who::AllBut(_) | Who::Everybody => None,
        };
        called(function).into_iter().filter_map(named).collect()
    };
    assert_eq!(kinds("api"), ["group", "serviceAccount"]);
    assert_eq!(kinds("work"), ["serviceAccount"]);
}

/// Every verb, on something it fits: what it gives is what the table says, and nothing else.
#[test]
fn every_verb_gives_what_its_row_says() {
    let gcp = Gcp::offline(Settings { project: Some("p".into()), ..Settings::default() });
    let examples = [
        ("Cloud Storage bucket", "gs://photos"),
        ("Pub/Sub topic", "projects/p/topics/t"),
        ("Secret Manager secret", "projects/p/secrets/s"),
        ("Firestore database", "projects/p/databases/d"),
        ("BigQuery dataset or table", "projects/p/datasets/d/tables/t"),
        ("Cloud KMS key", "projects/p/locations/l/keyRings/r/cryptoKeys/k"),
        ("function", "function.other"),
        ("Cloud Run service", "projects/p/locations/l/services/s"),
        ("Cloud Tasks queue", "projects/p/locations/l/queues/q"),
        ("workflow", "projects/p/locations/l/workflows/w"),
        ("Cloud SQL instance", "projects/p/instances/i"),
        ("Spanner database", "projects/p/instances/i/databases/d"),
        ("Memorystore for Redis cluster", "projects/p/locations/l/clusters/c"),
    ];
    for row in gcp.verbs() {
        let to = examples.iter().find(|(thing, _)| *thing == row.thing).map(|(_, to)| *to);
        let to = to.unwrap_or_else(|| panic!("no example of a {}", row.thing));
        let mut one = function("one", Vec::new());
        one.access = vec![using(to, &[row.verb], None)];
        let app = app(vec![one, function("other", Vec::new())], Vec::new());
        gcp.desired(&app).unwrap_or_else(|problems| panic!("{} {to}: {problems:?}", row.verb));
        let all = gcp.permissions(&app);
        let does = all.iter().filter(|it| it.side == Side::Does);
        let roles: BTreeSet<&str> = does
            .map(|it| match &it.what {
                What::Role(role) => role.id.as_str(),
                What::Actions(_) | What::AllBut(_) => panic!("{it:?}"),
            })
            .collect();
        assert_eq!(roles, row.gives.iter().copied().collect(), "{} {to}", row.verb);
    }
}

#[test]
fn a_condition_of_the_manifest_is_added_and_what_narrows_nothing_is_refused() {
    let gcp = Gcp::offline(Settings { project: Some("p".into()), ..Settings::default() });
    let mut one = function("one", Vec::new());
    let mut used = using("gs://photos", &["read"], Some("in/"));
    let office = "request.time < timestamp(\"2030-01-01T00:00:00Z\")".to_owned();
    used.condition = Some(updraft_contract::Condition::Expression(office.clone()));
    one.access = vec![used.clone()];
    let all = gcp.permissions(&app(vec![one.clone()], Vec::new()));
    let when: Vec<&When> =
        all.iter().filter(|it| it.side == Side::Does).map(|it| &it.when).collect();
    let object = "resource.type == \"storage.googleapis.com/Object\" && \
        resource.name.startsWith(\"projects/_/buckets/photos/objects/in/\")";
    assert_eq!(when, [&When::Expression(format!("({object}) && ({office})"))]);
    used.indexes = vec!["by-date".into()];
    used.keys = vec!["x".into()];
    used.actions = vec!["storage.objects.get".into(), "roles/storage.objectViewer".into()];
    let mut topic = using("projects/p/topics/t", &["send"], None);
    topic.condition = used.condition.clone();
    let elsewhere = using("projects/other/datasets/d", &["read"], None);
    one.access = vec![used, topic, elsewhere.clone()];
    let said = |access: Vec<updraft_contract::Access>| {
        let one = updraft_contract::Function { access, ..function("one", Vec::new()) };
        let problems = gcp.desired(&app(vec![one], Vec::new())).unwrap_err();
        problems.into_iter().map(|problem| problem.what).collect::<Vec<_>>()
    };
    let refused = said(one.access);
    let expected = [
        "`indexes` of gs://photos",
        "`keys` of gs://photos",
        "these `actions` of gs://photos",
        "a `condition` of projects/p/topics/t",
    ];
    assert_eq!(refused, expected);
    assert_eq!(said(vec![elsewhere]), ["access to projects/other/datasets/d"]);
}
