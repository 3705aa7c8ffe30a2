//! Runtimes and handlers in Azure's words, and how the code of a package declares its functions.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use updraft_contract::Function;

use super::archive::Code;

/// The version of the runtime `custom`, which runs a program. The list of runtimes in the region
/// has the last word.
const CUSTOM_VERSION: &str = "1.0";

/// What the archive of a Java function is called when the package is that archive itself.
pub(crate) const JAR: &str = "app.jar";

/// A language of Azure Functions on the Flex Consumption plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    /// Python.
    Python,
    /// Node.js.
    Node,
    /// Java.
    Java,
    /// `PowerShell`.
    PowerShell,
    /// A program that answers over HTTP.
    Custom,
}

/// A runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Runtime {
    /// The language.
    pub(crate) language: Language,
    /// Its version, such as `3.13`.
    pub(crate) version: String,
}

impl Runtime {
    /// Reads a runtime of the manifest, such as `python3.13`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let number = |version: &str| {
            let legal = |c: char| c.is_ascii_digit() || c == '.';
            (!version.is_empty() && version.chars().all(legal)).then(|| version.to_owned())
        };
        let node = || text.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x"));
        let (language, version) = if let Some(version) = text.strip_prefix("python") {
            (Language::Python, number(version)?)
        } else if let Some(version) = node() {
            (Language::Node, number(version)?)
        } else if let Some(version) = text.strip_prefix("java") {
            (Language::Java, number(version)?)
        } else if let Some(version) = text.strip_prefix("powershell") {
            (Language::PowerShell, number(version)?)
        } else if text == "custom" {
            (Language::Custom, CUSTOM_VERSION.to_owned())
        } else {
            return None;
        };
        Some(Self { language, version })
    }

    /// Returns what Azure calls the language
    /// (<https://learn.microsoft.com/rest/api/appservice/web-apps/create-or-update>, `RuntimeName`).
    pub(crate) fn name(&self) -> &'static str {
        match self.language {
            Language::Python => "python",
            Language::Node => "node",
            Language::Java => "java",
            Language::PowerShell => "powershell",
            Language::Custom => "custom",
        }
    }
}

/// Where the code of every function is, as `function.json` says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Script {
    /// The file, relative to the folder of the function.
    pub(crate) file: Option<String>,
    /// What is called in it.
    pub(crate) entry: Option<String>,
    /// The program that is run, relative to the package.
    pub(crate) program: Option<String>,
}

/// How the code of a package declares its functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Model {
    /// By files beside it, which are generated.
    Files(Script),
    /// By itself. Holds where, for people.
    Code(String),
}

/// Returns how the package of `function` declares its functions, or why it cannot.
pub(crate) fn model(function: &Function, code: &Code) -> Result<Model, String> {
    let Some(runtime) = Runtime::parse(&function.runtime) else {
        return Err(format!(
            "this version deploys Python, Node.js, Java, PowerShell and programs of any other \
             language as `custom` there, and {} is none of them",
            function.runtime
        ));
    };
    match runtime.language {
        Language::Python if code.has("function_app.py") => {
            Ok(Model::Code("function_app.py".to_owned()))
        }
        Language::Python => python(&function.handler, code).map(Model::Files),
        Language::Node => match registers(code) {
            Some(file) => Ok(Model::Code(file)),
            None => node(&function.handler, code).map(Model::Files),
        },
        Language::Java => java(&function.handler, code).map(Model::Files),
        Language::PowerShell => powershell(&function.handler, code).map(Model::Files),
        Language::Custom => custom(&function.handler, code).map(Model::Files),
    }
}

/// Splits `src/app.handler` into file and function.
fn parts(handler: &str) -> Result<(&str, &str), String> {
    let split =
        handler.rsplit_once('.').filter(|(file, name)| !file.is_empty() && !name.is_empty());
    split.ok_or_else(|| format!("`{handler}` is not a file and a function, such as app.handler"))
}

fn python(handler: &str, code: &Code) -> Result<Script, String> {
    let (file, entry) = parts(handler)?;
    Ok(script(&first(code, handler, &[format!("{file}.py")])?, entry))
}

fn node(handler: &str, code: &Code) -> Result<Script, String> {
    let (file, entry) = parts(handler)?;
    let files = ["js", "mjs", "cjs"].map(|ending| format!("{file}.{ending}"));
    Ok(script(&first(code, handler, &files)?, entry))
}

