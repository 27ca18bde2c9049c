//! Requests that arrive while executions are being recorded, loaded or deleted.

use std::collections::BTreeSet;

use durable_service::{Answer, ChainedInvokeEnd, Command, ExecutionId, FunctionInvocation};
use durable_types::api::{PauseRequest, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ExecutionStatus, OperationStatus, OperationUpdate as U};

use super::driver::{Disk, Driver, Reads};
use crate::harness::{PENDING, SUCCEEDED};

fn call(driver: &mut Driver, function: &str) -> (DurableExecutionArn, FunctionInvocation) {
    let arn = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_invoke("i", function, Some("1".to_owned()))]);
    (arn, invocation)
}

fn status(driver: &Driver, caller: &DurableExecutionArn) -> OperationStatus {
    driver.execution(caller).operation("i").unwrap().status.clone()
}

fn ended(driver: &mut Driver, name: Option<&str>) -> DurableExecutionArn {
    let arn = driver.start(name);
    let invocation = driver.deliver();
    driver.end(&invocation, SUCCEEDED);
    arn
}

#[test]
fn a_called_execution_whose_start_cannot_be_recorded_is_started_later() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    driver.disk = Disk::FailsForNew;
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_invoke("i", "ship:3", None)]);
    driver.end(&invocation, PENDING);

    driver.disk = Disk::Works;
    driver.advance(60);

    assert_eq!(status(&driver, &arn), OperationStatus::Started);
    assert_eq!(driver.deliver().arn.function_name(), "ship");
}

#[test]
fn an_unrecorded_end_is_not_reported() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let _invocation = driver.deliver();
    driver.disk = Disk::Stalls;
    driver.command(&arn, Command::Pause(PauseRequest::new("any")));
    driver.command(&arn, Command::Stop { error: None });

    driver.append_one();

    assert_eq!(driver.status(&arn), ExecutionStatus::Pausing);
    assert!(!driver.reported_closed.contains(&ExecutionId::from(&arn)));
}

#[test]
fn an_execution_that_is_deleted_at_once_is_readable_when_its_end_is_reported() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_wait("w", 7_200)]);
    driver.end(&invocation, PENDING);
    // The execution is overdue, but its timer has not fired.
    driver.now = driver.now.saturating_add(std::time::Duration::from_secs(3_600));
    driver.disk = Disk::Stalls;
    driver.command(&arn, Command::Delete);

    let append = driver.stalled.pop_front().unwrap();
    let id = append.execution_id.clone();
    let environment = durable_service::Environment::new(&driver.settings, &driver.functions, driver.now);
    driver.dispatcher.handle_appended(&id, environment);
    let mut seen = None;
    while let Some(output) = driver.dispatcher.poll_output(environment) {
        if let durable_service::Output::Recorded { is_closed: true, .. } = output {
            // This is how the host reads the end.
            seen = Some(driver.dispatcher.resident(&id).is_some());
        }
    }
    assert_eq!(seen, Some(true), "the end is not readable");
}

#[test]
fn loading_an_ended_execution_reports_its_end() {
    let mut driver = Driver::new();
    let arn = ended(&mut driver, None);
    let id = ExecutionId::from(&arn);
    driver.reported_closed.clear();
    driver.reads = Reads::Stall;
    driver.command(&arn, Command::Stop { error: None });
    assert!(driver.dispatcher.is_active(&id), "the execution cannot be watched");

    driver.repair_reads();

    assert!(!driver.dispatcher.is_active(&id));
    assert!(driver.reported_closed.contains(&id), "the end is never reported to watchers");
}

#[test]
fn a_start_that_finds_an_execution_which_ends_concurrently_sees_its_end() {
    let mut driver = Driver::new();
    let arn = driver.start(Some("first"));
    let id = ExecutionId::from(&arn);
    let invocation = driver.deliver();
    driver.reads = Reads::StallAfterwards;
    let again = driver.request_start(Some("first"), Some("1"));
    driver.end(&invocation, SUCCEEDED);
    driver.reported_closed.clear();
    driver.reads = Reads::Stall;

    driver.read_one(0);
    assert!(matches!(driver.answer(again), Some(Ok(Answer::Started(_)))));
    // The host watches the execution from here on.
    assert!(driver.dispatcher.is_active(&id));
    driver.repair_reads();

    assert!(driver.reported_closed.contains(&id), "the end is never reported to watchers");
}

