//! The `durable` command, built along with the tests that run it.

use std::process::ExitCode;

fn main() -> ExitCode {
    durable_cli::run_command()
}
