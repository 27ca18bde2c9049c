//! Invocations that wait for their function to have capacity, or to exist.

use durable_service::{Command, FunctionDescription, FunctionKind};
use durable_types::ExecutionStatus;
use durable_types::api::{PauseRequest, ResumeRequest};

use super::desk::Desk;
use crate::lab::SUCCEEDED;

#[test]
fn an_execution_that_is_stopped_before_its_invocation_is_delivered_is_never_invoked() {
    let mut desk = Desk::new();
    let arn = desk.start(None);

    desk.done(&arn, Command::Stop { error: None });

    assert!(desk.queue.is_empty());
    assert_eq!(desk.withdrawn.len(), 1);
    assert_eq!(desk.status(&arn), ExecutionStatus::Stopped);
    assert_eq!(desk.execution(&arn).invocation_in_flight(), None);
}

#[test]
fn a_pause_takes_effect_at_once_while_the_invocation_waits_for_capacity() {
    let mut desk = Desk::new();
    let arn = desk.start(None);

    desk.done(&arn, Command::Pause(PauseRequest::new(arn.as_str())));

    assert_eq!(desk.status(&arn), ExecutionStatus::Paused);
    assert!(desk.queue.is_empty());

    desk.done(&arn, Command::Resume(ResumeRequest::new(arn.as_str())));
    let invocation = desk.deliver();
    desk.end(&invocation, SUCCEEDED);
    assert_eq!(desk.status(&arn), ExecutionStatus::Succeeded);
}

#[test]
fn a_pause_leaves_an_invocation_alone_that_was_delivered() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();

    desk.done(&arn, Command::Pause(PauseRequest::new(arn.as_str())));

    assert_eq!(desk.status(&arn), ExecutionStatus::Pausing);
    desk.end(&invocation, SUCCEEDED);
    assert_eq!(desk.status(&arn), ExecutionStatus::Succeeded);
}

#[test]
fn an_execution_that_times_out_in_the_queue_is_never_invoked() {
    let mut desk = Desk::new();
    let arn = desk.start(None);

    desk.advance(3_600);

    assert_eq!(desk.status(&arn), ExecutionStatus::TimedOut);
    assert!(desk.queue.is_empty());
}

#[test]
fn an_invocation_that_is_stopped_before_its_start_is_recorded_is_not_dispatched() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    desk.disk = super::desk::Disk::Stalls;
    let invocation = desk.deliver();
    desk.end(&invocation, r#"{"Status":"PENDING"}"#);

    let stop = desk.command(&arn, Command::Stop { error: None });
    assert_eq!(desk.answer(stop), None);
    desk.repair_disk();

    assert!(desk.answer(stop).unwrap().is_ok());
    assert!(desk.queue.is_empty());
    assert_eq!(desk.status(&arn), ExecutionStatus::Stopped);
}

#[test]
fn an_execution_whose_function_was_removed_waits_for_it_and_can_be_stopped() {
    let mut desk = Desk::new();
    let (waiting, stopped) = (desk.start(None), desk.start(None));
    let (function, _) = (desk.functions.remove("order"), ());
    let mut desk = desk.restarted();
    assert!(desk.queue.is_empty());
    assert_eq!(desk.dispatcher.held().count(), 2);

    desk.done(&stopped, Command::Stop { error: None });
    assert_eq!(desk.status(&stopped), ExecutionStatus::Stopped);

    desk.functions.insert("order".to_owned(), function.unwrap());
    desk.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    let invocation = desk.deliver();
    assert_eq!(invocation.arn, waiting);
    assert!(desk.queue.is_empty());
}

#[test]
fn a_removed_function_adds_nothing_to_the_record_however_often_the_service_restarts() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    desk.functions.remove("order");
    let events = desk.execution(&arn);

    let desk = desk.restarted().restarted().restarted();

    assert_eq!(desk.execution(&arn), events);
}

#[test]
fn an_invocation_is_held_if_its_function_was_removed_since_the_start() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();
    desk.functions.remove("order");
    desk.end(&invocation, r#"{"Status":"PENDING"}"#);
    assert!(desk.queue.is_empty());

    let order = FunctionDescription::new(FunctionKind::Durable);
    desk.functions.insert("order".to_owned(), order);
    desk.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));

    assert_eq!(desk.deliver().arn, arn);
}
