//! Reads the manifest for a command; its mistakes are drawn on standard error.

use std::collections::BTreeMap;

use super::provider;
use super::world::Session;
use crate::exit::{Exit, Failure};
use crate::manifest::{self, Manifest, Problems, Request};

/// Reads the manifest without reporting anything. What the cloud cannot do counts as a mistake.
pub(crate) fn read(session: &Session<'_>) -> Result<Manifest, Problems> {
    let vars: BTreeMap<String, String> = session.global.var.iter().cloned().collect();
    let now = (session.world.now)();
    let request = Request {
        path: &session.global.file,
        stage: session.global.stage(),
        vars: &vars,
        today: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
    };
    let manifest = manifest::load(&request)?;
    let unsupported = provider::unsupported(&manifest.app);
    if unsupported.is_empty() { Ok(manifest) } else { Err(manifest.refused(&unsupported)) }
}

/// Reads the manifest and draws its mistakes.
pub(crate) fn load(session: &mut Session<'_>) -> Result<Manifest, Failure> {
    read(session).map_err(|problems| {
        session.printer.note(&problems.render(true, session.world.width));
        Failure::new(Exit::Failed, problems.to_string())
    })
}

/// Draws what is legal but worth a word.
pub(crate) fn warn(session: &mut Session<'_>, manifest: &Manifest) {
    let Manifest { source, warnings, .. } = manifest;
    if !warnings.is_empty() {
        let drawn = manifest::render(source, warnings, true, session.world.width);
        session.printer.note(&drawn);
    }
}
