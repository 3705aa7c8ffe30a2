//! Puts a request together from one case of every dimension.

use std::collections::BTreeMap;

use super::conditions::Held;
use super::pattern::{Letter, is_open, variable_key};
use super::principals::Principal;
use crate::Witness;

/// What a request has in one dimension.
#[derive(Clone, Debug)]
pub(super) enum Given {
    /// Its resource.
    Resource(Vec<Letter>),
    /// Who asks.
    Principal(Principal),
    /// The values of a context key.
    Key(String, Held),
}

/// Puts a request together. Variables of AWS get the values of their keys, or values of their own.
pub(super) fn request(action: &str, given: &[&Given]) -> Witness {
    let mut witness = Witness {
        principal: None,
        action: action.to_owned(),
        resource: "*".to_owned(),
        context: BTreeMap::new(),
    };
    let values = values(given);
    for part in given {
        match part {
            Given::Resource(letters) => witness.resource = spelled(letters, &values),
            Given::Principal(principal) => witness.principal = Some(principal.to_string()),
            Given::Key(key, Some(held)) => {
                let held = held.iter().map(|letters| spelled(letters, &values)).collect();
                witness.context.insert(key.clone(), held);
            }
            Given::Key(_, None) => {}
        }
    }
    let keys: Vec<String> = witness.context.keys().map(|key| key.to_lowercase()).collect();
    for (key, value) in values {
        if !keys.contains(&key) {
            witness.context.insert(key, vec![value]);
        }
    }
    witness
}

/// The values of the keys that variables name.
fn values(given: &[&Given]) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let texts = given.iter().flat_map(|part| match part {
        Given::Resource(letters) => vec![letters],
        Given::Principal(_) | Given::Key(_, None) => Vec::new(),
        Given::Key(_, Some(held)) => held.iter().collect(),
    });
    for letter in texts.flatten() {
        if let Letter::Symbol { name, .. } = letter
            && !is_open(name)
        {
            let (key, _) = variable_key(name);
            let own = format!("value-of-{}", key.replace([':', '/'], "-"));
            values.insert(key, own);
        }
    }
    for part in given {
        if let Given::Key(key, Some(held)) = part
            && let Some(value) = values.get_mut(&key.to_lowercase())
            && let [letters] = held.as_slice()
            && letters.iter().all(|letter| matches!(letter, Letter::Char(_)))
        {
            *value = spelled(letters, &BTreeMap::new());
        }
    }
    values
}

fn spelled(letters: &[Letter], values: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for letter in letters {
        match letter {
            Letter::Char(c) => text.push(*c),
            Letter::Symbol { name, swapped } => {
                let value = match values.get(&variable_key(name).0) {
                    Some(value) if !is_open(name) => value.clone(),
                    Some(_) | None => format!("${{{name}}}"),
                };
                text.push_str(&if *swapped { value.to_uppercase() } else { value });
            }
        }
    }
    text
}
