//! The rules of a filter pattern: what one value may be.

use serde_json::Value;

use super::filter::Wrong;

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// This value.
    Equals(Value),
    /// This text, in any case.
    IgnoreCase(String),
    /// A text that begins so.
    Prefix(String),
    /// A text that ends so.
    Suffix(String),
    /// None of these.
    AnythingBut(Vec<Value>),
    /// A number that all of these hold for.
    Numeric(Vec<(Comparison, f64)>),
    /// There is a value, or there is none.
    Exists(bool),
}

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

impl Rule {
    /// Reads a rule.
    pub(super) fn read(value: &Value) -> Result<Self, Wrong> {
        let object = match value {
            Value::Object(object) => object,
            Value::Array(_) => return Err(Wrong::Definition),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Ok(Self::Equals(value.clone()));
            }
        };
        let mut entries = object.iter();
        let (Some((name, value)), None) = (entries.next(), entries.next()) else {
            return Err(Wrong::Definition);
        };
        let text = || value.as_str().map(str::to_owned).ok_or(Wrong::Definition);
        match (name.as_str(), value) {
            ("prefix" | "suffix", Value::Object(_)) => {
                Err(Wrong::NotModelled("beginnings and ends in any case"))
            }
            ("prefix", _) => Ok(Self::Prefix(text()?)),
            ("suffix", _) => Ok(Self::Suffix(text()?)),
            ("equals-ignore-case", _) => Ok(Self::IgnoreCase(text()?)),
            ("exists", Value::Bool(there)) => Ok(Self::Exists(*there)),
            ("anything-but", Value::Object(_)) => {
                Err(Wrong::NotModelled("anything-but of beginnings and ends"))
            }
            ("anything-but", Value::Array(all)) if !all.is_empty() => {
                Ok(Self::AnythingBut(all.clone()))
            }
            ("anything-but", Value::String(_) | Value::Number(_)) => {
                Ok(Self::AnythingBut(vec![value.clone()]))
            }
            ("numeric", Value::Array(parts)) => numeric(parts),
            ("wildcard", _) => Err(Wrong::NotModelled("wildcards")),
            ("cidr", _) => Err(Wrong::NotModelled("address ranges")),
            _ => Err(Wrong::Definition),
        }
    }

    /// Whether it asks only whether there is a value.
    pub(super) fn is_exists(&self) -> bool {
        matches!(self, Self::Exists(_))
    }

    /// Whether a value fits; of a list, whether any item does.
    pub(super) fn fits(&self, found: Option<&Value>) -> bool {
        match (self, found) {
            (Self::Exists(there), _) => *there == found.is_some(),
            (_, None) => false,
            (_, Some(Value::Array(items))) => items.iter().any(|item| self.fits_one(item)),
            (_, Some(value)) => self.fits_one(value),
        }
    }

    fn fits_one(&self, value: &Value) -> bool {
        let text = value.as_str();
        match self {
            Self::Equals(wanted) => same(wanted, value),
            Self::IgnoreCase(wanted) => {
                text.is_some_and(|text| text.to_lowercase() == wanted.to_lowercase())
            }
            Self::Prefix(wanted) => text.is_some_and(|text| text.starts_with(wanted)),
            Self::Suffix(wanted) => text.is_some_and(|text| text.ends_with(wanted)),
            Self::AnythingBut(others) => {
                !value.is_object() && !others.iter().any(|other| same(other, value))
            }
            Self::Numeric(bounds) => value.as_f64().is_some_and(|number| {
                bounds.iter().all(|(comparison, bound)| comparison.holds(number, *bound))
            }),
            Self::Exists(there) => *there,
        }
    }
}

/// Numbers are the same however they are written.
fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
        _ => left == right,
    }
}

fn numeric(parts: &[Value]) -> Result<Rule, Wrong> {
    let bounds: Vec<(Comparison, f64)> = parts
        .chunks(2)
        .map(|pair| {
            let [sign, number] = pair else { return None };
            Some((Comparison::read(sign.as_str()?)?, number.as_f64()?))
        })
        .collect::<Option<_>>()
        .ok_or(Wrong::Definition)?;
    if (1..=2).contains(&bounds.len()) { Ok(Rule::Numeric(bounds)) } else { Err(Wrong::Definition) }
}

impl Comparison {
    fn read(sign: &str) -> Option<Self> {
        match sign {
            "<" => Some(Self::Less),
            "<=" => Some(Self::AtMost),
            "=" => Some(Self::Equal),
            ">=" => Some(Self::AtLeast),
            ">" => Some(Self::More),
            _ => None,
        }
    }

    fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Less => number < bound,
            Self::AtMost => number <= bound,
            Self::Equal => (number - bound).abs() < f64::EPSILON,
            Self::AtLeast => number >= bound,
            Self::More => number > bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_say_what_a_value_may_be() {
        for (rule, value, fits) in [
            (json!("a"), json!("a"), true),
            (json!(1), json!(1.0), true),
            (json!(null), json!(null), true),
            (json!(""), json!("a"), false),
            (json!({"prefix": "ab"}), json!("abc"), true),
            (json!({"suffix": "bc"}), json!("abc"), true),
            (json!({"equals-ignore-case": "ABC"}), json!("abc"), true),
            (json!({"anything-but": ["a", "b"]}), json!("c"), true),
            (json!({"anything-but": "c"}), json!("c"), false),
            (json!({"numeric": ["=", 3]}), json!(3), true),
            (json!({"numeric": [">=", 3, "<", 4]}), json!(4), false),
            (json!("b"), json!(["a", "b"]), true),
            (json!({"exists": true}), json!("x"), true),
        ] {
            let read = Rule::read(&rule).unwrap();
            assert_eq!(read.fits(Some(&value)), fits, "{rule} {value}");
        }
        let absent = Rule::read(&json!({"exists": false})).unwrap();
        assert!(absent.fits(None));
        assert!(!Rule::read(&json!("a")).unwrap().fits(None));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for rule in [
            json!([]),
            json!({"numeric": [">"]}),
            json!({"numeric": ["~", 1]}),
            json!({"exists": "yes"}),
            json!({"prefix": "a", "suffix": "b"}),
        ] {
            assert_eq!(Rule::read(&rule), Err(Wrong::Definition), "{rule}");
        }
        assert!(matches!(Rule::read(&json!({"wildcard": "a*"})), Err(Wrong::NotModelled(_))));
    }
}
