//! The least that the identity needs which runs Updraft on an app: what the kinds of its resources
//! take, on what is called as the app's resources are. Pure.

use std::collections::BTreeSet;

use updraft_contract::{
    App, Kind, Permission, Reason, Resource, ResourceId, ResourceType, Side, Task, Test, Value,
    Verb, When, Who,
};

use crate::grants::{Holder, merged, test, when};
use crate::kinds::{BUCKET, BUCKET_NOTIFICATION, FUNCTION, KINDS, QUEUE_MAPPING, ROLE, SCHEDULE};
use crate::place::{Names, Place};
use crate::sources::{managed, pulls, pushes};
use crate::subject::Subject;
use crate::survey::FEW;
use crate::triggers;

mod places;

use places::Places;

/// What every plan asks, whatever the app needs: what is left of an earlier app must be found.
const ALWAYS: &[&str] = &[
    "apigateway:GET",
    "iam:ListRoles",
    "logs:DescribeLogGroups",
    "scheduler:GetScheduleGroup",
    "tag:GetResources",
];

/// What only apps with more than [`FEW`] of a kind take, and of which kind.
const MANY: &[(&str, Kind)] =
    &[("iam:GetAccountAuthorizationDetails", ROLE), ("lambda:ListFunctions", FUNCTION)];

/// What is asked only where somebody attached a policy to a role of ours. Without it the plan
/// shows the policy and not what is in it.
const CURIOUS: &[&str] = &["iam:GetPolicy", "iam:GetPolicyVersion"];

/// Returns what running Updraft on `app` takes; nothing for an app that AWS cannot have.
pub(crate) fn deployer(place: &Place, app: &App, task: Task) -> Vec<Permission> {
    let Ok(wanted) = triggers::desired(place, app) else { return Vec::new() };
    let names = place.names(&app.project, &app.stage);
    let word = if task == Task::Plan { "plan" } else { "apply" };
    let carrier =
        ResourceId { kind: Kind("aws.policy"), name: format!("{}{word}", names.prefix()) };
    let who = Who::Holder(Value::from("whoever deploys"));
    let needs = Needs {
        places: Places::of(names, existing(names, app)),
        holder: Holder { function: String::new(), side: Side::Deploys, who, carrier },
        wanted: &wanted,
    };
    let mut all = needs.always();
    for kind in needs.kinds() {
        all.extend(needs.of(kind, task));
    }
    all.extend(needs.looks(names, app));
    if task == Task::Apply {
        all.extend(needs.passes());
    }
    merged(all)
}

/// What an app needs, and whose permissions that makes.
struct Needs<'a> {
    places: Places<'a>,
    holder: Holder,
    wanted: &'a [Resource],
}

