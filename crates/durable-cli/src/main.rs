//! The `durable` command.

use std::process::ExitCode;

/// Returns freed memory to the system, so that a burst of large payloads does not stay in memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    durable_cli::run_command()
}
