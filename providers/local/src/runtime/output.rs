//! Reads what an instance prints, and keeps the log of one invocation.

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::sync::mpsc;

use super::deployed::{Line, Sink, Stream};

/// Marks the end of one invocation's output on each stream; the bootstraps write it.
const END: &str = "\u{1e}end ";

/// How many bytes of an invocation's log are kept for its answer, which carries 4 KB at most.
const KEPT: usize = 65_536;

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
    /// The lines so far, or the last of them.
    pub(crate) all: String,
}

impl Journal<'_> {
    /// Adds a line.
    pub(crate) fn add(&mut self, line: Line) {
        self.all += &line.text;
        self.all.push('\n');
        self.pending.push(line);
        // Only the end is ever asked for; a function may print for minutes.
        if self.all.len() > 2 * KEPT {
            let cut = self.all.ceil_char_boundary(self.all.len() - KEPT);
            self.all.drain(..cut);
        }
    }

    /// Adds lines of Lambda itself.
    pub(crate) fn platform(&mut self, now: Timestamp, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            self.add(Line { time: now.as_millisecond(), text, from: Stream::Out });
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
    (from, stream): (impl AsyncRead + Unpin, Stream),
    to: mpsc::UnboundedSender<Written>,
    now: fn() -> Timestamp,
) {
    let mut reader = BufReader::new(from);
    let mut bytes = Vec::new();
    while matches!(reader.read_until(b'\n', &mut bytes).await, Ok(read) if read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        // What was printed last may have no line end of its own.
        let (line, ended) = match text.split_once(END) {
            Some((line, _)) => (line, true),
            None => (text, false),
        };
        if !(ended && line.is_empty()) {
            let text = line.replace('\r', "\n");
            let line = Line { time: now().as_millisecond(), text, from: stream };
            let line = Written::Line(line);
            if to.send(line).is_err() {
                return;
            }
        }
        if ended && to.send(Written::End).is_err() {
            return;
        }
        bytes.clear();
    }
}
