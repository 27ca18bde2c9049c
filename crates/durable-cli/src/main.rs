//! The `durable` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    durable_cli::run_command()
}
