//! The roles of this test binary when a test starts it as another process.

#[path = "../support/test_binary.rs"]
mod test_binary;

pub(crate) use test_binary::{ARGUMENTS, LAUNCHER, ROLE, command, program};

#[test]
fn the_binary_plays_its_role_when_started_for_one() {
    match test_binary::role().as_deref() {
        Some("function") => crate::guest::serve(),
        Some("function host") => crate::orphan::host_until_killed(),
        Some(other) => panic!("no such role: {other}"),
        None => {}
    }
}
