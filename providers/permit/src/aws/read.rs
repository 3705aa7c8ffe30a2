//! Reads policies as AWS writes them, and says everything that is wrong with one at once.

use std::collections::{BTreeMap, BTreeSet};

use updraft_contract::Effect;

use super::json::Json;
use super::mistake::{Mistake, ReadError};
use super::statement::{Condition, Names, PolicyKind, Principals, Statement};
use super::universe::Universe;
use crate::Comparison;

/// The longest document that is read, in bytes. AWS takes a hundredth of that.
const LONGEST: usize = 1 << 20;

/// Compares two policies as text. See [`compare`](super::compare) for what that means; two that
/// allow the same are rewritten if their JSON differs.
///
/// # Errors
///
/// Everything that is wrong with either.
pub fn diff(
    old: &str,
    new: &str,
    kind: PolicyKind,
    universe: &dyn Universe,
) -> Result<Comparison, ReadError> {
    let (before, after) = match (load("old", old, kind), load("new", new, kind)) {
        (Ok(before), Ok(after)) => (before, after),
        (before, after) => {
            let mistakes = [before.err(), after.err()].into_iter().flatten();
            return Err(ReadError { mistakes: mistakes.flat_map(|e| e.mistakes).collect() });
        }
    };
    let mut comparison = super::compare(&before.1, &after.1, kind, universe);
    comparison.rewritten = comparison.newly_allowed.is_empty()
        && comparison.no_longer_allowed.is_empty()
        && comparison.undecided.is_empty()
        && before.0.sorted() != after.0.sorted();
    Ok(comparison)
}

/// Reads a policy document, one statement, or a list of either; percent-encoded as IAM returns
/// them, or not. `name` is what errors call it.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn read(name: &str, text: &str, kind: PolicyKind) -> Result<Vec<Statement>, ReadError> {
    load(name, text, kind).map(|(_, statements)| statements)
}

/// Tells what a policy hangs on by what it names, whatever else is wrong with it.
///
/// # Errors
///
/// If it is not JSON.
pub fn kind(name: &str, text: &str) -> Result<PolicyKind, ReadError> {
    let mut reader = Reader { document: name, kind: PolicyKind::Identity, mistakes: Vec::new() };
    let mut statements = Vec::new();
    reader.document(&parse(name, text)?, "", &mut statements);
    Ok(PolicyKind::of(&statements))
}

fn load(name: &str, text: &str, kind: PolicyKind) -> Result<(Json, Vec<Statement>), ReadError> {
    let mut reader = Reader { document: name, kind, mistakes: Vec::new() };
    let mut statements = Vec::new();
    let json = parse(name, text)?;
    reader.document(&json, "", &mut statements);
    if reader.mistakes.is_empty() {
        Ok((json, statements))
    } else {
        Err(ReadError { mistakes: reader.mistakes })
    }
}

/// Parses the text. The parser itself refuses what is nested more than 128 levels deep.
fn parse(name: &str, text: &str) -> Result<Json, ReadError> {
    let fail = |at: String, what: String, hint: &str| ReadError {
        mistakes: vec![Mistake { document: name.to_owned(), at, what, hint: hint.to_owned() }],
    };
    if text.len() > LONGEST {
        let what = format!("it is {} bytes long", text.len());
        return Err(fail(String::new(), what, "a policy has at most 1 MiB"));
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        let hint = "give a policy document, a statement or a list of statements";
        return Err(fail(String::new(), "it is empty".to_owned(), hint));
    }
    let decoded = if text.starts_with('%') { decoded(text) } else { Some(text.to_owned()) };
    let Some(decoded) = decoded else {
        let hint = "give it as IAM returns it, or as plain JSON";
        return Err(fail(String::new(), "its percent-encoding is broken".to_owned(), hint));
    };
    serde_json::from_str(&decoded).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or("not JSON").to_owned();
        fail(at, what, "a policy is JSON")
    })
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Collects what is wrong.
struct Reader<'n> {
    document: &'n str,
    kind: PolicyKind,
    mistakes: Vec<Mistake>,
}

type Members = [(String, Json)];

