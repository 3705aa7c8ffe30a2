//! Builds the permission report: what is new, what goes, what stays, and why each line is there.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::{
    Cloud, Effect, Fields, On, Outputs, Permission, ResourceId, RoleContent, Side, Test, Value,
    When, Who,
};

use super::line::line;
use super::own::Own;
use super::{Approval, Finding, FunctionReview, Line, Review, Source, Status, Totals, approval};
use crate::compare::beside;
use crate::{Change, Comparison, Verdict, Witness, data, findings, roles};

/// The version of the report's format.
const FORMAT_VERSION: &str = "1.0";

/// What a report is built from.
#[derive(Clone, Copy, Debug)]
pub struct ReviewInput<'a> {
    /// What is reviewed. [`Source::Manifest`] takes no live permissions and gives every line as
    /// unchanged, because there is nothing to compare with. [`Source::Live`] gives the live lines
    /// alone: unchanged where the manifest calls for them, drift where it does not.
    pub source: Source,
    /// The version of Updraft.
    pub version: &'a str,
    /// The project.
    pub project: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// The manifest, as the user named it.
    pub manifest: &'a str,
    /// The accounts and regions.
    pub place: &'a str,
    /// The functions in manifest order, with their clouds.
    pub functions: &'a [(Cloud, String)],
    /// What is granted in the cloud, without reasons.
    pub live: &'a [Permission],
    /// What the manifest calls for, with reasons.
    pub wanted: &'a [Permission],
    /// What is known of the resources: names that wanted permissions wait for.
    pub outputs: &'a Outputs,
    /// The resources that carry live permissions and are not ours: what they give is drift.
    pub foreign: &'a BTreeSet<ResourceId>,
    /// The roles of the vendors as they are today, where somebody looked.
    pub roles: &'a [RoleContent],
    /// The digests that somebody approved.
    pub approved: &'a BTreeSet<String>,
}

/// Builds the permission report.
pub fn review(input: &ReviewInput<'_>) -> Review {
    let known = |one: &Permission| settled(&roles::filled(one, input.roles), input.outputs);
    let wanted: Vec<Permission> = input.wanted.iter().map(known).collect();
    let live: Vec<Permission> = input.live.iter().map(known).collect();
    let input = &ReviewInput { live: &live, ..*input };
    let mut made = Made::default();
    for (cloud, function) in order(input, &wanted) {
        let own = Own::of(cloud, &function, input.live.iter().chain(&wanted));
        let mut one = FunctionReview {
            cloud: cloud.word().to_owned(),
            identity: own.identity.clone(),
            function,
            may: Vec::new(),
            called_by: Vec::new(),
            assumed_by: Vec::new(),
        };
        for side in [Side::Does, Side::Called, Side::Assumed] {
            let group = Group::of((cloud, &one.function, side), input, &wanted);
            let mut lines = group.lines(input);
            for (line, permission) in &mut lines {
                own.attribute(line, permission);
            }
            lines.sort_by(|one, two| sorted(&one.0).cmp(&sorted(&two.0)));
            made.judge((cloud, &one.function, side), &lines, input);
            let lines = lines.into_iter().map(|(line, _)| line).collect();
            if input.source == Source::Plan {
                made.parts.extend(approval::parts(
                    (cloud, side),
                    &one.function,
                    &group.live,
                    &group.wanted,
                ));
            }
            match side {
                Side::Does => one.may = lines,
                Side::Called => one.called_by = lines,
                Side::Assumed => one.assumed_by = lines,
                Side::Deploys => {}
            }
        }
        made.functions.push(one);
    }
    made.finished(input)
}

#[derive(Default)]
struct Made {
    functions: Vec<FunctionReview>,
    parts: BTreeSet<String>,
    findings: Vec<Found>,
}

