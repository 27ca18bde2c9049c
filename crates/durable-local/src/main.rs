//! The `durable` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    durable_local::run_command()
}
