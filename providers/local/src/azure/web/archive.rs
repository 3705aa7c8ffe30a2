//! What a package holds: its `host.json` and the functions its `function.json` files declare.
//!
//! Only files of the app's first folder level are function folders, as the host looks for them.

use std::collections::BTreeSet;
use std::io::{Cursor, Read as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zip::ZipArchive;

use super::definition::{self, Function, Trouble};
use super::hostjson::{self, HostConfig};

/// The most of one metadata file that is looked at.
const LOOKED_AT: u64 = 4 << 20;

/// An app as its host found it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Indexed {
    /// What `host.json` says.
    pub(super) host: HostConfig,
    /// Its functions, in the order of their names.
    pub(super) functions: Vec<Function>,
    /// What the host logs when it starts: functions in error, and why it does not start at all.
    pub(super) log: Vec<String>,
}

/// How an app declares its functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// With `function.json` files.
    Files,
    /// With decorators in `function_app.py`.
    Decorators,
}

/// A package that was opened.
pub(super) struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    names: BTreeSet<String>,
}

impl<'a> Package<'a> {
    /// Opens an archive; says why it cannot be unpacked.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, String> {
        crate::runtime::survey(bytes).map_err(|defect| defect.to_string())?;
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
        let names = zip.file_names().flatten().map(std::borrow::Cow::into_owned).collect();
        Ok(Self { zip, names })
    }

    fn read(&mut self, name: &str) -> Option<String> {
        let file = self.zip.by_name(name).ok()?;
        let mut bytes = Vec::new();
        file.take(LOOKED_AT).read_to_end(&mut bytes).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Some(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
    }

    /// How the app declares its functions; an error for a way that is not modelled.
    pub(super) fn model(&mut self, runtime: &str) -> Result<Model, String> {
        if runtime == "python" && self.names.contains("function_app.py") {
            return Ok(Model::Decorators);
        }
        if runtime == "node" && self.registers() {
            return Err("the embedded cloud does not model version 4 of the Node.js programming model: declare \
                        functions with function.json files"
                .to_owned());
        }
        Ok(Model::Files)
    }

    /// Whether what `package.json` names as `main` registers functions with version 4 of the Node.js model.
    fn registers(&mut self) -> bool {
        let manifest = self.read("package.json").unwrap_or_default();
        let manifest: Value = serde_json::from_str(&manifest).unwrap_or_default();
        let main = manifest.get("main").and_then(Value::as_str).unwrap_or_default();
        let main = main.trim_start_matches("./").to_owned();
        let texts = [main.clone(), format!("{main}.js"), format!("{main}/index.js")];
        let text = texts.iter().find_map(|name| self.read(name)).unwrap_or_default();
        text.contains("@azure/functions")
            && [
                "app.http(",
                "app.get(",
                "app.post(",
                "app.timer(",
                "app.storageQueue(",
                "app.serviceBusQueue(",
                "app.eventGrid(",
                "app.generic(",
            ]
            .iter()
            .any(|call| text.contains(call))
    }

    /// What `host.json` says; the error is what the host logs when it does not start.
    pub(super) fn host(&mut self) -> Result<HostConfig, String> {
        let text = self.read("host.json");
        hostjson::read(text.as_deref())
    }

    /// The functions of `function.json` files, and what the host logs of those in error.
    pub(super) fn functions(&mut self) -> Result<(Vec<Function>, Vec<String>), String> {
        let folders: Vec<String> = self
            .names
            .iter()
            .filter_map(|name| name.strip_suffix("/function.json"))
            .filter(|folder| !folder.contains('/'))
            .map(str::to_owned)
            .collect();
        let (mut functions, mut log) = (Vec::new(), Vec::new());
        for folder in folders {
            let json = self.read(&format!("{folder}/function.json")).unwrap_or_default();
            match definition::read(&folder, &json, |path| self.names.contains(path)) {
                Ok(function) => functions.push(function),
                Err(Trouble::Function(text)) => log.push(text),
                Err(Trouble::Host(text)) => return Err(text),
            }
        }
        Ok((functions, log))
    }
}

