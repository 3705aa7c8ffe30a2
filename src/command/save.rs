//! Turns a plan into the document that people approve, and saves it.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};
use updraft_contract::{App, hex};
use updraft_permit::Review;

use super::again::{command_line, shell_path};
use super::file::write_private;
use super::prepare::Prepared;
use super::world::Session;
use crate::cli::{ConsentArgs, SaveArgs};
use crate::exit::Failure;
use crate::permit::Sides;
use crate::report::human::{self, Purpose};
use crate::report::json::{
    self, ArtifactDocument, CloudDocument, ConsentDocument, ManifestDocument, PlanDocument,
    PurposeWord, SavedDocument,
};

/// Writes a plan as a document.
pub(crate) fn document(
    session: &Session<'_>,
    prepared: &Prepared,
    (save, consent): (&SaveArgs, ConsentArgs),
    (review, sides): &(Review, Sides),
) -> PlanDocument {
    let scope = &prepared.scope;
    let document = json::plan(&prepared.plan, &scope.project, &scope.stage);
    let mut document = json::permitted(document, review, (&sides.granted, &sides.wanted));
    let now = (session.world.now)();
    let life = SignedDuration::try_from(save.expires).unwrap_or(SignedDuration::MAX);
    let ends = now.checked_add(life).unwrap_or(jiff::Timestamp::MAX);
    let clouds = prepared.site.clouds();
    let clouds = clouds.providers().iter().map(|provider| {
        let at = provider.whereabouts();
        let cloud = provider.cloud().word().to_owned();
        CloudDocument { cloud, account: at.account, region: at.region }
    });
    document.saved = Some(SavedDocument {
        id: session.world.run.clone(),
        created: format!("{now:.0}"),
        expires: format!("{ends:.0}"),
        purpose: match prepared.purpose {
            Purpose::Apply => PurposeWord::Apply,
            Purpose::Destroy => PurposeWord::Destroy,
        },
        targets: prepared.targets.clone(),
        consent: ConsentDocument {
            downtime: consent.allow_downtime,
            destroy_data: consent.destroy_data,
        },
        place: prepared.view().place.to_owned(),
        clouds: clouds.collect(),
        local: session.global.local,
        manifest: ManifestDocument {
            path: prepared.manifest.clone(),
            digest: prepared.digest.clone(),
        },
        artifacts: prepared.artifacts.clone(),
        actions: json::actions(&prepared.plan, &document.resource_changes),
    });
    json::sealed(document)
}

/// Saves a plan and says how to carry it out.
pub(crate) fn save(
    session: &mut Session<'_>,
    path: &Path,
    document: &PlanDocument,
) -> Result<(), Failure> {
    write_private(session, path, &(json::written(document) + "\n"))?;
    let expires = document.saved.as_ref().map(|saved| saved.expires.as_str()).unwrap_or_default();
    let digest = document.digest.as_deref().unwrap_or_default();
    let apply = command_line(&format!("apply {}", shell_path(path)), session);
    session.printer.note(&human::saved(path, (expires, digest), &apply));
    Ok(())
}

/// Returns the packaged code of an app.
pub(crate) fn artifacts(app: &App) -> Vec<ArtifactDocument> {
    let mut found: BTreeMap<&str, ArtifactDocument> = BTreeMap::new();
    for function in &app.functions {
        let code = &function.code;
        let artifact = found.entry(code.digest.as_str()).or_insert_with(|| ArtifactDocument {
            of: Vec::new(),
            digest: code.digest.clone(),
            bytes: u64::try_from(code.bytes.len()).unwrap_or(u64::MAX),
        });
        let name = format!("function.{}", function.name);
        if !artifact.of.contains(&name) {
            artifact.of.push(name);
        }
    }
    found.into_values().collect()
}

/// Digests the text of a manifest.
pub(crate) fn digest_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
