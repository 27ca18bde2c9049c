//! The entry point of the command: its subcommands and its exit codes.

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use durable_functions as function;
use tokio::time::timeout;

use crate::arguments::{Arguments, Subcommand};
use crate::display::{Console, print_line};
use crate::failure::Failure;
use crate::launch::LAUNCH;
use crate::messages::show_messages;
use crate::session::block_on;
use crate::{
    backup, callback, completions, delete, dev, export, history, import, invoke, list, logs, pause, resume,
    run, show, stop,
};

/// Runs the `durable` command with the arguments of this process.
///
/// `durable --help` lists the exit codes.
///
/// Call it on the main thread, before the program starts other threads.
pub fn run_command() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == LAUNCH) {
        return function::launch(arguments);
    }
    let subcommand = Arguments::parse().subcommand;
    show_messages(&subcommand);
    let finished = match subcommand {
        Subcommand::Run(arguments) => run::run(arguments),
        Subcommand::Dev(arguments) => dev::dev(arguments),
        Subcommand::Invoke(arguments) => invoke::invoke(arguments),
        Subcommand::List(arguments) => list::list(&arguments),
        Subcommand::Show(arguments) => show::show(&arguments),
        Subcommand::History(arguments) => history::history(&arguments),
        Subcommand::Logs(arguments) => logs::logs(&arguments),
        Subcommand::Callback(arguments) => callback::callback(arguments),
        Subcommand::Stop(arguments) => stop::stop(&arguments),
        Subcommand::Pause(arguments) => pause::pause(&arguments),
        Subcommand::Resume(arguments) => resume::resume(&arguments),
        Subcommand::Delete(arguments) => delete::delete(&arguments),
        Subcommand::Backup(arguments) => backup::backup(&arguments),
        Subcommand::Export(arguments) => export::export(&arguments),
        Subcommand::Import(arguments) => import::import(&arguments),
        Subcommand::Completions(arguments) => completions::completions(&arguments, Arguments::command()),
    };
    let exit = finished.unwrap_or_else(|failure: Failure| {
        print_line(&format!("error: {failure}"));
        failure.exit().into()
    });
    write_last_lines();
    exit
}

/// How long the command waits at its end for a terminal or pipe to accept the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// Waits until the console has written everything, up to a time limit.
fn write_last_lines() {
    let Some(console) = Console::started() else { return };
    // This fails only if no runtime can be created; the last lines may be lost in that case.
    let _ = block_on(async {
        let _ = timeout(LAST_LINES, console.written()).await;
        Ok(())
    });
}
