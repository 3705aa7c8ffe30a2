//! What functions use and run on, without the functions themselves: how the tests of it begin.

use serde_json::{Value as Json, json};
use updraft_azure::{Azure, Settings};
use updraft_contract::{App, Live, ResourceId};
use updraft_local::{FaultKind, FaultPlan};

use crate::apps::app;
use crate::world::{World, settings};

/// The versions of interfaces that somebody else speaks.
pub(crate) const STORAGE: &str = "2025-01-01";
pub(crate) const SERVICE_BUS: &str = "2024-01-01";
pub(crate) const AUTHORIZATION: &str = "2022-04-01";

/// Starts a cloud in which functions are never made.
pub(crate) async fn parts() -> World {
    parts_of(World::new().await)
}

/// Makes a world one in which functions are never made.
pub(crate) fn parts_of(world: World) -> World {
    World { without: &["azure.function", "azure.plan"], ..world }
}

/// Connects anew, with settings changed so.
pub(crate) async fn connected(world: &mut World, change: impl FnOnce(&mut Settings)) {
    let mut settings = settings(&world.local);
    change(&mut settings);
    world.azure = Azure::connect(settings).await.unwrap();
}

/// An app that asks for nothing: everything of ours is to go.
pub(crate) fn nothing() -> App {
    app(Vec::new(), Vec::new())
}

/// Sends a request to Azure Resource Manager, as somebody else would.
pub(crate) async fn call(world: &World, line: (&str, &str), api: &str, body: &Json) -> (u16, Json) {
    let (method, path) = line;
    let joint = if path.contains('?') { '&' } else { '?' };
    let url = format!("{}{path}{joint}api-version={api}", world.local.azure_url());
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = reqwest::Client::new().request(method, url).bearer_auth("somebody");
    let request = if body.is_null() {
        request.header("content-length", "0")
    } else {
        request.header("content-type", "application/json").body(body.to_string())
    };
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// The same, which must be done.
pub(crate) async fn done(world: &World, line: (&str, &str), api: &str, body: &Json) -> Json {
    let (status, answer) = call(world, line, api, body).await;
    assert!((200..300).contains(&status), "{line:?}: {status} {answer}");
    answer
}

/// Returns the status of a read.
pub(crate) async fn status(world: &World, path: &str, api: &str) -> u16 {
    call(world, ("GET", path), api, &Json::Null).await.0
}

/// Returns the resource that is called so, such as `azure.queue/jobs`, as it is.
pub(crate) async fn live(world: &mut World, app: &App, called: &str) -> Live {
    let (wanted, _) = world.lower(app);
    let all = world.live(&wanted).await.unwrap();
    let found = all.into_values().find(|live| live.id.to_string() == called);
    found.unwrap_or_else(|| panic!("there is no {called}"))
}

/// Returns the resource id of what is called so.
pub(crate) async fn at(world: &mut World, app: &App, called: &str) -> String {
    live(world, app, called).await.outputs["id"].clone()
}

/// Returns the addresses of everything that is ours.
pub(crate) async fn ours(world: &World) -> Vec<String> {
    world.live(&[]).await.unwrap().keys().map(ResourceId::to_string).collect()
}

/// Applies `before`, then `after` again and again in clouds of their own, each time with the
/// answer to another write lost or its request dropped. All end alike.
pub(crate) async fn with_each_write_lost(before: &App, after: &App) {
    let mut calm = parts().await;
    calm.apply(before).await.unwrap();
    calm.local.clear_ledger();
    let expected = calm.apply(after).await.unwrap();
    let places = calm.places_of_writes();
    assert!(!places.is_empty() && !expected.is_empty());
    for place in places {
        for kind in [FaultKind::Lose, FaultKind::Drop] {
            let mut world = parts().await;
            world.apply(before).await.unwrap();
            world.local.set_faults(FaultPlan::at(place, kind.clone()));
            let done = world.apply(after).await;
            assert_eq!(done.as_deref(), Ok(expected.as_slice()), "{kind:?} of request {place}");
            world.local.set_faults(FaultPlan::none());
            let again = world.apply(after).await.unwrap();
            assert_eq!(again, [""; 0], "{kind:?} of request {place}");
        }
    }
}

/// Puts a container or queue into a storage account, as somebody else would: `kind` is
/// `blobServices/default/containers` or `queueServices/default/queues`.
pub(crate) async fn neighbour(world: &World, account: &str, kind: &str) -> String {
    let path = format!("{account}/{kind}/theirs");
    done(world, ("PUT", &path), STORAGE, &json!({"properties": {}})).await;
    path
}