#[test]
fn a_start_is_answered_even_if_the_expired_execution_cannot_be_deleted() {
    let mut driver = Driver::new();
    driver.settings.default_retention_days = 1;
    ended(&mut driver, Some("first"));
    driver.advance(86_401);
    driver.deletes = Reads::Fail;

    let start = driver.request_start(Some("first"), Some("1"));

    assert!(driver.answer(start).unwrap().is_err());
}

#[test]
fn a_name_is_free_while_its_expired_execution_is_being_deleted() {
    let mut driver = Driver::new();
    driver.settings.default_retention_days = 1;
    let first = ended(&mut driver, Some("first"));
    driver.advance(86_401);
    driver.deletes = Reads::Stall;
    driver.with(|dispatcher, _| dispatcher.handle_expired(vec![(&first).into()]));

    let start = driver.request_start(Some("first"), Some("1"));
    driver.repair_reads();

    let Some(Ok(Answer::Started(started))) = driver.answer(start) else {
        panic!("{:?}", driver.answer(start))
    };
    assert!(!started.existed, "the answer is a deleted execution");
    assert!(driver.store.contains_key(&(&started.arn).into()));
}

#[test]
fn a_held_invocation_is_dispatched_after_its_execution_was_reloaded() {
    let mut driver = Driver::new();
    driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    let updates = vec![U::start_callback("c", None, None), U::start_callback("d", None, None)];
    let response = driver.checkpoint(&invocation, &token, updates);
    let created = response.new_execution_state.operations.iter();
    let ids: Vec<_> = created.map(|it| it.callback_details().unwrap().callback_id.clone().unwrap()).collect();
    driver.end(&invocation, PENDING);
    let function = driver.functions.remove("order").unwrap();
    driver.callback(&ids[0], durable_service::CallbackAnswer::Succeeded(None));
    assert_eq!(driver.dispatcher.held().count(), 1);
    driver.disk = Disk::Fails;
    driver.callback(&ids[1], durable_service::CallbackAnswer::Succeeded(None));
    driver.disk = Disk::Works;

    // The failed append is retried later.
    driver.functions.insert("order".to_owned(), function);
    driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    driver.advance(60);

    assert_eq!(driver.queue.len(), 1, "held: {}", driver.dispatcher.held().count());
}

#[test]
fn a_caller_learns_the_end_of_an_execution_that_was_being_deleted() {
    let mut driver = Driver::new();
    let (caller, invocation) = call(&mut driver, "ship:3");
    driver.end(&invocation, PENDING);
    let callee = driver.deliver();
    let before = driver.store[&ExecutionId::from(&caller)].clone();
    driver.end(&callee, SUCCEEDED);
    // The process ends before the caller is notified. The next one is deleting the callee when the caller is resumed.
    driver.store.insert((&caller).into(), before);
    let mut driver = driver.killed();
    driver.deletes = Reads::Stall;
    driver.with(|dispatcher, _| dispatcher.handle_expired(vec![(&callee.arn).into()]));
    driver.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&caller)));
    driver.repair_reads();
    driver.advance(60);

    let is_called_again = !driver.queue.is_empty();
    assert!(
        is_called_again || status(&driver, &caller) != OperationStatus::Started,
        "the caller waits forever"
    );
}

#[test]
fn a_failed_deletion_of_an_imported_execution_is_not_acknowledged() {
    let mut driver = Driver::new();
    let arn = ended(&mut driver, None);
    driver.imported.insert((&arn).into());
    driver.deletes = Reads::Fail;

    let delete = driver.command(&arn, Command::Delete);

    assert!(driver.store.contains_key(&(&arn).into()));
    assert_eq!(driver.answer(delete).unwrap().unwrap_err().kind, ServiceErrorKind::Service);
}

fn debug(driver: &Driver) -> String {
    format!("{:?}", driver.dispatcher)
}

#[test]
fn an_invocation_whose_end_was_recorded_despite_a_failure_is_dropped() {
    let mut driver = Driver::new();
    driver.start(None);
    let invocation = driver.deliver();
    driver.disk = Disk::FailsAfterwards;
    driver.end(&invocation, SUCCEEDED);
    driver.disk = Disk::Works;
    driver.advance(60);

    assert!(debug(&driver).contains("deliveries: Deliveries({})"), "{}", debug(&driver));
}

