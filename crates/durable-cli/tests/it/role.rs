//! The roles that this test binary plays when a test starts it as the process of a function.

use crate::guest;

/// The environment variable that names the role.
const ROLE: &str = "DURABLE_TEST_ROLE";

/// The role of a durable function, [`guest::serve`].
pub(crate) const DURABLE_FUNCTION: &str = "durable function";

/// The role of a plain function, [`guest::serve_plain`].
pub(crate) const PLAIN_FUNCTION: &str = "plain function";

/// Returns a shell script that runs this test binary in a role.
pub(crate) fn script(role: &str) -> String {
    let program = std::env::current_exe().unwrap();
    let test = "role::the_binary_plays_its_role_when_started_for_one";
    format!("exec env {ROLE}='{role}' {} --exact {test} --nocapture --test-threads=1", program.display())
}

#[test]
fn the_binary_plays_its_role_when_started_for_one() {
    let Ok(role) = std::env::var(ROLE) else { return };
    // The test harness starts a line with the name of the test.
    println!();
    match role.as_str() {
        DURABLE_FUNCTION => guest::serve(),
        PLAIN_FUNCTION => guest::serve_plain(),
        other => panic!("no such role: {other}"),
    }
}
