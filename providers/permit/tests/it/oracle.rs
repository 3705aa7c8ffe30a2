//! Judges one request by one policy document, from the rules of policies alone.
//!
//! It shares no code with the product. What the rules leave open is `None`: an operator for one
//! value on a key with several, an operator that does not exist, an account in `NotPrincipal`.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// Kind and name; `None` for somebody who has not signed in.
    pub(crate) principal: Option<(String, String)>,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// By key in lower case.
    pub(crate) context: BTreeMap<String, Vec<String>>,
}

/// Whether a document allows a request.
pub(crate) fn allows(document: &Value, request: &Request) -> Option<bool> {
    let variables = document["Version"] == "2012-10-17";
    let judged: Vec<(bool, Option<bool>)> = list(&document["Statement"])
        .iter()
        .map(|statement| (statement["Effect"] == "Allow", is_about(statement, variables, request)))
        .collect();
    let any = |allow: bool, result: Option<bool>| judged.contains(&(allow, result));
    if any(false, Some(true)) || !(any(true, Some(true)) || any(true, None)) {
        Some(false)
    } else if any(false, None) || !any(true, Some(true)) {
        None
    } else {
        Some(true)
    }
}

fn is_about(statement: &Value, variables: bool, request: &Request) -> Option<bool> {
    if !action(statement, request) {
        return Some(false);
    }
    all(&[
        resource(statement, variables, request),
        principal(statement, request),
        all(&conditions(statement, variables, request)),
    ])
}

fn all(parts: &[Option<bool>]) -> Option<bool> {
    if parts.contains(&Some(false)) {
        Some(false)
    } else if parts.contains(&None) {
        None
    } else {
        Some(true)
    }
}

fn any(parts: &[Option<bool>]) -> Option<bool> {
    all(&parts.iter().map(|part| part.map(|p| !p)).collect::<Vec<_>>()).map(|none| !none)
}

fn list(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![value],
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    list(value).into_iter().map(text).collect()
}

fn action(statement: &Value, request: &Request) -> bool {
    let asked: Vec<char> = request.action.to_lowercase().chars().collect();
    let named = |names: &Value| {
        texts(names).iter().any(|name| {
            let steps: Vec<Step> = name.to_lowercase().chars().map(wild).collect();
            glob(&steps, &asked)
        })
    };
    if statement["NotAction"].is_null() {
        named(&statement["Action"])
    } else {
        !named(&statement["NotAction"])
    }
}

fn resource(statement: &Value, variables: bool, request: &Request) -> Option<bool> {
    let named = |names: &Value| {
        let fits = texts(names);
        let fits = fits.iter().map(|n| arn(n, variables, &request.resource, request));
        any(&fits.collect::<Vec<_>>())
    };
    if !statement["NotResource"].is_null() {
        named(&statement["NotResource"]).map(|named| !named)
    } else if statement["Resource"].is_null() {
        Some(true)
    } else {
        named(&statement["Resource"])
    }
}

/// Whether an ARN fits a pattern, field by field.
fn arn(pattern: &str, variables: bool, text: &str, request: &Request) -> Option<bool> {
    if !pattern.is_empty() && pattern.chars().all(|c| c == '*') {
        return Some(true);
    }
    let fields = fields(pattern, variables);
    if fields.len() < 6 {
        return None;
    }
    let own: Vec<&str> = text.splitn(6, ':').collect();
    if own.len() < 6 {
        return Some(false);
    }
    let fits = fields.iter().zip(own).all(|(field, own)| {
        steps(field, true, variables, request)
            .is_some_and(|steps| glob(&steps, &own.chars().collect::<Vec<_>>()))
    });
    Some(fits)
}

/// Splits a pattern at the first five colons that are not within a variable.
fn fields(pattern: &str, variables: bool) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut inside = false;
    let chars: Vec<char> = pattern.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        if variables && *c == '$' && chars.get(at + 1) == Some(&'{') {
            inside = true;
        }
        if *c == '}' {
            inside = false;
        }
        if *c == ':' && !inside && fields.len() < 6 {
            fields.push(String::new());
        } else {
            fields.last_mut().unwrap().push(*c);
        }
    }
    fields
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Exactly(char),
    One,
    Any,
}

fn wild(c: char) -> Step {
    match c {
        '*' => Step::Any,
        '?' => Step::One,
        other => Step::Exactly(other),
    }
}