#[test]
fn a_call_is_dropped_when_its_caller_ends_first() {
    let mut driver = Driver::new();
    let (caller, invocation) = call(&mut driver, "tax");
    driver.end(&invocation, PENDING);
    let call = driver.calls.pop_front().unwrap();
    driver.done(&caller, Command::Stop { error: None });
    driver.with(|dispatcher, environment| {
        dispatcher.handle_call_ended(&call.id, ChainedInvokeEnd::Succeeded(None), environment);
    });
    driver.advance(60);

    assert!(debug(&driver).contains("by_caller: {}"), "{}", debug(&driver));
}

#[test]
fn a_call_whose_end_was_recorded_despite_a_failure_is_dropped() {
    let mut driver = Driver::new();
    let (_caller, invocation) = call(&mut driver, "tax");
    driver.end(&invocation, PENDING);
    let call = driver.calls.pop_front().unwrap();
    driver.disk = Disk::FailsAfterwards;
    driver.with(|dispatcher, environment| {
        dispatcher.handle_call_ended(&call.id, ChainedInvokeEnd::Succeeded(None), environment);
    });
    driver.disk = Disk::Works;
    driver.advance(60);

    assert!(debug(&driver).contains("by_caller: {}"), "{}", debug(&driver));
}

#[test]
fn loading_an_execution_resets_its_failures() {
    let mut driver = Driver::new();
    let arn = ended(&mut driver, None);
    driver.reads = Reads::Fail;
    driver.command(&arn, Command::Stop { error: None });
    driver.reads = Reads::Work;
    driver.advance(60);

    assert!(debug(&driver).contains("failures: {}"), "{}", debug(&driver));
}

#[test]
fn the_end_of_a_called_execution_is_reported_while_an_append_is_in_flight() {
    let mut driver = Driver::new();
    let (caller, invocation) = call(&mut driver, "ship:3");
    driver.end(&invocation, PENDING);
    let callee = driver.deliver();
    let mut driver = driver.killed();
    // The next process loads the callee first. It ends and is being deleted when the caller is loaded.
    driver.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&callee.arn)));
    let again = driver.deliver();
    driver.done(&callee.arn, Command::Stop { error: None });
    driver.disk = Disk::Stalls;
    driver.command(&callee.arn, Command::Delete);
    driver.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&caller)));
    driver.repair_disk();
    driver.end(&again, SUCCEEDED);
    driver.advance(60);

    let is_called_again = !driver.queue.is_empty();
    assert!(
        is_called_again || status(&driver, &caller) != OperationStatus::Started,
        "the caller waits forever"
    );
}

#[test]
fn a_repair_reaches_an_execution_that_is_being_loaded() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    driver.with(|dispatcher, environment| {
        let end = durable_service::InvocationEnd::Failed(durable_types::ErrorObject::new("Broken", "no"));
        dispatcher.handle_invocation_ended(&invocation.invocation.request_id, end, environment);
    });
    let mut driver = driver.killed();
    driver.reads = Reads::Stall;
    driver.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&arn)));
    driver.with(|dispatcher, environment| dispatcher.handle_function_repaired("order", environment));
    driver.repair_reads();

    assert_eq!(driver.queue.len(), 1, "due: {:?}, now {:?}", driver.dispatcher.next_due(), driver.now);
}

#[test]
fn a_failed_load_of_an_ended_execution_leaves_nothing_active() {
    let mut driver = Driver::new();
    let arn = ended(&mut driver, None);
    let id = ExecutionId::from(&arn);
    driver.reported_closed = BTreeSet::new();
    driver.reads = Reads::Fail;
    driver.command(&arn, Command::Stop { error: None });
    assert!(driver.dispatcher.is_active(&id));
    driver.reads = Reads::Work;
    driver.advance(60);

    assert!(driver.reported_closed.contains(&id), "the end is never reported to watchers");
}

#[test]
fn an_execution_stopped_during_backoff_is_deleted_after_its_retention() {
    let mut driver = Driver::new();
    driver.settings.default_retention_days = 1;
    let arn = driver.start(Some("first"));
    let invocation = driver.deliver();
    driver.with(|dispatcher, environment| {
        let end = durable_service::InvocationEnd::Failed(durable_types::ErrorObject::new("Broken", "no"));
        dispatcher.handle_invocation_ended(&invocation.invocation.request_id, end, environment);
    });
    driver.done(&arn, Command::Stop { error: None });
    assert!(driver.dispatcher.resident(&(&arn).into()).is_none(), "the execution is never passivated");
    driver.advance(86_401);

    driver.with(|dispatcher, _| dispatcher.handle_expired(vec![(&arn).into()]));

    assert!(driver.store.is_empty());
}
