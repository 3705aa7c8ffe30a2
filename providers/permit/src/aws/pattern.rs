//! Patterns of text: literals, wildcards, the fields of ARNs, and policy variables.

use std::sync::Arc;

/// How text of a policy is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// Whether `*` and `?` stand for anything.
    pub(super) wild: bool,
    /// Whether case does not matter.
    pub(super) fold: bool,
    /// Whether `${…}` is a policy variable: version 2012-10-17.
    pub(super) variables: bool,
}

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// This character, which is in lower case, in either case.
    Fold(char),
    /// Any one character; a colon only if `colon`.
    One { colon: bool },
    /// Any run of characters; colons only if `colon`.
    Run { colon: bool },
    /// The value of a policy variable, in any case if `fold`.
    Symbol { name: Arc<str>, fold: bool },
}

/// One letter of the texts that patterns are tried on: the value of a variable is one letter, so
/// that it is equal to itself and to nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Letter {
    /// A character.
    Char(char),
    /// The value of a variable, or that value in another case.
    Symbol { name: Arc<str>, swapped: bool },
}

/// A pattern of text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pattern(pub(super) Vec<Token>);

impl Token {
    /// Whether it takes a letter.
    pub(super) fn takes(&self, letter: &Letter) -> bool {
        match (self, letter) {
            (Token::Char(own), Letter::Char(other)) => own == other,
            (Token::Fold(own), Letter::Char(other)) => *own == lower(*other),
            (Token::One { colon } | Token::Run { colon }, Letter::Char(other)) => {
                *colon || *other != ':'
            }
            (Token::Run { .. }, Letter::Symbol { .. }) => true,
            (Token::Symbol { name, fold }, Letter::Symbol { name: other, swapped }) => {
                name == other && (*fold || !*swapped)
            }
            // A variable may be of any length, so one character never stands for it.
            (Token::Char(_) | Token::Fold(_) | Token::One { .. }, Letter::Symbol { .. })
            | (Token::Symbol { .. }, Letter::Char(_)) => false,
        }
    }
}

