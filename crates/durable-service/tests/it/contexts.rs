//! Contexts: which operations remain visible after they end.

use durable_types::OperationType::{Context, Step};
use durable_types::{ErrorObject, OperationUpdate as U};

use crate::harness::{Harness, PENDING, ids};

/// Creates a context with a step and a nested context, which has a step as well.
fn nested() -> Harness {
    let mut harness = Harness::new();
    harness.record(vec![
        U::start_context("p", "RunInChildContext").with_name("ship"),
        U::start_step("a").with_parent_id("p"),
        U::start_context("q", "RunInChildContext").with_parent_id("p"),
        U::start_step("b").with_parent_id("q"),
    ]);
    harness
}

fn close(id: &str, replay_children: Option<bool>) -> U {
    U::succeed(id, Context, Some("1".to_owned())).with_context_options(replay_children)
}

/// Returns the operations that the next invocation receives.
fn visible_operations(harness: &mut Harness) -> Vec<String> {
    harness.fail("Runtime.ExitError");
    let operations = &harness.last_invocation().input.initial_execution_state.operations;
    ids(operations).into_iter().map(str::to_owned).collect()
}

#[test]
fn an_open_context_shows_its_operations() {
    let mut harness = nested();

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p", "a", "q", "b"]);
}

#[test]
fn an_ended_context_hides_its_operations() {
    let mut harness = nested();
    harness.record(vec![close("p", None)]);

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p"]);
    assert_eq!(ids(&harness.state_page(None, None).unwrap().operations), ["0b1c", "p"]);
    assert_eq!(harness.execution.operations().count(), 5, "they remain readable from outside");
}

#[test]
fn a_failed_context_hides_its_operations() {
    let mut harness = nested();
    harness.record(vec![U::fail("q", Context, ErrorObject::new("E", "broke"))]);

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p", "a", "q"]);
}

#[test]
fn a_context_with_replayed_children_shows_its_operations() {
    let mut harness = nested();
    harness.record(vec![close("q", Some(true))]);
    harness.record(vec![close("p", Some(true))]);

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p", "a", "q", "b"]);
    let context = harness.execution.operation("p").unwrap();
    assert_eq!(context.context_details().unwrap().replay_children, Some(true));
}

#[test]
fn a_context_inside_one_with_replayed_children_may_hide_its_operations() {
    let mut harness = nested();
    harness.record(vec![close("q", None)]);
    harness.record(vec![close("p", Some(true))]);

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p", "a", "q"]);
}

#[test]
fn replay_children_of_the_start_applies_unless_overridden() {
    let mut harness = Harness::new();
    harness.record(vec![
        U::start_context("p", "Map").with_context_options(Some(true)),
        U::start_step("a").with_parent_id("p"),
        U::start_context("q", "Map").with_context_options(Some(true)),
        U::start_step("b").with_parent_id("q"),
    ]);
    harness.record(vec![U::succeed("p", Context, None), close("q", Some(false))]);

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p", "a", "q"]);
}

#[test]
fn an_operation_started_in_an_ended_context_is_hidden() {
    let mut harness = nested();
    harness.record(vec![close("p", None)]);
    harness.record(vec![U::start_step("late").with_parent_id("q")]);

    assert_eq!(visible_operations(&mut harness), ["0b1c", "p"]);
}

#[test]
fn a_checkpoint_returns_the_operations_of_a_context_that_it_ends() {
    let mut harness = nested();

    let reported = harness.record(vec![U::succeed("a", Step, None), close("p", None)]);

    assert_eq!(ids(&reported), ["p", "a"]);
}

#[test]
fn a_context_may_be_closed_without_a_start() {
    let mut harness = Harness::new();

    let reported = harness.record(vec![close("p", None).with_sub_type("Map")]);

    assert_eq!(reported[0].status.as_str(), "SUCCEEDED");
    assert_eq!(reported[0].context_details().unwrap().result.as_deref(), Some("1"));
    assert_eq!(harness.history(), ["ExecutionStarted 0b1c", "ContextSucceeded p"]);
}

#[test]
fn a_wait_in_an_ended_context_still_elapses_and_invokes_the_function() {
    let mut harness = nested();
    harness.record(vec![U::start_wait("w", 10).with_parent_id("p")]);
    harness.record(vec![close("p", None)]);
    harness.answer(PENDING);

    harness.elapse(10);

    assert_eq!(harness.status("w"), "SUCCEEDED");
    assert_eq!(harness.invocations.len(), 2);
    let input = &harness.last_invocation().input;
    assert!(!ids(&input.initial_execution_state.operations).contains(&"w"));
    assert_eq!(input.updated_operation_ids.as_deref(), Some(&[][..]), "hidden operations are not listed");
}

#[test]
fn one_checkpoint_may_start_and_end_a_context_around_its_operations() {
    let mut harness = Harness::new();

    let reported = harness.record(vec![
        U::start_context("p", "RunInChildContext"),
        U::start_step("a").with_parent_id("p"),
        U::succeed("a", Step, None).with_parent_id("p"),
        close("p", None),
    ]);

    assert_eq!(ids(&reported), ["p", "a"]);
    assert_eq!(
        harness.history(),
        [
            "ExecutionStarted 0b1c",
            "ContextStarted p",
            "StepStarted a",
            "StepSucceeded a",
            "ContextSucceeded p"
        ]
    );
}
