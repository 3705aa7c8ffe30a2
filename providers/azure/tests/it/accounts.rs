//! Storage accounts and identities: what every function runs on.

use serde_json::{Value as Json, json};
use updraft_contract::{App, CloudError};
use updraft_local::Settings;

use crate::apps::{app, bucket, function, queue};
use crate::parts::{
    STORAGE, at, call, connected, done, live, neighbour, nothing, ours, parts, parts_of, status,
    with_each_write_lost,
};
use crate::world::{SUBSCRIPTION, World};

const IDENTITY: &str = "2024-11-30";

fn api() -> App {
    app(vec![function("api", Vec::new())], vec![bucket("photos"), queue("jobs")])
}

#[tokio::test]
async fn what_a_function_runs_on_is_made_once_and_goes_with_it() {
    let mut world = parts_of(World::with(Settings::default()).await);
    let made = world.apply(&api()).await.unwrap();
    for one in [
        "+ azure.storage-account/host",
        "+ azure.storage-account/data",
        "+ azure.container/api.package",
        "+ azure.container/photos",
        "+ azure.queue/jobs",
        "+ azure.identity/api",
        "+ azure.role-assignment/api.blob-owner.host",
        "+ azure.role-assignment/api.metrics-publisher.traces",
    ] {
        assert!(made.iter().any(|done| done == one), "{one}: {made:?}");
    }
    world.local.clear_ledger();
    assert_eq!(world.apply(&api()).await.unwrap(), [""; 0]);
    assert_eq!(world.writes(), [""; 0]);
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
}

#[tokio::test]
async fn an_account_takes_no_keys_and_shows_nothing_to_the_public() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    for account in ["host", "data"] {
        let path = at(&mut world, &api(), &format!("azure.storage-account/{account}")).await;
        let found = done(&world, ("GET", &path), STORAGE, &Json::Null).await;
        let properties = &found["properties"];
        assert_eq!(properties["allowSharedKeyAccess"], false);
        assert_eq!(properties["allowBlobPublicAccess"], false);
        assert_eq!(properties["supportsHttpsTrafficOnly"], true);
        assert_eq!(properties["minimumTlsVersion"], "TLS1_2");
    }
}

