//! The permissions that running Updraft takes, as documents with a heading for each cloud.

use updraft_contract::Cloud;

use super::page::Page;
use crate::report::clean;
use crate::report::paint::Tone;

/// The documents of one cloud: names and texts.
type Written = Vec<(String, String)>;

/// Renders the documents of each cloud: its place, and their names and texts.
pub fn deployer(task: &str, clouds: &[(Cloud, String, Written)]) -> String {
    let mut page = Page::default();
    page.line(&format!("The least permissions that `updraft {task}` of this manifest takes."));
    for (cloud, place, documents) in clouds {
        let title = Tone::Strong.paint(cloud.title());
        page.line(&format!("\n{title} ({})", clean(place)));
        if documents.is_empty() {
            page.line("\nNone.");
        }
        for (name, text) in documents {
            page.line(&format!("\n# {}", clean(name)));
            page.line(clean(text).trim_end());
        }
    }
    page.into_text()
}
