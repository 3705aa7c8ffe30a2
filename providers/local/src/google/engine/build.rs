//! What a build finds wrong with a function's source: no entry file, no such entry point.
//!
//! Buildpacks and the Functions Framework say these things (github.com/GoogleCloudPlatform/buildpacks,
//! github.com/GoogleCloudPlatform/functions-framework-python); nothing is installed here.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

/// The most of an entry file that is looked at.
const LOOKED_AT: u64 = 4 << 20;

/// What is deployed.
pub(crate) struct Build<'a> {
    /// The runtime: `python313`.
    pub(crate) runtime: &'a str,
    /// The entry point.
    pub(crate) target: &'a str,
    /// The build's variables.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// The archive.
    pub(crate) archive: &'a [u8],
}

/// Returns what is wrong with the source, in the words of the operation that fails.
pub(crate) fn check(build: &Build<'_>) -> Result<(), String> {
    let failed = |text: String| format!("Build failed with status: FAILURE and message: {text}");
    crate::runtime::survey(build.archive).map_err(|defect| failed(defect.to_string()))?;
    let mut zip = ZipArchive::new(Cursor::new(build.archive))
        .map_err(|error| failed(format!("the archive cannot be read: {error}")))?;
    let source = build.variables.get("GOOGLE_FUNCTION_SOURCE").map(String::as_str);
    let entry =
        if build.runtime.starts_with("python") { python(&mut zip, source) } else { node(&mut zip) };
    let (name, text) = entry.map_err(failed)?;
    if mentions(&text, build.target) {
        return Ok(());
    }
    let target = build.target;
    Err(format!(
        "Could not create or update Cloud Run service, Container Healthcheck failed. The user-provided container \
         failed to start and listen on the port defined provided by the PORT=8080 environment variable within the \
         allocated timeout. File /workspace/{name} is expected to contain a function named '{target}'."
    ))
}

type Zip<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn python(zip: &mut Zip<'_>, source: Option<&str>) -> Result<(String, String), String> {
    let name = source.unwrap_or("main.py");
    let text = read(zip, name).ok_or_else(|| match source {
        None => "missing main.py and GOOGLE_FUNCTION_SOURCE not specified. Either create the function in main.py \
                 or specify GOOGLE_FUNCTION_SOURCE to point to the file that contains the function"
            .to_owned(),
        Some(name) => format!("GOOGLE_FUNCTION_SOURCE specified file \"{name}\" but it does not exist"),
    })?;
    Ok((name.to_owned(), text))
}

fn node(zip: &mut Zip<'_>) -> Result<(String, String), String> {
    let manifest = read(zip, "package.json").unwrap_or_else(|| "{}".to_owned());
    let manifest: serde_json::Value = serde_json::from_str(&manifest)
        .map_err(|error| format!("failed to read package.json: {error}"))?;
    let main = manifest.get("main").and_then(|main| main.as_str()).unwrap_or_default();
    let main = main.trim_start_matches("./");
    let names = [
        main.to_owned(),
        format!("{main}.js"),
        format!("{main}/index.js"),
        "index.js".to_owned(),
        "function.js".to_owned(),
        "index.mjs".to_owned(),
        "function.mjs".to_owned(),
        "index.cjs".to_owned(),
    ];
    let found = names.into_iter().find_map(|name| Some((read(zip, &name)?, name)));
    let (text, name) = found.ok_or_else(|| {
        "function.js or index.js does not exist: \"main\" of package.json must name the file that defines the \
         function"
            .to_owned()
    })?;
    Ok((name, text))
}

fn read(zip: &mut Zip<'_>, name: &str) -> Option<String> {
    let file = zip.by_name(name).ok()?;
    let mut bytes = Vec::new();
    file.take(LOOKED_AT).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Whether the target stands in the text as a word. What is defined by other means is found too, if it is named.
fn mentions(text: &str, target: &str) -> bool {
    let name = target.split('.').next().unwrap_or(target);
    let part_of_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$';
    // A file that takes its names from elsewhere may well define it.
    let open = text.contains("import *") || text.contains("require(") || text.contains("export *");
    open || text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn verdict(runtime: &str, source: Option<&str>, files: &[(&str, &str)]) -> Result<(), String> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        let archive = zip.finish().unwrap().into_inner();
        let variables = source
            .map(|source| ("GOOGLE_FUNCTION_SOURCE".to_owned(), source.to_owned()))
            .into_iter()
            .collect();
        check(&Build { runtime, target: "serve", variables: &variables, archive: &archive })
    }

    #[test]
    fn the_entry_file_must_be_there_and_name_the_target() {
        let python = "def serve(request):\n  return 'x'\n";
        assert_eq!(verdict("python313", None, &[("main.py", python)]), Ok(()));
        assert_eq!(verdict("python313", Some("app.py"), &[("app.py", python)]), Ok(()));
        assert!(
            verdict("python313", None, &[("app.py", python)])
                .unwrap_err()
                .contains("missing main.py")
        );
        let other = verdict("python313", None, &[("main.py", "def serves(r): pass")]);
        assert!(other.unwrap_err().contains("expected to contain a function named 'serve'"));
        let node = "exports.serve = (req, res) => res.send('x')";
        assert_eq!(verdict("nodejs22", None, &[("index.js", node)]), Ok(()));
        let manifest = r#"{"main": "./lib/app"}"#;
        assert_eq!(
            verdict("nodejs22", None, &[("package.json", manifest), ("lib/app.js", node)]),
            Ok(())
        );
        assert!(
            verdict("nodejs22", None, &[("app.js", node)])
                .unwrap_err()
                .contains("index.js does not exist")
        );
    }
}
