//! The parts this test binary plays when a test starts it again as another process.
//!
//! So the tests need no program besides the one that cargo built for them.

use std::path::PathBuf;
use std::process::Command;

/// The environment variable that names the part to play.
const ROLE: &str = "DURABLE_TEST_ROLE";

/// The arguments that make the test binary run nothing but its role.
pub(crate) const ARGUMENTS: [&str; 4] =
    ["--exact", "role::the_binary_plays_its_role_when_started_for_one", "--nocapture", "--test-threads=1"];

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
    match std::env::var(ROLE).as_deref() {
        Ok("store writer") => crate::store::crash::write_until_killed(),
        Ok(other) => panic!("no such role: {other}"),
        Err(_) => {}
    }
}
