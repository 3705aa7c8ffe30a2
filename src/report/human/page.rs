//! Indented lines with a symbol in front: the paper that plans are written on.

use std::fmt::Write as _;

use crate::report::paint::Tone;

/// What happens to the thing on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// It appears.
    Add,
    /// It changes.
    Change,
    /// It disappears.
    Remove,
    /// It disappears and appears anew.
    Replace,
    /// Nothing.
    Keep,
}

impl Mark {
    /// Returns the symbol, which is never left to colour.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Mark::Add => "+",
            Mark::Change => "~",
            Mark::Remove => "-",
            Mark::Replace => "-/+",
            Mark::Keep => " ",
        }
    }

    fn painted(self) -> String {
        let tone = match self {
            Mark::Add => Tone::Add,
            Mark::Change => Tone::Change,
            Mark::Remove => Tone::Remove,
            Mark::Replace => {
                return format!("{}/{}", Tone::Remove.paint("-"), Tone::Add.paint("+"));
            }
            Mark::Keep => return " ".to_owned(),
        };
        tone.paint(self.symbol())
    }
}

/// Text that grows line by line.
#[derive(Debug, Default)]
pub(crate) struct Page(String);

impl Page {
    /// Writes a line with a symbol. The text stands four columns further right per level.
    pub(crate) fn row(&mut self, level: usize, mark: Mark, text: &str) {
        let width = (4 * level + 3).saturating_sub(mark.symbol().len());
        let _ = writeln!(self.0, "{:width$}{} {text}", "", mark.painted());
    }

    /// Writes a line without a symbol, below the text of that level.
    pub(crate) fn plain(&mut self, level: usize, text: &str) {
        let _ = writeln!(self.0, "{:width$}{text}", "", width = 4 * level + 4);
    }

    /// Writes a remark about what is not shown, below the text of that level.
    pub(crate) fn remark(&mut self, level: usize, text: &str) {
        self.plain(level, &Tone::Faint.paint(&format!("# {text}")));
    }

    /// Says how many things of a sort are not shown, if any.
    pub(crate) fn hidden(&mut self, level: usize, count: usize, thing: &str) {
        if count > 0 {
            let s = if count == 1 { "" } else { "s" };
            self.remark(level, &format!("({count} unchanged {thing}{s} hidden)"));
        }
    }

    /// Writes text as it is and ends the line.
    pub(crate) fn line(&mut self, text: &str) {
        let _ = writeln!(self.0, "{text}");
    }

    /// Returns whether nothing was written.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes what stands on another page.
    pub(crate) fn append(&mut self, other: &Page) {
        self.0.push_str(&other.0);
    }

    /// Returns what was written.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}
