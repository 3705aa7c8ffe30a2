//! What is published: the code of a function with `host.json` and one `function.json` for each
//! trigger. Pure.

pub(crate) mod archive;
pub(crate) mod bindings;
pub(crate) mod called;
pub(crate) mod host;
pub(crate) mod runtime;
pub(crate) mod timer;

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use updraft_contract::{Function, Value, hex};

use archive::Code;
use called::Called;
use runtime::{Model, Runtime};

/// What is added to the code of a function, and what is known of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// The generated files.
    pub(crate) files: BTreeMap<String, String>,
    /// The program that is run, where it is one.
    pub(crate) program: Option<String>,
    /// The trigger of each function, in the form that is compared.
    pub(crate) bindings: BTreeMap<String, Value>,
    /// The file in which the code itself declares its functions, where it does.
    pub(crate) declared_in: Option<String>,
    /// The digest of everything that is published, and of whether dependencies are installed.
    pub(crate) digest: String,
}

/// Returns what is added to the code of `function`, or why it cannot be published.
pub(crate) fn of(function: &Function, called: &[Called<'_>]) -> Result<Package, Vec<String>> {
    let code = Code::read(&function.code.bytes).map_err(|reason| vec![reason])?;
    let model = runtime::model(function, &code).map_err(|reason| vec![reason])?;
    let mut problems = strangers(&code, &model);
    let mut files = match files(function, called, &model) {
        Ok(files) => files,
        Err(reason) => {
            problems.push(reason);
            BTreeMap::new()
        }
    };
    match settings(function, called, (&model, &code)) {
        Ok(host) => _ = files.insert("host.json".to_owned(), host),
        Err(reason) => problems.push(reason),
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let bindings = called.iter().filter_map(|it| {
        let trigger = bindings::trigger(it)?;
        Some((it.name.clone(), bindings::compared(&it.name, &trigger)))
    });
    let (program, declared_in) = match model {
        Model::Files(script) => (script.program, None),
        Model::Code(file) => (None, Some(file)),
    };
    let (bindings, digest) = (bindings.collect(), digest(function, &files));
    Ok(Package { files, program, bindings, declared_in, digest })
}

/// Functions that the package brings along and the manifest does not know would be deployed, too.
fn strangers(code: &Code, model: &Model) -> Vec<String> {
    if matches!(model, Model::Code(_)) {
        return Vec::new();
    }
    let own = |path: &&String| {
        path.strip_suffix("/function.json").is_some_and(|folder| !folder.contains('/'))
    };
    let told = |path: &String| {
        format!(
            "the package has {path}, and the manifest says what calls a function: remove the file"
        )
    };
    code.paths().iter().filter(own).map(told).collect()
}

fn files(
    function: &Function,
    called: &[Called<'_>],
    model: &Model,
) -> Result<BTreeMap<String, String>, String> {
    let Model::Files(script) = model else { return Ok(BTreeMap::new()) };
    let runtime = Runtime::parse(&function.runtime).ok_or("the runtime is unknown")?;
    let documents = called.iter().filter_map(|it| {
        let document = bindings::document(function, it, (runtime.language, script))?;
        Some((format!("{}/function.json", it.name), text(document)))
    });
    Ok(documents.collect())
}

fn settings(
    function: &Function,
    called: &[Called<'_>],
    (model, code): (&Model, &Code),
) -> Result<String, String> {
    let host = host::document(function, called, model);
    let host = match code.text("host.json") {
        Some(own) if !code.is_jar() => host::merged(own, host)?,
        Some(_) | None => host,
    };
    Ok(text(host))
}

/// Writes a document the same way in every build: `serde_json` may or may not keep
/// an order.
fn text(mut document: Json) -> String {
    document.sort_all_objects();
    format!("{document:#}\n")
}

/// Digests everything that is published. Paths hold no NUL and hashes have one length, so no two
/// packages run together alike.
fn digest(function: &Function, files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    hash.update(function.code.digest.as_bytes());
    if function.remote_build {
        // What is installed is for one version of one language.
        hash.update(function.runtime.as_bytes());
    }
    hash.update([0]);
    for (path, text) in files {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update(Sha256::digest(text.as_bytes()));
    }
    hex(&hash.finalize())
}

#[cfg(test)]
pub(crate) mod tests;
