//! Starts by name.

use durable_service::{Answer, Command, ExecutionName};
use durable_types::api::ServiceErrorKind;

use super::desk::{Desk, Disk};
use crate::lab::SUCCEEDED;

#[test]
fn a_second_start_by_a_name_finds_the_first() {
    let mut desk = Desk::new();
    let arn = desk.start(Some("first"));

    let again = desk.request_start(Some("first"), Some("1"));

    let Some(Ok(Answer::Started(started))) = desk.answer(again) else { panic!("it is found") };
    assert_eq!((started.arn, started.existed), (arn, true));
    assert_eq!(desk.store.len(), 1);
}

#[test]
fn starts_by_one_name_at_the_same_time_start_one_execution() {
    let mut desk = Desk::new();
    desk.disk = Disk::Stalls;
    let starts = [(); 3].map(|()| desk.request_start(Some("first"), Some("1")));
    let other = desk.request_start(Some("first"), Some("2"));

    desk.repair_disk();

    let existed = starts.map(|start| match desk.answer(start) {
        Some(Ok(Answer::Started(started))) => started.existed,
        answer => panic!("{answer:?}"),
    });
    assert_eq!(existed, [false, true, true]);
    let refusal = desk.answer(other).unwrap().unwrap_err();
    assert_eq!(refusal.kind, ServiceErrorKind::DurableExecutionAlreadyStarted);
    assert_eq!(desk.store.len(), 1);
}

#[test]
fn a_start_that_cannot_be_recorded_leaves_its_name_to_the_next() {
    let mut desk = Desk::new();
    desk.disk = Disk::Fails;
    let failed = desk.request_start(Some("first"), Some("1"));
    desk.disk = Disk::Works;

    let started = desk.request_start(Some("first"), Some("2"));

    assert_eq!(desk.answer(failed).unwrap().unwrap_err().kind, ServiceErrorKind::Service);
    assert!(matches!(desk.answer(started), Some(Ok(Answer::Started(started))) if !started.existed));
}

#[test]
fn a_name_is_free_once_the_retention_of_its_execution_is_over() {
    let mut desk = Desk::new();
    desk.settings.default_retention_days = 1;
    let first = desk.start(Some("first"));
    let invocation = desk.deliver();
    desk.end(&invocation, SUCCEEDED);
    desk.advance(86_401);

    let second = desk.start(Some("first"));

    assert_ne!(second, first);
    assert_eq!(desk.store.len(), 1);
}

#[test]
fn an_execution_is_found_by_its_name() {
    let mut desk = Desk::new();
    let arn = desk.start(Some("first"));
    let name =
        |execution: &str| ExecutionName { function: "order".to_owned(), execution: execution.to_owned() };

    let known = desk.request(|dispatcher, token, _| dispatcher.find(&name("first"), token));
    let unknown = desk.request(|dispatcher, token, _| dispatcher.find(&name("second"), token));

    assert!(matches!(desk.answer(known), Some(Ok(Answer::Started(found))) if found.arn == arn));
    assert_eq!(desk.answer(unknown), Some(Ok(Answer::Unknown)));
}

#[test]
fn a_deleted_execution_is_gone_when_its_deletion_is_confirmed() {
    let mut desk = Desk::new();
    let arn = desk.start(Some("first"));
    let invocation = desk.deliver();
    desk.end(&invocation, SUCCEEDED);

    desk.done(&arn, Command::Delete);

    assert!(desk.store.is_empty());
    let again = desk.command(&arn, Command::Delete);
    assert_eq!(desk.answer(again), Some(Ok(Answer::Unknown)));
}

#[test]
fn only_executions_to_which_nothing_happens_expire() {
    let mut desk = Desk::new();
    let (ended, running) = (desk.start(None), desk.start(None));
    let invocation = desk.deliver();
    assert_eq!(invocation.arn, ended);
    desk.end(&invocation, SUCCEEDED);

    let expired = vec![(&ended).into(), (&running).into()];
    desk.with(|dispatcher, _| dispatcher.handle_expired(expired));

    assert_eq!(desk.store.keys().collect::<Vec<_>>(), [&(&running).into()]);
}
