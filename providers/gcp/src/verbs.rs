//! What functions may use on Google Cloud, and which role each verb takes: one table, by which
//! bindings are made and from which the guide is written. Pure.
//!
//! Roles: <https://cloud.google.com/iam/docs/roles-permissions>.

use std::sync::LazyLock;

use updraft_contract::{Access, App, Condition, ResourceType, VerbSpec};

use crate::place::Names;
use crate::things::{Spot, Thing};

/// What a declared use leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    /// A bucket.
    Bucket,
    /// A topic of Pub/Sub, and the subscription that its messages are received from.
    Queue,
    /// A secret.
    Secret,
    /// A Firestore database.
    Firestore,
    /// A dataset of `BigQuery`, or a table in one.
    Dataset,
    /// A key of Cloud KMS.
    Key,
    /// Another function of this manifest.
    Function,
    /// A service of Cloud Run.
    Service,
    /// A queue of Cloud Tasks.
    Tasks,
    /// A workflow.
    Workflow,
    /// An instance of Cloud SQL.
    Sql,
    /// A database of Spanner.
    Spanner,
    /// A cluster of Memorystore for Redis.
    Redis,
}

/// One verb, and what it is done to.
pub(crate) struct Row {
    /// What it is done to.
    pub(crate) of: Sort,
    /// What it gives, and what people are told. The first role is given on the thing itself, where
    /// that has a policy; the others on the project.
    pub(crate) spec: VerbSpec,
}

const PROJECT_WIDE: &str = "project-wide: a database has no policy; the binding has a condition \
    that names it";

const fn row(of: Sort, verb: &'static str, gives: &'static [&'static str]) -> Row {
    noted(of, verb, gives, "")
}

const fn noted(
    of: Sort,
    verb: &'static str,
    gives: &'static [&'static str],
    note: &'static str,
) -> Row {
    let (thing, to) = match of {
        Sort::Bucket => ("Cloud Storage bucket", "bucket.NAME, gs://NAME"),
        Sort::Queue => {
            ("Pub/Sub topic", "queue.NAME, projects/P/topics/T, projects/P/subscriptions/S")
        }
        Sort::Secret => ("Secret Manager secret", "projects/P/secrets/S"),
        Sort::Firestore => ("Firestore database", "projects/P/databases/D"),
        Sort::Dataset => {
            ("BigQuery dataset or table", "projects/P/datasets/D, projects/P/datasets/D/tables/T")
        }
        Sort::Key => ("Cloud KMS key", "projects/P/locations/L/keyRings/R/cryptoKeys/K"),
        Sort::Function => ("function", "function.NAME"),
        Sort::Service => ("Cloud Run service", "projects/P/locations/L/services/S"),
        Sort::Tasks => ("Cloud Tasks queue", "projects/P/locations/L/queues/Q"),
        Sort::Workflow => ("workflow", "projects/P/locations/L/workflows/W"),
        Sort::Sql => ("Cloud SQL instance", "projects/P/instances/I"),
        Sort::Spanner => ("Spanner database", "projects/P/instances/I/databases/D"),
        Sort::Redis => ("Memorystore for Redis cluster", "projects/P/locations/L/clusters/C"),
    };
    Row { of, spec: VerbSpec { thing, to, verb, gives, note } }
}

