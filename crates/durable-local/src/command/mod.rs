//! The `durable` command.

mod arguments;
mod cargo_target;
mod dev;
mod display;
mod failure;
mod functions;
mod input;
mod run;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use crate::function;
use arguments::{Arguments, Subcommand};
use failure::Failure;

/// The subcommand under which the command starts functions. It is for its own use and not shown.
const LAUNCH: &str = "__launch";

/// Runs the `durable` command with the arguments of this process.
///
/// Exit codes: 0 the execution succeeded (or the server was stopped by Ctrl-C); 1 it ended without success; 2 it was
/// not started or did not go on, which the standard error explains; 130 Ctrl-C came first, and it can be resumed.
///
/// It must be called on the main thread, before the program starts others.
pub fn run_command() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == LAUNCH) {
        return function::launch(arguments);
    }
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::WARN);
    log.without_time().with_target(false).init();
    let finished = match Arguments::parse().subcommand {
        Subcommand::Run(arguments) => run::run(arguments),
        Subcommand::Dev(arguments) => dev::dev(arguments),
    };
    finished.unwrap_or_else(|failure: Failure| {
        display::print_line(&format!("error: {failure}"));
        ExitCode::from(failure::NOT_RUN)
    })
}
