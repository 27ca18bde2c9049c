//! The hidden subcommand through which the command starts the processes of functions.

use std::io;

use durable_functions::Launcher;

/// The name of the subcommand. It is for the command's own use and not shown.
pub(crate) const LAUNCH: &str = "__launch";

/// Returns the launcher that is this program, run with the hidden subcommand.
pub(crate) fn launcher() -> io::Result<Launcher> {
    Launcher::this_program([LAUNCH.into()])
}
