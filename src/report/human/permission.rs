//! The permission report for people, and what a plan says of permissions.

use std::collections::BTreeSet;

use updraft_permit::{Finding, FunctionReview, Line, Review, Severity, Source, Status};

use super::Purpose;
use super::page::Page;
use crate::report::json::{ChangedSide, PermissionChange};
use crate::report::paint::Tone;
use crate::report::{clean, permission as words};

/// Renders the whole report.
pub fn permissions(review: &Review) -> String {
    let mut page = Page::default();
    let (project, stage) = (clean(&review.project), clean(&review.stage));
    let title = format!("Permissions of {project}, stage {stage},");
    page.line(&format!("{} {}.", Tone::Strong.paint(&title), words::reviewed(review)));
    page.line(&format!("Place: {}", clean(&review.place)));
    legend(&mut page, review);
    for function in &review.functions {
        self::function(&mut page, function, review);
    }
    findings(&mut page, &review.findings, &review.manifest);
    page.line(&format!("\n{} {}", Tone::Strong.paint("Permissions:"), total(review)));
    approval(&mut page, review);
    page.into_text()
}

/// Renders what a plan changes about permissions, with the worst findings about that; `None` where
/// nothing changes.
pub fn permissions_of_plan(review: &Review, purpose: Purpose) -> Option<String> {
    let mut page = Page::default();
    let mut about: BTreeSet<usize> = BTreeSet::new();
    for function in &review.functions {
        let name = words::about(&function.cloud, &function.function);
        for (side, line) in sides(function).filter(|(_, line)| is_told(line.status)) {
            changed(&mut page, (&name, side), line, (&review.manifest, purpose));
            about.extend(&line.findings);
        }
    }
    if page.is_empty() {
        return None;
    }
    let found = about.iter().filter_map(|at| review.findings.get(*at));
    let bad: Vec<&Finding> = found.filter(|one| one.severity >= Severity::High).collect();
    for finding in &bad {
        self::finding(&mut page, finding, &review.manifest);
    }
    page.line(&format!("\n{} {}", Tone::Strong.paint("Permissions:"), total(review)));
    untold(&mut page, review.findings.len() - bad.len());
    approval(&mut page, review);
    let title = Tone::Strong.paint("What changes about permissions:");
    Some(format!("\n{title}\n\n{}", page.into_text()))
}

fn sides(function: &FunctionReview) -> impl Iterator<Item = (ChangedSide, &Line)> {
    let may = function.may.iter().map(|line| (ChangedSide::May, line));
    let called = function.called_by.iter().map(|line| (ChangedSide::CalledBy, line));
    let assumed = function.assumed_by.iter().map(|line| (ChangedSide::AssumedBy, line));
    may.chain(called).chain(assumed)
}

fn is_told(status: Status) -> bool {
    match status {
        Status::New | Status::Undecided | Status::Drift | Status::Removed => true,
        Status::Rewritten | Status::Unchanged => false,
    }
}

/// Returns the symbol of a status. Colour only repeats it.
fn symbol(status: Status) -> String {
    match status {
        Status::New => Tone::Add.paint("+"),
        Status::Undecided => Tone::Change.paint("?"),
        Status::Drift => Tone::Change.paint("!"),
        Status::Removed => Tone::Remove.paint("-"),
        Status::Rewritten => Tone::Faint.paint("="),
        Status::Unchanged => " ".to_owned(),
    }
}

fn legend(page: &mut Page, review: &Review) {
    let explained = [
        (Status::New, "newly allowed"),
        (Status::Undecided, "perhaps newly allowed; it could not be told"),
        (Status::Drift, "live, and put there by somebody else"),
        (Status::Removed, "allowed now, and no longer"),
        (Status::Rewritten, "written differently, and allows the same"),
    ];
    let shown = |status: Status| {
        let mut lines = review.functions.iter().flat_map(sides);
        lines.any(|(_, line)| line.status == status)
    };
    if review.source != Source::Plan {
        return;
    }
    for (status, meaning) in explained.into_iter().filter(|(status, _)| shown(*status)) {
        page.line(&format!("  {} {meaning}", symbol(status)));
    }
}

