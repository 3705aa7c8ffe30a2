//! The seam between a Run service and the runtime that runs its code.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::engine::{Container, Inbound, Outbound, Signature, respond};
use super::run::{Deployment, HttpAnswer, HttpCall, SecretRef, archive};
use super::secrets;
use crate::cloud::Cloud;

/// Runs one request in an instance of the deployment.
pub(crate) async fn invoke(cloud: &Cloud, deployment: Deployment, call: HttpCall) -> HttpAnswer {
    let container = container(cloud, deployment);
    let (path, query) = call.target.split_once('?').unwrap_or((&call.target, ""));
    let inbound = Inbound {
        method: call.method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: call.headers,
        body: call.body,
    };
    let Outbound { status, headers, body } = respond(cloud, &container, &inbound).await;
    HttpAnswer { status, headers, body }
}

/// The variables, with what secret ones hold now. A secret that is gone leaves its variable out.
fn environment(cloud: &Cloud, deployment: &Deployment) -> BTreeMap<String, String> {
    let mut variables = deployment.environment.clone();
    let found = cloud.transact(|tx, _| {
        let mut found = Vec::new();
        for (variable, SecretRef { project, secret, version }) in &deployment.secrets {
            if let Some(bytes) = secrets::value(tx, (project, secret), version)? {
                found.push((variable.clone(), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        Ok(found)
    });
    variables.extend(found.unwrap_or_default());
    variables
}

fn container(cloud: &Cloud, deployment: Deployment) -> Container {
    let environment = environment(cloud, &deployment);
    let store = cloud.clone();
    let digest = deployment.digest.clone();
    let code = move || {
        let read = store.transact(|tx, _| archive(tx, &digest));
        match read {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err("the function's source is gone".to_owned()),
            Err(refusal) => Err(refusal.message),
        }
    };
    Container {
        project: deployment.target.project,
        region: deployment.target.location,
        service: deployment.target.service,
        revision: deployment.revision,
        runtime: deployment.runtime,
        target: deployment.entry_point,
        signature: if deployment.signature == Signature::CloudEvent.name() {
            Signature::CloudEvent
        } else {
            Signature::Http
        },
        build: deployment.build_environment,
        environment,
        memory: deployment.memory_mib,
        timeout: Duration::from_secs(deployment.timeout_s),
        limit: Some(deployment.max_instances.max(1) * deployment.concurrency.max(1)),
        digest: deployment.digest,
        code: Arc::new(code),
    }
}
