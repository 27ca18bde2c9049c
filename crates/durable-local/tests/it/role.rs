//! The roles that this test binary plays when a test starts it as another process.

#[path = "../../../durable-functions/tests/support/test_binary.rs"]
mod test_binary;

pub(crate) use test_binary::{ARGUMENTS, LAUNCHER, ROLE, command, program};

#[test]
fn the_binary_plays_its_role_when_started_for_one() {
    match test_binary::role().as_deref() {
        Some("calling service") => crate::service::killed::host_until_killed(),
        Some("crowded service") => crate::service::crowded::host_with_few_files(),
        Some("holding service") => crate::service::killed_held::host_until_killed(),
        Some("filling service") => crate::service::full_disk::fill_the_disk(),
        Some("printing function") => crate::service::log_tail::serve(),
        Some(other) => panic!("no such role: {other}"),
        None => {}
    }
}
