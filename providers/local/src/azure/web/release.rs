//! What happens with a package once it was taken: it goes into the deployment container as the app's identity, the host
//! starts with it, its functions are found.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::app::{self, Release, hex};
use super::archive::{self, Indexed, Model, Package};
use super::run::{self, Fault};
use super::{definition, logs, seams};
use crate::azure::shelf::Resource;
use crate::cloud::{Cloud, Context};
use crate::store::Tx;
use crate::wire::Refusal;

/// Begins the deployment `id`: it goes on in the background.
pub(super) fn begin(cloud: &Cloud, site: &str, (id, remote): (&str, bool), bytes: Bytes) {
    let (cloud, site, id) = (cloud.clone(), site.to_owned(), id.to_owned());
    let times = if remote { 2 } else { 1 };
    let takes = Duration::from_millis(cloud.settings.publish_ms.saturating_mul(times));
    tokio::spawn(async move {
        let mut stopping = cloud.stopping();
        tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => {}
            () = async {
                tokio::time::sleep(takes).await;
                let reason = deploy(&cloud, &site, bytes).await.err();
                end(&cloud, &site, &id, reason);
            } => {}
        }
    });
}

/// Ends deployments that a stop of the server cut short.
pub(super) fn end_interrupted(tx: &mut Tx, context: &Context<'_>) -> Result<(), Refusal> {
    for mut app in app::every(tx)? {
        if let Some(deployment) = app.deployment.as_mut().filter(|one| one.ended.is_none()) {
            deployment.ended =
                Some((context.now, Some("The deployment was interrupted.".to_owned())));
            app::save(tx, &app)?;
        }
    }
    Ok(())
}

fn end(cloud: &Cloud, site: &str, id: &str, reason: Option<String>) {
    // A store that fails says so to whoever asks it next.
    cloud
        .transact(|tx, context| {
            let Some(mut app) = app::find(tx, site)? else { return Ok(()) };
            if let Some(deployment) = app.deployment.as_mut().filter(|one| one.id == id) {
                deployment.ended = Some((context.now, reason));
                app::save(tx, &app)?;
            }
            Ok(())
        })
        .ok();
    cloud.bell.send_replace(());
}

async fn deploy(cloud: &Cloud, site: &str, bytes: Bytes) -> Result<(), String> {
    let (kept, model) = store(cloud, site, &bytes)?;
    let found = match model {
        Err(reason) => Err(reason),
        Ok((Model::Files, indexed)) => Ok(indexed),
        Ok((Model::Decorators, indexed)) => decorated(cloud, site, indexed).await,
    };
    let lines = match &found {
        Ok(indexed) => indexed.log.clone(),
        Err(reason) => {
            vec![format!("A host error has occurred during startup operation: {reason}")]
        }
    };
    for line in lines {
        logs::fail(cloud, &kept, &line);
    }
    let kept = cloud.transact(|tx, context| {
        let Some(mut app) = app::find(tx, site)? else { return Ok(()) };
        if let Some(release) = &mut app.release {
            release.found = found;
            release.seen = context.now.plus(context.settings.function_index_ms);
        }
        app::save(tx, &app)
    });
    kept.map_err(|refusal| refusal.message)
}

type Found = Result<(Model, Indexed), String>;

/// Puts the package where it belongs and looks into it. The error ends the deployment; an app whose host does not
/// start is deployed all the same.
fn store(cloud: &Cloud, site: &str, bytes: &Bytes) -> Result<(Resource, Found), String> {
    let mut package =
        Package::open(bytes).map_err(|reason| format!("The package is invalid: {reason}"))?;
    let digest = hex(&Sha256::digest(bytes));
    let kept = cloud.transact(|tx, context| {
        let Some((resource, mut app)) = app::of_name(tx, site)? else {
            return Ok(Err("The site is gone.".to_owned()));
        };
        if let Err(refusal) = seams::put_package(tx, context, &resource, bytes) {
            return Ok(Err(format!(
                "Failed to upload the package to the deployment container: {} {}: {}",
                refusal.status, refusal.code, refusal.message
            )));
        }
        let runtime = resource.properties.pointer("/functionAppConfig/runtime/name");
        let runtime = runtime.and_then(serde_json::Value::as_str).unwrap_or_default();
        let found = look(&mut package, runtime);
        let before = app.functions(context.now).to_vec();
        app.restart(context);
        app.release = Some(Release {
            digest: digest.clone(),
            found: found.clone().map(|(_, indexed)| indexed),
            seen: context.now.plus(u64::from(u32::MAX)),
            before,
        });
        app::save_package(tx, &app.name, (&digest, bytes))?;
        app::save(tx, &app)?;
        Ok(Ok((resource, found)))
    });
    kept.unwrap_or_else(|refusal| Err(refusal.message))
}

fn look(package: &mut Package<'_>, runtime: &str) -> Found {
    let host = package.host()?;
    let model = package.model(runtime)?;
    let (functions, log) = match model {
        Model::Files => package.functions()?,
        Model::Decorators => (Vec::new(), Vec::new()),
    };
    let mut indexed = archive::assemble(host, functions, log);
    schedules(&mut indexed);
    Ok((model, indexed))
}

/// Says which schedules cannot be read.
fn schedules(indexed: &mut Indexed) {
    let wrong = indexed.functions.iter().filter_map(|function| {
        let schedule = function.says("schedule");
        // A schedule of settings is read when those are known.
        (!schedule.contains('%')).then(|| definition::unlistenable(function, schedule)).flatten()
    });
    let wrong: Vec<String> = wrong.collect();
    indexed.log.extend(wrong);
}

/// Asks the app itself for its functions.
async fn decorated(cloud: &Cloud, site: &str, indexed: Indexed) -> Result<Indexed, String> {
    let runnable = run::ready(cloud, site)?;
    let told = run::index(cloud, &runnable).await.map_err(|fault| match fault {
        Fault::Failed(text) | Fault::Unable(text) => {
            format!("Worker failed to index functions: {text}")
        }
        Fault::TimedOut | Fault::Busy => {
            "Worker failed to index functions: it took too long.".to_owned()
        }
    })?;
    let (functions, log) = archive::declared(&told)?;
    let mut indexed = archive::assemble(indexed.host, functions, log);
    schedules(&mut indexed);
    Ok(indexed)
}