impl Made {
    /// Judges the lines of one group: all that are there afterwards.
    fn judge(
        &mut self,
        (cloud, function, side): (Cloud, &str, Side),
        lines: &[(Line, &Permission)],
        input: &ReviewInput<'_>,
    ) {
        let place = |line: usize| (self.functions.len(), side, line);
        let stays =
            lines.iter().enumerate().filter(|(_, (line, _))| line.status != Status::Removed);
        let stays: Vec<(usize, &(Line, &Permission))> = stays.collect();
        let permissions: Vec<&Permission> = stays.iter().map(|(_, (_, one))| *one).collect();
        let mut hits = findings::judge(&permissions);
        let found = stays.iter().map(|(_, (line, one))| (line.status, one.effect));
        hits.extend(findings::surplus(found));
        hits.extend(findings::changed(cloud, &permissions, input.roles));
        for hit in hits {
            let on = hit.on.iter().filter_map(|at| stays.get(*at));
            let (lines, on): (Vec<usize>, Vec<&Permission>) =
                on.map(|(line, (_, permission))| (*line, *permission)).unzip();
            let finding = findings::finding(&hit, cloud, function, &on);
            self.findings.push(Found { finding, on: lines.into_iter().map(place).collect() });
        }
    }

    /// Puts the findings in order, worst first, and their places into the lines.
    fn sorted(&mut self) -> Vec<Finding> {
        self.findings.sort_by(|one, two| ordered(&one.finding).cmp(&ordered(&two.finding)));
        for (number, found) in self.findings.iter().enumerate() {
            for (function, side, at) in &found.on {
                let Some(function) = self.functions.get_mut(*function) else { continue };
                let lines = match side {
                    Side::Does | Side::Deploys => &mut function.may,
                    Side::Called => &mut function.called_by,
                    Side::Assumed => &mut function.assumed_by,
                };
                if let Some(line) = lines.get_mut(*at) {
                    line.findings.push(number);
                }
            }
        }
        self.findings.iter().map(|found| found.finding.clone()).collect()
    }

    fn finished(mut self, input: &ReviewInput<'_>) -> Review {
        let findings = self.sorted();
        let digest = approval::digest(&self.parts);
        let approved = !digest.is_empty() && input.approved.contains(&digest);
        Review {
            format_version: FORMAT_VERSION.to_owned(),
            updraft_version: input.version.to_owned(),
            data: BTreeMap::from([
                ("aws".to_owned(), data::version().to_owned()),
                ("azure".to_owned(), roles::version(Cloud::Azure)),
                ("gcp".to_owned(), roles::version(Cloud::Gcp)),
            ]),
            project: input.project.to_owned(),
            stage: input.stage.to_owned(),
            manifest: input.manifest.to_owned(),
            source: input.source,
            place: input.place.to_owned(),
            totals: totals(&self.functions),
            functions: self.functions,
            findings,
            approval: Approval { digest, approved },
        }
    }
}

/// A finding, and the lines it is about: the function's number, the side, and the line's number.
struct Found {
    finding: Finding,
    on: Vec<(usize, Side, usize)>,
}

/// What findings are sorted by: the worst first.
pub(super) fn ordered(finding: &Finding) -> impl Ord {
    let what = (&finding.code, &finding.cloud, &finding.function);
    (std::cmp::Reverse(finding.severity), what, &finding.handler, &finding.message)
}

/// Returns every function there is a line about: those of the manifest first, in its order.
fn order(input: &ReviewInput<'_>, wanted: &[Permission]) -> Vec<(Cloud, String)> {
    let mut all: Vec<(Cloud, String)> = input.functions.to_vec();
    let about = input.live.iter().chain(wanted).filter(|one| one.side != Side::Deploys);
    let others: BTreeSet<(bool, Cloud, String)> =
        about.map(|one| (one.function.is_empty(), one.cloud, one.function.clone())).collect();
    for (_, cloud, function) in others {
        if !all.contains(&(cloud, function.clone())) {
            all.push((cloud, function));
        }
    }
    all
}

/// Returns whether a value waits for something that does not exist yet.
pub(super) fn open(value: &Value) -> bool {
    !Fields::new([("value", value.clone())]).refs().is_empty()
}

