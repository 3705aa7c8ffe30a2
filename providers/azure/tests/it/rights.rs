//! Rights of functions: roles given to their identities, and roles of our own.

use serde_json::{Value as Json, json};
use updraft_contract::{App, Managed, Owner};
use updraft_local::{FaultKind, FaultPlan, Settings};

use crate::apps::{app, bucket, function, of_queue, queue, using};
use crate::parts::{
    AUTHORIZATION, at, done, live, nothing, ours, parts, parts_of, status, with_each_write_lost,
};
use crate::world::{SUBSCRIPTION, World};

const READER: &str = "azure.role-assignment/thumb.blob-reader.photos";
const CONSUMER: &str = "azure.role-definition/queue-consumer";
const READS: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";

/// What somebody changes of a role.
type Change<'c> = &'c dyn Fn(&mut Json);

fn thumb(verbs: &[&str]) -> App {
    let mut thumb = function("thumb", Vec::new());
    if !verbs.is_empty() {
        thumb.access = vec![using("bucket.photos", verbs, None)];
    }
    app(vec![thumb], vec![bucket("photos")])
}

fn worker() -> App {
    app(vec![function("worker", vec![of_queue("queue.jobs")])], vec![queue("jobs")])
}

async fn assignments(world: &World) -> Vec<Json> {
    let path =
        format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments");
    let all = done(world, ("GET", &path), AUTHORIZATION, &Json::Null).await;
    all["value"].as_array().unwrap().clone()
}

/// Gives the role that reads blobs to somebody on something, as somebody else would.
async fn give(world: &World, on: &str, to: &str) -> String {
    let name = "99999999-0000-0000-0000-000000000001";
    let path = format!("{on}/providers/Microsoft.Authorization/roleAssignments/{name}");
    let role = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{READS}"
    );
    let body = json!({"properties": {"roleDefinitionId": role, "principalId": to,
        "principalType": "ServicePrincipal", "description": "by hand"}});
    done(world, ("PUT", &path), AUTHORIZATION, &body).await;
    path
}

#[tokio::test]
async fn each_verb_is_a_role_of_its_own() {
    let mut world = parts_of(World::with(Settings::default()).await);
    world.apply(&thumb(&["read", "write", "delete"])).await.unwrap();
    for (slug, title) in [
        ("blob-reader", "Storage Blob Data Reader"),
        ("blob-writer", "Updraft blob writer"),
        ("blob-deleter", "Updraft blob deleter"),
    ] {
        let called = format!("azure.role-assignment/thumb.{slug}.photos");
        let given = live(&mut world, &thumb(&["read", "write", "delete"]), &called).await;
        assert_eq!(given.fields.text("role"), Some(title));
        assert!(given.fields.text("on").unwrap().ends_with("/photos"));
    }
    world.local.clear_ledger();
    assert_eq!(world.apply(&thumb(&["read", "write", "delete"])).await.unwrap(), [""; 0]);
    assert_eq!(world.writes(), [""; 0]);
    let taken = world.apply(&thumb(&["read"])).await.unwrap();
    assert_eq!(taken.len(), 4, "{taken:?}");
    assert_eq!(world.apply(&thumb(&["read"])).await.unwrap(), [""; 0]);
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
    assert_eq!(assignments(&world).await, [Json::Null; 0]);
}

#[tokio::test]
async fn every_assignment_says_whose_it_is_and_for_what_sort_of_principal() {
    let mut world = parts().await;
    world.apply(&worker()).await.unwrap();
    let all = assignments(&world).await;
    assert_eq!(all.len(), 4);
    for one in &all {
        let properties = &one["properties"];
        assert_eq!(properties["principalType"], "ServicePrincipal");
        let description = properties["description"].as_str().unwrap();
        assert!(description.starts_with("updraft:shop/dev worker."), "{description}");
    }
}

