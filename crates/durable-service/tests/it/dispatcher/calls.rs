//! Calls of other functions across executions.

use durable_service::{CallId, ChainedInvokeEnd, Command, ExecutionId, FunctionInvocation};
use durable_types::{
    DurableExecutionArn, ErrorObject, ExecutionStatus, OperationStatus, OperationUpdate as U,
};

use super::desk::{Desk, Disk};
use crate::lab::{PENDING, SUCCEEDED};

/// Starts an execution that calls a function and suspends.
fn calling(desk: &mut Desk, function: &str) -> DurableExecutionArn {
    let arn = desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_invoke("i", function, Some("1".to_owned()))]);
    desk.end(&invocation, PENDING);
    arn
}

fn callee(desk: &mut Desk) -> FunctionInvocation {
    let invocation = desk.deliver();
    assert_eq!(invocation.arn.function_name(), "ship");
    invocation
}

fn status(desk: &Desk, caller: &DurableExecutionArn) -> OperationStatus {
    desk.execution(caller).operation("i").unwrap().status.clone()
}

#[test]
fn the_end_of_a_called_execution_resumes_the_caller() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "ship:3");

    let invocation = callee(&mut desk);
    desk.end(&invocation, SUCCEEDED);

    assert_eq!(status(&desk, &caller), OperationStatus::Succeeded);
    assert_eq!(desk.deliver().arn, caller);
}

#[test]
fn the_stop_of_a_called_execution_is_told_to_the_caller() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "ship:3");
    let arn = callee(&mut desk).arn;

    desk.done(&arn, Command::Stop { error: None });

    assert_eq!(status(&desk, &caller), OperationStatus::Stopped);
}

#[test]
fn the_end_of_a_plain_function_resumes_the_caller() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "tax");
    let call = desk.calls.pop_front().unwrap();
    assert!(call.function_arn.ends_with(":function:tax:$LATEST"), "{}", call.function_arn);

    desk.with(|dispatcher, environment| {
        let end = ChainedInvokeEnd::Succeeded(Some("7".to_owned()));
        dispatcher.handle_call_ended(&call.id, end, environment);
    });

    assert_eq!(status(&desk, &caller), OperationStatus::Succeeded);
}

#[test]
fn a_restarted_service_finds_the_execution_that_it_called_before() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "ship:3");

    let mut desk = desk.restarted();
    let executions = desk.store.len();
    let invocation = callee(&mut desk);
    desk.end(&invocation, SUCCEEDED);

    assert_eq!((executions, desk.queue.len()), (2, 1));
    assert_eq!(status(&desk, &caller), OperationStatus::Succeeded);
}

#[test]
fn a_called_execution_that_ended_while_the_caller_was_not_told_is_told_after_a_restart() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "ship:3");
    let invocation = callee(&mut desk);
    let callee = ExecutionId::from(&invocation.arn);
    let before = desk.store[&ExecutionId::from(&caller)].clone();
    desk.end(&invocation, SUCCEEDED);
    desk.store.insert((&caller).into(), before);
    assert!(desk.store[&callee].status.is_terminal());

    let desk = desk.restarted();

    assert_eq!(status(&desk, &caller), OperationStatus::Succeeded);
}

#[test]
fn the_end_of_a_call_that_cannot_be_recorded_is_told_again_without_calling_again() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "tax");
    let call = desk.calls.pop_front().unwrap();
    desk.disk = Disk::Fails;

    desk.with(|dispatcher, environment| {
        let error = ErrorObject::new("Broken", "no");
        dispatcher.handle_call_ended(&call.id, ChainedInvokeEnd::Failed(error), environment);
    });
    desk.advance(3);
    assert_eq!(status(&desk, &caller), OperationStatus::Started);
    desk.disk = Disk::Works;
    desk.advance(60);

    assert_eq!(status(&desk, &caller), OperationStatus::Failed);
    assert!(desk.calls.is_empty());
}

#[test]
fn a_call_of_a_function_that_is_gone_after_a_restart_fails() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "tax");
    desk.functions.remove("tax");

    let desk = desk.restarted();

    assert_eq!(status(&desk, &caller), OperationStatus::Failed);
}

#[test]
fn the_end_of_a_call_that_nobody_waits_for_changes_nothing() {
    let mut desk = Desk::new();
    let caller = calling(&mut desk, "tax");
    let id = CallId { caller: (&caller).into(), operation_id: "other".to_owned() };
    let before = desk.execution(&caller);

    desk.with(|dispatcher, environment| {
        dispatcher.handle_call_ended(&id, ChainedInvokeEnd::Succeeded(None), environment);
    });

    assert_eq!(desk.execution(&caller), before);
    assert_eq!(desk.status(&caller), ExecutionStatus::Running);
}
