//! Invocations that wait for capacity, or until their function exists.

use durable_service::{Command, FunctionDescription, FunctionKind};
use durable_types::ExecutionStatus;
use durable_types::api::{PauseRequest, ResumeRequest};

use super::driver::Driver;
use crate::harness::SUCCEEDED;

#[test]
fn an_execution_stopped_before_delivery_is_never_invoked() {
    let mut driver = Driver::new();
    let arn = driver.start(None);

    driver.done(&arn, Command::Stop { error: None });

    assert!(driver.queue.is_empty());
    assert_eq!(driver.withdrawn.len(), 1);
    assert_eq!(driver.status(&arn), ExecutionStatus::Stopped);
    assert_eq!(driver.execution(&arn).invocation_in_flight(), None);
}

#[test]
fn a_pause_takes_effect_at_once_while_the_invocation_waits_for_capacity() {
    let mut driver = Driver::new();
    let arn = driver.start(None);

    driver.done(&arn, Command::Pause(PauseRequest::new(arn.as_str())));

    assert_eq!(driver.status(&arn), ExecutionStatus::Paused);
    assert!(driver.queue.is_empty());

    driver.done(&arn, Command::Resume(ResumeRequest::new(arn.as_str())));
    let invocation = driver.deliver();
    driver.end(&invocation, SUCCEEDED);
    assert_eq!(driver.status(&arn), ExecutionStatus::Succeeded);
}

#[test]
fn a_pause_does_not_withdraw_a_delivered_invocation() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();

    driver.done(&arn, Command::Pause(PauseRequest::new(arn.as_str())));

    assert_eq!(driver.status(&arn), ExecutionStatus::Pausing);
    driver.end(&invocation, SUCCEEDED);
    assert_eq!(driver.status(&arn), ExecutionStatus::Succeeded);
}

#[test]
fn an_execution_that_times_out_in_the_queue_is_never_invoked() {
    let mut driver = Driver::new();
    let arn = driver.start(None);

    driver.advance(3_600);

    assert_eq!(driver.status(&arn), ExecutionStatus::TimedOut);
    assert!(driver.queue.is_empty());
}

#[test]
fn an_execution_stopped_before_its_start_is_recorded_is_not_dispatched() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    driver.disk = super::driver::Disk::Stalls;
    let invocation = driver.deliver();
    driver.end(&invocation, r#"{"Status":"PENDING"}"#);

    let stop = driver.command(&arn, Command::Stop { error: None });
    assert_eq!(driver.answer(stop), None);
    driver.repair_disk();

    assert!(driver.answer(stop).unwrap().is_ok());
    assert!(driver.queue.is_empty());
    assert_eq!(driver.status(&arn), ExecutionStatus::Stopped);
}

#[test]
fn a_held_execution_can_be_stopped() {
    let mut driver = Driver::new();
    let (waiting, stopped) = (driver.start(None), driver.start(None));
    let (function, _) = (driver.functions.remove("order"), ());
    let mut driver = driver.restarted();
    assert!(driver.queue.is_empty());
    assert_eq!(driver.dispatcher.held().count(), 2);

    driver.done(&stopped, Command::Stop { error: None });
    assert_eq!(driver.status(&stopped), ExecutionStatus::Stopped);

    driver.functions.insert("order".to_owned(), function.unwrap());
    driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    let invocation = driver.deliver();
    assert_eq!(invocation.arn, waiting);
    assert!(driver.queue.is_empty());
}

#[test]
fn restarts_record_nothing_while_the_function_is_removed() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    driver.functions.remove("order");
    let events = driver.execution(&arn);

    let driver = driver.restarted().restarted().restarted();

    assert_eq!(driver.execution(&arn), events);
}

#[test]
fn an_invocation_is_held_if_its_function_was_removed_after_the_start() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    driver.functions.remove("order");
    driver.end(&invocation, r#"{"Status":"PENDING"}"#);
    assert!(driver.queue.is_empty());

    let order = FunctionDescription::new(FunctionKind::Durable);
    driver.functions.insert("order".to_owned(), order);
    driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));

    assert_eq!(driver.deliver().arn, arn);
}

#[test]
fn a_queued_invocation_is_withdrawn_if_its_function_is_removed() {
    let mut driver = Driver::new();
    let arn = driver.start(None);

    let order = driver.functions.remove("order").unwrap();
    driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));

    assert!(driver.queue.is_empty());
    assert_eq!((driver.withdrawn.len(), driver.dispatcher.held().count()), (1, 1));

    driver.functions.insert("order".to_owned(), order);
    driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    let invocation = driver.deliver();
    driver.end(&invocation, SUCCEEDED);
    assert_eq!(driver.status(&arn), ExecutionStatus::Succeeded);
}

#[test]
fn a_delivered_invocation_ends_although_its_function_is_removed() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();

    driver.functions.remove("order");
    driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    driver.end(&invocation, SUCCEEDED);

    assert!(driver.withdrawn.is_empty());
    assert_eq!(driver.status(&arn), ExecutionStatus::Succeeded);
}
