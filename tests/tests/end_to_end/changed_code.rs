//! Code that is replaced under a running execution, through a real restart.

use durable_types::history::EventDetails;

use crate::workplace::{Running, Workplace, text};

/// Runs the probe into its wait, kills everything, deploys other code and resumes.
fn resumed_with(code: &str) -> (Workplace, String) {
    let workplace = Workplace::new();
    let mut running = Running::start(workplace.probe());
    running.wait_for("wait pause");
    // Deployed before the kill, so that the old code cannot go on if that takes longer than the wait.
    workplace.deploy(code);
    running.kill();
    let output = workplace.probe().output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    (workplace, text(&output.stderr))
}

fn assert_diverged(code: &str, names: &[&str]) {
    let (workplace, stderr) = resumed_with(code);

    assert!(stderr.contains("NonDeterministicExecutionError"), "{stderr}");
    for name in names {
        assert!(stderr.contains(name), "{name}: {stderr}");
    }
    assert_eq!(workplace.bodies(), ["first", "second"], "no body of the new code has run");
    let history = workplace.history();
    assert!(matches!(history.last().unwrap().details, EventDetails::ExecutionFailed(_)));
}

#[test]
fn a_renamed_operation_ends_the_execution_before_new_code_runs() {
    assert_diverged("renamed", &["expected STEP `second`, got STEP `renamed`"]);
}

#[test]
fn an_operation_replaced_by_another_type_ends_the_execution_before_new_code_runs() {
    assert_diverged("replaced", &["expected STEP `second`, got WAIT `second`"]);
}

#[test]
fn a_removed_operation_ends_the_execution_before_new_code_runs() {
    assert_diverged("removed", &["expected WAIT `pause`, got STEP `third`"]);
}
