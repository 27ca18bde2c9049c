//! Chained invokes across executions.

use durable_service::{CallId, ChainedInvokeEnd, Command, ExecutionId, FunctionInvocation};
use durable_types::{
    DurableExecutionArn, ErrorObject, ExecutionStatus, OperationStatus, OperationUpdate as U,
};

use super::driver::{Disk, Driver};
use crate::harness::{PENDING, SUCCEEDED};

/// Starts an execution that calls a function and suspends.
fn calling(driver: &mut Driver, function: &str) -> DurableExecutionArn {
    let arn = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_invoke("i", function, Some("1".to_owned()))]);
    driver.end(&invocation, PENDING);
    arn
}

fn callee(driver: &mut Driver) -> FunctionInvocation {
    let invocation = driver.deliver();
    assert_eq!(invocation.arn.function_name(), "ship");
    invocation
}

fn status(driver: &Driver, caller: &DurableExecutionArn) -> OperationStatus {
    driver.execution(caller).operation("i").unwrap().status.clone()
}

#[test]
fn the_end_of_a_called_execution_resumes_the_caller() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "ship:3");

    let invocation = callee(&mut driver);
    driver.end(&invocation, SUCCEEDED);

    assert_eq!(status(&driver, &caller), OperationStatus::Succeeded);
    assert_eq!(driver.deliver().arn, caller);
}

#[test]
fn stopping_a_called_execution_ends_the_call() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "ship:3");
    let arn = callee(&mut driver).arn;

    driver.done(&arn, Command::Stop { error: None });

    assert_eq!(status(&driver, &caller), OperationStatus::Stopped);
}

#[test]
fn the_end_of_a_plain_function_resumes_the_caller() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "tax");
    let call = driver.calls.pop_front().unwrap();
    assert!(call.function_arn.ends_with(":function:tax:$LATEST"), "{}", call.function_arn);

    driver.with(|dispatcher, environment| {
        let end = ChainedInvokeEnd::Succeeded(Some("7".to_owned()));
        dispatcher.handle_call_ended(&call.id, end, environment);
    });

    assert_eq!(status(&driver, &caller), OperationStatus::Succeeded);
}

#[test]
fn a_restarted_service_finds_the_called_execution() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "ship:3");

    let mut driver = driver.restarted();
    let executions = driver.store.len();
    let invocation = callee(&mut driver);
    driver.end(&invocation, SUCCEEDED);

    assert_eq!((executions, driver.queue.len()), (2, 1));
    assert_eq!(status(&driver, &caller), OperationStatus::Succeeded);
}

#[test]
fn a_caller_that_was_not_notified_is_notified_after_a_restart() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "ship:3");
    let invocation = callee(&mut driver);
    let callee = ExecutionId::from(&invocation.arn);
    let before = driver.store[&ExecutionId::from(&caller)].clone();
    driver.end(&invocation, SUCCEEDED);
    driver.store.insert((&caller).into(), before);
    assert!(driver.store[&callee].status.is_terminal());

    let driver = driver.restarted();

    assert_eq!(status(&driver, &caller), OperationStatus::Succeeded);
}

#[test]
fn an_end_that_cannot_be_recorded_is_retried_without_repeating_the_call() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "tax");
    let call = driver.calls.pop_front().unwrap();
    driver.disk = Disk::Fails;

    driver.with(|dispatcher, environment| {
        let error = ErrorObject::new("Broken", "no");
        dispatcher.handle_call_ended(&call.id, ChainedInvokeEnd::Failed(error), environment);
    });
    driver.advance(3);
    assert_eq!(status(&driver, &caller), OperationStatus::Started);
    driver.disk = Disk::Works;
    driver.advance(60);

    assert_eq!(status(&driver, &caller), OperationStatus::Failed);
    assert!(driver.calls.is_empty());
}

#[test]
fn a_call_of_a_function_removed_before_a_restart_fails() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "tax");
    driver.functions.remove("tax");

    let driver = driver.restarted();

    assert_eq!(status(&driver, &caller), OperationStatus::Failed);
}

#[test]
fn the_end_of_an_unknown_call_changes_nothing() {
    let mut driver = Driver::new();
    let caller = calling(&mut driver, "tax");
    let id = CallId { caller: (&caller).into(), operation_id: "other".to_owned() };
    let before = driver.execution(&caller);

    driver.with(|dispatcher, environment| {
        dispatcher.handle_call_ended(&id, ChainedInvokeEnd::Succeeded(None), environment);
    });

    assert_eq!(driver.execution(&caller), before);
    assert_eq!(driver.status(&caller), ExecutionStatus::Running);
}
