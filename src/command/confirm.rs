//! Asks before anything changes.

use std::io::BufRead as _;

use super::world::Session;
use crate::exit::{Exit, Failure};
use crate::report::human::{self, Purpose};

/// Asks whether to go ahead; anything but `yes` is no.
pub(crate) async fn confirm(session: &mut Session<'_>, purpose: Purpose) -> Result<(), Failure> {
    if !session.world.can_ask || session.global.json {
        let why = if session.global.json { "with --json" } else { "without a terminal" };
        return Err(Failure::new(
            Exit::Failed,
            format!("{why} nobody can be asked whether to go ahead"),
        )
        .hint("Add --yes to go ahead without asking. Nothing was changed."));
    }
    session.printer.ask(&human::question(purpose));
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    match answer.await {
        Ok(Ok(line)) if line.trim() == "yes" => Ok(()),
        Ok(Ok(_) | Err(_)) | Err(_) => {
            Err(Failure::new(Exit::Failed, "cancelled; nothing was changed"))
        }
    }
}
