//! The permission report is opened, searched, walked through and printed in a real browser.
//!
//! The browser comes from npm at a pinned version, into `target/conformance-browser`. Without Node.js and npm the test
//! fails and says what to install; it never passes unrun.

mod sample;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use updraft::report::html;

use crate::conformance::ends_well;

const NEEDED: &str = "the browser of this test needs Node.js 22 or later with npm, on Linux; \
    on Debian and Ubuntu: apt install nodejs npm";

/// How long installing may take: the browser is 70 MB.
const INSTALLATION: Duration = Duration::from_mins(10);

/// How long the browser may take.
const VISIT: Duration = Duration::from_mins(8);

#[test]
fn people_can_open_search_walk_through_and_print_the_permission_report() {
    let folder = installed();
    let page = folder.join("report.html");
    fs::write(&page, html::permissions(&sample::review(50))).unwrap();
    let pdf = folder.join("report.pdf");
    let mut visit = Command::new("node");
    visit.arg("report.mjs").arg(&page).arg(&pdf).current_dir(&folder);
    assert!(ends_well(&mut visit, VISIT), "see what does not hold above");
    assert!(fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
}

/// Returns a folder with the browser in it, installed unless it is there for this very list of packages.
fn installed() -> PathBuf {
    let suite = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/browser");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let folder = target.join("conformance-browser");
    let wanted = fs::read(suite.join("package.json")).unwrap();
    let stamp = folder.join("installed.json");
    if fs::read(&stamp).is_ok_and(|found| found == wanted) {
        fs::copy(suite.join("report.mjs"), folder.join("report.mjs")).unwrap();
        return folder;
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "report.mjs"] {
        fs::copy(suite.join(file), folder.join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(&folder);
    let found =
        Command::new("npm").arg("--version").output().is_ok_and(|found| found.status.success());
    assert!(found, "{NEEDED}");
    assert!(
        ends_well(&mut npm, INSTALLATION),
        "the browser could not be installed; it comes from npm or the registry that npm is set to"
    );
    fs::write(&stamp, wanted).unwrap();
    folder
}
