//! One test of a key: its operator, its values, and what it says of one value.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::super::pattern::{Letter, Pattern, Style, letters, variable_key};
use super::super::statement::Condition;
use super::order::{Comparing, Point, instant, number};

/// A test of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) struct Test {
    /// Whether it is about one value, all, or any.
    pub(in super::super) quantifier: Quantifier,
    /// Whether it holds where the key is absent.
    pub(in super::super) if_exists: bool,
    /// Whether it holds where no value matches.
    pub(in super::super) negated: bool,
    /// What it looks at.
    pub(in super::super) check: Check,
}

/// How many values a test is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Quantifier {
    /// The key's only value.
    One,
    /// All of them: `ForAllValues`.
    All,
    /// Any of them: `ForAnyValue`.
    Any,
}

/// What a test looks at, before negation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Check {
    /// Whether the value fits any of these.
    Text(BTreeSet<Pattern>),
    /// Whether the value is an ARN that fits any of these.
    Arn(BTreeSet<Pattern>),
    /// Whether the value compares so with any of these numbers.
    Number(Comparing, BTreeSet<Point>),
    /// Whether the value compares so with any of these instants.
    Date(Comparing, BTreeSet<Point>),
    /// Whether the value is an address in any of these networks.
    Address(BTreeSet<IpNet>),
    /// Whether the key is there, or is not.
    Null { present: bool, absent: bool },
    /// Something that is not understood; why, all of its text, and whether variables are in it.
    Odd { why: String, text: Condition, variables: bool },
}

/// What an operator compares.
#[derive(Clone, Copy)]
enum Base {
    Text { wild: bool, fold: bool },
    Bool,
    Arn,
    Number(Comparing),
    Date(Comparing),
    Address,
    Null,
}

/// Every operator, its base in lower case and whether it is negated.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
const OPERATORS: &[(&str, Base, bool)] = &[
    ("stringequals", Base::Text { wild: false, fold: false }, false),
    ("stringnotequals", Base::Text { wild: false, fold: false }, true),
    ("stringequalsignorecase", Base::Text { wild: false, fold: true }, false),
    ("stringnotequalsignorecase", Base::Text { wild: false, fold: true }, true),
    ("stringlike", Base::Text { wild: true, fold: false }, false),
    ("stringnotlike", Base::Text { wild: true, fold: false }, true),
    ("numericequals", Base::Number(Comparing::Equal), false),
    ("numericnotequals", Base::Number(Comparing::Equal), true),
    ("numericlessthan", Base::Number(Comparing::Less), false),
    ("numericlessthanequals", Base::Number(Comparing::LessOrEqual), false),
    ("numericgreaterthan", Base::Number(Comparing::Greater), false),
    ("numericgreaterthanequals", Base::Number(Comparing::GreaterOrEqual), false),
    ("dateequals", Base::Date(Comparing::Equal), false),
    ("datenotequals", Base::Date(Comparing::Equal), true),
    ("datelessthan", Base::Date(Comparing::Less), false),
    ("datelessthanequals", Base::Date(Comparing::LessOrEqual), false),
    ("dategreaterthan", Base::Date(Comparing::Greater), false),
    ("dategreaterthanequals", Base::Date(Comparing::GreaterOrEqual), false),
    ("bool", Base::Bool, false),
    ("binaryequals", Base::Text { wild: false, fold: false }, false),
    ("ipaddress", Base::Address, false),
    ("notipaddress", Base::Address, true),
    ("arnequals", Base::Arn, false),
    ("arnlike", Base::Arn, false),
    ("arnnotequals", Base::Arn, true),
    ("arnnotlike", Base::Arn, true),
    ("null", Base::Null, false),
];

impl Test {
    /// Reads a condition; `variables` says whether `${…}` is one.
    pub(in super::super) fn read(condition: &Condition, variables: bool) -> Self {
        let operator = condition.operator.to_lowercase();
        let (quantifier, rest) = match operator.split_once(':') {
            Some(("forallvalues", rest)) => (Quantifier::All, rest),
            Some(("foranyvalue", rest)) => (Quantifier::Any, rest),
            Some(_) | None => (Quantifier::One, operator.as_str()),
        };
        let (name, if_exists) = match rest.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let known = OPERATORS.iter().find(|(own, _, _)| *own == name);
        let plain = quantifier == Quantifier::One && !if_exists;
        let (negated, check) = match known {
            Some((_, Base::Null, _)) if !plain => (false, None),
            Some((_, base, negated)) => (*negated, check(*base, condition, variables)),
            None => {
                let why = format!("the operator {} is not known", condition.operator);
                let odd = odd(why, condition, variables);
                return Self { quantifier: Quantifier::One, if_exists, negated: false, check: odd };
            }
        };
        let check = check.unwrap_or_else(|| {
            let why = format!("{} is not understood with these values", condition.operator);
            odd(why, condition, variables)
        });
        Self { quantifier, if_exists, negated, check }
    }

    /// Why it is not understood, if it is not.
    pub(in super::super) fn odd(&self) -> Option<String> {
        match &self.check {
            Check::Odd { why, .. } => Some(why.clone()),
            Check::Text(_)
            | Check::Arn(_)
            | Check::Number(..)
            | Check::Date(..)
            | Check::Address(_)
            | Check::Null { .. } => None,
        }
    }

    /// Whether it is not understood.
    pub(in super::super) fn is_odd(&self) -> bool {
        matches!(self.check, Check::Odd { .. })
    }

