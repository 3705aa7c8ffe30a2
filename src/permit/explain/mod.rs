//! Who may do something, or use something, and because of what; or why nobody may.

mod nearest;
mod question;

use updraft_contract::{App, Cloud, Permission, Side, VerbSpec};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What was asked, in the user's words.
    pub asked: String,
    /// What that was taken for.
    pub sense: Sense,
    /// The permissions that are about it: those the manifest calls for first.
    pub links: Vec<Link>,
    /// What would give it, where nothing does.
    pub nearest: Vec<Nearest>,
}

/// One permission and whether it is wanted and live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The permission.
    pub permission: Permission,
    /// Whether the manifest calls for it.
    pub wanted: bool,
    /// Whether it is live; `None` where that was not looked at.
    pub live: Option<bool>,
}

impl Explanation {
    /// Returns whether nobody may: nothing lets, whatever keeps.
    pub fn nobody(&self) -> bool {
        !self.links.iter().any(|link| link.permission.effect == updraft_contract::Effect::Allow)
    }
}

/// Answers what was asked: an action, a role, a resource, or an address.
pub fn explain(asked: &str, facts: &Facts<'_>) -> Explanation {
    let question = Question::of(asked, facts);
    let mut links: Vec<Link> = Vec::new();
    for permission in facts.wanted.iter().filter(|one| question.concerns(one)) {
        let live = facts.granted.map(|all| all.iter().any(|other| same(permission, other)));
        links.push(Link { permission: permission.clone(), wanted: true, live });
    }
    for permission in facts.granted.unwrap_or_default().iter().filter(|one| question.concerns(one))
    {
        if !facts.wanted.iter().any(|other| same(permission, other)) {
            links.push(Link { permission: permission.clone(), wanted: false, live: Some(true) });
        }
    }
    let sense = question.sense();
    let none = links.is_empty() && sense == Sense::Action;
    let nearest = if none { nearest(asked, facts.verbs) } else { Vec::new() };
    Explanation { asked: asked.to_owned(), sense, links, nearest }
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
