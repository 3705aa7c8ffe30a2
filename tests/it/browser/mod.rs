//! The permission report and a plan are opened, searched, walked through and printed in a real browser.
//!
//! The browser comes from npm at a pinned version, into `target/conformance-browser`. Without Node.js and npm the test
//! fails and says what to install; it never passes unrun.

mod sample;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use updraft::report::html;

use crate::cli::examples::example;
use crate::conformance::ends_well;

const NEEDED: &str = "the browser of this test needs Node.js 20.11 or later with npm, on Linux; \
    on Debian and Ubuntu: apt install nodejs npm";

/// The programs that visit pages, and the packages they take.
const FILES: [&str; 5] = ["package.json", "page.mjs", "permissions.mjs", "plan.mjs", "unpack.mjs"];

/// How long installing may take: the browser is 70 MB.
const INSTALLATION: Duration = Duration::from_mins(10);

/// How long one visit may take.
const VISIT: Duration = Duration::from_mins(4);

#[test]
fn people_can_open_search_walk_through_and_print_the_permission_report() {
    visit("permissions", "report", &html::permissions(&sample::review(50)));
}

#[test]
fn a_report_of_two_hundred_functions_can_be_used_too() {
    visit("permissions", "large", &html::permissions(&sample::review(200)));
}

#[test]
fn the_report_of_a_manifest_alone_can_be_used_too() {
    let bench = example("image-pipeline");
    visit("permissions", "manifest", &bench.answer("permissions --html"));
}

#[test]
fn people_can_open_walk_through_and_print_a_plan() {
    let bench = example("image-pipeline");
    let _ = bench.answer("plan --local -o plan.json");
    visit("plan", "plan", &bench.answer("show plan.json --html --local"));
}

/// Opens a page in the browser, and holds it to what its program wants.
fn visit(program: &str, name: &str, page: &str) {
    // One at a time: a browser takes half a gigabyte of memory, and the other tests run beside it.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = installed();
    let (path, pdf) = (folder.join(format!("{name}.html")), folder.join(format!("{name}.pdf")));
    let _ = fs::remove_file(&pdf);
    fs::write(&path, page).unwrap();
    let mut visit = node(folder, &format!("{program}.mjs"));
    visit.arg(&path).arg(&pdf);
    assert!(ends_well(&mut visit, VISIT), "see what does not hold above");
    assert!(fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
}

/// Returns a command that runs a program with the browser, which is unpacked into the folder and nowhere else.
fn node(folder: &Path, program: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(program).current_dir(folder).env("TMPDIR", folder.join("unpacked"));
    node
}

/// Returns a folder with the browser in it, installed once unless it is there for this very list of packages.
fn installed() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(install)
}

fn install() -> PathBuf {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/browser");
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("conformance-browser");
    let wanted = fs::read(suite.join("package.json")).unwrap();
    let stamp = folder.join("installed.json");
    let there = fs::read(&stamp).is_ok_and(|found| found == wanted);
    if !there {
        let _ = fs::remove_dir_all(&folder);
    }
    fs::create_dir_all(folder.join("unpacked")).unwrap();
    for file in FILES {
        fs::copy(suite.join(file), folder.join(file)).unwrap();
    }
    if there {
        return folder;
    }
    let works = |program: &str| {
        Command::new(program).arg("--version").output().is_ok_and(|found| found.status.success())
    };
    assert!(works("node") && works("npm"), "{NEEDED}");
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    assert!(
        ends_well(&mut npm, INSTALLATION),
        "the browser could not be installed; it comes from npm or the registry that npm is set to"
    );
    assert!(
        ends_well(&mut node(&folder, "unpack.mjs"), VISIT),
        "the browser could not be unpacked"
    );
    fs::write(&stamp, wanted).unwrap();
    folder
}
