//! The one place that writes to standard output and standard error.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};

/// Writes answers and notes, with colour only where the reader wants it.
///
/// A reader that goes away, such as `head`, is not an error: what is left is dropped.
pub struct Printer {
    answers: AutoStream<io::Stdout>,
    notes: AutoStream<io::Stderr>,
    broken: Option<io::Error>,
}

impl Printer {
    /// Opens both streams. Without `plain`, `NO_COLOR`, `CLICOLOR` and the terminal decide.
    pub fn new(plain: bool) -> Self {
        let (out, err) = (io::stdout(), io::stderr());
        let (answers, notes) = if plain {
            (ColorChoice::Never, ColorChoice::Never)
        } else {
            (AutoStream::choice(&out), AutoStream::choice(&err))
        };
        Self {
            answers: AutoStream::new(out, answers),
            notes: AutoStream::new(err, notes),
            broken: None,
        }
    }

    /// Writes a part of the answer and ends the line.
    pub fn answer(&mut self, text: &str) {
        let mut written = writeln!(self.answers, "{}", text.trim_end_matches('\n'));
        if written.is_ok() {
            written = self.answers.flush();
        }
        self.remember(written);
    }

    /// Writes bytes of the answer as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let mut out = io::stdout();
        self.remember(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Writes progress or a problem and ends the line. Text that ends with an empty line keeps it.
    pub fn note(&mut self, text: &str) {
        // There is nowhere left to tell that standard error cannot be written.
        let _ = writeln!(self.notes, "{}", text.strip_suffix('\n').unwrap_or(text));
    }

    /// Writes a question and stays on its line.
    pub fn ask(&mut self, text: &str) {
        let _ = write!(self.notes, "{text}");
        let _ = self.notes.flush();
    }

    /// Returns why the answer could not be written, if it could not.
    pub fn broken(&self) -> Option<&io::Error> {
        self.broken.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }

    /// Returns whether the reader of the answer went away.
    pub fn is_closed(&self) -> bool {
        self.broken.is_some()
    }

    fn remember(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.broken.get_or_insert(error);
        }
    }
}
