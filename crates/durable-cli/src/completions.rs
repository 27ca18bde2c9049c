//! `durable completions`: completion scripts for shells.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::print_data;

/// Prints a completion script for a shell, such as: source <(durable completions bash)
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completion script of a command.
pub(crate) fn completions(
    arguments: &CompletionsArguments,
    mut command: Command,
) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "durable", &mut script);
    print_data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done.into())
}
