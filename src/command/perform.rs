//! Runs a plan while watching it, and stops it cleanly when the user asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::prepare::Prepared;
use super::signal::Interrupts;
use super::world::{Session, World};
use crate::apply::{Context, Outcome, apply_approved};
use crate::event::Event;
use crate::exit::{Exit, Failure};
use crate::report::json::Stream;
use crate::report::{Audience, Watch};

/// How often the watch looks for steps that take long.
const TICK: Duration = Duration::from_secs(1);

/// Runs the plan. The first interrupt starts nothing new; the second ends the run at once.
pub(crate) async fn perform(
    session: &mut Session<'_>,
    prepared: &Prepared,
    parallelism: u16,
) -> Result<Outcome, Failure> {
    let clock = clock(session.world);
    let audience = match (session.global.json, session.world.can_draw) {
        (true, _) => Audience::Program(Stream::new(&clock)),
        (false, true) => Audience::Terminal,
        (false, false) => Audience::Log,
    };
    let watch = Mutex::new(Watch::new(session.printer, audience));
    let lock = || watch.lock().unwrap_or_else(PoisonError::into_inner);
    let stop = AtomicBool::new(false);
    let should_stop = || stop.load(Ordering::Relaxed);
    let clouds = prepared.site.clouds();
    let context = Context {
        clouds: &clouds,
        scope: &prepared.scope,
        parallelism: parallelism.into(),
        should_stop: &should_stop,
    };
    let mut on_event = |event: Event| lock().show(&event);
    let mut running =
        std::pin::pin!(apply_approved(&prepared.plan, &prepared.refused, &context, &mut on_event));
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::new(Exit::Failed, format!("signals: {error}")))?;
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            outcome = &mut running => return Ok(outcome),
            _ = tick.tick() => lock().remind(TICK),
            () = interrupts.next() => {
                if stop.swap(true, Ordering::Relaxed) {
                    return Err(Failure::new(Exit::Interrupted, "stopped in the middle of a step")
                        .hint("Run the command again: it looks at what is there and continues."));
                }
                lock().note("Stopping: nothing new is started. Interrupt again to stop at once.");
            }
        }
    }
}

/// Returns a clock that gives the time in RFC 3339.
pub(crate) fn clock(world: &World) -> impl Fn() -> String + Sync + use<> {
    let now = world.now;
    move || format!("{:.3}", now())
}
