//! Findings in the Static Analysis Results Interchange Format, which code scanning services read.
//!
//! The format is <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; what GitHub
//! makes of it is <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use updraft_contract::hex;
use updraft_permit::{Finding, HandlerPlace, Review, Severity};

use super::permission as words;

/// The schema of the format.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders the findings of a report.
pub fn findings(review: &Review) -> String {
    let rules = rules(&review.findings);
    let at = |finding: &Finding| rules.iter().position(|rule| rule.code == finding.code);
    let mut prints = Prints::default();
    let results: Vec<Json> = review
        .findings
        .iter()
        .map(|finding| result(finding, at(finding), review, &prints.of(finding, review)))
        .collect();
    let rules: Vec<Json> = rules.iter().map(|finding| rule(finding)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Updraft",
                "semanticVersion": review.updraft_version,
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "automationDetails": { "id": format!("updraft/{}/{}/", review.project, review.stage) },
            "results": results,
        }],
    });
    super::json::written(&log)
}

/// Returns one finding of each code.
fn rules(findings: &[Finding]) -> Vec<&Finding> {
    let by_code: BTreeMap<&str, &Finding> =
        findings.iter().rev().map(|finding| (finding.code.as_str(), finding)).collect();
    by_code.into_values().collect()
}

fn rule(finding: &Finding) -> Json {
    let known = updraft_permit::findings::rule(&finding.code);
    let title = known.map_or_else(|| finding.class.replace('-', " "), |rule| rule.title.to_owned());
    json!({
        "id": finding.code,
        "name": pascal(&finding.class),
        "shortDescription": { "text": words::sentence(&title) },
        "fullDescription": { "text": words::sentence(&title) },
        "help": { "text": format!("{} See {}", words::sentence(&finding.remedy), finding.source) },
        "defaultConfiguration": { "level": level(finding.severity) },
        "properties": {
            "tags": ["security", "permissions", finding.class],
            "security-severity": score(finding.severity),
        },
    })
}

fn result(finding: &Finding, rule: Option<usize>, review: &Review, print: &str) -> Json {
    let about = words::about(&finding.cloud, &finding.function);
    // A result needs a place: what is about no line is shown at the first.
    let line = finding.line.unwrap_or(1).max(1);
    let (message, remedy) = (words::sentence(&finding.message), words::sentence(&finding.remedy));
    // The number in brackets is that of the related location, which viewers link.
    let place = finding.handler.as_ref().map(|place| format!(" It is at [{place}]({HANDLER})."));
    let place = place.unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": format!("{about}: {message}{place} {remedy}") },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&review.manifest) },
                "region": { "startLine": line },
            },
            "logicalLocations": [{ "fullyQualifiedName": finding.path.clone().unwrap_or(about) }],
        }],
        "partialFingerprints": { "updraftFinding/v1": print },
        "properties": { "security-severity": score(finding.severity) },
    });
    if let Some(result) = result.as_object_mut() {
        if let Some(rule) = rule {
            result.insert("ruleIndex".to_owned(), rule.into());
        }
        if let Some(place) = &finding.handler {
            result.insert("relatedLocations".to_owned(), json!([related(place, review)]));
        }
    }
    result
}

/// What the message of a result calls the place in the handler's source.
const HANDLER: usize = 1;

/// Returns the place in the handler's source. What it is about is a line of the manifest, so this is no location of
/// the result.
fn related(place: &HandlerPlace, review: &Review) -> Json {
    let folder = review.manifest.replace('\\', "/");
    let folder = folder.rsplit_once('/').map(|(folder, _)| format!("{folder}/"));
    let absolute = place.file.starts_with('/');
    let folder = folder.filter(|_| !absolute).unwrap_or_default();
    json!({
        "id": HANDLER,
        "message": { "text": "The source of the handler." },
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&format!("{folder}{}", place.file)) },
            "region": { "startLine": place.line.max(1), "startColumn": place.column.max(1) },
        },
    })
}

/// Tells findings from others by what stays the same when lines move; those alike are numbered.
#[derive(Default)]
struct Prints(BTreeMap<String, usize>);

impl Prints {
    fn of(&mut self, finding: &Finding, review: &Review) -> String {
        let place = finding.path.as_deref().unwrap_or_default();
        let file = finding.handler.as_ref().map(|place| place.file.as_str());
        let mut parts = vec![
            review.project.as_str(),
            &review.stage,
            &finding.code,
            &finding.cloud,
            &finding.function,
            place,
            &finding.message,
        ];
        parts.extend(file);
        let parts = parts.join("\u{0}");
        let before = self.0.entry(parts.clone()).or_default();
        *before += 1;
        let number = if *before == 1 { String::new() } else { format!("\u{0}{before}") };
        hex(&Sha256::digest(format!("{parts}{number}").as_bytes()))
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

/// Returns the score that GitHub shows a severity for: above 9 critical, from 7 high, from 4
/// medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "2.0",
        Severity::Medium => "5.0",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}

/// Writes `public-access` as `PublicAccess`.
fn pascal(class: &str) -> String {
    let words = class.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// Writes a path as a relative URI reference.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    path.bytes().fold(String::with_capacity(path.len()), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            uri.push_str(&hex(&[byte]).to_uppercase());
        }
        uri
    })
}