/// Every verb there is.
pub(crate) static ROWS: &[Row] = &[
    noted(Sort::Bucket, "read", &["roles/storage.objectViewer"], "lists objects as well"),
    row(Sort::Bucket, "list", &["roles/storage.legacyBucketReader"]),
    noted(
        Sort::Bucket,
        "write",
        &["roles/storage.objectCreator"],
        "makes new objects; writing over one takes `delete` as well",
    ),
    noted(
        Sort::Bucket,
        "delete",
        &["roles/storage.objectUser"],
        "Google has no role that only deletes: reads, writes and lists as well",
    ),
    row(Sort::Queue, "send", &["roles/pubsub.publisher"]),
    row(Sort::Queue, "receive", &["roles/pubsub.subscriber"]),
    row(Sort::Secret, "read", &["roles/secretmanager.secretAccessor"]),
    noted(
        Sort::Secret,
        "write",
        &["roles/secretmanager.secretVersionAdder"],
        "adds versions; changes and removes none",
    ),
    noted(Sort::Firestore, "read", &["roles/datastore.viewer"], PROJECT_WIDE),
    noted(Sort::Firestore, "write", &["roles/datastore.user"], PROJECT_WIDE),
    noted(
        Sort::Dataset,
        "read",
        &["roles/bigquery.dataViewer", "roles/bigquery.jobUser"],
        "the binding is the project's, with a condition that names it; exports and snapshots of \
         tables are reading; queries are jobs of the project",
    ),
    noted(
        Sort::Dataset,
        "write",
        &["roles/bigquery.dataEditor", "roles/bigquery.jobUser"],
        "the binding is the project's, with a condition that names it; makes and deletes tables as \
         well",
    ),
    row(Sort::Key, "encrypt", &["roles/cloudkms.cryptoKeyEncrypter"]),
    row(Sort::Key, "decrypt", &["roles/cloudkms.cryptoKeyDecrypter"]),
    row(Sort::Function, "invoke", &["roles/run.servicesInvoker"]),
    row(Sort::Service, "invoke", &["roles/run.servicesInvoker"]),
    row(Sort::Tasks, "send", &["roles/cloudtasks.enqueuer"]),
    noted(
        Sort::Workflow,
        "start",
        &["roles/workflows.invoker"],
        "project-wide: a workflow has no policy, and no condition can name it",
    ),
    noted(
        Sort::Sql,
        "connect",
        &["roles/cloudsql.client"],
        "the binding is the project's, with a condition that names it; what one may do there is \
         up to the database's own users",
    ),
    row(Sort::Spanner, "read", &["roles/spanner.databaseReader"]),
    row(Sort::Spanner, "write", &["roles/spanner.databaseUser"]),
    noted(
        Sort::Redis,
        "connect",
        &["roles/redis.dbConnectionUser"],
        "the binding is the project's, with a condition that names it; for clusters that sign in \
         by IAM, others take network access alone",
    ),
];

/// Returns the table as the contract has it.
pub fn specs() -> &'static [VerbSpec] {
    static SPECS: LazyLock<Vec<VerbSpec>> =
        LazyLock::new(|| ROWS.iter().map(|row| row.spec).collect());
    &SPECS
}

/// Returns what a declared use leads to. `None`: nothing that Updraft gives access to.
pub(crate) fn sort(to: &str) -> Option<Sort> {
    if let Some(rest) = to.strip_prefix("projects/") {
        let parts: Vec<&str> = rest.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        return match parts.as_slice() {
            [_, "topics" | "subscriptions", _] => Some(Sort::Queue),
            [_, "secrets", _] => Some(Sort::Secret),
            [_, "databases", _] => Some(Sort::Firestore),
            [_, "datasets", _] | [_, "datasets", _, "tables", _] => Some(Sort::Dataset),
            [_, "locations", _, "keyRings", _, "cryptoKeys", _] => Some(Sort::Key),
            [_, "locations", _, "services", _] => Some(Sort::Service),
            [_, "locations", _, "queues", _] => Some(Sort::Tasks),
            [_, "locations", _, "workflows", _] => Some(Sort::Workflow),
            [_, "locations", _, "clusters", _] => Some(Sort::Redis),
            [_, "instances", _] => Some(Sort::Sql),
            [_, "instances", _, "databases", _] => Some(Sort::Spanner),
            _ => None,
        };
    }
    let starts = [
        ("bucket.", Sort::Bucket),
        ("gs://", Sort::Bucket),
        ("queue.", Sort::Queue),
        ("function.", Sort::Function),
    ];
    starts.into_iter().find(|(start, _)| to.starts_with(start)).map(|(_, sort)| sort)
}

/// Returns the verbs of something.
pub(crate) fn verbs(of: Sort) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.of == of)
}

/// Returns what people call it.
pub(crate) fn thing(of: Sort) -> &'static str {
    if of == Sort::Bucket {
        return "bucket";
    }
    if of == Sort::Queue {
        return "queue";
    }
    verbs(of).next().map_or("", |row| row.spec.thing)
}