fn function(page: &mut Page, function: &FunctionReview, review: &Review) {
    let about = words::about(&function.cloud, &function.function);
    let title = about.strip_prefix("the ").map_or(about.clone(), |rest| format!("The {rest}"));
    page.line(&format!("\n{}", Tone::Strong.paint(&title)));
    if let Some(identity) = &function.identity {
        page.line(&format!("  runs as {}", clean(identity)));
    }
    let (own, others): (Vec<&Line>, Vec<&Line>) =
        function.may.iter().partition(|line| line.caller.is_none());
    let (by_role, others): (Vec<&Line>, Vec<&Line>) =
        others.into_iter().partition(|line| words::calls(line));
    let called: Vec<&Line> = function.called_by.iter().chain(by_role).collect();
    let [nothing, nobody] = match function.function.as_str() {
        "" => ["", ""],
        _ => ["It may do nothing.", "Nobody may call it."],
    };
    let lists = [
        ("It may:", nothing, own),
        ("It may be called by:", nobody, called),
        ("Its identity may be taken on by:", "", function.assumed_by.iter().collect()),
        ("For it may:", "", others),
    ];
    for (title, none, lines) in lists {
        match (lines.is_empty(), none) {
            (true, "") => {}
            // What is the project's own is called by nobody.
            (true, _) if function.function.is_empty() => {}
            (true, none) => page.line(&format!("\n  {none}")),
            (false, _) => {
                page.line(&format!("\n  {title}"));
                for line in lines {
                    self::line(page, line, review);
                }
            }
        }
    }
}

fn line(page: &mut Page, line: &Line, review: &Review) {
    let mark = match review.source {
        Source::Plan => symbol(line.status),
        Source::Manifest | Source::Live => " ".to_owned(),
    };
    let denied = if line.effect == "deny" { "never " } else { "" };
    let head = match &line.caller {
        Some(caller) if caller.public => format!("everybody: {}", words::subject(line)),
        Some(caller) => format!("{}: {}", clean(&caller.name), words::subject(line)),
        None => words::subject(line),
    };
    let levels = match words::levels(line) {
        none if none.is_empty() => none,
        levels => format!("  {}", Tone::Faint.paint(&format!("({levels})"))),
    };
    page.line(&format!("  {mark} {denied}{head}{levels}"));
    for detail in details(line, review) {
        page.line(&format!("        {detail}"));
    }
}

/// Returns what stands below a line.
fn details(line: &Line, review: &Review) -> Vec<String> {
    let mut details = Vec::new();
    if line.role.is_some() {
        details.push(format!("which is {}", clean(&words::listed(&line.actions))));
    }
    details.extend(on(line));
    let when = line.condition.as_deref().map(words::tests).unwrap_or_default();
    details.extend(when.iter().map(|test| format!("when {test}")));
    let why = words::reasons(line, &clean(&review.manifest));
    details.extend(why.iter().map(|one| format!("because of {one}")));
    if let Some(why) = &line.undecided {
        details.push(format!("undecided: {}", clean(why)));
    }
    details.extend(witness(line));
    let codes = line.findings.iter().filter_map(|at| review.findings.get(*at));
    details.extend(codes.map(|finding| {
        format!("{} {}: {}", finding.code, words::severity(finding.severity), finding.class)
    }));
    details
}

fn on(line: &Line) -> Vec<String> {
    match line.resources.split_first() {
        Some((first, _)) if first == words::ALL_BUT => {
            vec![format!("on {}", clean(&words::listed(&line.resources)))]
        }
        Some(_) => line.resources.iter().map(|one| format!("on {}", clean(one))).collect(),
        None => Vec::new(),
    }
}

/// Shows the request that makes the difference.
fn witness(line: &Line) -> Option<String> {
    let witness = line.witness.as_ref()?;
    let request = format!("{} on {}", clean(&witness.action), clean(&witness.resource));
    Some(match line.status {
        Status::Removed => format!("for example {request}, which is allowed now"),
        Status::New | Status::Undecided | Status::Drift | Status::Rewritten | Status::Unchanged => {
            format!("for example {request}, which is not allowed now")
        }
    })
}

/// Writes one change of a plan's permissions in a few words.
pub(crate) fn permission_change(change: &PermissionChange) -> String {
    let about = words::about(&change.cloud, &change.function);
    let said = said((&about, change.side), &change.permission);
    format!("{said} ({})", words::status(change.change))
}

