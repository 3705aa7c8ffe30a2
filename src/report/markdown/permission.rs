//! The permission report in Markdown, for those who have never seen the tool.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use updraft_permit::{Finding, FunctionReview, Level, Line, ReasonLine, Review, Source, Status};

use super::paper::{Paper, code, plain, prose};
use crate::report::permission as words;

/// Renders the report, at most [`LIMIT`](super::LIMIT) characters long.
pub fn permissions(review: &Review) -> String {
    let mut paper = Paper::default();
    paper.fits(&opening(review));
    summary(&mut paper, review);
    changes(&mut paper, review);
    findings(&mut paper, review);
    let mut left = Vec::new();
    for function in &review.functions {
        if !left.is_empty() || !paper.fits(&heading(function)) {
            left.push(format!("{} on {}", name(function), words::title(&function.cloud)));
            continue;
        }
        lists(&mut paper, function, review);
    }
    if !left.is_empty() {
        paper.last(&left_out(&left));
    }
    paper.last(&closing(review));
    paper.into_text()
}

fn opening(review: &Review) -> String {
    let (project, stage) = (plain(&review.project), plain(&review.stage));
    let manifest = link(&review.manifest, None);
    let about = match review.source {
        Source::Manifest => format!(
            "What the functions of this project may do once they are deployed, who may call them, \
             and which line of {manifest} each permission comes from. Nothing else is given to \
             them. The report was made from the manifest alone, without asking a cloud.",
        ),
        Source::Plan => format!(
            "What the functions of this project may do, who may call them, and what of that \
             changes when {manifest} is applied. Each permission names the line it comes from.",
        ),
        Source::Live => "What the functions of this project may do now, and who may call them: \
            as the clouds have it."
            .to_owned(),
    };
    let place = plain(&review.place);
    // What is not pinned in the manifest is not known before a cloud is asked.
    let zeros = place.contains(ZEROS);
    let zeros =
        if zeros { " An id of zeros stands for one that only the cloud knows." } else { "" };
    format!("# Permissions of {project} (stage {stage})\n\n{about}\n\nWhere: {place}.{zeros}\n\n")
}

/// What stands for an account or a subscription that is not known.
const ZEROS: &str = "000000000000";

/// Writes one row for each function: how much it may, and who may call it.
fn summary(paper: &mut Paper, review: &Review) {
    // What is about no function is worth a row only where it may do something itself.
    let told = |one: &&FunctionReview| !one.function.is_empty() || one.may.iter().any(own);
    let rows: Vec<Vec<String>> = review
        .functions
        .iter()
        .filter(told)
        .map(|function| summed(function, &review.findings))
        .collect();
    let head = ["function", "cloud", "permissions", "access", "called by", "findings"];
    paper.fits("## In short\n\n");
    paper.table(&head, &rows);
    if review.source == Source::Plan {
        let changed = words::counted(&review.totals);
        let changed = if changed.is_empty() { "nothing new".to_owned() } else { changed };
        paper.fits(&format!("Beside what is live: **{changed}**.\n\n"));
    }
}

fn summed(function: &FunctionReview, findings: &[Finding]) -> Vec<String> {
    let gives = |line: &&Line| line.effect == "allow" && line.status != Status::Removed;
    let may: Vec<&Line> = function.may.iter().filter(gives).filter(|line| own(line)).collect();
    let levels: BTreeSet<Level> = may.iter().flat_map(|line| line.levels.iter().copied()).collect();
    let levels: Vec<&str> = levels.into_iter().map(words::level).collect();
    let by_role = function.may.iter().filter(|line| words::calls(line));
    let callers: BTreeSet<String> =
        function.called_by.iter().chain(by_role).filter(gives).filter_map(caller).collect();
    let callers: Vec<String> = callers.iter().map(|name| code(name)).collect();
    let about = |one: &&Finding| one.cloud == function.cloud && one.function == function.function;
    let findings: Vec<Finding> = findings.iter().filter(about).cloned().collect();
    let or = |text: String, none: &str| if text.is_empty() { none.to_owned() } else { text };
    let nobody = if function.function.is_empty() { "" } else { "nobody" };
    vec![
        name(function),
        words::title(&function.cloud),
        or(many(&may), "none"),
        or(levels.join(", "), "none"),
        or(callers.join("<br>"), nobody),
        or(words::found(&findings), "none"),
    ]
}

/// Whether the function itself may do it, rather than something that serves it.
fn own(line: &Line) -> bool {
    line.caller.is_none()
}

