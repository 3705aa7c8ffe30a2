//! Questions about the examples, answered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use updraft_aws::Aws;
use updraft_azure::Azure;
use updraft_contract::{App, Cloud, On, Permission, Permit as _, RoleContent, VerbSpec, What};
use updraft_gcp::Gcp;
use updraft_permit::roles::filled;

use super::{Explanation, Facts, Sense, Standing, explain};
use crate::manifest::{Request, load};

const EXAMPLES: [&str; 5] =
    ["hello-http", "image-pipeline", "nightly-report", "rest-api", "worker"];

/// An example's app, and what its manifest calls for.
struct Example {
    app: App,
    wanted: Vec<Permission>,
    verbs: Vec<(Cloud, &'static [VerbSpec])>,
}

impl Example {
    fn of(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        let today = jiff::civil::date(2026, 11, 1);
        let (path, vars) = (folder.join("updraft.toml"), BTreeMap::new());
        let read = load(&Request { path: &path, stage: "dev", vars: &vars, today });
        let app = read.unwrap_or_else(|problems| panic!("{}", problems.render(false, 100))).app;
        let aws = Aws::offline(updraft_aws::Settings::default());
        let azure = Azure::offline(updraft_azure::Settings::default()).unwrap();
        let project = Some("my-project".to_owned());
        let gcp = Gcp::offline(updraft_gcp::Settings { project, ..Default::default() });
        let wanted = [
            aws.permissions(&app.on(Cloud::Aws)),
            azure.permissions(&app.on(Cloud::Azure)),
            gcp.permissions(&app.on(Cloud::Gcp)),
        ];
        let verbs =
            [(Cloud::Aws, aws.verbs()), (Cloud::Azure, azure.verbs()), (Cloud::Gcp, gcp.verbs())];
        Self { app, wanted: wanted.concat(), verbs: verbs.into() }
    }