    /// Whether it is about the key being there.
    pub(in super::super) fn is_null(&self) -> bool {
        matches!(self.check, Check::Null { .. })
    }

    /// Whether it holds where the key is absent.
    pub(in super::super) fn holds_absent(&self) -> bool {
        if let Check::Null { absent, .. } = self.check {
            return absent;
        }
        self.if_exists
            || match self.quantifier {
                Quantifier::All => true,
                Quantifier::Any => false,
                Quantifier::One => self.negated,
            }
    }

    /// Whether it holds for the values of a key; `None` if that cannot be told.
    pub(in super::super) fn holds(
        &self,
        held: Option<&[String]>,
        value: &dyn Fn(&str) -> Option<String>,
    ) -> Option<bool> {
        if self.is_odd() {
            return None;
        }
        let Some(held) = held else { return Some(self.holds_absent()) };
        if let Check::Null { present, .. } = self.check {
            return Some(present);
        }
        if held.iter().any(|one| self.is_open_for(one)) {
            return None;
        }
        match (self.quantifier, held) {
            (Quantifier::All, _) => Some(held.iter().all(|one| self.holds_for(one, value))),
            (Quantifier::Any, _) => Some(held.iter().any(|one| self.holds_for(one, value))),
            (Quantifier::One, [one]) => Some(self.holds_for(one, value)),
            (Quantifier::One, _) => None,
        }
    }

    /// Whether a value is an ARN that is not known yet, and may fit more than itself.
    fn is_open_for(&self, text: &str) -> bool {
        let wild = |pattern: &Pattern| pattern.is_wild() && !pattern.is_anything();
        text.starts_with("${")
            && matches!(&self.check, Check::Arn(patterns) if patterns.iter().any(wild))
    }

    /// Whether it holds for one value.
    pub(in super::super) fn holds_for(
        &self,
        text: &str,
        value: &dyn Fn(&str) -> Option<String>,
    ) -> bool {
        self.negated != self.matches(text, value)
    }

    fn matches(&self, text: &str, value: &dyn Fn(&str) -> Option<String>) -> bool {
        let fits = |pattern: &Pattern| {
            let spelled: Vec<Letter> = letters(text);
            // An output that is not known yet is written as it stands in the policy.
            pattern.resolved(value).is_some_and(|pattern| pattern.fits(&spelled))
        };
        match &self.check {
            Check::Text(patterns) | Check::Arn(patterns) => patterns.iter().any(fits),
            Check::Number(comparing, points) => {
                number(text).is_some_and(|own| points.iter().any(|p| comparing.holds(own, *p)))
            }
            Check::Date(comparing, points) => {
                instant(text).is_some_and(|own| points.iter().any(|p| comparing.holds(own, *p)))
            }
            Check::Address(networks) => text
                .parse()
                .is_ok_and(|own: std::net::IpAddr| networks.iter().any(|net| net.contains(&own))),
            Check::Null { .. } | Check::Odd { .. } => false,
        }
    }
}

/// What a variable's name stands for in a request's context.
pub(in super::super) fn variable_value(
    name: &str,
    context: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    if super::super::pattern::is_open(name) {
        return Some(format!("${{{name}}}"));
    }
    let (key, default) = variable_key(name);
    context(&key).or_else(|| default.map(str::to_owned))
}

fn odd(why: String, condition: &Condition, variables: bool) -> Check {
    let variables = variables && condition.values.iter().any(|value| value.contains("${"));
    Check::Odd { why, text: condition.clone(), variables }
}

/// Reads the values of a condition; `None` if one of them is not understood.
fn check(base: Base, condition: &Condition, variables: bool) -> Option<Check> {
    let values = &condition.values;
    // Only text may hold variables whose values matter here.
    let plain = !variables || !values.iter().any(|value| value.contains("${"));
    let style = |wild, fold| Style { wild, fold, variables };
    let read = |style| values.iter().map(|v| Pattern::read(v, style)).collect();
    Some(match base {
        Base::Text { wild, fold } => Check::Text(read(style(wild, fold))),
        Base::Bool => {
            let booleans = values
                .iter()
                .all(|v| v.eq_ignore_ascii_case("true") || v.eq_ignore_ascii_case("false"));
            (booleans && plain).then(|| Check::Text(read(style(false, true))))?
        }
        Base::Arn => Check::Arn(values.iter().map(|v| arn(v, variables)).collect::<Option<_>>()?),
        Base::Number(comparing) => {
            Check::Number(comparing, values.iter().map(|v| number(v)).collect::<Option<_>>()?)
        }
        Base::Date(comparing) => {
            Check::Date(comparing, values.iter().map(|v| instant(v)).collect::<Option<_>>()?)
        }
        Base::Address => Check::Address(values.iter().map(|v| network(v)).collect::<Option<_>>()?),
        Base::Null => {
            let all = values.iter().all(|v| matches!(v.to_lowercase().as_str(), "true" | "false"));
            let has = |wanted: &str| values.iter().any(|v| v.eq_ignore_ascii_case(wanted));
            all.then(|| Check::Null { present: has("false"), absent: has("true") })?
        }
    })
}

/// Reads the pattern of an ARN, or an output that is one once it is known.
fn arn(text: &str, variables: bool) -> Option<Pattern> {
    super::super::resources::pattern(text, variables)
}

fn network(text: &str) -> Option<IpNet> {
    let net: IpNet = text
        .parse()
        .ok()
        .or_else(|| text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address)))?;
    Some(net.trunc())
}
