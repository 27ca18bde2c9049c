//! Starts and lookups by name.

use durable_service::{Answer, Command, ExecutionName};
use durable_types::api::ServiceErrorKind;

use super::driver::{Disk, Driver};
use crate::harness::SUCCEEDED;

#[test]
fn a_second_start_with_a_name_finds_the_first() {
    let mut driver = Driver::new();
    let arn = driver.start(Some("first"));

    let again = driver.request_start(Some("first"), Some("1"));

    let Some(Ok(Answer::Started(started))) = driver.answer(again) else {
        panic!("the execution was not found")
    };
    assert_eq!((started.arn, started.existed), (arn, true));
    assert_eq!(driver.store.len(), 1);
}

#[test]
fn concurrent_starts_with_one_name_start_one_execution() {
    let mut driver = Driver::new();
    driver.disk = Disk::Stalls;
    let starts = [(); 3].map(|()| driver.request_start(Some("first"), Some("1")));
    let other = driver.request_start(Some("first"), Some("2"));

    driver.repair_disk();

    let existed = starts.map(|start| match driver.answer(start) {
        Some(Ok(Answer::Started(started))) => started.existed,
        answer => panic!("{answer:?}"),
    });
    assert_eq!(existed, [false, true, true]);
    let rejection = driver.answer(other).unwrap().unwrap_err();
    assert_eq!(rejection.kind, ServiceErrorKind::DurableExecutionAlreadyStarted);
    assert_eq!(driver.store.len(), 1);
}

#[test]
fn a_start_that_cannot_be_recorded_frees_its_name() {
    let mut driver = Driver::new();
    driver.disk = Disk::Fails;
    let failed = driver.request_start(Some("first"), Some("1"));
    driver.disk = Disk::Works;

    let started = driver.request_start(Some("first"), Some("2"));

    assert_eq!(driver.answer(failed).unwrap().unwrap_err().kind, ServiceErrorKind::Service);
    assert!(matches!(driver.answer(started), Some(Ok(Answer::Started(started))) if !started.existed));
}

#[test]
fn a_name_is_free_once_the_retention_of_its_execution_has_expired() {
    let mut driver = Driver::new();
    driver.settings.default_retention_days = 1;
    let first = driver.start(Some("first"));
    let invocation = driver.deliver();
    driver.end(&invocation, SUCCEEDED);
    driver.advance(86_401);

    let second = driver.start(Some("first"));

    assert_ne!(second, first);
    assert_eq!(driver.store.len(), 1);
}

#[test]
fn an_execution_is_found_by_its_name() {
    let mut driver = Driver::new();
    let arn = driver.start(Some("first"));
    let name =
        |execution: &str| ExecutionName { function: "order".to_owned(), execution: execution.to_owned() };

    let known = driver.request(|dispatcher, token, _| dispatcher.find(&name("first"), token));
    let unknown = driver.request(|dispatcher, token, _| dispatcher.find(&name("second"), token));

    assert!(matches!(driver.answer(known), Some(Ok(Answer::Started(found))) if found.arn == arn));
    assert_eq!(driver.answer(unknown), Some(Ok(Answer::Unknown)));
}

#[test]
fn a_deletion_is_confirmed_once_the_execution_is_gone() {
    let mut driver = Driver::new();
    let arn = driver.start(Some("first"));
    let invocation = driver.deliver();
    driver.end(&invocation, SUCCEEDED);

    driver.done(&arn, Command::Delete);

    assert!(driver.store.is_empty());
    let again = driver.command(&arn, Command::Delete);
    assert_eq!(driver.answer(again), Some(Ok(Answer::Unknown)));
}

#[test]
fn only_inactive_executions_expire() {
    let mut driver = Driver::new();
    let (ended, running) = (driver.start(None), driver.start(None));
    let invocation = driver.deliver();
    assert_eq!(invocation.arn, ended);
    driver.end(&invocation, SUCCEEDED);

    let expired = vec![(&ended).into(), (&running).into()];
    driver.with(|dispatcher, _| dispatcher.handle_expired(expired));

    assert_eq!(driver.store.keys().collect::<Vec<_>>(), [&(&running).into()]);
}
