//! A chain of steps that takes longer than the timeout of its function.

use durable_types::history::{Event, EventDetails};

use crate::workplace::{Workplace, json};

/// Twelve steps of a quarter of a second, in invocations of at most two seconds.
fn run(margin: Option<&str>) -> (Workplace, serde_json::Value) {
    let workplace = Workplace::new();
    let mut command = workplace.chain(12, 250);
    command.args(["--timeout", "2"]);
    if let Some(margin) = margin {
        command.args(["--env", &format!("DURABLE_SUSPEND_BEFORE_DEADLINE={margin}")]);
    }
    let output = command.output().unwrap();
    let result = json(&output);
    (workplace, result)
}

/// The types of the errors with which invocations ended, and how many ended without one.
fn invocations(history: &[Event]) -> (Vec<String>, usize) {
    let completed = history.iter().filter_map(|event| match &event.details {
        EventDetails::InvocationCompleted(completed) => Some(completed.error.as_ref()),
        _ => None,
    });
    let (failed, succeeded): (Vec<_>, Vec<_>) = completed.partition(Option::is_some);
    let error_type = |error: &durable_types::history::EventError| error.payload.clone()?.error_type;
    (failed.into_iter().flatten().filter_map(error_type).collect(), succeeded.len())
}

#[test]
fn with_a_margin_it_suspends_between_steps_and_each_runs_once() {
    let (workplace, result) = run(Some("1"));

    let steps: Vec<_> = (0..12).map(|step: u32| step.to_string()).collect();
    assert_eq!(result, 66);
    assert_eq!(workplace.bodies(), steps);
    let (errors, succeeded) = invocations(&workplace.history());
    assert_eq!(errors, Vec::<String>::new());
    assert!(succeeded > 2, "{succeeded}");
}

#[test]
fn without_a_margin_it_is_cut_off_within_a_step_that_runs_again() {
    let (workplace, result) = run(None);

    assert_eq!(result, 66);
    assert!(workplace.bodies().len() > 12, "{:?}", workplace.bodies());
    let (errors, _) = invocations(&workplace.history());
    assert!(!errors.is_empty());
    assert!(errors.iter().all(|error| error == "Sandbox.Timedout"), "{errors:?}");
}
