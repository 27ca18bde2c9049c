//! The parts this test binary plays when a test starts it again as another process.
//!
//! So the tests need no program besides the one that cargo built for them.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The environment variable that names the part to play.
pub(crate) const ROLE: &str = "DURABLE_TEST_ROLE";

/// The arguments that make the test binary run nothing but its role.
pub(crate) const ARGUMENTS: [&str; 4] =
    ["--exact", "role::the_binary_plays_its_role_when_started_for_one", "--nocapture", "--test-threads=1"];

/// The argument that makes it the launcher of functions; those of `launch` follow it.
pub(crate) const LAUNCHER: &str = "launcher-role";

/// This test binary.
pub(crate) fn program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// A command that plays this part.
pub(crate) fn command(role: &str) -> Command {
    let mut command = Command::new(program());
    command.args(ARGUMENTS).env(ROLE, role);
    command
}

#[test]
fn the_binary_plays_its_role_when_started_for_one() {
    let mut arguments = std::env::args_os().skip_while(|argument| argument != LAUNCHER);
    if arguments.next().is_some() {
        exit(durable_local::function::launch(arguments.collect::<Vec<OsString>>()));
    }
    // The test harness begins a line with the name of the test.
    println!();
    match std::env::var(ROLE).as_deref() {
        Ok("function") => crate::function::guest::serve(),
        Ok("calling service") => crate::service::killed::host_until_killed(),
        Ok("crowded service") => crate::service::crowded::host_with_few_files(),
        Ok("holding service") => crate::service::killed_held::host_until_killed(),
        Ok("filling service") => crate::service::full_disk::fill_the_disk(),
        Ok("printing function") => crate::service::log_tail::serve(),
        Ok("function host") => crate::function::orphan::host_until_killed(),
        Ok(other) => panic!("no such role: {other}"),
        Err(_) => {}
    }
}

/// Ends the process with a code that only `main` could return otherwise.
fn exit(code: ExitCode) -> ! {
    let number = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).unwrap();
    std::process::exit(number.into())
}