/// Returns everything that can be used, as manifests name it.
pub(crate) fn all_names() -> String {
    let mut all: Vec<&str> = Vec::new();
    for row in ROWS {
        if !all.contains(&row.spec.to) {
            all.push(row.spec.to);
        }
    }
    all.join(", ")
}

/// Returns whether a text is the name of a role, Google's own or somebody's.
pub(crate) fn is_role(text: &str) -> bool {
    match text.split('/').collect::<Vec<_>>().as_slice() {
        ["roles", name] => !name.is_empty(),
        ["projects" | "organizations", of, "roles", name] => !of.is_empty() && !name.is_empty(),
        _ => false,
    }
}

/// Returns whether a binding on something may have a condition
/// (<https://cloud.google.com/iam/docs/resource-types-with-conditional-roles>).
pub(crate) fn takes_conditions(of: Sort) -> bool {
    match of {
        Sort::Queue | Sort::Tasks | Sort::Function => false,
        Sort::Bucket
        | Sort::Secret
        | Sort::Firestore
        | Sort::Dataset
        | Sort::Key
        | Sort::Service
        | Sort::Workflow
        | Sort::Sql
        | Sort::Spanner
        | Sort::Redis => true,
    }
}

/// Returns whether the project's policy has the binding, so that only what is in this project can
/// be used.
pub(crate) fn is_projects(of: Sort) -> bool {
    matches!(of, Sort::Firestore | Sort::Dataset | Sort::Workflow | Sort::Sql | Sort::Redis)
}

/// One role on one policy, and when it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// The policy.
    pub(crate) spot: Spot,
    /// The role.
    pub(crate) role: String,
    /// The expression under which it counts.
    pub(crate) when: Option<String>,
}

/// Returns what a declared use gives.
pub(crate) fn given(names: Names<'_>, app: &App, access: &Access) -> Vec<Given> {
    let Some(of) = sort(&access.to) else { return Vec::new() };
    let mut given = match of {
        Sort::Bucket => of_bucket(names, app, access),
        Sort::Queue
        | Sort::Secret
        | Sort::Firestore
        | Sort::Dataset
        | Sort::Key
        | Sort::Function
        | Sort::Service
        | Sort::Tasks
        | Sort::Workflow
        | Sort::Sql
        | Sort::Spanner
        | Sort::Redis => of_other(names, app, of, access),
    };
    let own = |role: &String| Given {
        spot: spot(names, app, &access.to, &access.to),
        role: role.clone(),
        when: narrowed(of, &access.to),
    };
    given.extend(access.actions.iter().map(own));
    if let Some(Condition::Expression(said)) = &access.condition {
        for one in &mut given {
            one.when = Some(match one.when.take() {
                Some(other) => format!("({other}) && ({said})"),
                None => said.clone(),
            });
        }
    }
    given.extend(of_project(of, access));
    given
}

/// Returns the policy that a verb's role on something stands in.
fn spot(names: Names<'_>, app: &App, to: &str, verb: &str) -> Spot {
    let here = format!("{}/secrets/", names.place.project_name());
    match sort(to) {
        Some(Sort::Bucket) => Spot::bucket(&Thing::of(app, ResourceType::Bucket, to)),
        Some(Sort::Queue) => {
            let thing = Thing::of(app, ResourceType::Queue, to);
            let receives = verb == "receive" || verb.contains("/subscriptions/");
            if receives { Spot::subscription(names, &thing) } else { Spot::topic(names, &thing) }
        }
        Some(Sort::Secret) => Spot::secret(to.strip_prefix(&here).unwrap_or(to)),
        Some(Sort::Function) => Spot::callers(to.strip_prefix("function.").unwrap_or(to)),
        Some(Sort::Key | Sort::Service | Sort::Tasks | Sort::Spanner) => Spot::other(to),
        Some(Sort::Firestore | Sort::Dataset | Sort::Workflow | Sort::Sql | Sort::Redis) | None => {
            Spot::project()
        }
    }
}

