//! What survives SIGKILL.

use durable_types::history::EventDetails;
use serde_json::json;

use crate::workplace::{Running, Workplace, count, eventually, is_alive, json, kill};

fn succeeded(details: &EventDetails) -> bool {
    matches!(details, EventDetails::StepSucceeded(_))
}

#[test]
fn an_order_killed_while_it_waits_is_resumed_and_nothing_is_done_twice() {
    let workplace = Workplace::new();
    let input = r#"{ "id": "o-1", "items": [{ "name": "lamp", "price_cents": 4900 }], "settle_seconds": 3 }"#;
    let mut killed = Running::start(workplace.order(&["--input", input, "--name", "a"]));
    killed.wait_for("wait settle");
    killed.kill();
    let before = workplace.history();

    let resumed = workplace.order(&["--name", "a"]).output().unwrap();

    assert_eq!(json(&resumed)["parcel"], json!({ "tracking": "track-o-1", "contents": ["lamp"] }));
    let history = workplace.history();
    assert_eq!(history[..before.len()], before, "what was recorded stays as it was");
    for step in ["reserve", "charge", "pack", "label"] {
        assert_eq!(count(&history, step, succeeded), 1, "{step}");
    }
    assert_eq!(count(&history, "settle", |details| matches!(details, EventDetails::WaitStarted(_))), 1);
}

#[test]
fn a_function_killed_inside_a_step_is_started_again_and_finished_steps_do_not_run_again() {
    let workplace = Workplace::new();
    let mut running = Running::start(workplace.probe());
    running.wait_for("wait pause");
    eventually("the third step runs", || workplace.path().join("was-here").exists());

    kill(workplace.last_process());

    assert_eq!(json(&running.output()), json!(7));
    assert_eq!(workplace.bodies(), ["first", "second", "third", "third"]);
    let history = workplace.history();
    let exited = |details: &EventDetails| match details {
        EventDetails::InvocationCompleted(completed) => {
            let error = completed.error.as_ref().and_then(|error| error.payload.as_ref());
            error.is_some_and(|error| error.error_type.as_deref() == Some("Runtime.ExitError"))
        }
        _ => false,
    };
    assert_eq!(history.iter().filter(|event| exited(&event.details)).count(), 1);
}

#[test]
fn a_service_killed_inside_a_step_takes_its_function_along_and_both_come_back() {
    let workplace = Workplace::new();
    let mut running = Running::start(workplace.probe());
    running.wait_for("wait pause");
    eventually("the third step runs", || workplace.path().join("was-here").exists());
    let function = workplace.last_process();
    assert!(is_alive(function));

    running.kill();

    eventually("the function is dead", || !is_alive(function));
    let resumed = workplace.probe().output().unwrap();
    assert_eq!(json(&resumed), json!(7));
    assert_eq!(workplace.bodies(), ["first", "second", "third", "third"]);
    workplace.history();
}
