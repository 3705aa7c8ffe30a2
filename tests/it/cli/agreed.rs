//! What is approved with a saved plan beside its steps: consent, its end, and which plan it is.

use std::fs;

use serde_json::Value as Json;

use super::bench::Bench;
use super::saved::{forged, refused};
use super::shop::shop;

fn read(bench: &Bench, name: &str) -> Json {
    serde_json::from_str(&fs::read_to_string(bench.path(name)).unwrap()).unwrap()
}

#[test]
fn a_plan_is_carried_out_only_if_it_has_the_digest_that_was_approved() {
    let bench = shop();
    let saved = bench.run("plan --local -o plan.json");
    let plan = read(&bench, "plan.json");
    let digest = plan["digest"].as_str().unwrap();
    assert!(saved.err.contains(&format!("Its digest is {digest}.")), "{}", saved.err);
    // Somebody who knows how digests are made agrees to more.
    let text = fs::read_to_string(bench.path("plan.json")).unwrap();
    let other = forged(&text, |plan| plan["saved"]["consent"]["destroy_data"] = true.into());
    bench.write("other.json", &other);
    let found = read(&bench, "other.json")["digest"].as_str().unwrap().to_owned();
    let shown = bench.answer("show other.json");
    assert!(shown.ends_with("\nAgreed to with this plan: data may be deleted.\n"), "{shown}");
    let why = format!("other.json is refused: its digest is {found}, and not {digest}");
    refused(&bench, &format!("apply other.json --local --digest {digest}"), 1, &why);
    // Before anything else: not even the manifest is read.
    fs::rename(bench.path("updraft.toml"), bench.path("away.toml")).unwrap();
    refused(&bench, &format!("apply other.json --local --digest {digest}"), 1, &why);
    fs::rename(bench.path("away.toml"), bench.path("updraft.toml")).unwrap();
    let short = bench.run(&format!("apply plan.json --local --digest {}", &digest[..12]));
    assert_eq!(short.code, 1, "{}", short.err);
    assert!(short.err.contains("write the 64 hexadecimal digits"), "{}", short.err);
    let alone = bench.run(&format!("apply --local --yes --digest {digest}"));
    assert_eq!(alone.code, 1, "{}", alone.err);
    let line = format!("apply plan.json --local --digest {}", digest.to_uppercase());
    assert!(bench.answer(&line).contains("Apply complete!"));
}

#[test]
fn what_was_agreed_to_with_a_plan_is_told_in_its_text() {
    let bench = shop();
    let plain = bench.answer("plan --local -o plan.json");
    assert!(!plain.contains("Agreed"), "{plain}");
    let both = bench.answer("plan --local -o plan.json --destroy-data --allow-downtime");
    let agreed =
        "\nAgreed to with this plan: something may stop for a while; data may be deleted.\n";
    assert!(both.ends_with(agreed), "{both}");
    assert_eq!(bench.answer("show plan.json"), both);
    let gone = bench.answer("destroy --local -o plan.json --destroy-data");
    assert!(gone.ends_with("\nAgreed to with this plan: data may be deleted.\n"), "{gone}");
    assert_eq!(bench.answer("show plan.json"), gone);
}

#[test]
fn a_plan_lasts_for_a_minute_to_thirty_days() {
    let bench = shop();
    for life in ["0s", "59s", "100000h", "30days 1s"] {
        let life = life.replace(' ', "");
        for command in ["plan", "destroy"] {
            let done = bench.run(&format!("{command} --local -o plan.json --expires {life}"));
            assert_eq!(done.code, 1, "{life}: {}", done.err);
            let why = "a saved plan lasts for 1 minute to 30 days";
            assert!(done.err.contains(why), "{life}: {}", done.err);
            assert!(!bench.path("plan.json").exists());
        }
    }
    bench.answer("plan --local -o short.json --expires 1m");
    bench.answer("plan --local -o plan.json --expires 30d");
    let text = fs::read_to_string(bench.path("plan.json")).unwrap();
    let later = forged(&text, |plan| plan["saved"]["expires"] = "2126-01-01T00:00:00Z".into());
    bench.write("later.json", &later);
    let why = "ends at 2126-01-01T00:00:00Z: no plan lasts for more than 30 days";
    refused(&bench, "apply later.json --local", 1, why);
    assert!(bench.answer("apply plan.json --local").contains("Apply complete!"));
}