/// The functions decorators declare, as the worker tells them.
pub(super) fn declared(told: &Value) -> Result<(Vec<Function>, Vec<String>), String> {
    let (mut functions, mut log) = (Vec::new(), Vec::new());
    for shape in told.get("functions").and_then(Value::as_array).into_iter().flatten() {
        let name = shape.get("name").and_then(Value::as_str).unwrap_or_default();
        match definition::of_shape(name, shape, true) {
            Ok(function) => functions.push(function),
            Err(Trouble::Function(text)) => log.push(text),
            Err(Trouble::Host(text)) => return Err(text),
        }
    }
    functions.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((functions, log))
}

/// Makes an app of its parts: routes that the host refuses, or that are taken, are logged.
pub(super) fn assemble(
    host: HostConfig,
    functions: Vec<Function>,
    mut log: Vec<String>,
) -> Indexed {
    let mut taken: Vec<(String, BTreeSet<String>, String)> = Vec::new();
    for function in functions.iter().filter(|function| function.kind() == definition::HTTP) {
        let name = &function.name;
        let error = |text: &str| format!("The '{name}' function is in error: {text}");
        let route = match function.route(&host.prefix) {
            Ok(route) => route,
            Err(text) => {
                log.push(error(&text));
                continue;
            }
        };
        if route.is_reserved() {
            log.push(error("The specified route conflicts with one or more built in routes."));
        }
        let template = function.trigger().get("route").and_then(Value::as_str).unwrap_or(name);
        let template = template.trim_matches('/').to_ascii_lowercase();
        let methods = methods(function);
        let rival = taken.iter().find(|(other, theirs, _)| {
            *other == template
                && (theirs.is_empty() || methods.is_empty() || !theirs.is_disjoint(&methods))
        });
        if let Some((_, _, rival)) = rival {
            log.push(error(&format!(
                "The route specified conflicts with the route defined by function '{rival}'."
            )));
        }
        taken.push((template, methods, name.clone()));
    }
    Indexed { host, functions, log }
}

/// The methods of an HTTP trigger in lower case; none for every one.
pub(super) fn methods(function: &Function) -> BTreeSet<String> {
    let methods = function.trigger().get("methods").and_then(Value::as_array);
    let names = methods.into_iter().flatten().filter_map(Value::as_str);
    names.map(str::to_ascii_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use zip::write::{SimpleFileOptions, ZipWriter};

    fn zip(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in files {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    const HTTP: &str = r#"{"scriptFile": "../app.py", "bindings": [{"type": "httpTrigger", "name": "event", "route": "x"}]}"#;

    #[test]
    fn the_folders_with_function_json_are_the_functions() {
        let bytes = zip(&[
            ("app.py", ""),
            ("one/function.json", HTTP),
            ("deep/two/function.json", HTTP),
            ("bad/function.json", "{"),
        ]);
        let mut package = Package::open(&bytes).unwrap();
        assert_eq!(package.model("python"), Ok(Model::Files));
        let (functions, log) = package.functions().unwrap();
        assert_eq!(functions.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["one"]);
        assert!(log.len() == 1 && log[0].contains("The 'bad' function is in error"), "{log:?}");
    }

    #[test]
    fn two_functions_of_one_route_and_method_are_in_error() {
        let bytes =
            zip(&[("app.py", ""), ("one/function.json", HTTP), ("two/function.json", HTTP)]);
        let (functions, log) = Package::open(&bytes).unwrap().functions().unwrap();
        let app = assemble(HostConfig::default(), functions, log);
        assert!(
            app.log[0].contains("'two'") && app.log[0].contains("function 'one'"),
            "{:?}",
            app.log
        );
    }

    #[test]
    fn how_functions_are_declared_is_seen_from_the_files() {
        let bytes = zip(&[("function_app.py", "")]);
        assert_eq!(Package::open(&bytes).unwrap().model("python"), Ok(Model::Decorators));
        let four = "const { app } = require('@azure/functions');\napp.http('x', {});";
        let bytes = zip(&[("package.json", r#"{"main": "src/index.js"}"#), ("src/index.js", four)]);
        let refused = Package::open(&bytes).unwrap().model("node").unwrap_err();
        assert!(refused.contains("version 4"), "{refused}");
        assert!(Package::open(b"no zip").is_err());
    }
}
