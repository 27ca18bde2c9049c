//! `durable completions`: what a shell needs to complete the command.

use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::print_data;

/// Prints what a shell needs to complete this command, such as: source <(durable completions bash)
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the completions.
pub(crate) fn completions(arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "durable", &mut script);
    print_data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done.into())
}
