//! What is happening while a plan is applied: drawn in place on a terminal, a line per event
//! elsewhere, an object per event for programs.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use updraft_contract::{ResourceId, Verb};

use super::json::{EventLine, Stream};
use super::{Printer, human};
use crate::event::Event;

/// How often a step that is under way is mentioned.
const REMINDER: Duration = Duration::from_secs(10);

/// For whom a run is watched.
pub enum Audience<'w> {
    /// Somebody at a terminal.
    Terminal,
    /// Somebody who reads a log.
    Log,
    /// A program.
    Program(Stream<'w>),
}

/// Shows the progress of one run.
pub struct Watch<'w> {
    printer: &'w mut Printer,
    audience: Audience<'w>,
    bars: MultiProgress,
    running: BTreeMap<ResourceId, Running>,
}

struct Running {
    verb: Verb,
    took: Duration,
    bar: ProgressBar,
}

impl<'w> Watch<'w> {
    /// Starts with nothing under way.
    pub fn new(printer: &'w mut Printer, audience: Audience<'w>) -> Self {
        Self { printer, audience, bars: MultiProgress::new(), running: BTreeMap::new() }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &Event) {
        match event {
            Event::Started { verb, target } => {
                let bar = match self.audience {
                    Audience::Terminal => self.bars.add(spinner(*verb, target)),
                    Audience::Log | Audience::Program(_) => ProgressBar::hidden(),
                };
                let running = Running { verb: *verb, took: Duration::ZERO, bar };
                self.running.insert(target.clone(), running);
            }
            Event::Finished { target, .. } | Event::Failed { target, .. } => {
                if let Some(running) = self.running.remove(target) {
                    running.bar.finish_and_clear();
                }
            }
            Event::Stage { verb, target, stage } => {
                if let Some(running) = self.running.get(target) {
                    running.bar.set_message(human::doing_at(*verb, target, stage));
                }
            }
            Event::Skipped { .. } => {}
        }
        self.tell(event);
    }

    fn tell(&mut self, event: &Event) {
        match (&self.audience, event) {
            (Audience::Program(stream), _) => self.printer.answer(&stream.event(event).written()),
            // What did not start is listed at the end.
            (Audience::Terminal | Audience::Log, Event::Skipped { .. })
            | (Audience::Terminal, Event::Started { .. } | Event::Stage { .. }) => {}
            (Audience::Terminal | Audience::Log, _) => self.note(&human::event(event)),
        }
    }

    /// Mentions every step that has been under way for long, `elapsed` after the last call.
    pub fn remind(&mut self, elapsed: Duration) {
        let mut overdue = Vec::new();
        for (target, running) in &mut self.running {
            let before = running.took.as_secs() / REMINDER.as_secs();
            running.took += elapsed;
            let seconds = running.took.as_secs();
            if seconds / REMINDER.as_secs() > before {
                overdue.push((running.verb, target.clone(), seconds));
            }
        }
        for (verb, target, seconds) in overdue {
            match &self.audience {
                Audience::Terminal => {}
                Audience::Log => self.printer.note(&human::still(verb, &target, seconds)),
                Audience::Program(stream) => {
                    let line: EventLine = stream.progress(verb, &target, seconds);
                    self.printer.answer(&line.written());
                }
            }
        }
    }

    /// Writes a line without tearing what is drawn.
    pub fn note(&mut self, text: &str) {
        let Self { printer, bars, .. } = self;
        bars.suspend(|| printer.note(text));
    }
}

fn spinner(verb: Verb, target: &ResourceId) -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{elapsed}]") {
        bar.set_style(style);
    }
    bar.set_message(human::doing(verb, target));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
