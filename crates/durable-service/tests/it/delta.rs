//! What a checkpoint answers: everything the function has not seen, and nothing else.

use durable_types::OperationType::Step;
use durable_types::OperationUpdate as U;

use crate::lab::{Lab, PENDING, ids};

#[test]
fn an_answer_holds_what_changed_in_the_order_in_which_it_began() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a"), U::start_step("b"), U::start_step("c")]);

    let told = lab.record(vec![U::succeed("c", Step, None), U::start_step("d"), U::succeed("a", Step, None)]);

    assert_eq!(ids(&told), ["a", "c", "d"]);
}

#[test]
fn an_answer_holds_nothing_that_was_told_before() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_step("a")]);

    assert_eq!(lab.record(vec![]), []);
}

#[test]
fn an_answer_holds_what_time_did_meanwhile() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 10), U::retry("r", Step, None, Some(10))]);
    lab.pass(10);

    let told = lab.record(vec![U::start_step("a")]);

    assert_eq!(ids(&told), ["w", "r", "a"]);
    assert_eq!(told[0].status.as_str(), "SUCCEEDED");
    assert_eq!(told[1].status.as_str(), "READY");
}

#[test]
fn an_answer_does_not_repeat_what_the_invocation_began_with() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 10)]);
    lab.answer(PENDING);
    lab.pass(10);

    assert_eq!(lab.record(vec![]), []);
}

#[test]
fn an_operation_that_changed_twice_is_told_once() {
    let mut lab = Lab::new();
    lab.record(vec![U::retry("r", Step, None, Some(10)).with_sub_type("Step")]);
    lab.pass(10);

    let told = lab.record(vec![U::start_step("r"), U::succeed("r", Step, Some("1".to_owned()))]);

    assert_eq!(told.len(), 1);
    assert_eq!(told[0].status.as_str(), "SUCCEEDED");
}

#[test]
fn the_function_is_told_which_operations_changed_while_it_was_away() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 10), U::start_wait("v", 10), U::start_step("a")]);
    lab.answer(PENDING);

    lab.pass(10);

    let updated = lab.last_invocation().input.updated_operation_ids.clone().unwrap();
    assert_eq!(updated, ["w", "v"]);
}