/// Writes one change of a plan's permissions on a line, and its reason. Where everything goes, that
/// is the reason, and the plan has told it.
fn changed(
    page: &mut Page,
    about: (&str, ChangedSide),
    line: &Line,
    (manifest, purpose): (&str, Purpose),
) {
    page.line(&format!("  {} {}", symbol(line.status), said(about, line)));
    let remark = match line.status {
        Status::Drift => format!("put there by somebody else, in {}", clean(&line.carrier)),
        Status::Removed => match purpose {
            Purpose::Apply => "nothing in the manifest asks for it any more".to_owned(),
            Purpose::Destroy => return,
        },
        Status::Undecided => {
            let why = line.undecided.as_deref().unwrap_or("it could not be compared");
            format!("it could not be told whether this is new: {}", clean(why))
        }
        Status::New | Status::Rewritten | Status::Unchanged => {
            format!("because of {}", words::reasons(line, &clean(manifest)).join("; "))
        }
    };
    page.line(&format!("      {}", Tone::Faint.paint(&remark)));
}

/// Says who may do what, or may not.
fn said((about, side): (&str, ChangedSide), line: &Line) -> String {
    let caller = line
        .caller
        .as_ref()
        .map(|who| if who.public { "everybody".to_owned() } else { clean(&who.name) });
    let caller = caller.unwrap_or_else(|| "its holder".to_owned());
    let not = if line.effect == "deny" { "not " } else { "" };
    let subject = words::subject(line);
    match side {
        ChangedSide::May => {
            let on = clean(&words::listed(&line.resources));
            let on = if on.is_empty() { on } else { format!(" on {on}") };
            match &line.caller {
                Some(_) => format!("{caller} may {not}{subject}{on}, for {about}"),
                None => format!("{about} may {not}{subject}{on}"),
            }
        }
        ChangedSide::CalledBy => format!("{caller} may {not}call {about}"),
        ChangedSide::AssumedBy => {
            format!("{caller} may {not}take on {}", words::identity(line, about))
        }
    }
}

fn findings(page: &mut Page, findings: &[Finding], manifest: &str) {
    if findings.is_empty() {
        return;
    }
    page.line(&format!("\n{}", Tone::Strong.paint("Findings:")));
    for one in findings {
        finding(page, one, manifest);
    }
}

fn finding(page: &mut Page, finding: &Finding, manifest: &str) {
    let tone = match finding.severity {
        Severity::Low => Tone::Faint,
        Severity::Medium => Tone::Change,
        Severity::High | Severity::Critical => Tone::Remove,
    };
    let head = format!("{} ({})", words::severity(finding.severity), clean(&finding.code));
    let about = words::about(&finding.cloud, &finding.function);
    let place = finding.line.map(|line| format!(" ({}:{line})", clean(manifest)));
    let place = place.unwrap_or_default();
    page.line(&format!("\n  {} {about}{place}", tone.paint(&head)));
    page.line(&format!("      {}", words::sentence(&words::told(finding))));
    page.line(&format!("      {}", Tone::Faint.paint(&words::sentence(&finding.remedy))));
}

/// Says where the findings are that a plan counts and does not show: those that are less than high,
/// and those about what stays as it is.
fn untold(page: &mut Page, count: usize) {
    if count > 0 {
        let findings = if count == 1 { "finding is" } else { "findings are" };
        page.line(&format!("{count} {findings} not shown here; `updraft permissions` has all."));
    }
}

/// Counts everything in one sentence.
fn total(review: &Review) -> String {
    let totals = &review.totals;
    let lines = review.functions.iter().flat_map(sides).count();
    let all = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    let counts = match review.source {
        Source::Plan => match words::counted(totals) {
            none if none.is_empty() => format!("{all}, nothing new"),
            counts => counts,
        },
        Source::Manifest | Source::Live => all,
    };
    match words::found(&review.findings) {
        none if none.is_empty() => format!("{counts}; no findings."),
        found => format!("{counts}; findings: {found}."),
    }
}

fn approval(page: &mut Page, review: &Review) {
    if review.source != Source::Plan || review.approval.digest.is_empty() {
        return;
    }
    let approved = if review.approval.approved { "approved" } else { "to be approved" };
    page.line(&format!("Digest of what is newly allowed ({approved}): {}", review.approval.digest));
}

/// Says what credentials lack.
pub fn lacked(cloud: updraft_contract::Cloud, line: &Line) -> String {
    let on = clean(&words::listed(&line.resources));
    let on = if on.is_empty() { on } else { format!(" on {on}") };
    format!("{}: {}{on}", cloud.title(), clean(&words::listed(&line.actions)))
}