    fn ask(&self, asked: &str) -> Explanation {
        let (app, wanted, verbs) = (&self.app, &self.wanted, &self.verbs);
        explain(asked, &Facts { app, wanted, granted: None, verbs })
    }
}

#[test]
fn everything_that_is_given_can_be_asked_about() {
    for name in EXAMPLES {
        let example = Example::of(name);
        let mut asked = 0;
        for permission in &example.wanted {
            let permission = filled(permission, &[]);
            let mut questions: BTreeSet<(Sense, String)> = BTreeSet::new();
            questions.insert((Sense::Carrier, permission.carrier.to_string()));
            if !permission.function.is_empty() {
                questions.insert((Sense::Entry, format!("function.{}", permission.function)));
            }
            for reason in &permission.reasons {
                let path = reason.origin.as_ref().map(|origin| origin.path.clone());
                questions.extend(path.map(|path| (Sense::Entry, path)));
            }
            match &permission.what {
                What::Actions(all) => {
                    questions.extend(all.iter().map(|one| (Sense::Action, one.clone())));
                }
                What::Role(role) => {
                    let all = role.actions.iter().chain(&role.data_actions);
                    let all: Vec<&String> = all.collect();
                    assert!(!all.is_empty(), "{name}: nothing is known to be in {}", role.id);
                    questions.extend(all.iter().map(|one| (Sense::Action, (*one).clone())));
                    questions.insert((Sense::Role, role.title.clone()));
                }
                What::AllBut(_) => {}
            }
            if let On::These(these) = &permission.on {
                let names = these.iter().filter_map(|one| one.as_text());
                questions.extend(names.map(|one| (Sense::Resource, one.to_owned())));
            }
            for (sense, question) in questions {
                // What the embedded Event Grid calls by no permission has a word of its own.
                if ["", "call"].contains(&question.as_str()) {
                    continue;
                }
                asked += 1;
                let answer = example.ask(&question);
                let same = |link: &super::Link| {
                    link.permission.carrier == permission.carrier
                        && link.permission.what == permission.what
                };
                assert!(answer.known() && !answer.nobody(), "{name}: {question}: {answer:?}");
                assert!(answer.links.iter().any(same), "{name}: {question} misses {permission:?}");
                assert_eq!(answer.sense, sense, "{name}: {question}");
            }
        }
        assert!(asked > 10, "{name}: {asked}");
    }
}

#[test]
fn what_is_in_a_role_is_explained_by_the_role() {
    let example = Example::of("image-pipeline");
    for (action, role) in [
        ("storage.objects.get", "roles/storage.objectViewer"),
        (
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
            "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        ),
    ] {
        let answer = example.ask(action);
        let roles = answer.links.iter().filter_map(|link| match &link.permission.what {
            What::Role(role) => Some(role.id.as_str()),
            What::Actions(_) | What::AllBut(_) => None,
        });
        assert!(roles.collect::<Vec<_>>().contains(&role), "{action}: {answer:?}");
    }
}

#[test]
fn the_role_that_a_schedule_calls_by_is_not_the_functions() {
    let example = Example::of("nightly-report");
    let answer = example.ask("lambda:InvokeFunction");
    let [link] = answer.links.as_slice() else { panic!("{answer:?}") };
    let caller = link.line.caller.as_ref().unwrap();
    assert!(caller.name.contains(":role/"), "{caller:?}");
    assert_eq!(link.permission.carrier.to_string(), "aws.role/report.schedule");
}

#[test]
fn what_nobody_has_is_told_with_the_verb_that_would_give_it() {
    let example = Example::of("image-pipeline");
    let verbs = |asked: &str| {
        let answer = example.ask(asked);
        assert!(answer.nobody() && answer.known(), "{asked}: {answer:?}");
        answer
            .nearest
            .iter()
            .map(|one| format!("{} {}", one.cloud, one.verb.verb))
            .collect::<Vec<_>>()
    };
    assert_eq!(verbs("s3:DeleteObject"), ["aws delete"]);
    let secret = "Microsoft.KeyVault/vaults/secrets/getSecret/action";
    assert_eq!(verbs(secret), ["azure read", "azure write"]);
    assert_eq!(verbs("secretmanager.versions.access"), ["gcp read"]);
    assert_eq!(verbs("iam:PassRole"), [""; 0]);
    assert_eq!(verbs("compute.instances.start"), [""; 0]);
}

#[test]
fn a_word_that_names_nothing_is_said_to_with_what_is_most_like_it() {
    let example = Example::of("image-pipeline");
    for (asked, meant) in [
        ("s3:GetObjekt", "s3:GetObject"),
        ("bucket.thumbnials", "bucket.thumbnails"),
        ("function.thumbnai", "function.thumbnail"),
        ("function.thumbnail.access", "function.thumbnail.access[0]"),
        ("aws.role/thumbnial", "aws.role/thumbnail"),
        ("roles/pubsub.publischer", "roles/pubsub.publisher"),
        ("Storage Blob Data Raeder", "Storage Blob Data Reader"),
        ("storage.objects.gett", "storage.objects.get"),
        ("Microsoft.EventGrid/events/sned/action", "Microsoft.EventGrid/events/send/action"),
    ] {
        let answer = example.ask(asked);
        assert!(!answer.known(), "{asked}: {answer:?}");
        assert_eq!(answer.similar.first().map(String::as_str), Some(meant), "{asked}");
    }
    let nothing = example.ask("xyzzy");
    assert!(!nothing.known() && nothing.similar.is_empty(), "{nothing:?}");
    // A resource may be there that no manifest names.
    let other = example.ask("arn:aws:s3:::image-pipeline-dev-pictures-84c2f2a7");
    assert!(other.known() && other.nobody() && other.sense == Sense::Resource, "{other:?}");
    assert!(!other.similar.is_empty(), "{other:?}");
}

#[test]
fn a_pattern_is_answered_by_everything_that_has_a_part_of_it() {
    let mut example = Example::of("image-pipeline");
    let given = example.wanted.iter().find(|one| one.cloud == Cloud::Aws).unwrap().clone();
    let actions = What::Actions(["s3:Get*".to_owned()].into());
    example.wanted = vec![Permission { what: actions, ..given.clone() }];
    for asked in ["s3:*Object", "*:GetObject", "s3:GetObject", "s3:*", "s3:?etObject"] {
        let answer = example.ask(asked);
        assert_eq!((answer.links.len(), answer.sense), (1, Sense::Action), "{asked}");
    }
    for asked in ["s3:Put*", "sqs:Get*", "*:PutObject"] {
        assert!(example.ask(asked).nobody(), "{asked}");
    }
    let owner =
        RoleContent { id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b".into(), ..RoleContent::default() };
    let azure = |what| Permission { cloud: Cloud::Azure, what, ..given.clone() };
    example.wanted = vec![azure(What::Role(owner))];
    assert!(!example.ask("microsoft.storage/*/read").nobody());
    assert!(example.ask("microsoft.web/*/read").nobody());
}

#[test]
fn what_no_table_has_is_not_said_to_be_nothing() {
    let example = Example::of("image-pipeline");
    for (asked, standing) in [
        ("compute.instances.start", Standing::Open),
        ("Microsoft.Compute/virtualMachines/start/action", Standing::Open),
        ("roles/compute.admin", Standing::Open),
        ("storage.objects.gett", Standing::Slip),
        // Another word, not another spelling.
        ("bigquery.datasets.setIamPolicy", Standing::Open),
        ("bigquery.datasets.getIamPolicy", Standing::Known),
        ("storage.objects.get", Standing::Known),
        ("Owner", Standing::Known),
        ("roles/owner", Standing::Known),
        ("s3:GetObjekt", Standing::Nothing),
        ("lambda", Standing::Nothing),
    ] {
        assert_eq!(example.ask(asked).standing, standing, "{asked}");
    }
}

#[test]
fn a_role_is_asked_about_by_its_name() {
    let example = Example::of("image-pipeline");
    for asked in ["Owner", "roles/owner", "roles/compute.admin", "Storage Account Contributor"] {
        let answer = example.ask(asked);
        assert_eq!((answer.sense, answer.nobody()), (Sense::Role, true), "{asked}: {answer:?}");
    }
    let answer = example.ask("roles/storage.objectViewer");
    assert_eq!((answer.sense, answer.nobody()), (Sense::Role, false), "{answer:?}");
}

#[test]
fn a_bucket_is_asked_about_as_its_tools_name_it() {
    let example = Example::of("image-pipeline");
    let on = |cloud: Cloud, start: &str| {
        let mut names =
            example.wanted.iter().filter(|one| one.cloud == cloud).flat_map(|one| match &one.on {
                On::These(these) => these.iter().filter_map(|it| it.as_text()).collect(),
                On::AllBut(_) | On::Carrier => Vec::new(),
            });
        let name = names.find_map(|it| it.strip_prefix(start)).unwrap();
        name.split('/').next().unwrap().to_owned()
    };
    let (s3, gs) = (on(Cloud::Aws, "arn:aws:s3:::"), on(Cloud::Gcp, "projects/_/buckets/"));
    for asked in [format!("gs://{gs}"), format!("gs://{gs}/in/a.jpg"), format!("s3://{s3}")] {
        let answer = example.ask(&asked);
        assert_eq!(
            (answer.sense, answer.nobody()),
            (Sense::Resource, false),
            "{asked}: {answer:?}"
        );
        let cloud = if asked.starts_with("gs") { Cloud::Gcp } else { Cloud::Aws };
        assert!(answer.links.iter().all(|link| link.permission.cloud == cloud), "{asked}");
    }
    let other = example.ask("gs://nobodys-bucket");
    assert!(other.known() && other.nobody() && other.sense == Sense::Resource, "{other:?}");
}

#[test]
fn a_verb_that_gives_something_else_is_no_answer() {
    let example = Example::of("image-pipeline");
    let answer = example.ask("Microsoft.Storage/storageAccounts/listKeys/action");
    assert!(answer.known() && answer.nobody() && answer.nearest.is_empty(), "{answer:?}");
    assert!(example.ask("s3:PutObjectAcl").nearest.is_empty());
}
