//! Rules about one binding on Google Cloud.

use std::collections::BTreeSet;

use updraft_contract::{On, Permission, Side, What, When, Who};

use super::{Hit, effective, public, some};
use crate::document::text;
use crate::review::everybody;

/// Roles for administrators, and the basic roles, which contain thousands of permissions.
/// <https://cloud.google.com/iam/docs/roles-overview#basic>
const ADMINISTRATORS: &[&str] = &[
    "roles/admin",
    "roles/editor",
    "roles/iam.securityAdmin",
    "roles/owner",
    "roles/resourcemanager.folderAdmin",
    "roles/resourcemanager.organizationAdmin",
    "roles/resourcemanager.projectIamAdmin",
    "roles/viewer",
    "roles/writer",
];

/// Roles that can be given on a project and nothing smaller, or that are for the project.
/// <https://cloud.google.com/iam/docs/roles-permissions>
const OF_PROJECTS: &[&str] = &[
    "roles/bigquery.jobUser",
    "roles/cloudprofiler.agent",
    "roles/cloudsql.client",
    "roles/cloudtrace.agent",
    "roles/datastore.user",
    "roles/datastore.viewer",
    "roles/errorreporting.writer",
    "roles/eventarc.eventReceiver",
    "roles/logging.logWriter",
    "roles/monitoring.metricWriter",
    "roles/redis.dbConnectionUser",
];

/// Permissions that return credentials or make new ones.
/// <https://cloud.google.com/iam/docs/service-account-permissions>
pub(super) const CREDENTIALS: &[&str] = &[
    "apikeys.keys.getKeyString",
    "iam.serviceAccountKeys.create",
    "iam.serviceAccounts.getAccessToken",
    "iam.serviceAccounts.getOpenIdToken",
    "iam.serviceAccounts.implicitDelegation",
    "iam.serviceAccounts.signBlob",
    "iam.serviceAccounts.signJwt",
    "serviceusage.apiKeys.create",
    "serviceusage.apiKeys.list",
    "storage.hmacKeys.create",
];

/// Permissions that read what people keep.
const READS: &[&str] = &[
    "bigquery.tables.getData",
    "secretmanager.versions.access",
    "spanner.databases.read",
    "storage.objects.get",
];

/// Judges one permission that allows.
pub(super) fn judge(at: usize, permission: &Permission) -> Vec<Hit> {
    match permission.side {
        Side::Called | Side::Assumed if everybody(&permission.who) => vec![public(at, permission)],
        Side::Called | Side::Assumed => Vec::new(),
        Side::Does | Side::Deploys => does(at, permission),
    }
}

fn does(at: usize, permission: &Permission) -> Vec<Hit> {
    let mut hits = Vec::new();
    let (What::Role(role), title) = (&permission.what, title(permission)) else { return hits };
    let mut hit = |code, message| hits.push(Hit::on(at, code, message));
    let wide = wide(permission);
    let administrator = ADMINISTRATORS.contains(&role.id.as_str());
    if administrator {
        hit("UP704", format!("the function has the role {title}"));
    }
    let narrower =
        !administrator && !OF_PROJECTS.contains(&role.id.as_str()) && !agent(&permission.who);
    if wide && narrower && permission.when == When::Always {
        hit("UP303", format!("{title} is given on {}, not on a resource", place(permission)));
    }
    if shared(&permission.who) {
        let message = "the function runs as the project's default service account, as others do";
        hit("UP702", message.to_owned());
    }
    let all = |take: &dyn Fn(&str) -> bool| -> BTreeSet<String> {
        role.actions.iter().filter(|one| take(one)).cloned().collect()
    };
    let managed =
        all(&|one| one.ends_with(".setIamPolicy") || one.starts_with("iam.roles.") && !read(one));
    if !managed.is_empty() {
        hit("UP501", format!("{title} changes permissions, by {}", some(&managed)));
    }
    let keys = all(&|one| CREDENTIALS.contains(&one));
    if !keys.is_empty() {
        let code = if wide { "UP502" } else { "UP503" };
        hit(code, format!("{title} gives credentials, by {}", some(&keys)));
    }
    if wide && effective::about(permission, "iam.serviceAccounts.actAs") {
        hit("UP403", format!("{title} lets any service account of {} be used", place(permission)));
    }
    let reads = all(&|one| READS.contains(&one));
    if wide && permission.when == When::Always && !reads.is_empty() {
        let message =
            format!("{title} reads all data of {}, by {}", place(permission), some(&reads));
        hit("UP601", message);
    }
    hits
}

fn read(permission: &str) -> bool {
    permission.rsplit('.').next().is_some_and(|verb| verb == "get" || verb == "list")
}

fn title(permission: &Permission) -> String {
    match &permission.what {
        What::Role(role) => format!("`{}`", role.id),
        What::Actions(actions) | What::AllBut(actions) => some(actions),
    }
}

/// Returns whether a project, a folder or an organization is meant.
pub(super) fn wide(permission: &Permission) -> bool {
    match &permission.on {
        On::These(these) => these.iter().map(text).any(|on| container(&on)),
        On::AllBut(_) => true,
        On::Carrier => false,
    }
}

fn container(on: &str) -> bool {
    let name = on.strip_prefix("//cloudresourcemanager.googleapis.com/").unwrap_or(on);
    let mut parts = name.split('/');
    let kind = parts.next().unwrap_or_default();
    ["projects", "folders", "organizations"].contains(&kind) && parts.count() == 1
}

fn place(permission: &Permission) -> String {
    match &permission.on {
        On::These(these) => some(&these.iter().map(text).filter(|on| container(on)).collect()),
        On::AllBut(_) | On::Carrier => "everything".to_owned(),
    }
}

/// Returns whether one of Google's own service agents is meant, which work for a whole project.
fn agent(who: &Who) -> bool {
    let own = |name: &str| name.contains("@gcp-sa-") || name.contains("@gs-project-accounts.");
    match who {
        Who::Holder(holder) => own(&text(holder)),
        Who::Named(names) => names.values().flatten().all(|name| own(&text(name))),
        Who::AllBut(_) | Who::Everybody => false,
    }
}

/// Returns whether it is an account that Google makes for a project and many things share.
fn shared(who: &Who) -> bool {
    match who {
        Who::Holder(holder) => {
            let name = text(holder);
            name.ends_with("-compute@developer.gserviceaccount.com")
                || name.ends_with("@appspot.gserviceaccount.com")
        }
        Who::Named(_) | Who::AllBut(_) | Who::Everybody => false,
    }
}
