//! Counts the API calls and takes the time of a plan without changes, for 10, 100 and 1,000
//! functions on each embedded cloud, in memory.
//!
//! Calls are exact. Times depend on the machine, so they are also given per function, as a ratio
//! to the first row.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    dead_code,
    reason = "a benchmark prints, a failed step ends it, and it borrows the tests' builders"
)]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ground::Ground;
use updraft_contract::{App, Function};
use updraft_local::Settings;

#[path = "../tests/it/deploy.rs"]
mod deploy;
#[path = "../tests/it/ground.rs"]
mod ground;
#[path = "../tests/it/world.rs"]
mod world;

/// The sizes compared.
const SIZES: [usize; 3] = [10, 100, 1000];

fn main() {
    for ground in [ground::AWS, ground::GCP] {
        println!("A plan without changes, on the embedded {}:\n", ground.cloud.title());
        table(ground);
        println!();
    }
}

/// Measures one cloud and prints what it took.
fn table(ground: Ground) {
    println!("functions   API calls   calls/function   time        time/function (ratio)");
    let mut first = None;
    let mut tables = Vec::new();
    for size in SIZES {
        let (calls, took) = deploy::wait(measure(ground, &shop(ground, size)));
        let per_function = took.as_secs_f64() / count(size);
        let base = *first.get_or_insert(per_function);
        let total: usize = calls.values().sum();
        println!(
            "{size:>9}   {total:>9}   {:>14.2}   {:>7.0} ms   {:>6.2}",
            count(total) / count(size),
            took.as_secs_f64() * 1000.0,
            per_function / base
        );
        tables.push(calls);
    }
    println!("\nCalls by operation:\n");
    for operation in
        tables.iter().flat_map(BTreeMap::keys).collect::<std::collections::BTreeSet<_>>()
    {
        let row: Vec<String> =
            tables.iter().map(|t| format!("{:>6}", t.get(operation).unwrap_or(&0))).collect();
        println!("{operation:<60}{}", row.join(" "));
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn count(number: usize) -> f64 {
    number as f64
}

/// Describes an app of `size` functions, one in ten of them called over HTTP.
fn shop(ground: Ground, size: usize) -> App {
    let one = |number: usize| {
        let name = format!("f{number:04}");
        let plain: Function = ground.function(&name);
        if !number.is_multiple_of(10) {
            return plain;
        }
        let path = format!("/{name}");
        let trigger =
            world::http(updraft_contract::HttpKind::HttpApi, updraft_contract::Method::Get, &path);
        Function { triggers: world::entries(&name, vec![trigger]), ..plain }
    };
    world::app((0..size).map(one).collect())
}

async fn measure(ground: Ground, app: &App) -> (BTreeMap<String, usize>, Duration) {
    let site = deploy::site(ground, Settings::instant()).await;
    site.deploy_all(app).await;
    site.cloud.clear_ledger();
    let began = Instant::now();
    site.assert_settled(app).await;
    let took = began.elapsed();
    let mut calls = BTreeMap::new();
    for entry in site.cloud.ledger() {
        *calls.entry(format!("{}:{}", entry.service, entry.operation)).or_default() += 1;
    }
    (calls, took)
}
