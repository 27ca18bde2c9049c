//! The delta: a response contains exactly the changes that the function has not received.

use durable_types::OperationType::Step;
use durable_types::OperationUpdate as U;

use crate::harness::{Harness, PENDING, ids};

#[test]
fn a_response_lists_changed_operations_in_start_order() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a"), U::start_step("b"), U::start_step("c")]);

    let reported =
        harness.record(vec![U::succeed("c", Step, None), U::start_step("d"), U::succeed("a", Step, None)]);

    assert_eq!(ids(&reported), ["a", "c", "d"]);
}

#[test]
fn a_response_does_not_repeat_earlier_changes() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_step("a")]);

    assert_eq!(harness.record(vec![]), []);
}

#[test]
fn a_response_contains_elapsed_timers() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 10), U::retry("r", Step, None, Some(10))]);
    harness.elapse(10);

    let reported = harness.record(vec![U::start_step("a")]);

    assert_eq!(ids(&reported), ["w", "r", "a"]);
    assert_eq!(reported[0].status.as_str(), "SUCCEEDED");
    assert_eq!(reported[1].status.as_str(), "READY");
}

#[test]
fn a_response_does_not_repeat_the_initial_state() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 10)]);
    harness.answer(PENDING);
    harness.elapse(10);

    assert_eq!(harness.record(vec![]), []);
}

#[test]
fn an_operation_that_changed_twice_is_returned_once() {
    let mut harness = Harness::new();
    harness.record(vec![U::retry("r", Step, None, Some(10)).with_sub_type("Step")]);
    harness.elapse(10);

    let reported = harness.record(vec![U::start_step("r"), U::succeed("r", Step, Some("1".to_owned()))]);

    assert_eq!(reported.len(), 1);
    assert_eq!(reported[0].status.as_str(), "SUCCEEDED");
}

#[test]
fn an_invocation_names_the_operations_updated_since_the_last_one() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 10), U::start_wait("v", 10), U::start_step("a")]);
    harness.answer(PENDING);

    harness.elapse(10);

    let updated = harness.last_invocation().input.updated_operation_ids.clone().unwrap();
    assert_eq!(updated, ["w", "v"]);
}
