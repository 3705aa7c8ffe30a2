//! Rules about HTTP and schedule triggers.

use std::collections::BTreeMap;

use updraft_contract::{Function, HttpKind, Limits, Method, Schedule, Trigger, TriggerEntry};

use super::{Finding, Look};

/// One HTTP trigger with a route.
struct Route<'a> {
    function: &'a Function,
    entry: &'a TriggerEntry,
    kind: HttpKind,
    method: Method,
    path: &'a str,
}

/// Returns every HTTP trigger behind a gateway, in the order of the manifest.
fn routed(look: Look<'_>) -> Vec<Route<'_>> {
    let gateway =
        |kind| look.limits.is_none_or(|limits| limits.gateways.iter().any(|it| it.kind == kind));
    routes(look).into_iter().filter(|route| gateway(route.kind)).collect()
}

/// Returns every HTTP trigger, in the order of the manifest.
fn routes(look: Look<'_>) -> Vec<Route<'_>> {
    let mut routes = Vec::new();
    for function in &look.app.functions {
        for entry in &function.triggers {
            if let Trigger::Http { kind, method, path, .. } = &entry.trigger {
                routes.push(Route { function, entry, kind: *kind, method: *method, path });
            }
        }
    }
    routes
}

/// A function answers before its gateway gives up.
pub(super) fn patience(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (function, limits) in look.limited() {
        let declared = look.app.providers.get(&limits.cloud).and_then(|it| it.rest_timeout);
        for gateway in limits.gateways {
            let waits = match declared {
                Some(raised) if gateway.raisable => raised.as_secs(),
                Some(_) | None => gateway.waits,
            };
            let behind = |entry: &TriggerEntry| matches!(&entry.trigger, Trigger::Http { kind, .. } if *kind == gateway.kind);
            let timeout = function.timeout.as_secs();
            if timeout <= waits || !function.triggers.iter().any(behind) {
                continue;
            }
            let message =
                format!("{} waits {waits} s, less than the function's {timeout} s", gateway.name);
            let mut finding = Finding::at(format!("function.{}.timeout", function.name), message)
                .label("callers get an error while the function still runs");
            // What calls it otherwise may need the time.
            finding.warning = !function.triggers.iter().all(is_http);
            findings.push(if gateway.raisable {
                let help = "where the account's quota is raised, write `rest_timeout` in the provider's table";
                finding.help(help).source(gateway.source)
            } else {
                finding.source(gateway.source)
            });
        }
    }
    findings.dedup();
    findings
}

fn is_http(entry: &TriggerEntry) -> bool {
    matches!(&entry.trigger, Trigger::Http { .. })
}

/// A route belongs to one trigger.
pub(super) fn taken(look: Look) -> Vec<Finding> {
    let mut seen: BTreeMap<(HttpKind, Method, String), &Function> = BTreeMap::new();
    let mut findings = Vec::new();
    for route in routed(look).iter().filter(|route| route.kind != HttpKind::Url) {
        let key = (route.kind, route.method, shape(route.path));
        let Some(other) = seen.get(&key) else {
            seen.insert(key, route.function);
            continue;
        };
        let message = format!("`{} {}` is routed twice", route.method, route.path);
        let label = format!("already routed to `{}`", other.name);
        findings
            .push(Finding::at(format!("{}.http", route.entry.origin.path), message).label(label));
    }
    findings
}

/// A specific route is not a surprise: it wins over `ANY` on the same path.
pub(super) fn shadowed(look: Look) -> Vec<Finding> {
    let routes = routed(look);
    let any = |route: &&Route| route.method == Method::Any && route.kind != HttpKind::Url;
    let mut findings = Vec::new();
    for catch_all in routes.iter().filter(any) {
        let specific = routes.iter().filter(|other| {
            other.kind == catch_all.kind
                && other.method != Method::Any
                && shape(other.path) == shape(catch_all.path)
        });
        let methods: Vec<&str> = specific.map(|route| route.method.word()).collect();
        if methods.is_empty() {
            continue;
        }
        let message = format!("`ANY {}` does not get {}", catch_all.path, methods.join(", "));
        let path = format!("{}.http.method", catch_all.entry.origin.path);
        let help = "the route with the exact method wins";
        findings.push(Finding::at(path, message).warning().help(help));
    }
    findings
}

/// Returns a path with the names of its variables left out.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| match variable(segment) {
        Some(name) if name.ends_with('+') => "{+}",
        Some(_) => "{}",
        None => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Returns the name inside `{…}`, with its `+`.
fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A path can be routed.
pub(super) fn paths(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    for route in routes(look).iter().filter(|route| route.kind != HttpKind::Url) {
        if let Err(help) = grammar(route.path) {
            let message = format!("`{}` is not a path that can be routed", route.path);
            let path = format!("{}.http.path", route.entry.origin.path);
            findings.push(Finding::at(path, message).help(help));
        }
    }
    findings
}

fn grammar(path: &str) -> Result<(), String> {
    let Some(rest) = path.strip_prefix('/') else { return Err("start it with `/`".to_owned()) };
    if rest.is_empty() {
        return Ok(());
    }
    let segments: Vec<&str> = rest.split('/').collect();
    let mut names = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        if segment.is_empty() {
            return Err("remove the empty part: `//` and a `/` at the end match nothing".to_owned());
        }
        let Some(name) = variable(segment) else {
            literal(segment)?;
            continue;
        };
        let (name, greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
        if greedy && index + 1 != segments.len() {
            return Err(format!("`{{{name}+}}` takes the rest of the path, so it must come last"));
        }
        let word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        if name.is_empty() || !name.chars().all(word) {
            return Err("between `{` and `}` stands a name of letters, digits and `_`".to_owned());
        }
        if names.contains(&name) {
            return Err(format!("`{{{name}}}` stands in it twice"));
        }
        names.push(name);
    }
    Ok(())
}

/// Checks a part of a path that is no variable. What API Gateway allows, from the answer of
/// `CreateResource` to anything else: `a-zA-Z0-9._-:`.
fn literal(segment: &str) -> Result<(), String> {
    if segment.contains(['{', '}']) {
        return Err(
            "a variable fills the whole part between two slashes: `/photos/{id}`".to_owned()
        );
    }
    let stranger = segment.chars().find(|c| !c.is_ascii_alphanumeric() && !"._-:".contains(*c));
    stranger.map_or(Ok(()), |c| {
        Err(format!(
            "`{}` cannot stand in it: use letters, digits and `.`, `_`, `-`, `:`",
            c.escape_default()
        ))
    })
}

/// A place in a path has one name: REST APIs refuse a second variable beside the first.
pub(super) fn siblings(look: Look) -> Vec<Finding> {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    let mut findings = Vec::new();
    for route in routed(look).iter().filter(|route| route.kind == HttpKind::RestApi) {
        let mut before = String::new();
        for segment in route.path.split('/') {
            if let Some(name) = variable(segment) {
                let first = names.entry(before.clone()).or_insert(name);
                if *first != name {
                    let message = format!("`{{{name}}}` and `{{{first}}}` stand in the same place");
                    let path = format!("{}.http.path", route.entry.origin.path);
                    let help = "a REST API takes one name for one place: write the same in both paths, or `kind = \"http-api\"`";
                    findings.push(Finding::at(path, message).help(help));
                }
            }
            before.push('/');
            before.push_str(segment);
        }
    }
    findings
}

/// A function has one URL.
pub(super) fn urls(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    let gateways = look.limits.map(|limits| limits.gateways);
    if gateways.is_some_and(|all| all.iter().all(|gateway| gateway.kind != HttpKind::Url)) {
        return findings;
    }
    for function in &look.app.functions {
        let is_url = |entry: &&TriggerEntry| {
            matches!(&entry.trigger, Trigger::Http { kind: HttpKind::Url, .. })
        };
        for entry in function.triggers.iter().filter(is_url).skip(1) {
            let message = format!("`{}` has a URL already", function.name);
            findings.push(
                Finding::at(format!("{}.http", entry.origin.path), message)
                    .help("remove one of them"),
            );
        }
    }
    findings
}

/// A cron expression fits the cloud: AWS takes a day of the month or of the week, not both.
pub(super) fn cron(look: Look) -> Vec<Finding> {
    let mut findings = Vec::new();
    let picky = |(_, limits): &(&Function, &Limits)| !limits.cron_with_both_days;
    for (function, limits) in look.limited().filter(picky) {
        for entry in &function.triggers {
            let Trigger::Schedule { schedule: Schedule::Cron { cron, .. }, .. } = &entry.trigger
            else {
                continue;
            };
            if cron.day_of_month == "*" || cron.day_of_week == "*" {
                continue;
            }
            let message = format!(
                "{} cannot match both a day of the month and a day of the week",
                limits.cloud.title()
            );
            findings.push(
                Finding::at(format!("{}.schedule.cron", entry.origin.path), message)
                    .help("leave one of them `*`, or write two triggers")
                    .source(limits.cron_source),
            );
        }
    }
    findings
}

/// A raised quota is one.
pub(super) fn raised(look: Look) -> Vec<Finding> {
    let found = || {
        let seconds = look.app.providers.get(&look.cloud)?.rest_timeout?.as_secs();
        let gateway = look.limits?.gateways.iter().find(|gateway| gateway.raisable)?;
        (seconds <= gateway.waits).then(|| {
            let message = format!("{} waits {} s without this", gateway.name, gateway.waits);
            Finding::at(format!("provider.{}.rest_timeout", look.cloud), message)
                .help("write the quota that AWS granted the account, or remove it")
                .source(gateway.source)
        })
    };
    found().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{grammar, shape};

    #[test]
    fn paths_follow_the_grammar_of_gateways() {
        for good in ["/", "/a", "/a/{id}", "/a/{id}/b.c_d-e:f", "/{proxy+}", "/a/{rest+}"] {
            assert!(grammar(good).is_ok(), "{good}");
        }
        for bad in
            ["", "a", "//", "/a/", "/{a+}/b", "/{a}/{a}", "/x{a}", "/a b", "/{}", "/ä", "/a?b"]
        {
            assert!(grammar(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn variables_have_no_name_in_a_shape() {
        assert_eq!(shape("/a/{id}/b"), shape("/a/{photo}/b"));
        assert_ne!(shape("/a/{id}"), shape("/a/{id+}"));
    }
}
