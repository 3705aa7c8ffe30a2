//! What can be wrong with a policy document.

use std::fmt;

/// A policy document, or one of two, could not be read. Holds everything that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ReadError {
    /// What is wrong, in the order of the text.
    pub mistakes: Vec<Mistake>,
}

/// One thing that is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Which document, as the caller calls it.
    pub document: String,
    /// Where in it: a JSON pointer such as `/Statement/0/Effect`, or `line 3, column 7` where it
    /// is not JSON at all. Empty where it is about the whole document.
    pub at: String,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, mistake) in self.mistakes.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.document)?;
        if !self.at.is_empty() {
            write!(f, " at {}", self.at)?;
        }
        write!(f, ": {}; {}", self.what, self.hint)
    }
}