fn glob(steps: &[Step], text: &[char]) -> bool {
    match steps {
        [] => text.is_empty(),
        [Step::Any, rest @ ..] => glob(rest, text) || (!text.is_empty() && glob(steps, &text[1..])),
        [Step::One, rest @ ..] => !text.is_empty() && glob(rest, &text[1..]),
        [Step::Exactly(c), rest @ ..] => text.first() == Some(c) && glob(rest, &text[1..]),
    }
}

/// Puts in the values of variables; `None` if one has none.
fn steps(text: &str, wildcards: bool, variables: bool, request: &Request) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if variables && rest.starts_with("${") && rest.contains('}') {
            let end = rest.find('}').unwrap();
            let name = &rest[2..end];
            rest = &rest[end + 1..];
            if ["*", "?", "$"].contains(&name) {
                steps.push(Step::Exactly(name.chars().next().unwrap()));
                continue;
            }
            let (key, default) = match name.find(',') {
                Some(comma) => (&name[..comma], Some(name[comma + 1..].trim().trim_matches('\''))),
                None => (name, None),
            };
            let value = match request.context.get(&key.trim().to_lowercase()) {
                Some(values) if values.len() == 1 => values[0].clone(),
                _ => default?.to_owned(),
            };
            steps.extend(value.chars().map(Step::Exactly));
            continue;
        }
        let c = rest.chars().next().unwrap();
        rest = &rest[c.len_utf8()..];
        steps.push(if wildcards { wild(c) } else { Step::Exactly(c) });
    }
    Some(steps)
}

fn principal(statement: &Value, request: &Request) -> Option<bool> {
    let named = |element: &Value, not: bool| {
        if element == "*" {
            return Some(true);
        }
        let mut parts = Vec::new();
        for (kind, names) in element.as_object().unwrap() {
            for name in texts(names) {
                parts.push(is_principal(kind, &name, request, not));
            }
        }
        any(&parts)
    };
    if !statement["NotPrincipal"].is_null() {
        named(&statement["NotPrincipal"], true).map(|named| !named)
    } else if statement["Principal"].is_null() {
        Some(true)
    } else {
        named(&statement["Principal"], false)
    }
}

fn is_principal(kind: &str, name: &str, request: &Request, not: bool) -> Option<bool> {
    if kind == "AWS" && name == "*" {
        return Some(true);
    }
    let Some((own_kind, own)) = &request.principal else { return Some(false) };
    if own_kind != kind {
        return Some(false);
    }
    if own == name || name == "*" {
        return Some(true);
    }
    if kind != "AWS" {
        return Some(false);
    }
    let parts: Vec<&str> = own.splitn(6, ':').collect();
    let wanted: Vec<&str> = name.splitn(6, ':').collect();
    let account = match wanted.as_slice() {
        [id] if id.len() == 12 && id.chars().all(|c| c.is_ascii_digit()) => Some(*id),
        ["arn", _, "iam", _, id, "root"] => Some(*id),
        _ => None,
    };
    if let Some(account) = account {
        // A unique id does not tell its account.
        if parts.len() < 6 {
            return None;
        }
        let inside = parts[4] == account;
        return if inside && not && parts[5] != "root" { None } else { Some(inside) };
    }
    if parts.len() < 6 || wanted.len() < 6 {
        return Some(false);
    }
    let session = parts[2] == "sts"
        && wanted[2] == "iam"
        && parts[4] == wanted[4]
        && parts[5].starts_with("assumed-role/")
        && wanted[5].starts_with("role/")
        && parts[5].split('/').nth(1) == wanted[5].split('/').next_back();
    Some(session)
}

fn conditions(statement: &Value, variables: bool, request: &Request) -> Vec<Option<bool>> {
    let mut parts = Vec::new();
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().unwrap() {
            let held = request.context.get(&key.to_lowercase());
            parts.push(condition(operator, &texts(values), variables, held, request));
        }
    }
    parts
}

fn condition(
    operator: &str,
    values: &[String],
    variables: bool,
    held: Option<&Vec<String>>,
    request: &Request,
) -> Option<bool> {
    if operator == "Null" {
        let absent = held.is_none();
        return Some(values.iter().any(|value| (value == "true") == absent));
    }
    let (set, name) = operator.split_once(':').unwrap_or(("", operator));
    let if_exists = name.ends_with("IfExists");
    let name = name.trim_end_matches("IfExists");
    let (base, negated) = match name {
        "StringNotEquals" => ("StringEquals", true),
        "StringNotEqualsIgnoreCase" => ("StringEqualsIgnoreCase", true),
        "StringNotLike" => ("StringLike", true),
        "NumericNotEquals" => ("NumericEquals", true),
        "DateNotEquals" => ("DateEquals", true),
        "NotIpAddress" => ("IpAddress", true),
        "ArnNotEquals" | "ArnNotLike" => ("ArnLike", true),
        other => (other, false),
    };
    known(base)?;
    let Some(held) = held else {
        return Some(if_exists || set == "ForAllValues" || (negated && set.is_empty()));
    };
    let one = |own: &String| {
        let hits = values.iter().map(|value| matches(base, value, own, variables, request));
        any(&hits.collect::<Vec<_>>()).map(|hit| hit != negated)
    };
    match set {
        "ForAllValues" => all(&held.iter().map(one).collect::<Vec<_>>()),
        "ForAnyValue" => any(&held.iter().map(one).collect::<Vec<_>>()),
        _ if held.len() == 1 => one(&held[0]),
        _ => None,
    }
}

