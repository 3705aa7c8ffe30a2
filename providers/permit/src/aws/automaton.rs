//! Which of many patterns text can fit at once, with a text for every such combination.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::bits::Bits;
use super::pattern::{Letter, Pattern, Token, lower};

/// How many states one automaton may have.
const STATES: usize = 60_000;

/// How many states all automata of one comparison may have together.
const ALL_STATES: usize = 1_000_000;

/// What is left of the work that one comparison may take.
#[derive(Debug)]
pub(super) struct Budget(usize);

/// Said where telling the cases apart would take too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// One combination of patterns that some text fits while it fits none of the others.
#[derive(Clone, Debug)]
pub(super) struct Combination {
    /// The patterns it fits.
    pub(super) fits: Bits,
    /// The shortest such text.
    pub(super) text: Vec<Letter>,
}

/// Where in all patterns one is, by number of token, sorted.
type State = Vec<usize>;

impl Budget {
    /// The work one comparison may take.
    pub(super) fn new() -> Self {
        Self(ALL_STATES)
    }

    /// Takes some of it.
    pub(super) fn spend(&mut self, work: usize) -> Result<(), TooMany> {
        self.0 = self.0.checked_sub(work).ok_or(TooMany)?;
        Ok(())
    }
}

/// Returns every combination of `patterns` that some text fits, shortest texts first.
pub(super) fn combinations(
    patterns: &[Pattern],
    budget: &mut Budget,
) -> Result<Vec<Combination>, TooMany> {
    let joint = Joint::new(patterns);
    let start = joint.start();
    let mut found: BTreeMap<Bits, usize> = BTreeMap::new();
    let mut order = Vec::new();
    let mut known: BTreeMap<State, usize> = BTreeMap::from([(start.clone(), 0)]);
    let mut came: Vec<Option<(usize, Letter)>> = vec![None];
    let mut queue = VecDeque::from([(0, start)]);
    while let Some((number, state)) = queue.pop_front() {
        budget.spend(1)?;
        let fits = joint.accepted(&state);
        if !found.contains_key(&fits) {
            found.insert(fits.clone(), number);
            order.push((fits, number));
        }
        for letter in joint.relevant(&state) {
            let next = joint.step(&state, &letter);
            if known.contains_key(&next) {
                continue;
            }
            if known.len() >= STATES {
                return Err(TooMany);
            }
            known.insert(next.clone(), came.len());
            queue.push_back((came.len(), next));
            came.push(Some((number, letter)));
        }
    }
    Ok(order
        .into_iter()
        .map(|(fits, number)| Combination { fits, text: spelled(&came, number) })
        .collect())
}

fn spelled(came: &[Option<(usize, Letter)>], end: usize) -> Vec<Letter> {
    let mut text = Vec::new();
    let mut at = end;
    while let Some(Some((before, letter))) = came.get(at) {
        text.push(letter.clone());
        at = *before;
    }
    text.reverse();
    text
}

/// All patterns side by side.
struct Joint<'p> {
    /// The tokens of all patterns, with `None` where one ends.
    tokens: Vec<Option<&'p Token>>,
    /// Where each pattern starts.
    starts: Vec<usize>,
    /// Which pattern ends at a place, if one does.
    ends: Vec<Option<usize>>,
    /// A character that no pattern names.
    other: char,
}

impl<'p> Joint<'p> {
    fn new(patterns: &'p [Pattern]) -> Self {
        let (mut tokens, mut starts, mut ends) = (Vec::new(), Vec::new(), Vec::new());
        let mut named = BTreeSet::from([':']);
        for (number, pattern) in patterns.iter().enumerate() {
            starts.push(tokens.len());
            for token in &pattern.0 {
                if let Token::Char(c) | Token::Fold(c) = token {
                    named.insert(lower(*c));
                }
                tokens.push(Some(token));
            }
            ends.resize(tokens.len(), None);
            ends.push(Some(number));
            tokens.push(None);
        }
        let other = "xabcdefghijklmnopqrstuvwyz0123456789-_"
            .chars()
            .chain('\u{100}'..='\u{ffff}')
            .find(|c| !named.contains(&lower(*c)))
            .unwrap_or('x');
        Self { tokens, starts, ends, other }
    }

    fn start(&self) -> State {
        let mut state = State::new();
        for start in &self.starts {
            self.enter(*start, &mut state);
        }
        state
    }

    /// Adds a place, and those behind it that need no letter.
    fn enter(&self, mut place: usize, state: &mut State) {
        state.push(place);
        while let Some(Some(Token::Run { .. })) = self.tokens.get(place) {
            place += 1;
            state.push(place);
        }
    }

    fn step(&self, state: &State, letter: &Letter) -> State {
        let mut next = State::new();
        for place in state {
            if let Some(Some(token)) = self.tokens.get(*place)
                && token.takes(letter)
            {
                let stays = matches!(token, Token::Run { .. });
                self.enter(if stays { *place } else { place + 1 }, &mut next);
            }
        }
        next.sort_unstable();
        next.dedup();
        next
    }

    fn accepted(&self, state: &State) -> Bits {
        Bits::of(
            self.starts.len(),
            state.iter().filter_map(|place| self.ends.get(*place).copied().flatten()),
        )
    }

    /// The letters that a state tells apart, one for all others last.
    fn relevant(&self, state: &State) -> BTreeSet<Letter> {
        let mut letters = BTreeSet::new();
        for token in state.iter().filter_map(|place| self.tokens.get(*place).copied().flatten()) {
            match token {
                Token::Char(c) => {
                    letters.insert(Letter::Char(*c));
                }
                Token::Fold(c) => {
                    letters.insert(Letter::Char(*c));
                    letters.extend(c.to_uppercase().map(Letter::Char));
                }
                Token::One { colon } | Token::Run { colon } => {
                    letters.insert(Letter::Char(self.other));
                    if !colon {
                        letters.insert(Letter::Char(':'));
                    }
                }
                Token::Symbol { name, fold } => {
                    letters.insert(Letter::Symbol { name: name.clone(), swapped: false });
                    if *fold {
                        letters.insert(Letter::Symbol { name: name.clone(), swapped: true });
                    }
                }
            }
        }
        letters.insert(Letter::Char(self.other));
        letters
    }
}