fn script(file: &str, entry: &str) -> Script {
    let file = Some(format!("../{file}"));
    Script { file, entry: Some(entry.to_owned()), program: None }
}

/// Returns the first of some files that the package has.
fn first(code: &Code, handler: &str, files: &[String]) -> Result<String, String> {
    let found = files.iter().find(|file| code.has(file));
    found.cloned().ok_or_else(|| {
        let files = files.join(" nor ");
        format!("the package has no {files}, which `handler = \"{handler}\"` asks for")
    })
}

/// The file of a Java function is an archive, and its entry point a method with its class.
fn java(handler: &str, code: &Code) -> Result<Script, String> {
    let Some((class, method)) = handler.rsplit_once("::") else {
        return Err(format!("`{handler}` names no method, as in com.example.App::run"));
    };
    if code.is_jar() {
        return Ok(script(JAR, &format!("{class}.{method}")));
    }
    let is_jar = |path: &&String| !path.contains('/') && path.to_lowercase().ends_with(".jar");
    let jars: Vec<&String> = code.paths().iter().filter(is_jar).collect();
    let [jar] = jars.as_slice() else {
        let count = jars.len();
        return Err(format!(
            "the package must be a .jar or hold exactly one beside `lib`, and has {count}"
        ));
    };
    Ok(script(jar, &format!("{class}.{method}")))
}

fn powershell(handler: &str, code: &Code) -> Result<Script, String> {
    let file = if handler.to_lowercase().ends_with(".ps1") {
        handler.to_owned()
    } else {
        format!("{handler}.ps1")
    };
    let file = first(code, handler, &[file])?;
    Ok(Script { file: Some(format!("../{file}")), entry: None, program: None })
}

fn custom(handler: &str, code: &Code) -> Result<Script, String> {
    let program = first(code, handler, &[handler.to_owned()])?;
    Ok(Script { file: None, entry: None, program: Some(program) })
}

/// The functions of the fourth programming model of Node.js that register a function
/// (<https://learn.microsoft.com/azure/azure-functions/functions-reference-node>).
const REGISTER: &[&str] = &[
    "cosmosDB",
    "deleteRequest",
    "eventGrid",
    "eventHub",
    "generic",
    "get",
    "http",
    "mySql",
    "patch",
    "post",
    "put",
    "serviceBusQueue",
    "serviceBusTopic",
    "sql",
    "storageBlob",
    "storageQueue",
    "timer",
    "warmup",
    "webPubSub",
];

/// Returns the file that registers functions itself, if one of those does that the package starts
/// with. The host then ignores every `function.json`.
fn registers(code: &Code) -> Option<String> {
    let package: Json = serde_json::from_slice(code.text("package.json")?).ok()?;
    let main = package.get("main")?.as_str()?;
    let mut started: BTreeSet<&String> = BTreeSet::new();
    for pattern in alternatives(main.trim_start_matches("./")) {
        started.extend(code.paths().iter().filter(|path| fits(&pattern, path)));
    }
    let mut found = started.into_iter().filter(|path| {
        let text = code.text(path).unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        text.contains("@azure/functions")
            && REGISTER.iter().any(|name| text.contains(&format!("app.{name}(")))
    });
    found.next().cloned()
}

/// Writes out `{a,b}`, which may stand in the pattern of `main`, once.
fn alternatives(pattern: &str) -> Vec<String> {
    let split = pattern.split_once('{').and_then(|(before, rest)| {
        let (inside, after) = rest.split_once('}')?;
        Some((before, inside, after))
    });
    let Some((before, inside, after)) = split else { return vec![pattern.to_owned()] };
    inside.split(',').map(|one| format!("{before}{one}{after}")).collect()
}

/// Returns whether a path fits a pattern in which `*` stands for anything within a folder and
/// `**` for folders. A pattern may leave out `.js`, as `main` may.
fn fits(pattern: &str, path: &str) -> bool {
    let plain = [pattern.to_owned(), format!("{pattern}.js"), format!("{pattern}/index.js")];
    if plain.iter().any(|one| one == path) {
        return true;
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    folders(&pattern, &path)
}

fn folders(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            folders(rest, path)
                || path.split_first().is_some_and(|(_, path)| folders(pattern, path))
        }
        (Some((one, rest)), Some((name, path))) => within(one, name) && folders(rest, path),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn within(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return pattern == name };
    let Some(rest) = name.strip_prefix(before) else { return false };
    let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.any(|at| rest.get(at..).is_some_and(|rest| within(after, rest)))
}

