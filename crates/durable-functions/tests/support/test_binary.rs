//! The test binary as the program of other processes, so that tests need none besides the one that cargo built.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The environment variable that names the role of a process.
pub(crate) const ROLE: &str = "DURABLE_TEST_ROLE";

/// The arguments that make the test binary run nothing but its role.
pub(crate) const ARGUMENTS: [&str; 4] =
    ["--exact", "role::the_binary_plays_its_role_when_started_for_one", "--nocapture", "--test-threads=1"];

/// The argument that makes it the launcher of functions; those of `launch` follow it.
pub(crate) const LAUNCHER: &str = "launcher-role";

/// Returns this test binary.
pub(crate) fn program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Returns a command that plays a role.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(program());
    command.args(ARGUMENTS).env(ROLE, role);
    command
}

/// Returns the role that this process was started for, after becoming the launcher if it was started as that.
pub(crate) fn role() -> Option<String> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != LAUNCHER);
    if arguments.next().is_some() {
        exit(durable_functions::launch(arguments.collect::<Vec<OsString>>()));
    }
    // The test harness begins a line with the name of the test.
    println!();
    std::env::var(ROLE).ok()
}

/// Ends the process with a code that only `main` could return otherwise.
fn exit(code: ExitCode) -> ! {
    let number = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap();
    std::process::exit(number.into())
}
