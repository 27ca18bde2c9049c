//! The replay barrier: what is paired, what begins when, and when replay has diverged.

use std::time::Duration;

use durable_engine::{Claimed, DivergencePolicy, Fatal, Idle, Progress, Settled};
use durable_types::{ErrorObject, InvocationOutput, OperationStatus};

use crate::session::{NOW, ROOT, Session, at, id, recorded_step, recorded_wait, step, wait};

fn result(settled: Settled) -> Option<String> {
    match settled {
        Settled::Succeeded(result) => result,
        other => panic!("{other:?}"),
    }
}

fn done(names: &[&str]) -> Session {
    Session::new(names.iter().map(|name| recorded_step(name, OperationStatus::Succeeded)).collect())
}

fn failure(idle: Idle, error_type: &str) -> String {
    match idle {
        Idle::Answer(InvocationOutput::Failed { error: Some(error) }) => {
            assert_eq!(error.error_type.as_deref(), Some(error_type));
            error.error_message.unwrap()
        }
        other => panic!("{other:?}"),
    }
}

fn divergence(idle: Idle) -> String {
    failure(idle, "NonDeterministicExecutionError")
}

#[test]
fn recorded_operations_are_paired_by_id_in_any_order_of_claims() {
    let mut session = done(&["a", "b", "c"]);

    for name in ["c", "a", "b"] {
        assert_eq!(result(session.replay(name)), Some(format!("\"{name}\"")));
    }
}

#[test]
fn a_new_operation_begins_when_everything_recorded_has_been_claimed() {
    let mut session = done(&["a", "b"]);
    let new = session.live("new", step());
    assert_eq!(session.0.poll(new), Progress::Pending);

    session.replay("a");
    assert!(session.outputs_at(NOW).woken.is_empty());
    session.deferred("b", step());

    assert_eq!(session.outputs_at(NOW).woken, [new]);
    assert_eq!(session.0.poll(new), Progress::Run { attempt: 1, carried: None });
    session.deliver_all();
    assert_eq!(session.checkpoint(), ["START new"]);
}

#[test]
fn new_operations_that_were_dropped_while_they_waited_do_not_begin_and_the_others_do_in_order() {
    let mut session = done(&["a"]);
    let keys = ["first", "dropped", "second"].map(|name| session.live(name, wait()));
    session.0.release(keys[1]);
    session.live("third", wait());

    session.replay("a");

    assert_eq!(session.checkpoint(), ["START first", "START second", "START third"]);
}

#[test]
fn new_operations_begin_in_the_order_in_which_they_were_claimed() {
    let mut session = done(&["a"]);
    session.live("first", wait());
    session.live("second", wait());

    session.replay("a");

    assert_eq!(session.checkpoint(), ["START first", "START second"]);
}

#[test]
fn replay_has_diverged_when_nothing_can_move_while_a_new_operation_is_awaited() {
    let mut session = done(&["a", "b"]);
    session.replay("a");
    let renamed = session.live("renamed", step());
    session.0.poll(renamed);

    let message = divergence(session.0.handle_idle(NOW, false));

    assert!(message.contains("expected STEP `b`, got STEP `renamed`"), "{message}");
    assert!(!message.contains("`a`"), "{message}");
    assert!(session.checkpoint().is_empty());
}

#[test]
fn a_handler_that_something_else_may_wake_has_patience() {
    let mut session = done(&["a"]);
    let new = session.live("new", step());
    session.0.poll(new);

    let Idle::Until(end) = session.0.handle_idle(NOW, true) else { panic!() };
    assert_eq!(end.saturating_since(NOW), Duration::from_secs(5));
    session.replay("a");
    assert_eq!(session.0.handle_idle(end, true), Idle::Wait, "it has moved on");
    session.0.poll(new);

    assert_eq!(session.checkpoint(), ["START new"]);
}

#[test]
fn patience_starts_over_with_every_claim() {
    let mut session = done(&["a", "b"]);
    let new = session.live("new", step());
    session.0.poll(new);
    let Idle::Until(end) = session.0.handle_idle(NOW, true) else { panic!() };

    session.replay("a");

    let Idle::Until(later) = session.0.handle_idle(end, true) else { panic!() };
    assert_eq!(later.saturating_since(end), Duration::from_secs(5));
}