/// Counts actions and roles: `2 roles, 1 action`.
fn many(lines: &[&Line]) -> String {
    let roles = lines.iter().filter(|line| line.role.is_some()).count();
    let plain = lines.iter().filter(|line| line.role.is_none());
    let actions: BTreeSet<&String> = plain.flat_map(|line| &line.actions).collect();
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        many => Some(format!("{many} {word}s")),
    };
    let parts = [counted(roles, "role"), counted(actions.len(), "action")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn caller(line: &Line) -> Option<String> {
    let caller = line.caller.as_ref()?;
    let also = caller.public && caller.name != "everybody";
    Some(if also { format!("everybody ({})", caller.name) } else { caller.name.clone() })
}

/// Writes what a plan changes, one row each, what is new first.
fn changes(paper: &mut Paper, review: &Review) {
    if review.source != Source::Plan {
        return;
    }
    let mut rows: Vec<(Status, Vec<String>)> = Vec::new();
    for function in &review.functions {
        let about = format!("{} on {}", name(function), words::title(&function.cloud));
        let lists = [
            ("may", &function.may),
            ("may be called by", &function.called_by),
            ("may be taken on by", &function.assumed_by),
        ];
        for (side, lines) in lists {
            let told = lines.iter().filter(|line| line.status < Status::Rewritten);
            rows.extend(told.map(|line| {
                let about = format!("{about} {side}");
                let row = [words::status(line.status).to_owned(), about];
                let rest = [who_and_what(line), where_and_when(line), example(line)];
                (line.status, row.into_iter().chain(rest).collect())
            }));
        }
    }
    if !rows.is_empty() {
        rows.sort_by_key(|(status, _)| *status);
        let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
        paper.fits("## What changes\n\n");
        paper.table(&["status", "function", "what", "on what", "a request that shows it"], &rows);
    }
    if !review.approval.digest.is_empty() {
        paper.fits(&approval(review));
    }
}

fn approval(review: &Review) -> String {
    let digest = &review.approval.digest;
    if review.approval.approved {
        return format!("What is newly allowed is **approved** (digest `{digest}`).\n\n");
    }
    format!(
        "What is newly allowed is **not approved yet**. To approve exactly this, add it to \
         `updraft.approvals.toml` beside the manifest:\n\n\
         ```toml\n[[approve]]\ndigest = \"{digest}\"\nby = \"\"\nreason = \"\"\n```\n\n"
    )
}

fn findings(paper: &mut Paper, review: &Review) {
    if review.findings.is_empty() {
        paper.fits(
            "The rules for findings found nothing. They look for what is open to everybody, wider \
             than need be, or enough to gain more. What a cloud's own platform needs may be broad \
             all the same; it stands below with its reason.\n\n",
        );
        return;
    }
    let row = |finding: &Finding| {
        let about = words::about(&finding.cloud, &finding.function);
        let line = finding.line.map(|line| link(&review.manifest, Some(line)));
        let handler = finding.handler.as_ref().map(|at| link(&at.file, Some(at.line)));
        let places: Vec<String> = line.into_iter().chain(handler).collect();
        let place = if places.is_empty() { "" } else { &format!(" ({})", places.join(", ")) };
        vec![
            format!("**{}**", words::severity(finding.severity)),
            format!("{} {}", plain(&finding.code), plain(&finding.class)),
            format!("{}{place}", plain(&about)),
            prose(&words::sentence(&finding.message)),
            prose(&words::sentence(&finding.remedy)),
        ]
    };
    let rows: Vec<Vec<String>> = review.findings.iter().map(row).collect();
    paper.fits("## Findings\n\n");
    paper.table(&["severity", "class", "where", "what", "remedy"], &rows);
}

/// Names a function; what is about none is about the project.
fn name(function: &FunctionReview) -> String {
    match function.function.as_str() {
        "" => "the project".to_owned(),
        name => plain(name),
    }
}

fn heading(function: &FunctionReview) -> String {
    let title = format!("{} on {}", name(function), words::title(&function.cloud));
    let about = match (&function.identity, function.function.as_str()) {
        (_, "") => "What is about no single function.".to_owned(),
        (Some(identity), _) => format!("Runs as {}.", code(identity)),
        (None, _) => {
            "Runs as an identity of its own, whose id the cloud gives when it is made.".to_owned()
        }
    };
    format!("## {title}\n\n{about}\n\n")
}

/// Writes the three lists of a function.
fn lists(paper: &mut Paper, function: &FunctionReview, review: &Review) {
    let [nothing, nobody] = match function.function.as_str() {
        "" => ["", ""],
        _ => ["It may do nothing.", "Nobody may call it."],
    };
    let (own, others): (Vec<Line>, Vec<Line>) = function.may.iter().cloned().partition(own);
    let (by_role, others): (Vec<Line>, Vec<Line>) = others.into_iter().partition(words::calls);
    let called = [function.called_by.clone(), by_role].concat();
    let lists = [
        ("What it may do", nothing, &own),
        ("Who may call it", nobody, &called),
        ("Who may take on its identity", "", &function.assumed_by),
        ("What others may do for it", "", &others),
    ];
    for (title, none, lines) in lists {
        if !lines.is_empty() {
            paper.fits(&format!("### {title}\n\n"));
            table(paper, lines, review);
        } else if !none.is_empty() {
            paper.fits(&format!("### {title}\n\n{none}\n\n"));
        }
    }
}

fn table(paper: &mut Paper, lines: &[Line], review: &Review) {
    let with_status = review.source == Source::Plan;
    let row = |line: &Line| {
        let mut row = Vec::new();
        if with_status {
            row.push(words::status(line.status).to_owned());
        }
        let why: Vec<String> =
            line.reasons.iter().map(|why| reason(why, &review.manifest)).collect();
        let why =
            if why.is_empty() { "nothing in the manifest".to_owned() } else { why.join("<br>") };
        row.extend([who_and_what(line), where_and_when(line), words::levels(line), why]);
        row
    };
    let rows: Vec<Vec<String>> = joined(lines).iter().map(row).collect();
    let head = ["what", "on what, and when", "access", "why"];
    let head: Vec<&str> = with_status.then_some("status").into_iter().chain(head).collect();
    paper.table(&head, &rows);
}

/// Joins lines that differ in their actions alone.
fn joined(lines: &[Line]) -> Vec<Line> {
    let shell = |line: &Line| Line { actions: Vec::new(), levels: Vec::new(), ..line.clone() };
    let lists = |line: &Line| line.actions.first().is_some_and(|first| first != words::ALL_BUT);
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        let alike = |one: &Line| lists(one) && lists(line) && shell(one) == shell(line);
        let at = joined.iter().position(alike).filter(|_| line.role.is_none());
        match at.and_then(|at| joined.get_mut(at)) {
            Some(one) => {
                one.actions.extend(line.actions.iter().cloned());
                one.levels.extend(line.levels.iter().copied());
                one.levels.sort_unstable();
                one.levels.dedup();
            }
            None => joined.push(line.clone()),
        }
    }
    joined
}

