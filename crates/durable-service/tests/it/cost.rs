//! The cost of operations, measured in bytes instead of time.

use durable_types::OperationType::{Context, Step};
use durable_types::OperationUpdate as U;

use crate::harness::{Harness, PENDING};

/// Returns the bytes of events and responses for one more step after this many steps.
fn cost_of_a_step(steps: usize) -> usize {
    let mut harness = Harness::new();
    for n in 0..steps {
        harness.record(vec![U::start_step(format!("s{n:05}")), U::succeed(format!("s{n:05}"), Step, None)]);
    }
    let events = harness.events.len();

    let response = harness.checkpoint(vec![U::start_step("last"), U::succeed("last", Step, None)]).unwrap();

    let stored: usize =
        harness.events[events..].iter().map(|event| serde_json::to_vec(event).unwrap().len()).sum();
    stored + serde_json::to_vec(&response).unwrap().len()
}

#[test]
fn the_cost_of_a_step_does_not_depend_on_the_number_of_steps() {
    let first = cost_of_a_step(0);
    let last = cost_of_a_step(10_000);

    // Only the sequence number in the token grows.
    assert!(last <= first + 10, "{first} bytes at first, {last} in the end");
}

#[test]
fn a_payload_is_stored_once() {
    let mut harness = Harness::new();
    let payload = "x".repeat(100_000);
    let request =
        harness.request(vec![U::start_step("a"), U::succeed("a", Step, Some(payload))], Some("client-1"));

    harness.send(request).unwrap();

    let stored: usize = harness.events.iter().map(|event| serde_json::to_vec(event).unwrap().len()).sum();
    assert!(stored < 102_000, "{stored}");
}

#[test]
fn an_invocation_omits_the_steps_of_ended_contexts() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 10)]);
    for n in 0..100 {
        let context = format!("c{n}");
        harness.record(vec![U::start_context(&context, "Map")]);
        let steps = (0..100).map(|m| U::succeed(format!("c{n}-{m}"), Step, None).with_parent_id(&context));
        harness.record(steps.collect());
        harness.record(vec![U::succeed(&context, Context, None)]);
    }
    harness.answer(PENDING);

    harness.elapse(10);

    assert_eq!(harness.last_invocation().input.initial_execution_state.operations.len(), 102);
}

#[test]
fn nested_contexts_are_hidden_without_recursion() {
    let mut harness = Harness::new();
    let depth = 20_000;
    harness.record(vec![U::start_context("c0", "RunInChildContext")]);
    for n in 1..depth {
        let parent = format!("c{}", n - 1);
        harness.record(vec![U::start_context(format!("c{n}"), "RunInChildContext").with_parent_id(parent)]);
    }

    harness.record(vec![U::succeed("c0", Context, None)]);

    assert_eq!(harness.state_page(None, None).unwrap().operations.len(), 2);
}