fn known(base: &str) -> Option<()> {
    let ordered = ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
    let texts = ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "Bool", "BinaryEquals"];
    let others = ["IpAddress", "ArnEquals", "ArnLike"];
    let numeric = base.strip_prefix("Numeric").or(base.strip_prefix("Date"));
    (texts.contains(&base)
        || others.contains(&base)
        || numeric.is_some_and(|rest| ordered.contains(&rest)))
    .then_some(())
}

/// Whether one value of a request matches one value of a condition.
fn matches(base: &str, value: &str, own: &str, variables: bool, request: &Request) -> Option<bool> {
    let text = |wildcards: bool, fold: bool| {
        let Some(steps) = steps(value, wildcards, variables, request) else { return Some(false) };
        let lower = |c: char| if fold { c.to_ascii_lowercase() } else { c };
        let steps: Vec<Step> = steps
            .into_iter()
            .map(|step| if let Step::Exactly(c) = step { Step::Exactly(lower(c)) } else { step })
            .collect();
        Some(glob(&steps, &own.chars().map(lower).collect::<Vec<_>>()))
    };
    match base {
        "StringEquals" | "BinaryEquals" => text(false, false),
        "StringEqualsIgnoreCase" | "Bool" => text(false, true),
        "StringLike" => text(true, false),
        "ArnEquals" | "ArnLike" => arn(value, variables, own, request),
        "IpAddress" => Some(inside(value, own)),
        _ if base.starts_with("Numeric") => {
            let value: f64 = value.parse().ok()?;
            Some(own.parse::<f64>().is_ok_and(|own| ordered(&base[7..], own, value)))
        }
        _ => {
            let value = instant(value)?;
            Some(instant(own).is_some_and(|own| ordered(&base[4..], own, value)))
        }
    }
}

fn ordered(how: &str, own: f64, value: f64) -> bool {
    match how {
        "Equals" => (own - value).abs() < 1e-12,
        "LessThan" => own < value,
        "LessThanEquals" => own <= value,
        "GreaterThan" => own > value,
        _ => own >= value,
    }
}

/// Seconds since 1970, of a count of seconds or of a moment in UTC.
fn instant(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds);
    }
    let (day, time) = text.trim_end_matches('Z').split_once('T').unwrap_or((text, "00:00:00"));
    let day: Vec<i64> = day.split('-').filter_map(|part| part.parse().ok()).collect();
    let time: Vec<f64> = time.split(':').filter_map(|part| part.parse().ok()).collect();
    let ([year, month, date], [hours, minutes, seconds]) = (day.as_slice(), time.as_slice()) else {
        return None;
    };
    // Days from civil: years are counted from March, so that the leap day comes last.
    let year = if *month <= 2 { year - 1 } else { *year };
    let era = year.div_euclid(400);
    let (of_era, march) = (year - era * 400, (month + 9) % 12);
    let day_of_year = (153 * march + 2) / 5 + date - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    let days = i32::try_from(days).ok()?;
    Some(f64::from(days) * 86_400.0 + hours * 3_600.0 + minutes * 60.0 + seconds)
}

fn inside(network: &str, own: &str) -> bool {
    let (base, bits) = network.split_once('/').unwrap_or((network, "128"));
    let (Ok(base), Ok(own), Ok(bits)) = (base.parse(), own.parse(), bits.parse::<u32>()) else {
        return false;
    };
    match (base, own) {
        (IpAddr::V4(base), IpAddr::V4(own)) => {
            let away = 32 - bits.min(32);
            u64::from(u32::from(base)) >> away == u64::from(u32::from(own)) >> away
        }
        (IpAddr::V6(base), IpAddr::V6(own)) => {
            let away = 128 - bits;
            let cut = |ip: std::net::Ipv6Addr| u128::from(ip).checked_shr(away).unwrap_or(0);
            cut(base) == cut(own)
        }
        _ => false,
    }
}