/// Writes who may do what: the caller where that is not the function, the role where there is one.
fn who_and_what(line: &Line) -> String {
    let mut cell = String::new();
    if let Some(caller) = caller(line) {
        let _ = write!(cell, "{}: ", code(&caller));
    }
    if line.effect == "deny" {
        cell.push_str("**never** ");
    }
    if let Some(role) = &line.role {
        let _ = write!(cell, "**{}**: ", plain(&words::role_name(role)));
    }
    cell + &coded(&line.actions)
}

fn where_and_when(line: &Line) -> String {
    let on = coded(&line.resources);
    let when = line.condition.as_deref().map(words::tests).unwrap_or_default();
    let when: Vec<String> = when.iter().map(|test| format!("when {}", code(test))).collect();
    let parts = std::iter::once(on).chain(when).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("<br>")
}

/// Writes names as code, one below the other.
fn coded(names: &[String]) -> String {
    match names.split_first() {
        Some((first, rest)) if first == words::ALL_BUT => {
            format!("everything but<br>{}", coded(rest))
        }
        Some(_) => names.iter().map(|name| code(name)).collect::<Vec<_>>().join("<br>"),
        None => String::new(),
    }
}

fn reason(reason: &ReasonLine, manifest: &str) -> String {
    let words = prose(&reason.words);
    match (&reason.path, reason.line) {
        (Some(path), Some(line)) => {
            format!("{}, {}: {words}", code(path), link(manifest, Some(line)))
        }
        (Some(path), None) => format!("{}: {words}", code(path)),
        (None, _) => format!("platform: {words}"),
    }
}

fn example(line: &Line) -> String {
    if let Some(why) = &line.undecided {
        return plain(why);
    }
    let request = line.witness.as_ref();
    request
        .map(|one| format!("{} on {}", code(&one.action), code(&one.resource)))
        .unwrap_or_default()
}

/// Links a line of a file: the manifest, which the report lies beside, or one below it.
fn link(file: &str, line: Option<usize>) -> String {
    let shown = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
    let simple = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if !file.chars().all(simple) || file.starts_with('/') {
        return code(&shown);
    }
    let anchor = line.map(|line| format!("#L{line}")).unwrap_or_default();
    format!("[{}]({file}{anchor})", plain(&shown))
}

fn left_out(left: &[String]) -> String {
    const NAMED: usize = 10;
    let named: Vec<String> = left.iter().take(NAMED).map(|name| plain(name)).collect();
    let more = left.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!(
        "**Left out here, because the report would be too long: {}{more}.** \
         `updraft permissions --json` has everything.\n\n",
        named.join(", ")
    )
}

fn closing(review: &Review) -> String {
    let data: Vec<String> = review
        .data
        .iter()
        .map(|(of, version)| format!("{} {}", plain(of), plain(version)))
        .collect();
    let data = if data.is_empty() {
        String::new()
    } else {
        format!("; actions and roles are those of {}", data.join("; "))
    };
    format!(
        "## How to read this\n\n\
         A function may do what its tables say and nothing else. AWS lists actions; Azure and \
         Google Cloud give roles, whose names are bold and stand before what is in them. *Why* \
         names the entry of the manifest that asks for a permission; without an entry, the cloud's \
         own platform needs it. *What others may do for it* is for the identities of its triggers \
         and for the cloud's own services, not for its code. \
         *Access* is what an action does: **list** sees what there is, **read** reads contents, \
         **write** changes contents, **tag** changes tags, **manage permissions** changes who may \
         do what. *Findings* are permissions that deserve a second look: open to everybody, wider \
         than need be, or enough to gain more.\n\n\
         Written by Updraft {}{data}.\n",
        plain(&review.updraft_version)
    )
}
