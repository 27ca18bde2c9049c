//! Deletion and expiry of executions.

use std::time::Duration;

use durable_service::{ChainedInvokeEnd, Command, Execution, Reply, Settings, history};
use durable_types::{ExecutionStatus, OperationUpdate as U, Timestamp};

use crate::lab::{Lab, PENDING, SUCCEEDED, request};

fn delete(lab: &mut Lab) -> Timestamp {
    let Reply::Deleting(since) = lab.handle(Command::Delete).unwrap() else {
        panic!("the reply is not that of a deletion");
    };
    since
}

#[test]
fn an_execution_that_has_ended_is_deleted() {
    let mut lab = Lab::new();
    lab.answer(SUCCEEDED);
    let reported = history(&lab.events);
    lab.advance(5);

    let since = delete(&mut lab);

    assert_eq!((since, lab.deleted), (lab.now, 1));
    assert_eq!(lab.execution_status(), &ExecutionStatus::Deleting);
    assert_eq!(history(&lab.events), reported, "the history omits it");
}

#[test]
fn an_execution_that_has_not_ended_cannot_be_deleted() {
    let mut running = Lab::new();
    let mut waiting = Lab::new();
    waiting.record(vec![U::start_wait("w", 60)]);
    waiting.answer(PENDING);

    for lab in [&mut running, &mut waiting] {
        let before = lab.execution.clone();
        let error = lab.handle(Command::Delete).unwrap_err();

        assert_eq!(error.kind.as_str(), "ResourceConflictException");
        assert_eq!(lab.execution, before);
    }
}

#[test]
fn an_overdue_execution_times_out_before_it_is_deleted() {
    let mut lab = Lab::new();
    lab.record(vec![U::start_wait("w", 7_200)]);
    lab.answer(PENDING);
    lab.advance(3_600);

    delete(&mut lab);

    assert_eq!((lab.closed, lab.deleted), (1, 1));
    assert_eq!(lab.history().last().unwrap(), "ExecutionTimedOut 0b1c");
}

#[test]
fn a_deletion_waits_for_the_invocation_in_flight() {
    let mut lab = Lab::new();
    lab.handle(Command::Stop { error: None }).unwrap();

    delete(&mut lab);
    assert_eq!((lab.execution_status(), lab.deleted), (&ExecutionStatus::Deleting, 0));
    lab.answer(SUCCEEDED);

    assert_eq!((lab.execution_status(), lab.deleted), (&ExecutionStatus::Deleting, 1));
}

#[test]
fn deletion_is_idempotent() {
    let mut lab = Lab::new();
    lab.handle(Command::Stop { error: None }).unwrap();
    let first = delete(&mut lab);
    lab.advance(5);

    assert_eq!(delete(&mut lab), first);

    lab.answer(PENDING);
    assert_eq!(lab.deleted, 1);
}

#[test]
fn a_deletion_survives_a_restart() {
    let mut lab = Lab::new();
    lab.handle(Command::Stop { error: None }).unwrap();
    let since = delete(&mut lab);

    let replayed = Execution::replay(lab.events.clone()).unwrap();

    assert_eq!(replayed.deletion_timestamp(), Some(since));
    assert_eq!(replayed, lab.execution);
}

#[test]
fn the_end_of_a_call_is_known_while_its_execution_is_being_deleted() {
    let mut lab = Lab::new();
    lab.answer(SUCCEEDED);

    delete(&mut lab);

    assert_eq!(ChainedInvokeEnd::of(&lab.execution), Some(ChainedInvokeEnd::Succeeded(Some("1".to_owned()))));
}

#[test]
fn an_execution_expires_when_its_retention_ends() {
    let settings = Settings { default_retention_days: 3, ..Settings::default() };
    for (days, expected) in [(None, 3), (Some(1), 1), (Some(90), 90)] {
        let mut start = request();
        start.durable_config.retention_period_in_days = days;
        let mut lab = Lab::with(start, settings.clone());
        lab.advance(100);
        assert_eq!(lab.execution.expires_at(&settings), None);

        lab.answer(SUCCEEDED);

        let expected = lab.now.saturating_add(Duration::from_secs(expected * 86_400));
        assert_eq!(lab.execution.expires_at(&settings), Some(expected));
    }
    assert_eq!(Settings::default().default_retention_days, 14);
}