impl Needs<'_> {
    fn kinds(&self) -> BTreeSet<Kind> {
        let mut kinds: BTreeSet<Kind> = self.wanted.iter().map(|it| it.id.kind).collect();
        if kinds.contains(&BUCKET) {
            kinds.insert(BUCKET_NOTIFICATION);
        }
        kinds
    }

    fn count(&self, kind: Kind) -> usize {
        self.wanted.iter().filter(|it| it.id.kind == kind).count()
    }

    fn always(&self) -> Vec<Permission> {
        let reason = Reason::platform("what is left of an earlier deployment is looked for");
        let each = |action: &&'static str| self.may(None, action, &reason);
        ALWAYS.iter().flat_map(each).collect()
    }

    /// Returns what one kind takes.
    fn of(&self, kind: Kind, task: Task) -> Vec<Permission> {
        let spec = KINDS.iter().map(|it| it.spec()).find(|spec| spec.kind == kind);
        let Some(spec) = spec else { return Vec::new() };
        let mut all = Vec::new();
        let reads = Reason::platform(format!("{} is read", kind.0));
        // The notifications of our buckets are read whether a trigger is on them or not.
        let idle = self.count(kind) == 0;
        let looked_at = |action: &&&str| !idle || action.starts_with("s3:");
        let asked = spec.reads.iter().filter(|action| self.is_asked(action)).filter(looked_at);
        for action in asked {
            all.extend(self.may(Some(kind), action, &reads));
        }
        if task == Task::Plan || idle {
            return all;
        }
        for (verb, done) in
            [(Verb::Create, "made"), (Verb::Update, "changed"), (Verb::Delete, "removed")]
        {
            let reason = Reason::platform(format!("{} is {done}", kind.0));
            let taken = spec.permissions(verb).filter(|action| *action != "iam:PassRole");
            all.extend(taken.flat_map(|action| self.may(Some(kind), action, &reason)));
        }
        all
    }

    fn is_asked(&self, action: &str) -> bool {
        let many = MANY.iter().find(|(known, _)| *known == action);
        !CURIOUS.contains(&action) && many.is_none_or(|(_, kind)| self.count(*kind) > FEW)
    }

    fn may(&self, kind: Option<Kind>, action: &'static str, reason: &Reason) -> Vec<Permission> {
        let on: Vec<Value> =
            self.places.of_action(kind, action).into_iter().map(Value::Text).collect();
        self.holder.may([action], &on, &self.bound(kind, action), reason)
    }

    /// Returns when an action may be taken: mappings have no names of ours, and are bound to
    /// functions that do.
    fn bound(&self, kind: Option<Kind>, action: &str) -> When {
        // One that is gone is asked about until it is, and has no function any more.
        let named = action.ends_with("EventSourceMapping") && !action.contains(":Get");
        let mapping = named && kind == Some(QUEUE_MAPPING);
        let functions = || test("ArnLike", "lambda:FunctionArn", self.places.functions());
        when(mapping.then(functions))
    }

    /// Returns what looking at the queues and buckets takes that exist already.
    fn looks(&self, names: Names<'_>, app: &App) -> Vec<Permission> {
        let reason = Reason::platform("what exists already is looked at first");
        let queues: Vec<Value> = existing_queues(names, app).into_iter().map(Value::Text).collect();
        let actions = ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"];
        self.holder.may(actions, &queues, &When::Always, &reason)
    }

    /// Returns what handing each role to the service that takes it on takes.
    fn passes(&self) -> Vec<Permission> {
        let roles = self.wanted.iter().filter(|it| it.id.kind == ROLE);
        let each = |role: &Resource| {
            let scheduled = role.id.name.ends_with(".schedule");
            let (kind, service) = if scheduled {
                (SCHEDULE, "scheduler.amazonaws.com")
            } else {
                (FUNCTION, "lambda.amazonaws.com")
            };
            let reason = Reason::platform(format!("{} runs as it", kind.0));
            let to: Test = test("StringEquals", "iam:PassedToService", service);
            let arn = role.outputs.get("arn").cloned().map(Value::Text);
            self.holder.may(["iam:PassRole"], arn.as_slice(), &when([to]), &reason)
        };
        roles.flat_map(each).collect()
    }
}

/// Returns the ARNs of the buckets that exist already and that triggers are on.
fn existing(names: Names<'_>, app: &App) -> BTreeSet<String> {
    let buckets = pushes(app).map(|push| push.bucket).filter(|bucket| bucket.id().is_none());
    buckets.map(|bucket| bucket.arn(names)).collect()
}

/// Returns the ARNs of the queues that exist already and that functions receive from or dead
/// letters go to.
fn existing_queues(names: Names<'_>, app: &App) -> BTreeSet<String> {
    let letters = managed(app, ResourceType::Queue).filter_map(|queue| queue.dead_letter.as_ref());
    let letters =
        letters.filter_map(|letter| Subject::of(app, ResourceType::Queue, &letter.queue).ok());
    let all = pulls(app).map(|pull| pull.queue).chain(letters);
    all.filter(|queue| queue.id().is_none()).map(|queue| queue.arn(names)).collect()
}
