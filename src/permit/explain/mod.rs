//! Who may do something, or use something, and because of what; or why nobody may.

mod nearest;
mod question;
mod similar;
#[cfg(all(feature = "aws", feature = "azure", feature = "gcp"))]
#[cfg(test)]
mod tests;

use updraft_contract::{App, Cloud, Permission, Side, VerbSpec};
use updraft_permit::roles::filled;
use updraft_permit::{Line, Own, Status};

pub use nearest::Nearest;
use nearest::nearest;
use question::Question;
pub use question::Sense;

/// What an answer is looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'f> {
    /// The app.
    pub app: &'f App,
    /// What the manifest calls for.
    pub wanted: &'f [Permission],
    /// What is live, where that was looked at.
    pub granted: Option<&'f [Permission]>,
    /// The verbs of declared access, by cloud.
    pub verbs: &'f [(Cloud, &'static [VerbSpec])],
}

/// The answer to a question about permissions.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What was asked, in the user's words.
    pub asked: String,
    /// What that was taken for.
    pub sense: Sense,
    /// The permissions that are about it: those the manifest calls for first.
    pub links: Vec<Link>,
    /// What would give it, where nothing does.
    pub nearest: Vec<Nearest>,
    /// What is known of the name itself.
    pub standing: Standing,
    /// Names like it, where no permission is about it.
    pub similar: Vec<String>,
}

/// What is known of a name, whoever may do what it stands for. Of Azure's and Google's names no table has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the name of something.
    Known,
    /// It has the form of a name of Azure's or Google's, and no known role has it.
    Open,
    /// The same, and it is written almost as one that a known role has.
    Slip,
    /// It is the name of nothing.
    Nothing,
}

/// One permission and whether it is wanted and live.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The permission.
    pub permission: Permission,
    /// The same as a line of a report, which says whose it is.
    pub line: Line,
    /// Whether the manifest calls for it.
    pub wanted: bool,
    /// Whether it is live; `None` where that was not looked at.
    pub live: Option<bool>,
}

impl Explanation {
    /// Returns whether what was asked can be answered: it is the name of something, or may be.
    pub fn known(&self) -> bool {
        matches!(self.standing, Standing::Known | Standing::Open)
    }

    /// Returns whether nobody may: nothing lets, whatever keeps.
    pub fn nobody(&self) -> bool {
        !self.links.iter().any(|link| link.permission.effect == updraft_contract::Effect::Allow)
    }
}

/// Answers what was asked: an action, a role, a resource, or an address.
pub fn explain(asked: &str, facts: &Facts<'_>) -> Explanation {
    // What is in a role is part of the answer, and providers name roles alone.
    let filled =
        |all: &[Permission]| all.iter().map(|one| filled(one, &[])).collect::<Vec<Permission>>();
    let (wanted, granted) = (filled(facts.wanted), facts.granted.map(filled));
    answer(asked, &Facts { wanted: &wanted, granted: granted.as_deref(), ..*facts })
}

fn answer(asked: &str, facts: &Facts<'_>) -> Explanation {
    let question = Question::of(asked, facts);
    let mut links: Vec<Link> = Vec::new();
    for permission in facts.wanted.iter().filter(|one| question.concerns(one)) {
        let live = facts.granted.map(|all| all.iter().any(|other| same(permission, other)));
        links.push(link(permission, (true, live), facts));
    }
    for permission in facts.granted.unwrap_or_default().iter().filter(|one| question.concerns(one))
    {
        if !facts.wanted.iter().any(|other| same(permission, other)) {
            links.push(link(permission, (false, Some(true)), facts));
        }
    }
    let sense = question.sense();
    let none = links.is_empty() && matches!(sense, Sense::Action | Sense::Role);
    let nearest = if none { nearest(asked, facts.verbs) } else { Vec::new() };
    let standing =
        if none && nearest.is_empty() { similar::standing(asked, facts) } else { Standing::Known };
    let similar = if links.is_empty() { similar::similar(asked, facts) } else { Vec::new() };
    Explanation { asked: asked.to_owned(), sense, links, nearest, standing, similar }
}

fn link(permission: &Permission, (wanted, live): (bool, Option<bool>), facts: &Facts<'_>) -> Link {
    let all = facts.granted.unwrap_or_default().iter().chain(facts.wanted);
    let own = Own::of(permission.cloud, &permission.function, all);
    let shown = own.line(permission, Status::Unchanged);
    Link { permission: permission.clone(), line: shown, wanted, live }
}

/// Tells whether two permissions say the same, whatever called for them.
fn same(one: &Permission, other: &Permission) -> bool {
    let parts = |of: &Permission| {
        let who = (of.side != Side::Does).then(|| of.who.clone());
        let carrier = of.carrier.clone();
        (
            of.cloud,
            of.side,
            who,
            of.effect,
            of.what.clone(),
            of.on.clone(),
            of.when.clone(),
            carrier,
        )
    };
    parts(one) == parts(other)
}