#[tokio::test]
async fn a_role_of_ours_is_put_right_when_somebody_changes_it() {
    let mut world = parts().await;
    world.apply(&worker()).await.unwrap();
    let path = at(&mut world, &worker(), CONSUMER).await;
    let changes: [(Change<'_>, &str); 4] = [
        (&|it| it["roleName"] = json!("another name"), "title"),
        (&|it| it["permissions"][0]["actions"] = json!([]), "actions"),
        (
            &|it| it["permissions"][0]["dataActions"] = json!(["Microsoft.Storage/*"]),
            "data-actions",
        ),
        (
            &|it| it["assignableScopes"] = json!([format!("/subscriptions/{SUBSCRIPTION}")]),
            "assignable",
        ),
    ];
    for (change, field) in changes {
        let found = done(&world, ("GET", &path), AUTHORIZATION, &Json::Null).await;
        let mut properties = found["properties"].clone();
        change(&mut properties);
        let kept = ["roleName", "description", "type", "permissions", "assignableScopes"];
        let body: serde_json::Map<String, Json> =
            kept.iter().map(|name| ((*name).to_owned(), properties[*name].clone())).collect();
        done(&world, ("PUT", &path), AUTHORIZATION, &json!({"properties": body})).await;
        assert_eq!(world.apply(&worker()).await.unwrap(), [format!("~ {CONSUMER}: {field}")]);
        assert_eq!(world.apply(&worker()).await.unwrap(), [""; 0], "{field}");
    }
}

#[tokio::test]
async fn what_somebody_else_has_given_counts_and_stays_theirs() {
    let mut world = parts().await;
    world.apply(&thumb(&[])).await.unwrap();
    let identity = live(&mut world, &thumb(&[]), "azure.identity/thumb").await;
    let photos = at(&mut world, &thumb(&[]), "azure.container/photos").await;
    let theirs = give(&world, &photos, &identity.outputs["principal_id"]).await;
    assert_eq!(world.apply(&thumb(&["read"])).await.unwrap(), [""; 0]);
    assert_eq!(live(&mut world, &thumb(&["read"]), READER).await.owner, Owner::Us);
    assert_eq!(world.apply(&thumb(&[])).await.unwrap(), [""; 0]);
    assert_eq!(status(&world, &theirs, AUTHORIZATION).await, 200);
    // Whoever holds a plan from before cannot take it away either.
    let seen = live(&mut world, &thumb(&["read"]), READER).await;
    world.delete(&seen).await.unwrap();
    assert_eq!(status(&world, &theirs, AUTHORIZATION).await, 200);
}

#[tokio::test]
async fn what_was_given_to_others_is_left_alone() {
    let mut world = parts().await;
    world.group("theirs").await;
    crate::parts::connected(&mut world, |it| it.resource_group = Some("theirs".into())).await;
    world.apply(&thumb(&["read"])).await.unwrap();
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs");
    let path = format!("{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/other");
    let other =
        done(&world, ("PUT", &path), "2024-11-30", &json!({"location": "westeurope"})).await;
    let principal = other["properties"]["principalId"].as_str().unwrap();
    let theirs = give(&world, &group, principal).await;
    assert_eq!(world.apply(&thumb(&["read"])).await.unwrap(), [""; 0]);
    world.apply(&thumb(&["write"])).await.unwrap();
    world.apply(&nothing()).await.unwrap();
    assert_eq!(ours(&world).await, [""; 0]);
    assert_eq!(status(&world, &theirs, AUTHORIZATION).await, 200);
}

#[tokio::test]
async fn rights_follow_an_identity_that_was_made_anew() {
    let mut world = parts().await;
    world.apply(&thumb(&["read"])).await.unwrap();
    let identity = live(&mut world, &thumb(&["read"]), "azure.identity/thumb").await;
    let (path, old) = (&identity.outputs["id"], &identity.outputs["principal_id"]);
    done(&world, ("DELETE", path), "2024-11-30", &Json::Null).await;
    let again = world.apply(&thumb(&["read"])).await.unwrap();
    assert!(again.contains(&"+ azure.identity/thumb".to_owned()), "{again:?}");
    assert!(again.contains(&format!("± {READER}: principal")), "{again:?}");
    assert_eq!(world.apply(&thumb(&["read"])).await.unwrap(), [""; 0]);
    let left = assignments(&world).await;
    assert!(left.iter().all(|it| it["properties"]["principalId"] != old.as_str()), "{left:?}");
}

#[tokio::test]
async fn rights_follow_a_container_that_was_made_anew() {
    let mut world = parts().await;
    world.apply(&thumb(&["read"])).await.unwrap();
    let photos = at(&mut world, &thumb(&["read"]), "azure.container/photos").await;
    done(&world, ("DELETE", &photos), crate::parts::STORAGE, &Json::Null).await;
    world.apply(&thumb(&["read"])).await.unwrap();
    assert_eq!(world.apply(&thumb(&["read"])).await.unwrap(), [""; 0]);
    let given = live(&mut world, &thumb(&["read"]), READER).await;
    assert_eq!(status(&world, &given.outputs["id"], AUTHORIZATION).await, 200);
}

#[tokio::test]
async fn an_identity_that_is_not_known_yet_is_waited_for() {
    let mut world = parts().await;
    let unknown = FaultKind::Fail {
        status: 400,
        code: "PrincipalNotFound".into(),
        message: "Principal x does not exist in the directory y.".into(),
    };
    let write = "Microsoft.Authorization/roleAssignments/write";
    world.local.set_faults(FaultPlan::on("Microsoft.Authorization", write, unknown));
    world.apply(&thumb(&["read"])).await.unwrap();
    assert_eq!(world.apply(&thumb(&["read"])).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_lost_answer_gives_nothing_twice_and_leaves_nothing_behind() {
    let (less, more) = (thumb(&["read"]), thumb(&["read", "write"]));
    with_each_write_lost(&less, &more).await;
    with_each_write_lost(&more, &less).await;
}

#[tokio::test]
async fn a_right_on_something_of_others_is_given_and_taken() {
    let mut world = parts().await;
    world.group("theirs").await;
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs");
    let account = format!("{group}/providers/Microsoft.Storage/storageAccounts/theirphotos");
    let body = json!({"location": "westeurope", "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"}, "properties": {}});
    done(&world, ("PUT", &account), crate::parts::STORAGE, &body).await;
    let container = format!("{account}/blobServices/default/containers/raw");
    done(&world, ("PUT", &container), crate::parts::STORAGE, &json!({"properties": {}})).await;
    let raw =
        Managed { existing: true, physical_name: Some("theirphotos/raw".into()), ..bucket("raw") };
    let mut reads = function("thumb", Vec::new());
    reads.access = vec![using("bucket.raw", &["read"], None)];
    let app = app(vec![reads], vec![raw]);
    let made = world.apply(&app).await.unwrap();
    let right = "azure.role-assignment/thumb.blob-reader.theirphotos/raw";
    assert!(made.contains(&format!("+ {right}")), "{made:?}");
    let given = live(&mut world, &app, right).await;
    assert_eq!(given.fields.text("on"), Some("container theirphotos/raw"));
    assert!(given.outputs["endpoint"].contains("theirphotos"), "{given:?}");
    assert_eq!(world.apply(&app).await.unwrap(), [""; 0]);
    world.apply(&nothing()).await.unwrap();
    assert_eq!(assignments(&world).await, [Json::Null; 0]);
    assert_eq!(status(&world, &container, crate::parts::STORAGE).await, 200);
}
