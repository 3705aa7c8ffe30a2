//! The permissions that running Updraft takes, as documents with a heading for each cloud.

use updraft_contract::Cloud;

use super::page::Page;
use crate::report::paint::Tone;
use crate::report::{clean, clean_lines};

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
            page.line(clean_lines(&laid_out(text)).trim_end());
        }
    }
    page.into_text()
}

/// Lays a document out in lines. What is no JSON stays as it is.
fn laid_out(text: &str) -> String {
    let read = serde_json::from_str::<serde_json::Value>(text);
    read.ok()
        .and_then(|document| serde_json::to_string_pretty(&document).ok())
        .unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_laid_out_in_lines() {
        let documents = [
            ("policy".to_owned(), r#"{"Statement":[],"Version":"2012-10-17"}"#.to_owned()),
            ("role".to_owned(), "title: x\n".to_owned()),
        ];
        let told = deployer("plan", &[(Cloud::Aws, "account 1".to_owned(), documents.to_vec())]);
        let policy = "{\n  \"Statement\": [],\n  \"Version\": \"2012-10-17\"\n}\n";
        assert!(told.contains(&format!("# policy\n{policy}")), "{told}");
        assert!(told.ends_with("# role\ntitle: x\n"), "{told}");
    }
}
