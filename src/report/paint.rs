//! Colours, as escape sequences that the printer removes where they are not wanted.

use anstyle::{AnsiColor, Style};

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something appears.
    Add,
    /// Something changes.
    Change,
    /// Something disappears, or failed.
    Remove,
    /// The words that matter most.
    Strong,
    /// The words that matter least.
    Faint,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Tone::Add => AnsiColor::Green.on_default(),
            Tone::Change => AnsiColor::Yellow.on_default(),
            Tone::Remove => AnsiColor::Red.on_default(),
            Tone::Strong => Style::new().bold(),
            Tone::Faint => Style::new().dimmed(),
        }
    }

    /// Returns `text` in this tone.
    pub(crate) fn paint(self, text: &str) -> String {
        let style = self.style();
        format!("{style}{text}{style:#}")
    }
}
