//! Deletion and expiry of executions.

use std::time::Duration;

use durable_service::{ChainedInvokeEnd, Command, Execution, Reply, Settings, history};
use durable_types::{ExecutionStatus, OperationUpdate as U, Timestamp};

use crate::harness::{Harness, PENDING, SUCCEEDED, request};

fn delete(harness: &mut Harness) -> Timestamp {
    let Reply::Deleting(since) = harness.handle(Command::Delete).unwrap() else {
        panic!("the reply is not that of a deletion");
    };
    since
}

#[test]
fn an_execution_that_has_ended_is_deleted() {
    let mut harness = Harness::new();
    harness.answer(SUCCEEDED);
    let reported = history(&harness.events);
    harness.advance(5);

    let since = delete(&mut harness);

    assert_eq!((since, harness.deleted), (harness.now, 1));
    assert_eq!(harness.execution_status(), &ExecutionStatus::Deleting);
    assert_eq!(history(&harness.events), reported, "the history omits it");
}

#[test]
fn an_execution_that_has_not_ended_cannot_be_deleted() {
    let mut running = Harness::new();
    let mut waiting = Harness::new();
    waiting.record(vec![U::start_wait("w", 60)]);
    waiting.answer(PENDING);

    for harness in [&mut running, &mut waiting] {
        let before = harness.execution.clone();
        let error = harness.handle(Command::Delete).unwrap_err();

        assert_eq!(error.kind.as_str(), "ResourceConflictException");
        assert_eq!(harness.execution, before);
    }
}

#[test]
fn an_overdue_execution_times_out_before_it_is_deleted() {
    let mut harness = Harness::new();
    harness.record(vec![U::start_wait("w", 7_200)]);
    harness.answer(PENDING);
    harness.advance(3_600);

    delete(&mut harness);

    assert_eq!((harness.closed, harness.deleted), (1, 1));
    assert_eq!(harness.history().last().unwrap(), "ExecutionTimedOut 0b1c");
}

#[test]
fn a_deletion_waits_for_the_invocation_in_flight() {
    let mut harness = Harness::new();
    harness.handle(Command::Stop { error: None }).unwrap();

    delete(&mut harness);
    assert_eq!((harness.execution_status(), harness.deleted), (&ExecutionStatus::Deleting, 0));
    harness.answer(SUCCEEDED);

    assert_eq!((harness.execution_status(), harness.deleted), (&ExecutionStatus::Deleting, 1));
}

#[test]
fn deletion_is_idempotent() {
    let mut harness = Harness::new();
    harness.handle(Command::Stop { error: None }).unwrap();
    let first = delete(&mut harness);
    harness.advance(5);

    assert_eq!(delete(&mut harness), first);

    harness.answer(PENDING);
    assert_eq!(harness.deleted, 1);
}

#[test]
fn a_deletion_survives_a_restart() {
    let mut harness = Harness::new();
    harness.handle(Command::Stop { error: None }).unwrap();
    let since = delete(&mut harness);

    let replayed = Execution::replay(harness.events.clone()).unwrap();

    assert_eq!(replayed.deletion_timestamp(), Some(since));
    assert_eq!(replayed, harness.execution);
}

#[test]
fn the_end_of_a_call_is_known_while_its_execution_is_being_deleted() {
    let mut harness = Harness::new();
    harness.answer(SUCCEEDED);

    delete(&mut harness);

    assert_eq!(
        ChainedInvokeEnd::of(&harness.execution),
        Some(ChainedInvokeEnd::Succeeded(Some("1".to_owned())))
    );
}

#[test]
fn an_execution_expires_when_its_retention_ends() {
    let settings = Settings { default_retention_days: 3, ..Settings::default() };
    for (days, expected) in [(None, 3), (Some(1), 1), (Some(90), 90)] {
        let mut start = request();
        start.durable_config.retention_period_in_days = days;
        let mut harness = Harness::with(start, settings.clone());
        harness.advance(100);
        assert_eq!(harness.execution.expires_at(&settings), None);

        harness.answer(SUCCEEDED);

        let expected = harness.now.saturating_add(Duration::from_secs(expected * 86_400));
        assert_eq!(harness.execution.expires_at(&settings), Some(expected));
    }
    assert_eq!(Settings::default().default_retention_days, 14);
}
