//! The `updraft` command. The only place that reads the environment, the clock and the folder.

use std::io::IsTerminal as _;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use updraft::cli::Cli;
use updraft::command::{self, World};
use updraft::exit::{Exit, Failure};
use updraft::report::{Printer, human};

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("unknown");
        Printer::new(false).note(&human::bug(what, &place));
    }));
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut printer = Printer::new(cli.global.no_color);
    let end = std::panic::catch_unwind(AssertUnwindSafe(|| start(cli, &mut printer)));
    match end {
        Ok(Ok(exit)) => exit.into(),
        Ok(Err(message)) => {
            printer.note(&human::failure(&Failure::new(Exit::Failed, message)));
            Exit::Failed.into()
        }
        // The hook has told the user.
        Err(_) => Exit::Failed.into(),
    }
}

fn start(cli: Cli, printer: &mut Printer) -> Result<Exit, String> {
    if let Some(folder) = &cli.global.chdir {
        std::env::set_current_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let folder = std::env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
    let world = World {
        program: program(std::env::args().next()),
        folder,
        now: jiff::Timestamp::now,
        run: uuid::Uuid::new_v4().to_string(),
        width: terminal_width(),
        can_ask: std::io::stdin().is_terminal(),
        can_draw: std::io::stderr().is_terminal(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("cannot start: {e}"))?;
    let exit = runtime.block_on(command::run(cli, &world, printer));
    // A read from the terminal may still be waiting; it must not hold up the end.
    runtime.shutdown_background();
    Ok(exit)
}

/// Returns how the user calls this program: its bare name where the search path finds it.
fn program(argument: Option<String>) -> String {
    argument.filter(|path| path.contains(std::path::is_separator)).unwrap_or("updraft".to_owned())
}

/// Prints help, the version, or what is wrong with the command line.
///
/// The parser's own exit code for the latter is 2, which `plan --detailed-exitcode` uses.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Failed.into() } else { Exit::Done.into() }
}

/// Returns how wide problems may be drawn.
fn terminal_width() -> usize {
    let columns = std::env::var_os("COLUMNS").and_then(|text| text.to_str()?.parse().ok());
    columns.unwrap_or(100)
}