#[tokio::test]
async fn what_somebody_changes_of_an_account_is_put_right() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    let path = at(&mut world, &api(), "azure.storage-account/data").await;
    for (change, field) in [
        (json!({"sku": {"name": "Standard_GRS"}}), "sku"),
        (json!({"properties": {"allowSharedKeyAccess": true}}), "shared-keys"),
        (json!({"properties": {"allowBlobPublicAccess": true}}), "public-blobs"),
        (json!({"properties": {"supportsHttpsTrafficOnly": false}}), "https-only"),
        (json!({"properties": {"minimumTlsVersion": "TLS1_0"}}), "least-tls"),
    ] {
        done(&world, ("PATCH", &path), STORAGE, &change).await;
        let put_right = world.apply(&api()).await.unwrap();
        assert_eq!(put_right, [format!("~ azure.storage-account/data: {field}")]);
        assert_eq!(world.apply(&api()).await.unwrap(), [""; 0], "{field}");
    }
    let merge = json!({"operation": "Merge", "properties": {"tags": {"team": "theirs"}}});
    let tags = format!("{path}/providers/Microsoft.Resources/tags/default");
    done(&world, ("PATCH", &tags), "2021-04-01", &merge).await;
    let put_right = world.apply(&api()).await.unwrap();
    assert_eq!(put_right, ["~ azure.storage-account/data: tags"]);
    assert_eq!(world.apply(&api()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn tags_of_a_function_are_those_of_its_identity() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    let mut tagged = api();
    tagged.functions[0].tags.insert("team".into(), "web".into());
    assert_eq!(world.apply(&tagged).await.unwrap(), ["~ azure.identity/api: tags"]);
    assert_eq!(world.apply(&tagged).await.unwrap(), [""; 0]);
    let path = at(&mut world, &tagged, "azure.identity/api").await;
    let found = done(&world, ("GET", &path), IDENTITY, &Json::Null).await;
    assert_eq!(found["tags"]["team"], "web");
}

#[tokio::test]
async fn in_another_region_everything_is_made_anew_at_once() {
    let mut world = parts().await;
    world.group("theirs").await;
    connected(&mut world, |it| it.resource_group = Some("theirs".into())).await;
    world.apply(&api()).await.unwrap();
    connected(&mut world, |it| {
        it.resource_group = Some("theirs".into());
        it.region = Some("northeurope".into());
    })
    .await;
    let moved = world.apply(&api()).await.unwrap();
    for one in ["storage-account/host", "storage-account/data", "identity/api"] {
        assert!(moved.contains(&format!("± azure.{one}: location")), "{one}: {moved:?}");
    }
    assert!(moved.contains(&"± azure.container/photos: made".to_owned()), "{moved:?}");
    assert!(moved.contains(&"± azure.queue/jobs: made".to_owned()), "{moved:?}");
    let right = "azure.role-assignment/api.blob-owner.host";
    assert!(moved.contains(&format!("± {right}: principal, made")), "{moved:?}");
    assert_eq!(world.apply(&api()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn hosts_move_into_accounts_of_their_own() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    connected(&mut world, |it| it.own_storage = true).await;
    let moved = world.apply(&api()).await.unwrap();
    assert!(moved.contains(&"+ azure.storage-account/host.api".to_owned()), "{moved:?}");
    assert!(moved.contains(&"- azure.storage-account/host".to_owned()), "{moved:?}");
    assert_eq!(world.apply(&api()).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_project_moves_to_another_group() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    world.group("theirs").await;
    connected(&mut world, |it| it.resource_group = Some("theirs".into())).await;
    let moved = world.apply(&api()).await.unwrap();
    for one in ["storage-account/data", "container/photos", "queue/jobs", "identity/api"] {
        assert!(moved.contains(&format!("+ azure.{one}")), "{one}: {moved:?}");
        assert!(moved.contains(&format!("- azure.{one}@shop-dev")), "{one}: {moved:?}");
    }
    assert_eq!(world.apply(&api()).await.unwrap(), [""; 0]);
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/shop-dev");
    assert_eq!(status(&world, &group, "2021-04-01").await, 404);
}

#[tokio::test]
async fn a_lost_answer_makes_nothing_twice() {
    with_each_write_lost(&nothing(), &api()).await;
}

#[tokio::test]
async fn a_lost_answer_leaves_nothing_behind() {
    with_each_write_lost(&api(), &nothing()).await;
}

#[tokio::test]
async fn an_account_that_holds_anything_of_others_stays() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    let data = at(&mut world, &api(), "azure.storage-account/data").await;
    let host = at(&mut world, &api(), "azure.storage-account/host").await;
    // What the host makes for itself is no neighbour's.
    let own = format!("{host}/blobServices/default/containers/azure-webjobs-hosts");
    done(&world, ("PUT", &own), STORAGE, &json!({"properties": {}})).await;
    let container = neighbour(&world, &data, "blobServices/default/containers").await;
    let queue = neighbour(&world, &data, "queueServices/default/queues").await;
    let mut changed = api();
    changed.managed[0].tags.insert("team".into(), "web".into());
    assert_eq!(world.apply(&changed).await.unwrap(), ["~ azure.container/photos: tags"]);
    world.apply(&nothing()).await.unwrap();
    assert_eq!(status(&world, &container, STORAGE).await, 200);
    assert_eq!(status(&world, &queue, STORAGE).await, 200);
    assert_eq!(status(&world, &host, STORAGE).await, 404);
    // Neither the account nor the group around it is told to be ours to remove.
    assert_eq!(ours(&world).await, [""; 0]);
}

#[tokio::test]
async fn what_was_put_into_an_account_since_the_plan_keeps_it() {
    let mut world = parts().await;
    world.apply(&api()).await.unwrap();
    let data = live(&mut world, &api(), "azure.storage-account/data").await;
    let path = data.outputs["id"].clone();
    neighbour(&world, &path, "queueServices/default/queues").await;
    let error = world.delete(&data).await.unwrap_err();
    assert!(matches!(&error, CloudError::HoldsData { what, .. } if what.contains("theirs")));
    assert_eq!(status(&world, &path, STORAGE).await, 200);
}

#[tokio::test]
async fn an_account_of_others_is_not_taken_over() {
    let mut world = parts().await;
    world.group("shop-dev-2").await;
    connected(&mut world, |it| it.resource_group = Some("shop-dev-2".into())).await;
    let (wanted, _) = world.lower(&api());
    let host = wanted.iter().find(|it| it.id.to_string() == "azure.storage-account/host").unwrap();
    let path = host.outputs["id"].clone();
    let body = json!({"location": "westeurope", "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"}, "properties": {}});
    let (status, _) = call(&world, ("PUT", &path), STORAGE, &body).await;
    assert!(status < 300);
    let found = world.read(&host.id).await.unwrap();
    assert!(matches!(found.owner, updraft_contract::Owner::Other(_)));
}
