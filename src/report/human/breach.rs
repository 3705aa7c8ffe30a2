//! What a pipeline is stopped at.

use updraft_permit::{Access, FunctionReview, Line, Review, Undecided, Verdict};

use crate::exit::{Exit, Failure};
use crate::permit::Breach;
use crate::report::{clean, permission as words};

/// How many things of a sort are named; the report has them all.
const NAMED: usize = 20;

/// Says what must not be and is; `None` where there is nothing. What is worst decides how the
/// command ends: something newly allowed, then something undecided, then findings.
pub fn breached(breaches: &[Breach<'_>], review: &Review) -> Option<Failure> {
    let exit = breaches.iter().map(exit).min()?;
    let told: Vec<(String, Vec<String>)> =
        breaches.iter().map(|breach| tell(breach, review)).collect();
    let message = told.iter().map(|(message, _)| message.as_str()).collect::<Vec<_>>().join("; ");
    let mut failure = Failure::new(exit, message);
    for line in told.into_iter().flat_map(|(_, lines)| shortened(lines)) {
        failure = failure.detail(line);
    }
    let unapproved = |breach: &Breach<'_>| matches!(breach, Breach::New(_) | Breach::Undecided(_));
    if breaches.iter().any(unapproved) {
        let digest = &review.approval.digest;
        failure = failure.hint(format!(
            "To approve exactly this, add to {} beside the manifest: [[approve]] digest = \"{digest}\", by = \"…\", reason = \"…\".",
            crate::permit::APPROVALS
        ));
    }
    Some(failure)
}

fn exit(breach: &Breach<'_>) -> Exit {
    match breach {
        Breach::New(_) => Exit::NewAccess,
        Breach::Undecided(_) => Exit::Undecided,
        Breach::Ceiling(compared) => match compared.verdict {
            Verdict::NewAccess => Exit::NewAccess,
            Verdict::Undecided | Verdict::NoNewAccess => Exit::Undecided,
        },
        Breach::Findings(_) => Exit::Findings,
    }
}

fn tell(breach: &Breach<'_>, review: &Review) -> (String, Vec<String>) {
    match breach {
        Breach::New(lines) => {
            let said = match lines.len() {
                1 => "1 permission is new and not approved".to_owned(),
                many => format!("{many} permissions are new and not approved"),
            };
            (said, lines.iter().map(|(function, line)| permission(function, line)).collect())
        }
        Breach::Undecided(lines) => {
            let said = format!(
                "of {} it could not be told whether they are new",
                counted(lines.len(), "permission")
            );
            (said, lines.iter().map(|(function, line)| permission(function, line)).collect())
        }
        Breach::Ceiling(compared) => {
            let beyond = compared.newly_allowed.iter().map(access);
            let unknown = compared.undecided.iter().map(undecided);
            let said = match compared.newly_allowed.len() {
                0 => "it could not be told whether everything is below the ceiling".to_owned(),
                some => format!("{} beyond the ceiling", counted(some, "permission")),
            };
            (said, beyond.chain(unknown).collect())
        }
        Breach::Findings(findings) => {
            let each = findings.iter().map(|finding| {
                let line = finding.line.map(|line| format!("{}:{line}: ", clean(&review.manifest)));
                let how = words::severity(finding.severity);
                let line = line.unwrap_or_default();
                format!(
                    "{line}{} ({how}, {}): {}",
                    finding.code,
                    finding.class,
                    words::told(finding)
                )
            });
            (format!("{} not allowed", counted(findings.len(), "finding")), each.collect())
        }
    }
}

fn permission(function: &FunctionReview, line: &Line) -> String {
    let about = words::about(&function.cloud, &function.function);
    let caller = line.caller.as_ref().map(|who| clean(&who.name));
    let on = clean(&words::listed(&line.resources));
    let on = if on.is_empty() { on } else { format!(" on {on}") };
    let subject = words::subject(line);
    match caller {
        Some(caller) => format!("{about}: {caller}: {subject}{on}"),
        None => format!("{about}: {subject}{on}"),
    }
}

fn access(access: &Access) -> String {
    let when = access.condition.as_deref().map(words::tests).unwrap_or_default();
    let when =
        if when.is_empty() { String::new() } else { format!(" when {}", when.join(" and ")) };
    let who = access.principal.as_ref().map(|who| format!("{}: ", clean(who))).unwrap_or_default();
    format!("{who}{} on {}{when}", clean(&access.action), clean(&access.resource))
}

fn undecided(undecided: &Undecided) -> String {
    let Undecided { action, resource, why, .. } = undecided;
    format!("undecided: {} on {}: {}", clean(action), clean(resource), clean(why))
}

fn shortened(mut lines: Vec<String>) -> Vec<String> {
    let more = lines.len().saturating_sub(NAMED);
    if more > 0 {
        lines.truncate(NAMED);
        lines.push(format!("and {more} more"));
    }
    lines
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
