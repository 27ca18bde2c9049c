//! The test binary as the program of child processes, so that tests need no other programs than the one that Cargo
//! built.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The environment variable that names the role of a process.
pub(crate) const ROLE: &str = "DURABLE_TEST_ROLE";

/// The arguments that make the test binary run only its role.
pub(crate) const ARGUMENTS: [&str; 4] =
    ["--exact", "role::the_binary_plays_its_role_when_started_for_one", "--nocapture", "--test-threads=1"];

/// The argument that makes it the launcher of functions, followed by the arguments of `launch`.
pub(crate) const LAUNCHER: &str = "launcher-role";

/// Returns this test binary.
pub(crate) fn program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Returns a command that starts this test binary in a role.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(program());
    command.args(ARGUMENTS).env(ROLE, role);
    command
}

/// Returns the role of this process. If the role is that of the launcher, runs it and does not return.
pub(crate) fn role() -> Option<String> {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != LAUNCHER);
    if arguments.next().is_some() {
        exit(durable_functions::launch(arguments.collect::<Vec<OsString>>()));
    }
    // The test runner prints the name of the test without a line break.
    println!();
    std::env::var(ROLE).ok()
}

/// Exits with an `ExitCode`, which otherwise only `main` can return.
fn exit(code: ExitCode) -> ! {
    let number = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap();
    std::process::exit(number.into())
}
