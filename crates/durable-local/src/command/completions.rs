//! `durable completions`: what a shell needs to complete the command.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::arguments::Arguments;
use super::exit::Exit;
use super::failure::Failure;
use super::session::print_data;

/// Prints what a shell needs to complete this command, such as: source <(durable completions bash)
#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "durable", &mut script);
    print_data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done.into())
}
