//! A saved plan in Markdown and on a page: the same words, and what does not fit is counted.

use std::fs;

use serde_json::Value as Json;

use super::bench::Bench;
use super::shop::{MANIFEST, shop};

fn read(bench: &Bench, name: &str) -> String {
    fs::read_to_string(bench.path(name)).unwrap()
}

/// What a page or a Markdown text says, without what makes it one.
fn words(text: &str) -> String {
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            '\\' | '`' => {}
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    let plain = plain.replace("&quot;", "\"").replace("&#34;", "\"").replace("&#39;", "'");
    plain.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

#[test]
fn a_saved_plan_says_the_same_in_markdown_and_on_a_page() {
    let bench = shop();
    let live = bench.answer("plan --local -o plan.json");
    let (_, permissions) = live.split_once("What changes about permissions:").unwrap();
    let permissions: Vec<&str> = permissions.lines().filter(|line| !line.is_empty()).collect();
    assert!(permissions.len() > 8, "{live}");
    let plan: Json = serde_json::from_str(&read(&bench, "plan.json")).unwrap();
    let digest = plan["digest"].as_str().unwrap();
    let markdown = bench.answer("show plan.json --markdown");
    assert!(markdown.starts_with("# Plan for shop (stage dev)\n"), "{markdown}");
    let html = bench.answer("show plan.json --html");
    assert!(html.starts_with("<!doctype html>"), "{html}");
    assert!(!html.contains("src=") && !html.contains("href=\"http"), "{html}");
    for (form, text) in [("markdown", words(&markdown)), ("html", words(&html))] {
        for line in permissions.iter().filter(|line| !line.contains("(UP")) {
            let said = line.trim_start_matches(['+', '-', '!', '?', ' ']).replace('`', "");
            assert!(text.contains(&said), "{form} lacks {said}:\n{text}");
        }
        for resource in plan["resource_changes"].as_array().unwrap() {
            assert!(text.contains(resource["address"].as_str().unwrap()), "{form}");
        }
        for fact in [digest, "UP102", "13 to add", "timeout", "account 000000000000"] {
            assert!(text.contains(fact), "{form} lacks {fact}:\n{text}");
        }
    }
    assert_eq!(bench.run("show plan.json --markdown --html").code, 1);
}

/// A project of many functions, each with an address of its own.
fn large(functions: usize) -> Bench {
    let bench = shop();
    let mut manifest = MANIFEST.split("[function.hello]").next().unwrap().to_owned();
    for number in 0..functions {
        let function = "[function.F]\nsource = \"hello\"\n\n[[function.F.trigger]]\nschedule = { rate = \"1h\" }\n\n";
        manifest.push_str(&function.replace(".F", &format!(".f{number}")));
    }
    bench.write("updraft.toml", &manifest);
    bench
}

#[test]
fn what_does_not_fit_into_a_comment_is_said_to_be_left_out() {
    let bench = large(90);
    bench.answer("plan --local -o plan.json");
    let plan: Json = serde_json::from_str(&read(&bench, "plan.json")).unwrap();
    let all = plan["resource_changes"].as_array().unwrap().len();
    let text = bench.answer("show plan.json --markdown");
    let length = text.chars().count();
    assert!((60_000..65_536).contains(&length), "{length}");
    let number = |after: &str| -> usize {
        let (before, _) = text.split_once(after).unwrap_or_else(|| panic!("no {after}:\n{text}"));
        before.rsplit(['*', ' ']).next().unwrap().parse().unwrap()
    };
    let detailed = text.lines().filter(|line| line.starts_with("### `")).count();
    assert!(detailed > 0, "{text}");
    assert_eq!(detailed + number(" resources are left out"), all);
    let rows = text.lines().filter(|line| line.starts_with("| `+` create | ")).count();
    assert_eq!(rows + number(" more rows are left out here.**"), all);
    let (_, permissions) = text.split_once("## What changes about permissions\n").unwrap();
    let (permissions, _) = permissions.split_once("## Resources").unwrap();
    assert!(permissions.contains("more lines are left out here.**"), "{permissions}");
    assert!(permissions.contains(" new; "), "{permissions}");
    assert!(permissions.contains("Digest of what is newly allowed (to be approved)"));
    assert!(text.contains(plan["digest"].as_str().unwrap()), "the digest is left out");
    assert!(text.trim_end().ends_with(&format!("Made by Updraft {}.", env!("CARGO_PKG_VERSION"))));
    // Nothing is left out of the page.
    let html = bench.answer("show plan.json --html");
    for resource in plan["resource_changes"].as_array().unwrap() {
        assert!(html.contains(&format!("<code>{}</code>", resource["address"].as_str().unwrap())));
    }
}
