//! Asks the clouds, before anything is written, whether the credentials may do what a plan takes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;
use updraft_contract::{
    Cloud, CloudError, Live, Permission, Provider, ResourceId, RoleContent, TakenOn, Task, Verb,
    What,
};
use updraft_permit::{Line, Status, line};

use super::again::command_line;
use super::prepare::Prepared;
use super::world::Session;
use crate::diff::Change;
use crate::exit::{Exit, Failure};
use crate::report::human;

/// How long a cloud may take to say what the credentials lack. The answer is a help: nobody is to
/// wait for it where it does not come.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a cloud says that credentials lack; `None` where it cannot tell.
type Lacking = Result<Option<Vec<Permission>>, CloudError>;

/// Fails with everything that is missing, where the clouds can tell. A cloud that cannot says so
/// when a step fails, as it would without this.
pub(crate) async fn check(session: &Session<'_>, prepared: &Prepared) -> Result<(), Failure> {
    let clouds = prepared.site.clouds();
    let asked = clouds.providers().iter().map(|provider| {
        let answer = async move {
            let taken = taken(*provider, prepared);
            let needed = needed(*provider, prepared, &taken);
            if needed.is_empty() {
                return Ok(None);
            }
            let on = taken.into_iter().filter(|(_, live)| !live.is_empty()).collect();
            provider.lacking(&prepared.scope, &needed, &on).await
        };
        (provider.cloud(), answer)
    });
    let missing = answered(asked, PATIENCE).await;
    if missing.is_empty() {
        return Ok(());
    }
    let failure = Failure::new(Exit::Denied, "the credentials lack permissions that this takes");
    let failure =
        missing.iter().fold(failure, |all, (cloud, line)| all.detail(human::lacked(*cloud, line)));
    let policy = command_line("deployer-policy", session);
    Err(failure.hint(format!("Nothing was changed. `{policy}` writes what they need.")))
}

/// Waits for what each cloud says that the credentials lack. One that does not say it in time, or
/// cannot, says nothing.
async fn answered(
    asked: impl IntoIterator<Item = (Cloud, impl Future<Output = Lacking>)>,
    patience: Duration,
) -> Vec<(Cloud, Line)> {
    let each = asked.into_iter().map(|(cloud, answer)| async move {
        let answer = timeout(patience, answer).await;
        let lacking = answer.ok().and_then(Result::ok).flatten().unwrap_or_default();
        let lines = lacking.iter().map(|one| (cloud, line(one, Status::New)));
        lines.collect::<Vec<_>>()
    });
    join_all(each).await.into_iter().flatten().collect()
}

/// Returns the actions that the plan's steps take, each with the live resources that it is taken
/// on; none if something is made by it, too.
fn taken(provider: &dyn Provider, prepared: &Prepared) -> TakenOn {
    let plan = &prepared.plan;
    let live = plan.changes.iter().filter_map(Change::changed).map(|live| (&live.id, live));
    let live: BTreeMap<&ResourceId, &Live> = live.collect();
    let mut taken: BTreeMap<String, Option<Vec<Live>>> = BTreeMap::new();
    for step in &plan.steps {
        if prepared.refused.contains_key(&(step.verb, step.target.clone())) {
            continue;
        }
        let spec = provider.kinds().iter().find(|spec| spec.kind == step.target.kind);
        let on = live.get(&step.target).filter(|_| step.verb != Verb::Create);
        for action in spec.into_iter().flat_map(|spec| spec.permissions(step.verb)) {
            let all = taken.entry(action.to_ascii_lowercase()).or_insert_with(|| Some(Vec::new()));
            match (on, all) {
                (Some(live), Some(all)) => all.push((*live).clone()),
                (_, all) => *all = None,
            }
        }
    }
    taken.into_iter().map(|(action, live)| (action, live.unwrap_or_default())).collect()
}

/// Returns what the plan's own steps take of what the app as a whole would.
fn needed(provider: &dyn Provider, prepared: &Prepared, taken: &TakenOn) -> Vec<Permission> {
    let part = prepared.full.on(provider.cloud());
    let all = provider.deployer(&part, Task::Apply).into_iter();
    all.filter_map(|one| Some(Permission { what: only(&one.what, taken)?, ..one })).collect()
}

/// Keeps the actions that are taken; `None` where none is.
fn only(what: &What, taken: &TakenOn) -> Option<What> {
    let kept = |all: &BTreeSet<String>| -> BTreeSet<String> {
        all.iter()
            .filter(|action| taken.contains_key(&action.to_ascii_lowercase()))
            .cloned()
            .collect()
    };
    match what {
        What::Actions(all) => {
            let kept = kept(all);
            (!kept.is_empty()).then_some(What::Actions(kept))
        }
        What::AllBut(_) => None,
        What::Role(role) => {
            let (actions, data_actions) = (kept(&role.actions), kept(&role.data_actions));
            let any = !actions.is_empty() || !data_actions.is_empty();
            any.then(|| What::Role(RoleContent { actions, data_actions, ..role.clone() }))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::future::{pending, ready};
    use std::time::Duration;

    use futures::future::BoxFuture;
    use tokio::time::timeout;
    use updraft_contract::{
        Cloud, CloudError, Effect, Kind, On, Permission, ResourceId, Side, What, When, Who,
    };

    use super::{Lacking, answered};

    fn lacked(action: &str) -> Permission {
        Permission {
            cloud: Cloud::Gcp,
            function: String::new(),
            side: Side::Deploys,
            who: Who::Everybody,
            effect: Effect::Allow,
            what: What::Actions(BTreeSet::from([action.to_owned()])),
            on: On::Carrier,
            when: When::Always,
            carrier: ResourceId { kind: Kind("gcp.function"), name: "hello".to_owned() },
            reasons: BTreeSet::new(),
        }
    }

    /// What is lacking on each cloud, where none may take longer than a moment. Fails where one that says nothing
    /// keeps the others waiting.
    async fn told(asked: Vec<(Cloud, BoxFuture<'static, Lacking>)>) -> Vec<(Cloud, Vec<String>)> {
        let lines = answered(asked, Duration::from_millis(50));
        let lines = timeout(Duration::from_secs(30), lines).await.expect("it waits for ever");
        lines.into_iter().map(|(cloud, line)| (cloud, line.actions)).collect()
    }

    #[tokio::test]
    async fn a_cloud_that_does_not_say_what_the_credentials_lack_holds_nothing_up() {
        assert_eq!(told(vec![(Cloud::Aws, Box::pin(pending()))]).await, []);
        let denied = CloudError::Credentials("no".to_owned());
        let says = Ok(Some(vec![lacked("cloudfunctions.functions.create")]));
        let asked: Vec<(Cloud, BoxFuture<'static, Lacking>)> = vec![
            (Cloud::Aws, Box::pin(pending())),
            (Cloud::Azure, Box::pin(ready(Err(denied)))),
            (Cloud::Azure, Box::pin(ready(Ok(None)))),
            (Cloud::Gcp, Box::pin(ready(says))),
        ];
        // What another one says counts all the same.
        let lacks = vec!["cloudfunctions.functions.create".to_owned()];
        assert_eq!(told(asked).await, [(Cloud::Gcp, lacks)]);
    }
}
