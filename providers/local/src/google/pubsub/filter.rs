//! Filters of subscriptions: conditions on the attributes of messages.
//!
//! Source: docs.cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax.

use std::iter::Peekable;
use std::str::Chars;

use serde_json::{Map, Value};

/// A filter that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// The attribute is there.
    Has(String),
    /// It is there and has this value.
    Is(String, String),
    /// It is there and has another value.
    IsNot(String, String),
    /// It is there and its value starts so.
    StartsWith(String, String),
    /// The filter does not hold.
    Not(Box<Filter>),
    /// Both hold.
    Both(Box<Filter>, Box<Filter>),
    /// One of both holds.
    Either(Box<Filter>, Box<Filter>),
}

/// The longest filter.
const LONGEST: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(&'static str),
}

impl Filter {
    /// Reads a filter; `None` if its syntax is wrong.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let mut tokens = tokens(text)?.into_iter().peekable();
        let filter = joined(&mut tokens)?;
        tokens.next().is_none().then_some(filter)
    }

    /// Whether a message with these attributes fits.
    pub(super) fn fits(&self, attributes: &Map<String, Value>) -> bool {
        let of = |name: &str| attributes.get(name).and_then(Value::as_str);
        match self {
            Self::Has(name) => of(name).is_some(),
            Self::Is(name, value) => of(name) == Some(value),
            Self::IsNot(name, value) => of(name).is_some_and(|found| found != value),
            Self::StartsWith(name, start) => of(name).is_some_and(|found| found.starts_with(start)),
            Self::Not(inner) => !inner.fits(attributes),
            Self::Both(left, right) => left.fits(attributes) && right.fits(attributes),
            Self::Either(left, right) => left.fits(attributes) || right.fits(attributes),
        }
    }
}

const SIGNS: &[&str] = &["!=", "=", ":", "(", ")", ",", ".", "-"];

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        if let Some(quoted) = rest.strip_prefix('"') {
            let (value, length) = quoted_text(quoted.chars().peekable())?;
            tokens.push(Token::Text(value));
            rest = quoted.get(length..)?;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        } else {
            let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            let word = rest.get(..end).filter(|word| !word.is_empty())?;
            tokens.push(Token::Word(word.to_owned()));
            rest = rest.get(end..)?;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// The value of a quoted text, and how many bytes it takes with its closing quote.
fn quoted_text(mut letters: Peekable<Chars<'_>>) -> Option<(String, usize)> {
    let (mut value, mut length) = (String::new(), 0);
    loop {
        let letter = letters.next()?;
        length += letter.len_utf8();
        match letter {
            '"' => return Some((value, length)),
            '\\' => {
                let escaped = letters.next()?;
                length += escaped.len_utf8();
                value.push(escaped);
            }
            _ => value.push(letter),
        }
    }
}

type Tokens = Peekable<std::vec::IntoIter<Token>>;

/// Terms joined by `AND` or by `OR`; both need parentheses to stand together.
fn joined(tokens: &mut Tokens) -> Option<Filter> {
    let mut filter = term(tokens)?;
    let mut joint: Option<String> = None;
    while let Some(Token::Word(word)) = tokens.peek().cloned() {
        if (word != "AND" && word != "OR") || joint.as_ref().is_some_and(|joint| *joint != word) {
            return None;
        }
        tokens.next();
        let right = Box::new(term(tokens)?);
        filter = match word.as_str() {
            "AND" => Filter::Both(Box::new(filter), right),
            _ => Filter::Either(Box::new(filter), right),
        };
        joint = Some(word);
    }
    Some(filter)
}

fn term(tokens: &mut Tokens) -> Option<Filter> {
    match tokens.next()? {
        Token::Word(word) if word == "NOT" => Some(Filter::Not(Box::new(term(tokens)?))),
        Token::Sign("-") => Some(Filter::Not(Box::new(term(tokens)?))),
        Token::Sign("(") => {
            let inner = joined(tokens)?;
            (tokens.next()? == Token::Sign(")")).then_some(inner)
        }
        Token::Word(word) if word == "hasPrefix" => {
            expect(tokens, &[Token::Sign("("), Token::Word("attributes".to_owned())])?;
            expect(tokens, &[Token::Sign(".")])?;
            let name = name(tokens.next()?)?;
            expect(tokens, &[Token::Sign(",")])?;
            let Token::Text(start) = tokens.next()? else { return None };
            expect(tokens, &[Token::Sign(")")])?;
            Some(Filter::StartsWith(name, start))
        }
        Token::Word(word) if word == "attributes" => match tokens.next()? {
            Token::Sign(":") => Some(Filter::Has(name(tokens.next()?)?)),
            Token::Sign(".") => {
                let name = name(tokens.next()?)?;
                let sign = tokens.next()?;
                let Token::Text(value) = tokens.next()? else { return None };
                match sign {
                    Token::Sign("=") => Some(Filter::Is(name, value)),
                    Token::Sign("!=") => Some(Filter::IsNot(name, value)),
                    Token::Sign(_) | Token::Word(_) | Token::Text(_) => None,
                }
            }
            Token::Sign(_) | Token::Word(_) | Token::Text(_) => None,
        },
        Token::Sign(_) | Token::Word(_) | Token::Text(_) => None,
    }
}

fn expect(tokens: &mut Tokens, wanted: &[Token]) -> Option<()> {
    wanted.iter().try_for_each(|token| (tokens.next()? == *token).then_some(()))
}

fn name(token: Token) -> Option<String> {
    match token {
        Token::Word(name) | Token::Text(name) => Some(name),
        Token::Sign(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fits(filter: &str) -> bool {
        let attributes = json!({"kind": "order", "lang": "en-GB", "odd name": "x"});
        Filter::parse(filter).unwrap().fits(attributes.as_object().unwrap())
    }

    #[test]
    fn attributes_are_asked_as_the_language_has_it() {
        assert!(fits("attributes.kind = \"order\""));
        assert!(fits("attributes:kind AND NOT attributes:gone"));
        assert!(fits("hasPrefix(attributes.lang, \"en\") AND attributes.kind != \"x\""));
        assert!(fits("attributes.\"odd name\" = \"x\" AND (attributes:gone OR attributes:lang)"));
        assert!(!fits("-attributes:kind"));
        assert!(!fits("attributes.gone != \"x\""), "an attribute that is not there is not unequal");
    }

    #[test]
    fn what_is_no_filter_is_not_read() {
        let wrong = [
            "kind = \"x\"",
            "attributes.kind = order",
            "attributes.kind = \"x\" AND",
            "attributes:a AND attributes:b OR attributes:c",
            "attributes.kind > \"x\"",
            "(attributes:a",
            "\"open",
        ];
        for text in wrong {
            assert_eq!(Filter::parse(text), None, "{text}");
        }
        assert_eq!(Filter::parse(&format!("attributes:{}", "a".repeat(300))), None);
    }
}