/// Returns the rows that a declared use asks for.
fn asked(of: Sort, access: &Access) -> impl Iterator<Item = &'static Row> {
    verbs(of).filter(|row| access.verbs.iter().any(|verb| verb == row.spec.verb))
}

fn of_other(names: Names<'_>, app: &App, of: Sort, access: &Access) -> Vec<Given> {
    let one = |row: &'static Row| {
        let role = row.spec.gives.first()?;
        Some(Given {
            spot: spot(names, app, &access.to, row.spec.verb),
            role: (*role).to_owned(),
            when: narrowed(of, &access.to),
        })
    };
    asked(of, access).filter_map(one).collect()
}

/// Returns what a declared use takes of the project beside.
fn of_project(of: Sort, access: &Access) -> Vec<Given> {
    let roles = asked(of, access).flat_map(|row| row.spec.gives.iter().skip(1));
    let one = |role: &str| Given { spot: Spot::project(), role: role.to_owned(), when: None };
    roles.map(|role| one(role)).collect()
}

/// Returns the condition that keeps a role on the project to one thing in it
/// (<https://cloud.google.com/iam/docs/conditions-resource-attributes>).
fn narrowed(of: Sort, name: &str) -> Option<String> {
    let is = cel(name);
    match of {
        Sort::Firestore | Sort::Redis => Some(format!("resource.name == {is}")),
        Sort::Sql => Some(format!(
            "resource.service == \"sqladmin.googleapis.com\" && resource.name == {is}"
        )),
        Sort::Dataset if name.contains("/tables/") => Some(format!("resource.name == {is}")),
        Sort::Dataset => {
            let within = cel(&format!("{name}/"));
            Some(format!("resource.name == {is} || resource.name.startsWith({within})"))
        }
        Sort::Bucket
        | Sort::Queue
        | Sort::Secret
        | Sort::Key
        | Sort::Function
        | Sort::Service
        | Sort::Tasks
        | Sort::Workflow
        | Sort::Spanner => None,
    }
}

/// Returns the narrowest of Google's roles that allow what is declared of a bucket.
///
/// Writing does not let one write over an object: that takes the right to delete it.
fn of_bucket(names: Names<'_>, app: &App, access: &Access) -> Vec<Given> {
    let thing = Thing::of(app, ResourceType::Bucket, &access.to);
    let (spot, bucket) = (Spot::bucket(&thing), thing.bucket(names));
    let does = |verb: &str| access.verbs.iter().any(|does| does == verb);
    let role = |verb: &str| {
        let row = verbs(Sort::Bucket).find(|row| row.spec.verb == verb);
        row.and_then(|row| row.spec.gives.first()).map_or(String::new(), |role| (*role).to_owned())
    };
    let prefix = access.prefix.as_deref();
    let within = prefix.map(|prefix| {
        let start = cel(&format!("projects/_/buckets/{bucket}/objects/{prefix}"));
        format!(
            "resource.type == \"storage.googleapis.com/Object\" && \
             resource.name.startsWith({start})"
        )
    });
    let give = |role: String, when: Option<String>| Given { spot: spot.clone(), role, when };
    let mut given = Vec::new();
    if does("delete") {
        given.push(give(role("delete"), within));
    } else {
        let rows = ["read", "write"].into_iter().filter(|verb| does(verb));
        given.extend(rows.map(|verb| give(role(verb), within.clone())));
    }
    match prefix {
        Some(prefix) if does("list") => {
            let start = cel(prefix);
            let listing = format!(
                "resource.type == \"storage.googleapis.com/Bucket\" && \
                 api.getAttribute(\"{LIST_PREFIX}\", \"\").startsWith({start})"
            );
            given.push(give(role("read"), Some(listing)));
        }
        // Without a prefix, the other two let one list as well.
        None if does("list") && !does("read") && !does("delete") => {
            given.push(give(role("list"), None));
        }
        Some(_) | None => {}
    }
    given
}

/// What a condition calls the prefix that objects are listed by
/// (<https://cloud.google.com/iam/docs/conditions-attribute-reference#api-attributes>).
const LIST_PREFIX: &str = "storage.googleapis.com/objectListPrefix";

/// Writes a text in the Common Expression Language.
fn cel(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
