//! The seam between a Run service and the runtime that runs its code.

use std::sync::Arc;
use std::time::Duration;

use super::engine::{Container, Inbound, Outbound, Signature, respond};
use super::run::{Deployment, HttpAnswer, HttpCall, archive};
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

fn container(cloud: &Cloud, deployment: Deployment) -> Container {
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
        environment: deployment.environment,
        memory: deployment.memory_mib,
        timeout: Duration::from_secs(deployment.timeout_s),
        limit: Some(deployment.max_instances.max(1) * deployment.concurrency.max(1)),
        digest: deployment.digest,
        code: Arc::new(code),
    }
}
