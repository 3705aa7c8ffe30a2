//! The files of a new project, from templates.

use crate::manifest;

/// The manifest of a new project, with `{…}` where it differs.
const MANIFEST: &str = include_str!("templates/updraft.toml");

/// The Python function is the one of the example, so that it is tested with it.
const PYTHON: &str = include_str!("../../examples/hello-http/functions/hello/app.py");

/// The Node function.
const NODE: &str = include_str!("templates/index.mjs");

/// A language a new project can start in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript on Node.js.
    Node,
}

/// Returns the files of a new project named `name`: relative paths with `/`, and their text.
///
/// `name` is already a valid project name. The schema goes with the manifest so that editors need no network.
pub fn files(language: Language, name: &str) -> Vec<(String, String)> {
    let (runtime, handler, file, code) = match language {
        Language::Python => ("python3.13", "app.handler", "app.py", PYTHON),
        Language::Node => ("nodejs24.x", "index.handler", "index.mjs", NODE),
    };
    let manifest = MANIFEST
        .replace("{project}", name)
        .replace("{runtime}", runtime)
        .replace("{handler}", handler);
    vec![
        ("updraft.toml".to_owned(), manifest),
        ("updraft.schema.json".to_owned(), format!("{:#}\n", manifest::schema())),
        (format!("functions/hello/{file}"), code.to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Language, files};

    #[test]
    fn a_new_project_is_named_and_complete() {
        for language in [Language::Python, Language::Node] {
            let files = files(language, "shop");
            let (path, manifest) = &files[0];
            assert_eq!(path, "updraft.toml");
            assert!(manifest.starts_with("#:schema ./updraft.schema.json\n"), "{manifest}");
            let manifest: toml::Table = manifest.parse().unwrap();
            assert_eq!(manifest["project"]["name"].as_str(), Some("shop"));
            let function = &manifest["function"]["hello"];
            let source = function["source"].as_str().unwrap();
            let module = function["handler"].as_str().unwrap().trim_end_matches(".handler");
            assert!(files.iter().any(|(path, _)| path.starts_with(&format!("{source}/{module}."))));
        }
    }

    #[test]
    fn the_schema_named_by_the_manifest_is_among_the_files() {
        let files = files(Language::Python, "shop");
        let schema = files.iter().find(|(path, _)| path == "updraft.schema.json").unwrap();
        serde_json::from_str::<serde_json::Value>(&schema.1).unwrap();
    }
}