#[cfg(test)]
mod tests {
    use super::{Model, Runtime, fits, model};
    use crate::package::archive::tests::code;
    use crate::package::tests::function;

    fn told(runtime: &str, handler: &str, files: &[(&str, &str)]) -> Result<Model, String> {
        let mut api = function("api");
        (api.runtime, api.handler) = (runtime.into(), handler.into());
        model(&api, &code(files))
    }

    fn file(model: Result<Model, String>) -> (String, String) {
        match model.unwrap() {
            Model::Files(script) => {
                (script.file.unwrap_or_default(), script.entry.unwrap_or_default())
            }
            Model::Code(file) => (file, "code".into()),
        }
    }

    #[test]
    fn runtimes_are_written_in_azures_words() {
        let read = |text| Runtime::parse(text).map(|it| format!("{} {}", it.name(), it.version));
        assert_eq!(read("python3.13").as_deref(), Some("python 3.13"));
        assert_eq!(read("nodejs22.x").as_deref(), Some("node 22"));
        assert_eq!(read("java21").as_deref(), Some("java 21"));
        assert_eq!(read("powershell7.4").as_deref(), Some("powershell 7.4"));
        assert_eq!(read("custom").as_deref(), Some("custom 1.0"));
        for none in ["dotnet8", "ruby3.3", "provided.al2023", "python", "nodejs22"] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn the_handler_says_which_file_and_what_in_it() {
        let python = told("python3.13", "src/app.handler", &[("src/app.py", "")]);
        assert_eq!(file(python), ("../src/app.py".into(), "handler".into()));
        let node = told("nodejs22.x", "index.hello", &[("index.mjs", "")]);
        assert_eq!(file(node), ("../index.mjs".into(), "hello".into()));
        let java = told("java21", "com.example.App::run", &[("app-1.jar", ""), ("lib/x.jar", "")]);
        assert_eq!(file(java), ("../app-1.jar".into(), "com.example.App.run".into()));
        let itself = told("java21", "com.example.App::run", &[("META-INF/MANIFEST.MF", "")]);
        assert_eq!(file(itself), ("../app.jar".into(), "com.example.App.run".into()));
        let shell = told("powershell7.4", "run", &[("run.ps1", "")]);
        assert_eq!(file(shell), ("../run.ps1".into(), String::new()));
        let missing = told("python3.13", "app.handler", &[("main.py", "")]).unwrap_err();
        assert!(missing.contains("no app.py"), "{missing}");
        assert!(told("java21", "com.example.App", &[("a.jar", "")]).is_err());
        assert!(told("java21", "a.B::c", &[("a.jar", ""), ("b.jar", "")]).is_err());
        assert!(told("ruby3.3", "app.handler", &[]).unwrap_err().contains("`custom`"));
    }

    #[test]
    fn code_that_declares_its_functions_is_known() {
        let python = told("python3.13", "app.handler", &[("function_app.py", ""), ("app.py", "")]);
        assert_eq!(file(python).1, "code");
        let app = "const { app } = require('@azure/functions');\napp.http('http', {});";
        let package = r#"{"main": "src/{index.js,functions/*.js}"}"#;
        let files = [("package.json", package), ("src/functions/a.js", app)];
        assert_eq!(file(told("nodejs22.x", "index.hello", &files)).1, "code");
        // The library alone, without a function, is no model.
        let plain =
            [("package.json", package), ("src/functions/a.js", "require('@azure/functions')")];
        assert!(told("nodejs22.x", "index.hello", &plain).is_err());
        let plain =
            [("package.json", r#"{"main": "index.js"}"#), ("index.js", "exports.hello = 1")];
        assert_eq!(file(told("nodejs22.x", "index.hello", &plain)).0, "../index.js");
    }

    #[test]
    fn patterns_stay_within_a_folder_unless_they_say_otherwise() {
        assert!(fits("src/*.js", "src/a.js") && !fits("src/*.js", "src/b/a.js"));
        assert!(fits("src/**/*.js", "src/b/c/a.js") && fits("src/**/*.js", "src/a.js"));
        assert!(fits("dist/index", "dist/index.js") && fits("dist", "dist/index.js"));
        assert!(!fits("src/*.js", "src/a.ts"));
    }
}