impl Pattern {
    /// Reads text.
    pub(super) fn read(text: &str, style: Style) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((variable, after)) = variable(rest).filter(|_| style.variables) {
                tokens.push(match variable {
                    "*" | "?" | "$" => plain(variable.chars().next().unwrap_or('$'), style.fold),
                    name => Token::Symbol { name: symbol(name), fold: style.fold },
                });
                rest = after;
                continue;
            }
            tokens.push(match first {
                '*' if style.wild => Token::Run { colon: true },
                '?' if style.wild => Token::One { colon: true },
                other => plain(other, style.fold),
            });
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
        Self(tokens)
    }

    /// Reads the pattern of an ARN: in the first five fields a wildcard does not cross a colon.
    /// `None` if it has fewer than six fields and is not `*` alone.
    pub(super) fn arn(text: &str, variables: bool) -> Option<Self> {
        let Self(mut tokens) = Self::read(text, Style { wild: true, fold: false, variables });
        if !tokens.is_empty() && tokens.iter().all(|token| matches!(token, Token::Run { .. })) {
            return Some(Self(vec![Token::Run { colon: true }]));
        }
        let mut fields = 1;
        for token in &mut tokens {
            match token {
                Token::Char(':') => fields += 1,
                Token::One { colon } | Token::Run { colon } => *colon = fields >= 6,
                Token::Char(_) | Token::Fold(_) | Token::Symbol { .. } => {}
            }
        }
        (fields >= 6).then_some(Self(tokens))
    }

    /// The pattern that every ARN fits and nothing else.
    pub(super) fn any_arn() -> Self {
        let field = [Token::One { colon: false }, Token::Run { colon: false }, Token::Char(':')];
        let mut tokens: Vec<Token> = "arn:".chars().map(Token::Char).collect();
        tokens.extend(field.iter().cloned().chain(field.iter().cloned()));
        tokens.extend([Token::Run { colon: false }, Token::Char(':')]);
        tokens.extend([Token::Run { colon: false }, Token::Char(':'), Token::Run { colon: true }]);
        Self(tokens)
    }

    /// Whether it is `*`.
    pub(super) fn is_anything(&self) -> bool {
        self.0 == [Token::Run { colon: true }]
    }

    /// Whether it has a wildcard.
    pub(super) fn is_wild(&self) -> bool {
        self.0.iter().any(|token| matches!(token, Token::One { .. } | Token::Run { .. }))
    }

    /// The same with a wildcard for every variable: whatever fits it, fits this too.
    pub(super) fn widened(&self, arn: bool) -> Self {
        let mut fields = 1;
        let tokens = self.0.iter().map(|token| {
            fields += usize::from(*token == Token::Char(':'));
            match token {
                Token::Symbol { .. } => Token::Run { colon: !arn || fields >= 6 },
                Token::Char(_) | Token::Fold(_) | Token::One { .. } | Token::Run { .. } => {
                    token.clone()
                }
            }
        });
        Self(tokens.collect())
    }

    /// The same with every variable's value, or `None` if one has none.
    pub(super) fn resolved(&self, value: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let mut tokens = Vec::new();
        for token in &self.0 {
            if let Token::Symbol { name, fold } = token {
                tokens.extend(value(name)?.chars().map(|c| plain(c, *fold)));
            } else {
                tokens.push(token.clone());
            }
        }
        Some(Self(tokens))
    }

    /// Whether text fits it.
    pub(super) fn fits(&self, text: &[Letter]) -> bool {
        let tokens = &self.0;
        let (mut at, mut step) = (0, 0);
        // The last run met, and where what it takes ends. Going back to that one is enough: an
        // earlier run of the same field could only leave it less, and none crosses into another.
        let mut last: Option<(usize, usize)> = None;
        loop {
            let letter = text.get(at);
            match (tokens.get(step), letter) {
                (Some(Token::Run { .. }), _) => {
                    last = Some((step, at));
                    step += 1;
                    continue;
                }
                (None, None) => return true,
                (Some(token), Some(letter)) if token.takes(letter) => {
                    step += 1;
                    at += 1;
                    continue;
                }
                (Some(_) | None, Some(_)) | (Some(_), None) => {}
            }
            let Some((run, end)) = last else { return false };
            let longer = text.get(end).is_some_and(|l| tokens.get(run).is_some_and(|t| t.takes(l)));
            if !longer {
                return false;
            }
            last = Some((run, end + 1));
            step = run + 1;
            at = end + 1;
        }
    }

    /// Text that fits it, with `run` for every run and `x` for every single wildcard.
    pub(super) fn example(&self, run: &str) -> Vec<Letter> {
        let mut text = Vec::new();
        for token in &self.0 {
            match token {
                Token::Char(c) | Token::Fold(c) => text.push(Letter::Char(*c)),
                Token::One { .. } => text.push(Letter::Char('x')),
                Token::Run { .. } => text.extend(letters(run)),
                Token::Symbol { name, .. } => {
                    text.push(Letter::Symbol { name: name.clone(), swapped: false });
                }
            }
        }
        text
    }
}

/// The letters of plain text.
pub(super) fn letters(text: &str) -> Vec<Letter> {
    text.chars().map(Letter::Char).collect()
}

/// The context key whose value a variable has, in lower case, and its default value.
pub(super) fn variable_key(name: &str) -> (String, Option<&str>) {
    match name.split_once(',') {
        Some((key, default)) => {
            (key.trim().to_lowercase(), Some(default.trim().trim_matches('\'')))
        }
        None => (name.trim().to_lowercase(), None),
    }
}

/// Whether a variable stands for an output that is not known yet: AWS's keys have a colon.
pub(super) fn is_open(name: &str) -> bool {
    !name.contains(':')
}

/// The lower case of a character, where that is one character.
pub(super) fn lower(c: char) -> char {
    if c.is_ascii() { c.to_ascii_lowercase() } else { c.to_lowercase().next().unwrap_or(c) }
}

fn plain(c: char, fold: bool) -> Token {
    if fold { Token::Fold(lower(c)) } else { Token::Char(c) }
}

/// Splits `${name}` off the front.
fn variable(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("${")?.split_once('}')
}

/// Keys are not case-sensitive, default values are.
fn symbol(name: &str) -> Arc<str> {
    if is_open(name) {
        return name.into();
    }
    match name.split_once(',') {
        Some((key, default)) => format!("{},{default}", key.trim().to_lowercase()).into(),
        None => name.trim().to_lowercase().into(),
    }
}
