//! Compares permissions as sets of operations: Azure and Google.
//!
//! Azure: what a role contains is its actions without its not-actions, joined over all roles; the
//! control plane and the data plane are apart; case does not count; `*` stands for any run; a scope
//! holds all that is below it; a deny outweighs. Google: permissions are exact, and a resource has
//! what its ancestors have. Conditions are compared as text, clause by clause, and by prefixes.
//! What cannot be told is undecided, never unchanged.
//! <https://learn.microsoft.com/azure/role-based-access-control/role-definitions>,
//! <https://cloud.google.com/iam/docs/resource-hierarchy-access-control>

use updraft_contract::{Effect, Permission};

use crate::{Access, Change, Comparison, Undecided, Verdict, Witness, levels};

pub(crate) mod globs;
mod grant;
#[cfg(test)]
mod tests;
mod when;

use grant::{Covers, Grant, grants};

/// Compares what two sets of permissions of one cloud allow.
pub(crate) fn compare(old: &[&Permission], new: &[&Permission]) -> Comparison {
    let (before, after) = (grants(old), grants(new));
    let added = beyond(&before, &after);
    let lost = beyond(&after, &before);
    let verdict = match (added.found.is_empty(), added.undecided.is_empty()) {
        (false, _) => Verdict::NewAccess,
        (true, false) => Verdict::Undecided,
        (true, true) => Verdict::NoNewAccess,
    };
    let same = lost.found.is_empty() && lost.undecided.is_empty();
    let doubted = lost.undecided.into_iter().map(doubted);
    Comparison {
        verdict,
        rewritten: verdict == Verdict::NoNewAccess && same && !alike(old, new),
        newly_allowed: added.found,
        no_longer_allowed: lost.found.into_iter().map(turned).collect(),
        undecided: added.undecided.into_iter().chain(doubted).collect(),
    }
}

/// Returns whether both sides are the same but for order, reasons and carriers.
fn alike(old: &[&Permission], new: &[&Permission]) -> bool {
    let bare = |all: &[&Permission]| -> std::collections::BTreeSet<_> {
        let each = all.iter().map(|one| (one.who.clone(), one.effect, one.what.clone()));
        each.zip(all.iter().map(|one| (one.on.clone(), one.when.clone()))).collect()
    };
    bare(old) == bare(new)
}

/// Statements of the two sides change places in what is lost.
fn turned(access: Access) -> Access {
    let (old_statements, new_statements) = (access.new_statements, access.old_statements);
    Access { old_statements, new_statements, ..access }
}

/// What may be lost is asked the other way round, and so told the other way round.
fn doubted(undecided: Undecided) -> Undecided {
    let change = Change::NoLongerAllowed;
    let (old_statements, new_statements) = (undecided.new_statements, undecided.old_statements);
    Undecided { change, old_statements, new_statements, ..undecided }
}

#[derive(Default)]
struct Beyond {
    found: Vec<Access>,
    undecided: Vec<Undecided>,
}

/// Returns what `new` allows beyond `old`.
fn beyond(old: &[Grant], new: &[Grant]) -> Beyond {
    let mut beyond = Beyond::default();
    for grant in new.iter().filter(|grant| grant.effect == Effect::Allow) {
        let side = Sides::of(grant, old, new);
        for action in &grant.actions {
            match side.judge(action) {
                Judged::Covered => {}
                Judged::New(witness) => beyond.found.push(access(grant, action, witness, &side)),
                Judged::Undecided(why) => beyond.undecided.push(Undecided {
                    about: None,
                    action: action.clone(),
                    resource: grant.shown.clone(),
                    why,
                    change: Change::NewlyAllowed,
                    old_statements: side.old_statements(),
                    new_statements: vec![grant.from],
                }),
            }
        }
    }
    beyond
}

fn access(grant: &Grant, action: &str, witness: String, side: &Sides<'_>) -> Access {
    Access {
        about: None,
        action: action.to_owned(),
        resource: grant.shown.clone(),
        condition: grant.when.shown(),
        principal: grant.who.shown(),
        level: levels::words(&witness),
        witness: Witness {
            principal: grant.who.shown(),
            action: witness,
            resource: grant.shown.clone(),
            ..Witness::default()
        },
        old_statements: side.old_statements(),
        new_statements: vec![grant.from],
    }
}

enum Judged {
    Covered,
    New(String),
    Undecided(String),
}

/// What is there beside one grant.
struct Sides<'a> {
    grant: &'a Grant,
    /// Grants of the old side that hold wherever this one does.
    sure: Vec<&'a Grant>,
    /// Grants of the old side that may, and why one cannot tell.
    perhaps: Vec<(&'a Grant, &'static str)>,
    /// What the old side keeps from somebody or somewhere that this one is about.
    kept: Vec<&'a Grant>,
    /// What the new side keeps wherever this one holds.
    denied: Vec<&'a Grant>,
}

