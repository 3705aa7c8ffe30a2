//! `updraft explain`: who may do or use something, and because of which line; or why nobody may.

use updraft_contract::{App, Cloud, VerbSpec};

use super::prepare::prepare;
use super::world::Session;
use super::{load, site, tell};
use crate::cli::{ExplainArgs, ScopeArgs};
use crate::clouds::Clouds;
use crate::exit::{Exit, Failure};
use crate::permit::{self, Explanation, Facts, Sense, Sides, Standing};
use crate::report::human::Purpose;
use crate::report::{human, json};

/// Explains an action, a role, a resource or an address.
pub(crate) async fn explain(
    session: &mut Session<'_>,
    args: &ExplainArgs,
) -> Result<Exit, Failure> {
    if args.what.trim().is_empty() {
        return Err(Failure::new(Exit::Failed, "nothing was asked").hint(ASK));
    }
    if !args.live {
        let manifest = load::load(session)?;
        load::warn(session, &manifest);
        let site = site::offline(&manifest.app).await?;
        let clouds = site.clouds();
        let sides = Sides { wanted: permit::wanted(&clouds, &manifest.app), ..Sides::default() };
        return answer(session, args, (&clouds, &manifest.app), &sides);
    }
    let scope = ScopeArgs { target: Vec::new(), cloud_timeout: args.cloud_timeout, thorough: true };
    let prepared = prepare(session, &scope, Purpose::Apply).await?;
    let clouds = prepared.site.clouds();
    let sides = permit::planned(&clouds, &prepared.app, &prepared.plan, &prepared.others);
    let answered = answer(session, args, (&clouds, &prepared.app), &sides);
    tell::noted(session, &prepared);
    let missing = tell::missing(&prepared);
    prepared.site.close().await?;
    answered.and_then(|exit| missing.map_or(Ok(exit), Err))
}

/// What can be asked.
const ASK: &str = "Ask about an action such as s3:GetObject, a role, a manifest entry such as function.hello, \
    an address from a plan, or a resource's name in the cloud.";

fn answer(
    session: &mut Session<'_>,
    args: &ExplainArgs,
    (clouds, app): (&Clouds<'_>, &App),
    sides: &Sides,
) -> Result<Exit, Failure> {
    let verbs: Vec<(Cloud, &'static [VerbSpec])> =
        clouds.providers().iter().map(|one| (one.cloud(), one.verbs())).collect();
    let granted = args.live.then_some(sides.granted.as_slice());
    let facts = Facts { app, wanted: &sides.wanted, granted, verbs: &verbs };
    let explanation = permit::explain(args.what.trim(), &facts);
    if !explanation.known() {
        return Err(unknown(&explanation));
    }
    let manifest = session.global.file.display().to_string();
    let text = if session.global.json {
        json::written(&json::explanation(&explanation, &manifest))
    } else {
        human::explanation(&explanation, &manifest)
    };
    session.printer.answer(&text);
    Ok(Exit::Done)
}

/// Says that a word is the name of nothing, and which name may have been meant.
fn unknown(explanation: &Explanation) -> Failure {
    let asked = &explanation.asked;
    let message = match (explanation.standing, explanation.sense) {
        (Standing::Slip, Sense::Role) => format!("{asked} is none of the roles known here"),
        (Standing::Slip, _) => format!("no role that is known here has {asked}"),
        (Standing::Known | Standing::Open | Standing::Nothing, _) => {
            format!("nothing is called {asked}: no action, role, entry, address or resource")
        }
    };
    let failure = Failure::new(Exit::Failed, message);
    match explanation.similar.as_slice() {
        [] => failure.hint(ASK),
        names => failure.hint(format!("Did you mean {}?", names.join(" or "))),
    }
}