#[test]
fn patience_ends() {
    let mut session = done(&["a"]);
    let new = session.live("new", step());
    session.0.poll(new);

    let Idle::Until(end) = session.0.handle_idle(NOW, true) else { panic!() };

    assert!(divergence(session.0.handle_idle(end, true)).contains("`new`"));
}

#[test]
fn a_new_operation_that_is_not_awaited_is_no_divergence() {
    let mut session = Session::new(vec![
        recorded_wait("pause", OperationStatus::Started),
        recorded_step("later", OperationStatus::Succeeded),
    ]);
    session.live("unawaited", step());
    let pause = session.live("pause", wait());
    session.0.poll(pause);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Answer(InvocationOutput::Pending));
}

#[test]
fn a_handler_that_returns_a_result_with_records_unclaimed_has_diverged() {
    let mut session = done(&["a", "b"]);
    session.replay("a");

    session.0.handle_handler_finished(Ok("1".into()));

    assert!(divergence(session.0.handle_idle(NOW, false)).contains("expected STEP `b`, got nothing"));
}

#[test]
fn the_error_of_a_handler_is_not_replaced_by_the_records_that_it_left_unclaimed() {
    let mut session = done(&["a", "b"]);
    session.replay("a");
    let error = ErrorObject::new("PaymentError", "the card was declined");

    session.0.handle_handler_finished(Err(error.clone()));

    let answer = InvocationOutput::Failed { error: Some(error) };
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Answer(answer));
}

#[test]
fn a_dropped_operation_excuses_no_record_that_is_left_unclaimed() {
    let records = || {
        vec![
            recorded_wait("slow", OperationStatus::Started),
            recorded_step("quick", OperationStatus::Succeeded),
            recorded_step("after-slow", OperationStatus::Started),
        ]
    };

    let mut finished = Session::new(records());
    let slow = finished.live("slow", wait());
    finished.replay("quick");
    finished.0.release(slow);
    finished.0.handle_handler_finished(Ok("1".into()));
    let mut blocked = Session::new(records());
    let slow = blocked.live("slow", wait());
    blocked.replay("quick");
    blocked.0.release(slow);
    let new = blocked.live("new", step());
    blocked.0.poll(new);

    for mut session in [finished, blocked] {
        assert!(divergence(session.0.handle_idle(NOW, false)).contains("`after-slow`"));
        assert!(session.checkpoint().is_empty());
    }
}

#[test]
fn a_record_of_another_type_under_the_same_id_fails_at_once() {
    let mut record = recorded_wait("a", OperationStatus::Succeeded);
    record.id = id("a", step()).to_string().into();
    let mut session = Session::new(vec![record]);

    assert_eq!(session.claim(ROOT, Some("a"), step()), Claimed::Never);

    let message = divergence(session.0.handle_idle(NOW, false));
    assert!(message.contains("WAIT") && message.contains("STEP"), "{message}");
}

#[test]
fn records_left_unclaimed_are_reported_after_the_results_that_could_be_delivered() {
    let done = |name: &str| recorded_step(name, OperationStatus::Succeeded);
    let mut session = Session::new(vec![at(done("first"), 1, 5), at(done("renamed"), 2, 9)]);
    let (first, _) = session.deferred("first", step());
    assert!(!session.0.poll_deferred(first));
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);
    assert!(session.0.poll_deferred(first));
    let new = session.live("new", step());
    session.0.poll(new);

    assert!(divergence(session.0.handle_idle(NOW, false)).contains("`renamed`"));
}

#[test]
fn a_divergence_fails_the_invocation_instead_of_the_execution_if_the_policy_says_so() {
    let mut session = done(&["a"]);
    session.0.on_divergence(DivergencePolicy::FailInvocation);

    session.0.handle_handler_finished(Ok("1".to_owned()));

    let idle = session.0.handle_idle(NOW, false);
    let Idle::FailInvocation(Fatal::NonDeterministic(text)) = idle else { panic!("{idle:?}") };
    assert!(text.contains("expected STEP `a`, got nothing (removed)"), "{text}");
}

#[test]
fn the_policy_of_divergences_does_not_apply_to_other_failures() {
    let mut session = done(&[]);
    session.0.on_divergence(DivergencePolicy::FailInvocation);

    session.0.fail(Fatal::Misuse("an outer context in a body".to_owned()));

    let text = failure(session.0.handle_idle(NOW, false), "ContextMisuseError");
    assert_eq!(text, "an outer context in a body");
}