impl<'a> Sides<'a> {
    fn of(grant: &'a Grant, old: &'a [Grant], new: &'a [Grant]) -> Self {
        let mut sides = Sides {
            grant,
            sure: Vec::new(),
            perhaps: Vec::new(),
            kept: Vec::new(),
            denied: Vec::new(),
        };
        for other in old.iter().filter(|other| other.plane == grant.plane) {
            match (other.effect, holds(other, grant)) {
                (Effect::Allow, Covers::Yes) => sides.sure.push(other),
                (Effect::Allow, Covers::Perhaps(why)) => sides.perhaps.push((other, why)),
                (Effect::Allow, Covers::No) => {}
                (Effect::Deny, _) if apart(other, grant) => {}
                (Effect::Deny, _) => sides.kept.push(other),
            }
        }
        let denies = new.iter().filter(|other| other.effect == Effect::Deny);
        let denies = denies.filter(|other| other.plane == grant.plane);
        sides.denied = denies.filter(|other| holds(other, grant) == Covers::Yes).collect();
        sides
    }

    /// Judges one action, or a pattern of actions, of the grant.
    fn judge(&self, action: &str) -> Judged {
        let sure = match self.outside(action, &self.sure) {
            Ok(None) => return Judged::Covered,
            Ok(Some(witness)) => witness,
            Err(globs::TooMany) => {
                return Judged::Undecided("the patterns are too involved".into());
            }
        };
        let all = self.sure.iter().copied().chain(self.perhaps.iter().map(|(grant, _)| *grant));
        if let Ok(Some(_)) = self.outside(action, &all.collect::<Vec<_>>()) {
            return Judged::New(sure);
        }
        let why = self.perhaps.iter().map(|(_, why)| *why).next();
        Judged::Undecided(why.unwrap_or("the patterns are too involved").to_owned())
    }

    /// Returns an action that the grant allows and none of `covering` does.
    fn outside(
        &self,
        action: &str,
        covering: &[&'a Grant],
    ) -> Result<Option<String>, globs::TooMany> {
        let allowed = |text: &str| {
            let any = |all: &[String]| all.iter().any(|pattern| globs::takes(pattern, text));
            let denies = |deny: &&Grant| any(&deny.actions) && !any(&deny.not);
            let ours = !any(&self.grant.not) && !self.denied.iter().any(denies);
            let theirs = covering.iter().any(|other| any(&other.actions) && !any(&other.not));
            ours && (!theirs || self.kept.iter().any(denies))
        };
        if !action.contains('*') {
            return Ok(allowed(action).then(|| action.to_owned()));
        }
        // A real operation says more than the shortest text that a pattern takes.
        let known =
            levels::operations().find(|known| globs::takes(action, known) && allowed(known));
        if let Some(known) = known {
            return Ok(Some(known.to_owned()));
        }
        self.search(action, covering)
    }

    fn search(
        &self,
        action: &str,
        covering: &[&'a Grant],
    ) -> Result<Option<String>, globs::TooMany> {
        let mut patterns = vec![action];
        let mut add = |all: &'a [String]| {
            let start = patterns.len();
            patterns.extend(all.iter().map(String::as_str));
            start..patterns.len()
        };
        let not = add(&self.grant.not);
        let mut both = |grants: &[&'a Grant]| -> Vec<_> {
            grants.iter().map(|grant| (add(&grant.actions), add(&grant.not))).collect()
        };
        let (denied, kept) = (both(&self.denied), both(&self.kept));
        let theirs = both(covering);
        globs::find(&patterns, |taken| {
            let any = |range: &std::ops::Range<usize>| {
                taken.get(range.clone()).is_some_and(|part| part.contains(&true))
            };
            let one = |(actions, not): &(_, _)| any(actions) && !any(not);
            let ours = taken.first() == Some(&true) && !any(&not) && !denied.iter().any(one);
            ours && (!theirs.iter().any(one) || kept.iter().any(one))
        })
    }

    fn old_statements(&self) -> Vec<usize> {
        let perhaps = self.perhaps.iter().map(|(grant, _)| grant.from);
        let all = self.sure.iter().map(|grant| grant.from).chain(perhaps);
        let all: std::collections::BTreeSet<usize> = all.collect();
        all.into_iter().collect()
    }
}

/// Returns whether `other` is about everything that `grant` is about, actions aside.
fn holds(other: &Grant, grant: &Grant) -> Covers {
    if !other.who.covers(&grant.who) {
        return Covers::No;
    }
    match other.place.covers(&grant.place) {
        Covers::Yes if other.when.cover(&grant.when) => Covers::Yes,
        // The new condition is what is left of the old one: it holds more often.
        Covers::Yes if grant.when.cover(&other.when) => Covers::No,
        Covers::Yes => Covers::Perhaps("conditions are compared as text only"),
        Covers::Perhaps(why) => Covers::Perhaps(why),
        Covers::No => Covers::No,
    }
}

/// Returns whether a deny is certainly not about anything that `grant` is about.
fn apart(deny: &Grant, grant: &Grant) -> bool {
    let people = !deny.who.covers(&grant.who) && !grant.who.covers(&deny.who);
    let places = deny.place.covers(&grant.place) == Covers::No
        && grant.place.covers(&deny.place) == Covers::No;
    people || places
}
