//! The hidden subcommand through which the command starts the processes of functions.

use std::io;

use durable_functions::Launcher;

/// The name of the subcommand, which is internal and hidden from the help.
pub(crate) const LAUNCH: &str = "__launch";

/// Returns a launcher that runs this program with the hidden subcommand.
pub(crate) fn launcher() -> io::Result<Launcher> {
    Launcher::this_program([LAUNCH.into()])
}
