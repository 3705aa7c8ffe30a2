//! Reads what an instance prints, and keeps the log of one invocation.

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::mpsc;

use super::deployed::{Line, Sink};

/// Marks the end of one invocation's output on each stream; the bootstraps write it.
const END: &str = "\u{1e}end ";

/// Something the process wrote.
pub(crate) enum Written {
    /// One line.
    Line(Line),
    /// The end of one invocation's output on one of the two streams.
    End,
}

/// The lines of one invocation: kept for the answer, passed on in batches.
pub(crate) struct Journal<'a> {
    /// Where finished lines go.
    pub(crate) sink: Sink<'a>,
    /// The log stream.
    pub(crate) stream: String,
    /// Lines not passed on yet.
    pub(crate) pending: Vec<Line>,
    /// Every line so far.
    pub(crate) all: String,
}

impl Journal<'_> {
    /// Adds a line.
    pub(crate) fn add(&mut self, line: Line) {
        self.all += &line.text;
        self.all.push('\n');
        self.pending.push(line);
    }

    /// Adds lines of Lambda itself.
    pub(crate) fn platform(&mut self, now: Timestamp, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            self.add(Line { time: now.as_millisecond(), text });
        }
    }

    /// Passes on what was added since the last time.
    pub(crate) fn flush(&mut self) {
        if !self.pending.is_empty() {
            (self.sink)(&self.stream, &self.pending);
            self.pending.clear();
        }
    }
}

/// Reads one of the process's streams to its end, line by line.
pub(crate) async fn read_lines(
    from: impl AsyncRead + Unpin,
    to: mpsc::UnboundedSender<Written>,
    now: fn() -> Timestamp,
) {
    let mut reader = BufReader::new(from);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes).await, Ok(read) if read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        let written = if text.starts_with(END) {
            Written::End
        } else {
            Written::Line(Line { time: now().as_millisecond(), text: text.replace('\r', "\n") })
        };
        if to.send(written).is_err() {
            return;
        }
        bytes.clear();
    }
}