/// Puts in what is known of other resources.
fn settled(permission: &Permission, outputs: &Outputs) -> Permission {
    let one = |value: &Value| -> Value {
        let fields = Fields::new([("value", value.clone())]).settle(outputs);
        fields.get("value").cloned().unwrap_or_else(|| value.clone())
    };
    let each = |all: &BTreeSet<Value>| -> BTreeSet<Value> { all.iter().map(one).collect() };
    let people = |all: &BTreeMap<String, BTreeSet<Value>>| -> BTreeMap<_, _> {
        all.iter().map(|(kind, names)| (kind.clone(), each(names))).collect()
    };
    Permission {
        who: match &permission.who {
            Who::Holder(holder) => Who::Holder(one(holder)),
            Who::Named(names) => Who::Named(people(names)),
            Who::AllBut(names) => Who::AllBut(people(names)),
            Who::Everybody => Who::Everybody,
        },
        on: match &permission.on {
            On::These(these) => On::These(each(these)),
            On::AllBut(these) => On::AllBut(each(these)),
            On::Carrier => On::Carrier,
        },
        when: match &permission.when {
            When::Tests(tests) => When::Tests(
                tests
                    .iter()
                    .map(|test| Test { values: each(&test.values), ..test.clone() })
                    .collect(),
            ),
            When::Always | When::Expression(_) => permission.when.clone(),
        },
        ..permission.clone()
    }
}

/// The permissions of one cloud, function and side.
struct Group<'a> {
    key: (Cloud, Side),
    live: Vec<&'a Permission>,
    wanted: Vec<&'a Permission>,
}

impl<'a> Group<'a> {
    fn of(
        (cloud, function, side): (Cloud, &str, Side),
        input: &ReviewInput<'a>,
        wanted: &'a [Permission],
    ) -> Self {
        let ours =
            |one: &&Permission| one.cloud == cloud && one.function == function && one.side == side;
        let live = match input.source {
            Source::Manifest => Vec::new(),
            Source::Plan | Source::Live => input.live.iter().filter(ours).collect(),
        };
        Self { key: (cloud, side), live, wanted: wanted.iter().filter(ours).collect() }
    }

    /// Returns every line with the permission that it shows.
    fn lines(&self, input: &ReviewInput<'_>) -> Vec<(Line, &'a Permission)> {
        match input.source {
            Source::Manifest => {
                self.wanted.iter().map(|one| (line(one, Status::Unchanged), *one)).collect()
            }
            Source::Live => self.live.iter().map(|one| self.found(one, input)).collect(),
            Source::Plan => {
                let wanted = self.wanted.iter().map(|one| (self.wished(one), *one));
                let live = self.live.iter().filter_map(|one| Some((self.left(one, input)?, *one)));
                wanted.chain(live).collect()
            }
        }
    }

    /// Returns a wanted permission as a line.
    fn wished(&self, one: &Permission) -> Line {
        let same = self.live.iter().any(|live| alike(live, one));
        match one.effect {
            // A new deny gives nothing; what it takes shows in the lines that it is about.
            Effect::Deny if same => line(one, Status::Unchanged),
            Effect::Deny => line(one, Status::Rewritten),
            Effect::Allow if same && self.denies_stay() => line(one, Status::Unchanged),
            Effect::Allow => {
                let comparison =
                    beside(self.key.0, self.key.1, &self.live, &with(one, &self.wanted));
                let stays = if same { Status::Unchanged } else { Status::Rewritten };
                judged(one, comparison, stays)
            }
        }
    }