impl Reader<'_> {
    fn wrong(&mut self, at: &str, what: impl Into<String>, hint: impl Into<String>) {
        self.mistakes.push(Mistake {
            document: self.document.to_owned(),
            at: at.to_owned(),
            what: what.into(),
            hint: hint.into(),
        });
    }

    /// Reads a document, a statement or a list of either.
    fn document(&mut self, json: &Json, at: &str, into: &mut Vec<Statement>) {
        match json {
            Json::List(items) => {
                for (number, item) in items.iter().enumerate() {
                    let at = format!("{at}/{number}");
                    if let Json::List(_) = item {
                        self.wrong(&at, "it is a list in a list", "list the statements in one");
                    } else {
                        self.document(item, &at, into);
                    }
                }
            }
            Json::Object(members) if is_statement(members) => {
                into.extend(self.statement(members, at, true));
            }
            Json::Object(members) => match answer(members) {
                Some((name, json)) => self.answer(json, &format!("{at}/{name}"), into),
                None => self.policy(members, at, into),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Fraction(_) | Json::Text(_) => {
                self.wrong(
                    at,
                    format!("it is {}", json.name()),
                    "give a policy document, a statement or a list of statements",
                );
            }
        }
    }

    /// Reads the document in an answer of AWS, which may be JSON within a string.
    fn answer(&mut self, json: &Json, at: &str, into: &mut Vec<Statement>) {
        let Json::Text(text) = json else { return self.document(json, at, into) };
        match parse(self.document, text) {
            Ok(Json::Text(_)) => self.wrong(at, "it is a string in a string", "give the policy"),
            Ok(json) => self.document(&json, at, into),
            Err(error) => self.mistakes.extend(error.mistakes),
        }
    }

    fn policy(&mut self, members: &Members, at: &str, into: &mut Vec<Statement>) {
        const ELEMENTS: &[&str] = &["Version", "Id", "Statement"];
        self.elements(members, at, ELEMENTS);
        let variables = self.version(members, at);
        match member(members, "Statement") {
            Some(Json::List(items)) => {
                for (number, item) in items.iter().enumerate() {
                    let at = format!("{at}/Statement/{number}");
                    into.extend(self.statement_at(item, &at, variables));
                }
            }
            Some(one) => {
                into.extend(self.statement_at(one, &format!("{at}/Statement"), variables));
            }
            None => {
                let hint = "a policy document has Version and Statement";
                self.wrong(at, "there is no element Statement", hint);
            }
        }
    }

    /// Whether the version has variables. Documents without one are of the older version.
    fn version(&mut self, members: &Members, at: &str) -> bool {
        match member(members, "Version") {
            None => false,
            Some(Json::Text(version)) if version == "2012-10-17" => true,
            Some(Json::Text(version)) if version == "2008-10-17" => false,
            Some(_) => {
                let hint = "write \"2012-10-17\", the version of the policy language";
                self.wrong(&format!("{at}/Version"), "there is no such version", hint);
                true
            }
        }
    }

    fn statement_at(&mut self, json: &Json, at: &str, variables: bool) -> Option<Statement> {
        if let Json::Object(members) = json {
            return self.statement(members, at, variables);
        }
        let hint = "a statement is an object with Effect, Action and Resource";
        self.wrong(at, format!("it is {}", json.name()), hint);
        None
    }

    fn statement(&mut self, members: &Members, at: &str, variables: bool) -> Option<Statement> {
        const ELEMENTS: &[&str] = &[
            "Sid",
            "Effect",
            "Principal",
            "NotPrincipal",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ];
        self.elements(members, at, ELEMENTS);
        let sid = match member(members, "Sid") {
            None => String::new(),
            Some(Json::Text(sid)) => sid.clone(),
            Some(_) => {
                self.wrong(&format!("{at}/Sid"), "it is not a string", "write a name");
                String::new()
            }
        };
        let effect = self.effect(members, at);
        let principals = self.principals(members, at);
        let actions = self.names(members, at, ["Action", "NotAction"]);
        let resources = self.names(members, at, ["Resource", "NotResource"]);
        let conditions = self.conditions(members, at);
        if actions.is_none() && !named(members, "Action") && !named(members, "NotAction") {
            self.wrong(at, "it has no Action", "name actions, such as \"s3:GetObject\"");
        }
        self.fitting(at, &principals, resources.as_ref());
        let (effect, actions) = (effect?, actions?);
        Some(Statement { sid, effect, principals, actions, resources, conditions, variables })
    }

    /// Says what a policy of this kind must have and must not have.
    fn fitting(&mut self, at: &str, principals: &Principals, resources: Option<&Names>) {
        let holder = *principals == Principals::Holder;
        match self.kind {
            PolicyKind::Identity if !holder => self.wrong(
                at,
                "the policy of an identity has no Principal",
                "say that it is a resource's policy or a role's trust policy",
            ),
            PolicyKind::Resource | PolicyKind::Trust if holder => self.wrong(
                at,
                "it has no Principal",
                "name who it is about, or say that it is the policy of an identity",
            ),
            PolicyKind::Trust if resources.is_some() => self.wrong(
                at,
                "a role's trust policy has no Resource",
                "leave it out, or say that it is a resource's policy",
            ),
            PolicyKind::Identity if resources.is_none() => self.wrong(
                at,
                "it has no Resource",
                "name ARNs, or say that it is a role's trust policy",
            ),
            PolicyKind::Identity | PolicyKind::Resource | PolicyKind::Trust => {}
        }
    }

    fn effect(&mut self, members: &Members, at: &str) -> Option<Effect> {
        match member(members, "Effect") {
            Some(Json::Text(effect)) if effect == "Allow" => Some(Effect::Allow),
            Some(Json::Text(effect)) if effect == "Deny" => Some(Effect::Deny),
            Some(_) => {
                let hint = "write \"Allow\" or \"Deny\", with that case";
                self.wrong(&format!("{at}/Effect"), "there is no such effect", hint);
                None
            }
            None => {
                self.wrong(at, "it has no Effect", "write \"Allow\" or \"Deny\"");
                None
            }
        }
    }

    fn principals(&mut self, members: &Members, at: &str) -> Principals {
        if named(members, "Principal") && named(members, "NotPrincipal") {
            self.wrong(at, "it has Principal and NotPrincipal", "keep one of them");
        }
        let (name, json) = match (member(members, "Principal"), member(members, "NotPrincipal")) {
            (Some(json), _) => ("Principal", json),
            (None, Some(json)) => ("NotPrincipal", json),
            (None, None) => return Principals::Holder,
        };
        let at = format!("{at}/{name}");
        let all = |kinds| {
            if name == "Principal" { Principals::Of(kinds) } else { Principals::AllBut(kinds) }
        };
        match json {
            Json::Text(text) if text == "*" && name == "Principal" => Principals::Everybody,
            Json::Text(text) if text == "*" => {
                all(BTreeMap::from([("AWS".to_owned(), BTreeSet::from(["*".to_owned()]))]))
            }
            Json::Object(kinds) => {
                self.elements(kinds, &at, &["AWS", "Service", "Federated", "CanonicalUser"]);
                let mut read = BTreeMap::new();
                for (kind, names) in kinds {
                    read.insert(kind.clone(), self.strings(names, &format!("{at}/{kind}")));
                }
                all(read)
            }
            Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::Fraction(_)
            | Json::Text(_)
            | Json::List(_) => {
                let hint = "write \"*\" or an object such as {\"AWS\": \"123456789012\"}";
                self.wrong(&at, "it names nobody", hint);
                all(BTreeMap::new())
            }
        }
    }

    fn names(&mut self, members: &Members, at: &str, [these, others]: [&str; 2]) -> Option<Names> {
        if named(members, these) && named(members, others) {
            self.wrong(at, format!("it has {these} and {others}"), "keep one of them");
        }
        if let Some(json) = member(members, these) {
            return Some(Names::Of(self.strings(json, &format!("{at}/{these}"))));
        }
        let json = member(members, others)?;
        Some(Names::AllBut(self.strings(json, &format!("{at}/{others}"))))
    }

    fn conditions(&mut self, members: &Members, at: &str) -> BTreeSet<Condition> {
        let mut read = BTreeSet::new();
        let at = format!("{at}/Condition");
        let Some(json) = member(members, "Condition") else { return read };
        let Json::Object(operators) = json else {
            let hint = "write an object such as {\"StringEquals\": {\"aws:username\": \"me\"}}";
            self.wrong(&at, format!("it is {}", json.name()), hint);
            return read;
        };
        self.twice(operators, &at, str::to_owned);
        for (operator, json) in operators {
            let at = format!("{at}/{}", escaped(operator));
            let Json::Object(keys) = json else {
                let hint = "write an object of keys and values";
                self.wrong(&at, format!("it is {}", json.name()), hint);
                continue;
            };
            self.twice(keys, &at, |key: &str| key.to_lowercase());
            for (key, values) in keys {
                if !operator.to_lowercase().contains("numeric") && has_fraction(values) {
                    let what = "there is a number whose text is not kept";
                    self.wrong(&format!("{at}/{}", escaped(key)), what, "write it in quotes");
                }
                let values = self.scalars(values, &format!("{at}/{}", escaped(key)), true);
                read.insert(Condition { operator: operator.clone(), key: key.clone(), values });
            }
        }
        read
    }

    fn strings(&mut self, json: &Json, at: &str) -> BTreeSet<String> {
        self.scalars(json, at, false)
    }

    /// Reads a string or a list of strings; values of conditions may be numbers and booleans too.
    fn scalars(&mut self, json: &Json, at: &str, any: bool) -> BTreeSet<String> {
        let items = if let Json::List(items) = json {
            items.as_slice()
        } else {
            std::slice::from_ref(json)
        };
        let mut read = BTreeSet::new();
        for item in items {
            match item {
                Json::Text(text) => {
                    read.insert(text.clone());
                }
                Json::Bool(yes) if any => {
                    read.insert(yes.to_string());
                }
                Json::Number(number) | Json::Fraction(number) if any => {
                    read.insert(number.clone());
                }
                Json::Null
                | Json::Bool(_)
                | Json::Number(_)
                | Json::Fraction(_)
                | Json::List(_)
                | Json::Object(_) => {
                    let hint = "write a string or a list of strings";
                    self.wrong(at, format!("there is {}", item.name()), hint);
                }
            }
        }
        read
    }

    /// Refuses elements that there are not, and those that are there twice.
    fn elements(&mut self, members: &Members, at: &str, known: &[&str]) {
        self.twice(members, at, str::to_owned);
        for (name, _) in members {
            if known.contains(&name.as_str()) {
                continue;
            }
            let near = known.iter().find(|k| k.trim_end_matches('s') == singular(name, k));
            let hint = near.map_or_else(
                || format!("there may be {}", known.join(", ")),
                |near| format!("write {near}"),
            );
            self.wrong(&format!("{at}/{}", escaped(name)), "there is no such element", hint);
        }
    }

    fn twice(&mut self, members: &Members, at: &str, same: impl Fn(&str) -> String) {
        let mut seen = BTreeSet::new();
        for (name, _) in members {
            if !seen.insert(same(name)) {
                let hint = "put both into one; AWS would keep only the last";
                self.wrong(&format!("{at}/{}", escaped(name)), "it is there twice", hint);
            }
        }
    }
}

