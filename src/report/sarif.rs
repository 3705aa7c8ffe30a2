//! Findings in the Static Analysis Results Interchange Format, which code scanning services read.
//!
//! The format is <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; what GitHub
//! makes of it is <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use updraft_contract::hex;
use updraft_permit::{Finding, Review, Severity};

use super::permission as words;

/// The schema of the format.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Renders the findings of a report.
pub fn findings(review: &Review) -> String {
    let rules = rules(&review.findings);
    let at = |finding: &Finding| rules.iter().position(|rule| rule.code == finding.code);
    let results: Vec<Json> =
        review.findings.iter().map(|finding| result(finding, at(finding), review)).collect();
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

fn result(finding: &Finding, rule: Option<usize>, review: &Review) -> Json {
    let about = words::about(&finding.cloud, &finding.function);
    // A result needs a place: what is about no line is shown at the first.
    let line = finding.line.unwrap_or(1).max(1);
    let (message, remedy) = (words::sentence(&finding.message), words::sentence(&finding.remedy));
    let mut result = json!({
        "ruleId": finding.code,
        "level": level(finding.severity),
        "message": { "text": format!("{about}: {message} {remedy}") },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&review.manifest) },
                "region": { "startLine": line },
            },
            "logicalLocations": [{ "fullyQualifiedName": finding.path.clone().unwrap_or(about) }],
        }],
        "partialFingerprints": { "updraftFinding/v1": fingerprint(finding, review) },
        "properties": { "security-severity": score(finding.severity) },
    });
    if let (Some(rule), Some(result)) = (rule, result.as_object_mut()) {
        result.insert("ruleIndex".to_owned(), rule.into());
    }
    result
}

/// Tells a finding from others and stays the same when lines move.
fn fingerprint(finding: &Finding, review: &Review) -> String {
    let place = finding.path.as_deref().unwrap_or_default();
    let parts = [
        review.project.as_str(),
        &review.stage,
        &finding.code,
        &finding.cloud,
        &finding.function,
        place,
        &finding.message,
    ];
    hex(&Sha256::digest(parts.join("\u{0}").as_bytes()))
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
