//! The roles of Google's own service accounts, which come by themselves and break everything when
//! somebody tidies them away.

use updraft_contract::{App, Obstacle, Trigger};

use super::unknown;
use crate::bindings::{Right, rights};
use crate::client::Cloud;
use crate::holder::Holder;

/// A service, its account, and the role that account must have
/// (<https://cloud.google.com/iam/docs/service-agents>).
struct Agent {
    service: &'static str,
    domain: &'static str,
    role: &'static str,
}

const FUNCTIONS: Agent = Agent {
    service: "Cloud Functions",
    domain: "gcf-admin-robot",
    role: "roles/cloudfunctions.serviceAgent",
};

const SCHEDULER: Agent = Agent {
    service: "Cloud Scheduler",
    domain: "gcp-sa-cloudscheduler",
    role: "roles/cloudscheduler.serviceAgent",
};

/// Returns what Google's own accounts lack in the project.
pub(super) async fn missing(cloud: &Cloud, app: &App) -> Vec<Obstacle> {
    let scheduled = app
        .functions
        .iter()
        .flat_map(|function| &function.triggers)
        .any(|entry| matches!(entry.trigger, Trigger::Schedule { .. }));
    let mut needed = Vec::new();
    needed.extend((!app.functions.is_empty()).then_some(FUNCTIONS));
    needed.extend(scheduled.then_some(SCHEDULER));
    if needed.is_empty() {
        return Vec::new();
    }
    let policy = match Holder::Project(cloud.place.project_name()).policy(cloud).await {
        Ok(policy) => rights(&policy),
        Err(failure) => {
            return vec![unknown("the roles of Google's own accounts", failure, None)];
        }
    };
    let lacks = |agent: &Agent| {
        let member = format!("serviceAccount:{}", cloud.place.agent(agent.domain));
        !policy.contains(&Right::new(agent.role, member))
    };
    needed.iter().filter(|agent| lacks(agent)).map(|agent| obstacle(cloud, agent)).collect()
}

fn obstacle(cloud: &Cloud, agent: &Agent) -> Obstacle {
    let (project, email) = (&cloud.place.project, cloud.place.agent(agent.domain));
    let role = agent.role;
    Obstacle {
        message: format!("{}'s own account {email} lacks {role} in {project}", agent.service),
        mend: format!(
            "gcloud projects add-iam-policy-binding {project} --member=serviceAccount:{email} \
             --role={role}"
        ),
        origin: None,
        blocks: false,
    }
}