/// The known name if another case or an `s` is all that is different, else the name itself.
fn singular<'a>(name: &'a str, known: &'a str) -> &'a str {
    if name.trim_end_matches(['s', 'S']).eq_ignore_ascii_case(known) { known } else { name }
}

/// Whether it is a statement of its own and not a document.
fn is_statement(members: &Members) -> bool {
    const OWN: &[&str] = &["Effect", "Action", "NotAction", "Resource", "NotResource"];
    !named(members, "Statement") && OWN.iter().any(|name| named(members, name))
}

/// What holds the document in an answer of AWS: of `iam get-role-policy`, `iam get-role`,
/// `iam get-policy-version` or `lambda get-policy`.
fn answer(members: &Members) -> Option<(&'static str, &Json)> {
    const HOLDERS: &[&str] = &[
        "PolicyDocument",
        "AssumeRolePolicyDocument",
        "PolicyVersion",
        "Document",
        "Role",
        "Policy",
    ];
    let holder = HOLDERS.iter().find(|name| named(members, name));
    let holder = holder.filter(|_| !named(members, "Statement"))?;
    Some((holder, member(members, holder)?))
}

/// Whether there is a number among values of which some digits may be gone.
fn has_fraction(values: &Json) -> bool {
    match values {
        Json::List(items) => items.iter().any(has_fraction),
        Json::Fraction(_) => true,
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => false,
    }
}

fn member<'j>(members: &'j Members, name: &str) -> Option<&'j Json> {
    members.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn named(members: &Members, name: &str) -> bool {
    member(members, name).is_some()
}

/// A name as a part of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
