//! Rules about Azure and Google Cloud.

use super::*;

const GROUP: &str = "/subscriptions/1/resourceGroups/g";
const ACCOUNT: &str =
    "/subscriptions/1/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";

fn azure(guid: &str, scope: &str) -> Permission {
    let what = What::Role(roles::azure(guid).unwrap());
    Permission { cloud: Cloud::Azure, what, ..may(&[], &[scope]) }
}

fn custom(cloud: Cloud, actions: &[&str], on: &str) -> Permission {
    let role = RoleContent {
        id: "own".into(),
        custom: true,
        actions: set(actions),
        ..RoleContent::default()
    };
    Permission { cloud, what: What::Role(role), ..may(&[], &[on]) }
}

fn google(role: &str, on: &str) -> Permission {
    let role = roles::google(role).unwrap_or_else(|| RoleContent {
        id: role.to_owned(),
        actions: set(&["compute.instances.list"]),
        ..RoleContent::default()
    });
    Permission { cloud: Cloud::Gcp, what: What::Role(role), ..may(&[], &[on]) }
}

const BLOB_READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";

#[test]
fn everybody_is_public() {
    for cloud in [Cloud::Azure, Cloud::Gcp] {
        let everybody =
            Permission { cloud, side: Side::Called, who: Who::Everybody, ..may(&[], &[]) };
        fires("UP101", &everybody);
        fires("UP102", &because(everybody.clone()));
    }
    for (kind, name) in
        [("allUsers", "allUsers"), ("allAuthenticatedUsers", "allAuthenticatedUsers")]
    {
        fires("UP101", &Permission { cloud: Cloud::Gcp, ..by(Side::Called, kind, name) });
    }
    let one = by(Side::Called, "serviceAccount", "a@p.iam.gserviceaccount.com");
    quiet("UP101", &Permission { cloud: Cloud::Gcp, ..one });
}

#[test]
fn a_role_is_given_on_the_resource_it_is_for() {
    for scope in
        ["/", "/subscriptions/1", GROUP, "/providers/Microsoft.Management/managementGroups/m"]
    {
        fires("UP303", &azure(BLOB_READER, scope));
        fires("UP601", &azure(BLOB_READER, scope));
    }
    quiet("UP303", &azure(BLOB_READER, ACCOUNT));
    quiet("UP601", &azure(BLOB_READER, ACCOUNT));
    fires("UP303", &google("roles/storage.objectViewer", "projects/p"));
    fires("UP601", &google("roles/storage.objectViewer", "projects/p"));
    quiet("UP303", &google("roles/storage.objectViewer", "projects/_/buckets/b"));
    quiet("UP601", &google("roles/storage.objectViewer", "projects/_/buckets/b"));
    quiet("UP303", &google("roles/datastore.user", "projects/p"));
    let agent =
        Who::Holder("serviceAccount:service-1@gs-project-accounts.iam.gserviceaccount.com".into());
    quiet("UP303", &Permission { who: agent, ..google("roles/pubsub.publisher", "projects/p") });
}

#[test]
fn roles_for_administrators_are_not_for_functions() {
    fires("UP704", &azure(CONTRIBUTOR, ACCOUNT));
    // Virtual Machine Contributor, whose contents are not pinned.
    let unknown =
        RoleContent { id: "9980e02c-c2be-4d73-94e8-173b1dc7cf3c".into(), ..RoleContent::default() };
    let machines = Permission { what: What::Role(unknown), ..azure(CONTRIBUTOR, GROUP) };
    fires("UP704", &machines);
    quiet("UP704", &azure(BLOB_READER, ACCOUNT));
    fires("UP704", &google("roles/editor", "projects/p"));
    fires("UP704", &google("roles/viewer", "projects/p"));
    quiet("UP704", &google("roles/run.invoker", "projects/p"));
}

#[test]
fn whole_services_of_azure_are_reported() {
    fires("UP302", &azure("090c5cfd-751d-490a-894a-3ce6f1109419", ACCOUNT));
    quiet("UP302", &azure("4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0", ACCOUNT));
    fires("UP304", &custom(Cloud::Azure, &["*"], ACCOUNT));
    quiet("UP304", &custom(Cloud::Azure, &["Microsoft.Storage/*/read"], ACCOUNT));
}

#[test]
fn keys_and_permissions_are_reported() {
    let keys = "17d1049b-9a84-46fb-8f53-869881c3d3ab";
    fires("UP502", &azure(keys, GROUP));
    fires("UP503", &azure(keys, ACCOUNT));
    quiet("UP503", &azure(BLOB_READER, ACCOUNT));
    fires("UP501", &custom(Cloud::Azure, &["microsoft.authorization/*/WRITE"], ACCOUNT));
    quiet("UP501", &azure(BLOB_READER, ACCOUNT));
    fires("UP501", &custom(Cloud::Gcp, &["storage.buckets.setIamPolicy"], "projects/_/buckets/b"));
    quiet("UP501", &google("roles/bigquery.dataViewer", "projects/p/datasets/d"));
    fires("UP502", &google("roles/iam.serviceAccountTokenCreator", "projects/p"));
    let one = "projects/p/serviceAccounts/a@p.iam.gserviceaccount.com";
    fires("UP503", &google("roles/iam.serviceAccountTokenCreator", one));
    quiet("UP502", &google("roles/iam.serviceAccountTokenCreator", one));
}

#[test]
fn identities_are_passed_one_by_one() {
    let operator = "f1a07417-d97a-45cb-824c-7a7467783830";
    let one = format!("{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i");
    let assign = ["Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"];
    fires("UP402", &custom(Cloud::Azure, &assign, GROUP));
    quiet("UP402", &custom(Cloud::Azure, &assign, &one));
    fires("UP704", &azure(operator, &one));
    fires("UP403", &google("roles/iam.serviceAccountUser", "projects/p"));
    quiet("UP403", &google("roles/iam.serviceAccountUser", "projects/p/serviceAccounts/a"));
}

#[test]
fn operations_that_together_give_more_are_found() {
    let run = "run.services.create";
    let act = "iam.serviceAccounts.actAs";
    let both = [custom(Cloud::Gcp, &[run], "projects/p"), custom(Cloud::Gcp, &[act], "projects/p")];
    assert!(codes(&both).contains(&"UP702"));
    let named = [
        custom(Cloud::Gcp, &[run], "projects/p"),
        custom(Cloud::Gcp, &[act], "projects/p/serviceAccounts/a"),
    ];
    assert!(!codes(&named).contains(&"UP702"));
    let shared = Who::Holder("serviceAccount:1-compute@developer.gserviceaccount.com".into());
    fires(
        "UP702",
        &Permission { who: shared, ..google("roles/pubsub.publisher", "projects/p/topics/t") },
    );
    quiet("UP702", &google("roles/pubsub.publisher", "projects/p/topics/t"));
    fires("UP703", &custom(Cloud::Azure, &["Microsoft.Authorization/roleAssignments/*"], ACCOUNT));
    fires("UP703", &azure("f58310d9-a9f6-439a-9e8d-f62e7b41a168", GROUP));
    quiet("UP703", &custom(Cloud::Azure, &["Microsoft.Web/sites/*"], ACCOUNT));
    fires("UP703", &custom(Cloud::Azure, &["*"], GROUP));
}
