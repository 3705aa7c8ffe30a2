//! Rules about runtimes and handlers.

use jiff::ToSpan as _;
use jiff::civil::Date;
use updraft_contract::{Bounds, Day, Function, HandlerForm, Limits, Runtime};

use super::nearest::did_you_mean;
use super::{Finding, Look};

/// How long before its end a runtime is worth a warning: what AWS announces ahead.
const NOTICE_DAYS: i64 = 180;

/// A runtime exists.
pub(super) fn unknown(look: Look) -> Vec<Finding> {
    let strangers = look.limited().filter(|(function, limits)| runtime(function, limits).is_none());
    strangers
        .map(|(function, limits)| {
            let (cloud, runtime) = (limits.cloud.title(), &function.runtime);
            let left_out = |start: &&&str| runtime.starts_with(**start);
            let message = match limits.runtimes_left_out.iter().find(left_out) {
                Some(language) => format!("this version deploys no `{language}` to {cloud}"),
                None => format!("{cloud} knows no runtime `{runtime}`"),
            };
            let finding = Finding::at(format!("function.{}.runtime", function.name), message);
            let living: Vec<&str> = limits
                .runtimes
                .iter()
                .filter(|runtime| !is_past(runtime.deprecated, look.today))
                .map(|runtime| runtime.name)
                .collect();
            let all = limits.runtimes.iter().map(|runtime| runtime.name);
            let close = did_you_mean(&function.runtime, &living)
                .or_else(|| did_you_mean(&function.runtime, all));
            match close {
                Some(close) => finding.help(format!("did you mean `{close}`?")),
                None => finding.help(format!("it has {}", living.join(", "))),
            }
            .source(limits.runtimes_source)
        })
        .collect()
}

/// A runtime can still be created.
pub(super) fn retired(look: Look) -> Vec<Finding> {
    each(look, |function, limits, runtime| {
        let blocked = runtime.blocked.filter(|day| is_past(Some(*day), look.today))?;
        let message = format!("the runtime `{}` is retired", runtime.name);
        Some(
            Finding::at(format!("function.{}.runtime", function.name), message)
                .label(format!("no function can be created with it since {blocked}"))
                .help(format!("write `{}`", runtime.successor))
                .source(limits.runtimes_source),
        )
    })
}

/// A runtime has a future.
pub(super) fn retiring(look: Look) -> Vec<Finding> {
    each(look, |function, limits, runtime| {
        if is_past(runtime.blocked, look.today) {
            return None;
        }
        let deprecated = runtime.deprecated?;
        let soon = look.today.saturating_add(NOTICE_DAYS.days());
        if !is_past(Some(deprecated), soon) {
            return None;
        }
        let (verb, label) = if is_past(Some(deprecated), look.today) {
            ("is deprecated", format!("no longer patched since {deprecated}"))
        } else {
            ("retires soon", format!("no longer patched from {deprecated}"))
        };
        let message = format!("the runtime `{}` {verb}", runtime.name);
        Some(
            Finding::at(format!("function.{}.runtime", function.name), message)
                .warning()
                .label(label)
                .help(format!("move to `{}`", runtime.successor))
                .source(limits.runtimes_source),
        )
    })
}

/// A handler has the form its runtime looks for.
pub(super) fn handler(look: Look) -> Vec<Finding> {
    each(look, |function, limits, runtime| {
        let path = format!("function.{}.handler", function.name);
        let handler = &function.handler;
        if let Some(Bounds { most, source, .. }) = limits.handler_chars
            && handler.chars().count() as u64 > most
        {
            let message = format!("the handler is longer than {most} characters");
            return Some(Finding::at(path, message).source(source));
        }
        if fits(runtime.handler, handler) {
            return None;
        }
        let message = format!("`{handler}` is not a handler of `{}`", runtime.name);
        Some(Finding::at(path, message).help(advice(runtime.handler)))
    })
}

fn fits(form: HandlerForm, handler: &str) -> bool {
    if handler.is_empty() || handler.chars().any(char::is_whitespace) {
        return false;
    }
    let parts = |text: &str, separator: &str, count: &[usize]| {
        let parts: Vec<&str> = text.split(separator).collect();
        count.contains(&parts.len()) && parts.iter().all(|part| !part.is_empty())
    };
    match form {
        HandlerForm::FileFunction => handler.rsplit_once('.').is_some_and(|(file, name)| {
            !file.is_empty() && !name.is_empty() && !name.contains('/')
        }),
        HandlerForm::FileMethod => parts(handler, ".", &[2, 3]),
        HandlerForm::ClassMethod => {
            let letter = |c: char| c.is_alphanumeric() || "._$:".contains(c);
            parts(handler, "::", &[1, 2]) && handler.chars().all(letter)
        }
        HandlerForm::AssemblyMethod => parts(handler, "::", &[1, 3]),
        HandlerForm::Free => true,
    }
}

fn advice(form: HandlerForm) -> &'static str {
    match form {
        HandlerForm::FileFunction => {
            "write `file.function`: `app.handler` is the function `handler` in the file `app`"
        }
        HandlerForm::FileMethod => "write `file.method` or `file.Class.method`",
        HandlerForm::ClassMethod => "write `package.Class::method` or `package.Class`",
        HandlerForm::AssemblyMethod => "write `Assembly::Namespace.Class::Method`",
        HandlerForm::Free => "write any word",
    }
}

/// Asks about every function whose runtime is known.
fn each(
    look: Look,
    found: impl Fn(&Function, &Limits, &Runtime) -> Option<Finding>,
) -> Vec<Finding> {
    look.limited()
        .filter_map(|(function, limits)| found(function, limits, runtime(function, limits)?))
        .collect()
}

fn runtime(function: &Function, limits: &'static Limits) -> Option<&'static Runtime> {
    limits.runtimes.iter().find(|runtime| runtime.name == function.runtime)
}

fn is_past(day: Option<Day>, today: Date) -> bool {
    day.is_some_and(|day| day <= Day::new(today.year(), today.month(), today.day()))
}
