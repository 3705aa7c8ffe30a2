//! `updraft show PLAN`: shows a saved plan as it was shown when it was made. Asks no cloud.

use super::approved::{kinds, purpose, read};
use super::world::Session;
use crate::cli::ShowArgs;
use crate::exit::{Exit, Failure};
use crate::report::human::{self, Purpose, View};
use crate::report::{Sheet, html, json, markdown};
use crate::saved;

/// Shows the plan.
pub(crate) fn show(session: &mut Session<'_>, args: &ShowArgs) -> Result<Exit, Failure> {
    if session.global.json && (args.form.markdown || args.form.html) {
        return Err(Failure::new(Exit::Failed, "the plan is shown in one form at a time")
            .hint("Leave --json out, or the other."));
    }
    let document = read(session, &args.plan)?;
    let kinds = kinds();
    let blamed = |flaw: saved::Flaw| flaw.blamed(&args.plan.display().to_string());
    let plan = saved::plan_of(&document, &kinds).map_err(blamed)?;
    if session.global.json {
        session.printer.answer(&json::written(&document));
        return Ok(Exit::Done);
    }
    let about = document.saved.as_ref();
    let sizes = about.into_iter().flat_map(|about| &about.artifacts);
    let sizes = sizes.map(|code| (code.digest.clone(), code.bytes)).collect();
    let elsewhere = format!("project {}, stage {}", document.project, document.stage);
    let view = View {
        kinds: &kinds,
        sizes: &sizes,
        manifest: about.map_or("the manifest", |about| about.manifest.path.as_str()),
        place: about.map_or(elsewhere.as_str(), |about| about.place.as_str()),
        purpose: about.map_or(Purpose::Apply, purpose),
    };
    let review = document.permissions.as_ref().map(|permissions| &permissions.review);
    let permissions = review.and_then(|review| human::permissions_of_plan(review, view.purpose));
    let permissions = permissions.as_deref();
    let sheet = Sheet { document: &document, plan: &plan, view: &view, permissions };
    if args.form.markdown {
        session.printer.answer(&markdown::plan(&sheet));
    } else if args.form.html {
        session.printer.raw(html::plan(&sheet).as_bytes());
    } else {
        session.printer.answer(&human::plan(&plan, &view));
        if let Some(changes) = permissions {
            session.printer.answer(changes);
        }
        if let Some(agreed) = about.and_then(|about| human::agreements(about.consent)) {
            session.printer.answer(&agreed);
        }
    }
    let ended = |at: &str| at.parse().is_ok_and(|at: jiff::Timestamp| (session.world.now)() >= at);
    match about {
        None => session.printer.note(
            "note: this plan is of an old format: it can be shown and cannot be carried out.",
        ),
        Some(about) if ended(&about.expires) => {
            session.printer.note(&format!("note: this plan expired at {}.", about.expires));
        }
        Some(_) => {}
    }
    Ok(Exit::Done)
}
