//! Sentences of the commands: questions, advice, and lines of logs.

use std::fmt::Write as _;
use std::path::Path;

use updraft_contract::LogLine;

use super::plan::Purpose;
use crate::report::json::ConsentDocument;
use crate::report::paint::Tone;
use crate::report::{clean, clean_lines};

/// Asks whether to go ahead.
pub fn question(purpose: Purpose) -> String {
    let (asked, said) = match purpose {
        Purpose::Apply => ("Do you want to perform these actions?", "what is described above"),
        Purpose::Destroy => {
            ("Do you really want to destroy all of it?", "the destruction, which cannot be undone")
        }
    };
    format!(
        "\n{}\n  Updraft will perform {said}.\n  Only 'yes' will be accepted to approve.\n\n  {} ",
        Tone::Strong.paint(asked),
        Tone::Strong.paint("Enter a value:"),
    )
}

/// Says that two plans are of two places.
pub fn plans_of_two_places((old, was): (&Path, &str), (new, is): (&Path, &str)) -> String {
    let name = |path: &Path| clean(&path.display().to_string());
    format!(
        "note: {} is of {}, and {} of {}: what is named after them counts as different.",
        name(old),
        clean(was),
        name(new),
        clean(is)
    )
}

/// Says that a plan tells of a part only.
pub fn plan_of_a_part(path: &Path, targets: &[&str]) -> String {
    let (path, targets) = (clean(&path.display().to_string()), clean(&targets.join(", ")));
    format!("note: {path} is limited to {targets}: what it leaves out is compared with nothing.")
}

/// Says where a plan was saved, until when it can be carried out, and how.
pub fn saved(path: &Path, (expires, digest): (&str, &str), apply: &str) -> String {
    format!(
        "\nSaved the plan to {}, until {}. Its digest is {}. To do exactly this and nothing else:\n\n  {}\n",
        clean(&path.display().to_string()),
        clean(expires),
        clean(digest),
        Tone::Strong.paint(apply)
    )
}

/// Returns what has been agreed to beyond a plan, in words.
pub fn agreed(consent: ConsentDocument) -> Vec<&'static str> {
    let each = [
        (consent.downtime, "something may stop for a while"),
        (consent.destroy_data, "data may be deleted"),
    ];
    each.into_iter().filter(|(yes, _)| *yes).map(|(_, words)| words).collect()
}

/// Tells what has been agreed to beyond a plan.
pub fn agreements(consent: ConsentDocument) -> Option<String> {
    let agreed = agreed(consent);
    (!agreed.is_empty()).then(|| format!("\nAgreed to with this plan: {}.", agreed.join("; ")))
}

/// Says that a plan is made from a snapshot, and how old that is.
pub fn from_snapshot(path: &Path, created: &str) -> String {
    let path = clean(&path.display().to_string());
    format!("Planning from {path}, which was written at {}. No cloud is asked.", clean(created))
}

/// Says where a snapshot was written, and what it is good for.
pub fn snapped(path: &Path, quoted: &str) -> String {
    let path = clean(&path.display().to_string());
    let quoted = clean(quoted);
    format!("Wrote {path}. `updraft plan --snapshot {quoted}` plans from it, without credentials.")
}

/// Says how to keep up an embedded cloud that stops with the command.
pub fn keep_up(serve: &str) -> String {
    format!(
        "\nThe embedded cloud stopped with this command; what was deployed is kept. \
         It answers while this runs:\n\n  {}\n",
        Tone::Strong.paint(serve)
    )
}

/// Says where the embedded clouds listen.
pub fn serving(aws: &str, azure: &str, google: &str, folder: &Path) -> String {
    format!(
        "The embedded clouds listen on {aws} (AWS), {azure} (Azure) and {google} (Google Cloud), \
         and keep their state in {}.\n\
         Commands with --local use them. Those in other folders reach them with \
         UPDRAFT_ENDPOINT=azure={azure},gcp={google}, other clients of AWS with \
         AWS_ENDPOINT_URL={aws} set.\n\
         Stop it with Ctrl-C.",
        folder.display()
    )
}

/// Writes one line of a log, its time first.
pub fn log_line(line: &LogLine) -> String {
    let text = clean_lines(line.text.trim_end());
    match jiff::Timestamp::from_millisecond(line.at) {
        Ok(at) => format!("{} {text}", Tone::Faint.paint(&format!("{at:.3}"))),
        Err(_) => text,
    }
}

/// Lists the files that were written and the commands to type next.
pub fn initialised(paths: &[&str], next: &[String]) -> String {
    let mut text = String::from("Written:\n");
    for path in paths {
        let _ = writeln!(text, "  {path}");
    }
    text.push_str(
        "\nDeploy it to the embedded cloud on this machine. \
         It answers while the second command runs:\n",
    );
    for command in next {
        let _ = writeln!(text, "  {}", Tone::Strong.paint(command));
    }
    text
}