    /// Returns a live permission that the manifest does not call for as a line, unless what it
    /// allows stays allowed.
    fn left(&self, one: &Permission, input: &ReviewInput<'_>) -> Option<Line> {
        if self.wanted.iter().any(|wanted| alike(one, wanted)) {
            return None;
        }
        if input.foreign.contains(&one.carrier) {
            return Some(line(one, Status::Drift));
        }
        if one.effect == Effect::Deny {
            return Some(line(one, Status::Removed));
        }
        let comparison = beside(self.key.0, self.key.1, &self.wanted, &with(one, &self.live));
        match comparison.verdict {
            Verdict::NoNewAccess => None,
            Verdict::NewAccess | Verdict::Undecided => {
                let mut removed = line(one, Status::Removed);
                removed.witness = witness(&comparison);
                Some(removed)
            }
        }
    }

    /// Returns a live permission as a line of a report about what is live.
    fn found(&self, one: &'a Permission, input: &ReviewInput<'_>) -> (Line, &'a Permission) {
        let twin = self.wanted.iter().find(|wanted| alike(one, wanted));
        if let Some(twin) = twin {
            return (line(twin, Status::Unchanged), *twin);
        }
        let foreign = input.foreign.contains(&one.carrier);
        let comparison = beside(self.key.0, self.key.1, &self.wanted, &with(one, &self.live));
        let covered = comparison.verdict == Verdict::NoNewAccess && one.effect == Effect::Allow;
        if covered && !foreign {
            return (line(one, Status::Unchanged), one);
        }
        let mut drift = line(one, Status::Drift);
        drift.witness = witness(&comparison);
        (drift, one)
    }

    /// Returns whether every live deny is wanted too.
    fn denies_stay(&self) -> bool {
        let mut denies = self.live.iter().filter(|one| one.effect == Effect::Deny);
        denies.all(|deny| self.wanted.iter().any(|wanted| alike(deny, wanted)))
    }
}

/// Returns one permission with the denies among others: what it really gives.
fn with<'p>(one: &'p Permission, others: &[&'p Permission]) -> Vec<&'p Permission> {
    let denies = others.iter().copied().filter(|other| other.effect == Effect::Deny);
    std::iter::once(one).chain(denies).collect()
}

/// Returns whether two permissions say the same. Reasons and carriers play no part, and an identity
/// that is not known yet is the one that is there.
fn alike(live: &Permission, wanted: &Permission) -> bool {
    let who = match (&live.who, &wanted.who) {
        (Who::Holder(live), Who::Holder(wanted)) => live == wanted || open(wanted) || open(live),
        (live, wanted) => live == wanted,
    };
    let same = live.effect == wanted.effect && live.what == wanted.what;
    who && same && live.on == wanted.on && live.when == wanted.when
}

fn judged(one: &Permission, comparison: Comparison, stays: Status) -> Line {
    let status = match comparison.verdict {
        Verdict::NewAccess => Status::New,
        Verdict::Undecided => Status::Undecided,
        Verdict::NoNewAccess => stays,
    };
    let mut line = line(one, status);
    line.witness = witness(&comparison);
    let mut doubts = comparison.undecided.into_iter();
    let doubt = doubts.find(|undecided| undecided.change == Change::NewlyAllowed);
    line.undecided = doubt.map(|undecided| undecided.why);
    line
}

fn witness(comparison: &Comparison) -> Option<Witness> {
    comparison.newly_allowed.first().map(|access| access.witness.clone())
}

/// What lines are sorted by: what needs a look first.
fn sorted(line: &Line) -> impl Ord {
    let caller = line.caller.as_ref().map(|caller| caller.name.as_str());
    let what = (&line.actions, &line.resources, line.condition.as_deref());
    (line.status, &line.effect, caller, what)
}

fn totals(functions: &[FunctionReview]) -> Totals {
    let mut totals = Totals::default();
    for function in functions {
        let lines = function.may.iter().chain(&function.called_by).chain(&function.assumed_by);
        for line in lines {
            let count = match line.status {
                Status::New => &mut totals.new,
                Status::Undecided => &mut totals.undecided,
                Status::Drift => &mut totals.drift,
                Status::Removed => &mut totals.removed,
                Status::Rewritten => &mut totals.rewritten,
                Status::Unchanged => &mut totals.unchanged,
            };
            *count += 1;
        }
    }
    totals
}
