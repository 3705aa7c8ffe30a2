//! Runs the command that was asked for and reports how it ended.

use super::world::{Session, World};
use crate::cli::{Cli, Command, LocalCommand};
use crate::exit::{Exit, Failure};
use crate::report::{Printer, human};

/// Runs a command to its end.
pub async fn run(cli: Cli, world: &World, printer: &mut Printer) -> Exit {
    let mut session = Session { global: &cli.global, world, printer };
    let result = if cli.global.json && !cli.command.speaks_json() {
        Err(Failure::new(Exit::Failed, "this command has no answer in JSON")
            .hint("Leave --json out."))
    } else {
        dispatch(&cli.command, &mut session).await
    };
    let result = match (result, printer.broken()) {
        (Ok(_), Some(error)) => {
            Err(Failure::new(Exit::Failed, format!("standard output: {error}")))
        }
        (result, _) => result,
    };
    result.unwrap_or_else(|failure| {
        printer.note(&human::failure(&failure));
        failure.exit
    })
}

async fn dispatch(command: &Command, session: &mut Session<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => super::init::init(session, args),
        Command::Validate => super::validate::validate(session),
        Command::Plan(args) => super::plan::plan(session, args).await,
        Command::Show(args) => super::show::show(session, args),
        Command::Apply(args) => super::apply::apply(session, args).await,
        Command::Destroy(args) => super::destroy::destroy(session, args).await,
        Command::Snapshot(args) => super::snapshot::snapshot(session, args).await,
        Command::Portability => super::portability::portability(session),
        Command::Permissions(args) => super::permissions::permissions(session, args).await,
        Command::Explain(args) => super::explain::explain(session, args).await,
        Command::DeployerPolicy(args) => {
            super::deployer_policy::deployer_policy(session, args).await
        }
        Command::Invoke(args) => super::invoke::invoke(session, args).await,
        Command::Logs(args) => super::logs::logs(session, args).await,
        Command::Local(LocalCommand::Serve(args)) => super::serve::serve(session, args).await,
        Command::Local(LocalCommand::Reset) => super::reset::reset(session),
        Command::Schema => Ok(super::schema::schema(session)),
        Command::Completions { shell } => Ok(super::completions::completions(session, *shell)),
    }
}
