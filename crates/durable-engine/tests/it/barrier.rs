//! The replay barrier.

use std::time::Duration;

use durable_engine::{Claimed, Idle, Progress, Settled};
use durable_types::{InvocationOutput, OperationStatus, Timestamp};

use crate::session::{NOW, ROOT, Session, id, recorded_step, recorded_wait, step, wait};

fn settled(session: &mut Session, name: &str) -> Option<String> {
    match session.claim(ROOT, Some(name), step()) {
        Claimed::Settled(_, Settled::Succeeded(result)) => result,
        other => panic!("{name}: {other:?}"),
    }
}

fn done(names: &[&str]) -> Session {
    Session::new(names.iter().map(|name| recorded_step(name, OperationStatus::Succeeded)).collect())
}

fn failure(idle: Idle) -> String {
    match idle {
        Idle::Answer(InvocationOutput::Failed { error: Some(error) }) => {
            assert_eq!(error.error_type.as_deref(), Some("NonDeterministicExecutionError"));
            error.error_message.unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn recorded_operations_are_paired_by_id_in_any_order_of_claims() {
    let mut session = done(&["a", "b", "c"]);

    for name in ["c", "a", "b"] {
        assert_eq!(settled(&mut session, name), Some(format!("\"{name}\"")));
    }
}

#[test]
fn a_new_operation_begins_when_everything_recorded_has_been_claimed() {
    let mut session = done(&["a", "b"]);
    let new = session.live("new", step());
    assert_eq!(session.0.poll(new), Progress::Pending);

    settled(&mut session, "a");
    assert!(session.outputs_at(NOW).woken.is_empty());
    settled(&mut session, "b");

    assert_eq!(session.outputs_at(NOW).woken, [new]);
    assert_eq!(session.0.poll(new), Progress::Run { attempt: 1, carried: None });
    assert_eq!(session.checkpoint(), ["START new"]);
}

#[test]
fn new_operations_that_were_dropped_while_they_waited_do_not_begin_and_the_others_do_in_order() {
    let mut session = done(&["a"]);
    let keys = ["first", "dropped", "second"].map(|name| session.live(name, wait()));
    session.0.release(keys[1]);
    session.live("third", wait());

    settled(&mut session, "a");

    assert_eq!(session.checkpoint(), ["START first", "START second", "START third"]);
}

#[test]
fn new_operations_begin_in_the_order_in_which_they_were_claimed() {
    let mut session = done(&["a"]);
    session.live("first", wait());
    session.live("second", wait());

    settled(&mut session, "a");

    assert_eq!(session.checkpoint(), ["START first", "START second"]);
}

#[test]
fn replay_has_diverged_when_nothing_can_move_while_somebody_awaits_a_new_operation() {
    let mut session = done(&["a", "b"]);
    settled(&mut session, "a");
    let renamed = session.live("renamed", step());
    session.0.poll(renamed);

    let message = failure(session.0.handle_idle(NOW, false));

    assert!(message.contains("expected STEP `b`, got STEP `renamed`"), "{message}");
    assert!(!message.contains("`a`"), "{message}");
    assert!(session.checkpoint().is_empty());
}

#[test]
fn a_handler_that_something_else_may_wake_has_a_grace() {
    let mut session = done(&["a"]);
    let new = session.live("new", step());
    session.0.poll(new);

    let Idle::Until(end) = session.0.handle_idle(NOW, true) else { panic!() };
    assert_eq!(end.saturating_since(NOW), Duration::from_secs(5));
    settled(&mut session, "a");
    assert_eq!(session.0.handle_idle(end, true), Idle::Wait, "it has moved on");
    session.0.poll(new);

    assert_eq!(session.checkpoint(), ["START new"]);
}

#[test]
fn the_grace_ends() {
    let mut session = done(&["a"]);
    let new = session.live("new", step());
    session.0.poll(new);

    let Idle::Until(end) = session.0.handle_idle(NOW, true) else { panic!() };

    assert!(failure(session.0.handle_idle(end, true)).contains("`new`"));
}

#[test]
fn a_new_operation_that_nobody_awaits_is_no_divergence() {
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
fn a_handler_that_ends_with_records_left_over_has_diverged() {
    let mut session = done(&["a", "b"]);
    settled(&mut session, "a");

    session.0.handle_handler_finished(Ok("1".into()));

    assert!(failure(session.0.handle_idle(NOW, false)).contains("expected STEP `b`, got nothing"));
}

#[test]
fn the_losers_of_a_race_may_leave_records_over() {
    let mut session = Session::new(vec![
        recorded_wait("slow", OperationStatus::Started),
        recorded_step("quick", OperationStatus::Succeeded),
        recorded_step("after-slow", OperationStatus::Started),
    ]);
    let slow = session.live("slow", wait());
    settled(&mut session, "quick");
    session.0.release(slow);

    session.0.handle_handler_finished(Ok("1".into()));

    let answer = InvocationOutput::Succeeded { result: Some("1".into()) };
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Answer(answer));
}

#[test]
fn a_record_of_another_type_under_the_same_id_fails_at_once() {
    let mut record = recorded_wait("a", OperationStatus::Succeeded);
    record.id = id("a", step()).to_string();
    let mut session = Session::new(vec![record]);

    assert_eq!(session.claim(ROOT, Some("a"), step()), Claimed::Never);

    let message = failure(session.0.handle_idle(NOW, false));
    assert!(message.contains("WAIT") && message.contains("STEP"), "{message}");
}

fn at(mut record: durable_types::Operation, started: i64, ended: i64) -> durable_types::Operation {
    record.start_timestamp = Some(Timestamp::from_millis(started));
    record.end_timestamp = Some(Timestamp::from_millis(ended));
    record
}

#[test]
fn a_result_is_held_back_until_what_began_before_it_has_been_claimed() {
    let mut session = Session::new(vec![
        at(recorded_step("quick", OperationStatus::Succeeded), 1, 5),
        at(recorded_step("slow", OperationStatus::Succeeded), 2, 9),
    ]);
    let quick = session.live("quick", step());
    assert_eq!(session.0.poll(quick), Progress::Pending);
    let slow = session.live("slow", step());
    assert_eq!(session.0.poll(slow), Progress::Pending);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);
    assert_eq!(
        session.outputs_at(NOW).woken,
        [quick],
        "they come one by one, in the order in which they ended"
    );
    assert!(matches!(session.0.poll(quick), Progress::Settled(_)));
    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);
    assert!(matches!(session.0.poll(slow), Progress::Settled(_)));
}

#[test]
fn a_result_is_not_held_back_for_what_began_after_it() {
    let mut session = Session::new(vec![
        at(recorded_step("first", OperationStatus::Succeeded), 1, 5),
        at(recorded_step("second", OperationStatus::Succeeded), 6, 9),
    ]);

    assert!(settled(&mut session, "first").is_some());
    assert!(settled(&mut session, "second").is_some());
}

#[test]
fn a_result_is_not_held_back_for_long_for_what_began_in_the_same_millisecond() {
    let mut session = Session::new(vec![
        at(recorded_step("first", OperationStatus::Succeeded), 1, 5),
        at(recorded_step("second", OperationStatus::Succeeded), 5, 9),
    ]);
    let first = session.live("first", step());
    session.0.poll(first);

    assert_eq!(session.0.handle_idle(NOW, true), Idle::Again, "whoever may wake the handler");

    assert!(matches!(session.0.poll(first), Progress::Settled(_)));
    assert!(settled(&mut session, "second").is_some());
}

#[test]
fn a_result_that_is_held_back_in_vain_is_handed_out() {
    let mut session = Session::new(vec![
        at(recorded_step("first", OperationStatus::Succeeded), 1, 5),
        at(recorded_step("renamed", OperationStatus::Succeeded), 2, 9),
    ]);
    let first = session.live("first", step());
    session.0.poll(first);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);

    assert!(matches!(session.0.poll(first), Progress::Settled(_)));
    let new = session.live("new", step());
    session.0.poll(new);
    assert!(failure(session.0.handle_idle(NOW, false)).contains("`renamed`"));
}

#[test]
fn new_operations_begin_behind_the_records_that_the_loser_of_a_race_left_over() {
    let mut session = Session::new(vec![
        recorded_wait("loser", OperationStatus::Started),
        recorded_step("of-the-loser", OperationStatus::Started),
    ]);
    let loser = session.live("loser", wait());
    session.0.release(loser);
    let new = session.live("new", step());
    session.0.poll(new);

    assert_eq!(session.0.handle_idle(NOW, false), Idle::Again);

    assert_eq!(session.0.poll(new), Progress::Run { attempt: 1, carried: None });
}
