//! Requests that meet executions while these are recorded, loaded or deleted.

use std::collections::BTreeSet;

use durable_service::{Answer, ChainedInvokeEnd, Command, ExecutionId, FunctionInvocation};
use durable_types::api::{PauseRequest, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ExecutionStatus, OperationStatus, OperationUpdate as U};

use super::desk::{Desk, Disk, Reads};
use crate::lab::{PENDING, SUCCEEDED};

fn call(desk: &mut Desk, function: &str) -> (DurableExecutionArn, FunctionInvocation) {
    let arn = desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_invoke("i", function, Some("1".to_owned()))]);
    (arn, invocation)
}

fn status(desk: &Desk, caller: &DurableExecutionArn) -> OperationStatus {
    desk.execution(caller).operation("i").unwrap().status.clone()
}

fn ended(desk: &mut Desk, name: Option<&str>) -> DurableExecutionArn {
    let arn = desk.start(name);
    let invocation = desk.deliver();
    desk.end(&invocation, SUCCEEDED);
    arn
}

#[test]
fn a_called_execution_whose_start_cannot_be_recorded_at_first_is_started_later() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    desk.disk = Disk::FailsForNew;
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_invoke("i", "ship:3", None)]);
    desk.end(&invocation, PENDING);

    desk.disk = Disk::Works;
    desk.advance(60);

    assert_eq!(status(&desk, &arn), OperationStatus::Started);
    assert_eq!(desk.deliver().arn.function_name(), "ship");
}

#[test]
fn nobody_is_told_of_an_end_that_is_not_recorded() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let _invocation = desk.deliver();
    desk.disk = Disk::Stalls;
    desk.command(&arn, Command::Pause(PauseRequest::new("any")));
    desk.command(&arn, Command::Stop { error: None });

    desk.append_one();

    assert_eq!(desk.status(&arn), ExecutionStatus::Pausing);
    assert!(!desk.told_closed.contains(&ExecutionId::from(&arn)));
}

#[test]
fn the_end_of_an_execution_that_is_deleted_at_once_can_be_seen_when_it_is_told() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_wait("w", 7_200)]);
    desk.end(&invocation, PENDING);
    // It has timed out, which nobody has noticed.
    desk.now = desk.now.saturating_add(std::time::Duration::from_secs(3_600));
    desk.disk = Disk::Stalls;
    desk.command(&arn, Command::Delete);

    let append = desk.stalled.pop_front().unwrap();
    let id = append.execution_id.clone();
    let environment = durable_service::Environment::new(&desk.settings, &desk.functions, desk.now);
    desk.dispatcher.handle_appended(&id, environment);
    let mut seen = None;
    while let Some(output) = desk.dispatcher.poll_output(environment) {
        if let durable_service::Output::Recorded { is_closed: true, .. } = output {
            // As the driver does it.
            seen = Some(desk.dispatcher.resident(&id).is_some());
        }
    }
    assert_eq!(seen, Some(true), "the driver cannot see how it ended");
}

#[test]
fn an_execution_that_had_ended_when_it_was_loaded_is_told_to_have_ended() {
    let mut desk = Desk::new();
    let arn = ended(&mut desk, None);
    let id = ExecutionId::from(&arn);
    desk.told_closed.clear();
    desk.reads = Reads::Stall;
    desk.command(&arn, Command::Stop { error: None });
    assert!(desk.dispatcher.is_active(&id), "it can be watched");

    desk.repair_reads();

    assert!(!desk.dispatcher.is_active(&id));
    assert!(desk.told_closed.contains(&id), "whoever watches waits for ever");
}

#[test]
fn a_start_by_the_name_of_an_execution_that_ends_meanwhile_is_told_its_end() {
    let mut desk = Desk::new();
    let arn = desk.start(Some("first"));
    let id = ExecutionId::from(&arn);
    let invocation = desk.deliver();
    desk.reads = Reads::StallAfterwards;
    let again = desk.request_start(Some("first"), Some("1"));
    desk.end(&invocation, SUCCEEDED);
    desk.told_closed.clear();
    desk.reads = Reads::Stall;

    desk.read_one(0);
    assert!(matches!(desk.answer(again), Some(Ok(Answer::Started(_)))));
    // Here the driver watches it.
    assert!(desk.dispatcher.is_active(&id));
    desk.repair_reads();

    assert!(desk.told_closed.contains(&id), "whoever watches waits for ever");
}

#[test]
fn a_start_by_a_name_is_answered_although_what_has_it_cannot_be_deleted() {
    let mut desk = Desk::new();
    desk.settings.default_retention_days = 1;
    ended(&mut desk, Some("first"));
    desk.advance(86_401);
    desk.deletes = Reads::Fail;

    let start = desk.request_start(Some("first"), Some("1"));

    assert!(desk.answer(start).unwrap().is_err());
}

#[test]
fn a_name_is_free_while_what_had_it_is_being_deleted_after_its_retention() {
    let mut desk = Desk::new();
    desk.settings.default_retention_days = 1;
    let first = ended(&mut desk, Some("first"));
    desk.advance(86_401);
    desk.deletes = Reads::Stall;
    desk.with(|dispatcher, _| dispatcher.handle_expired(vec![(&first).into()]));

    let start = desk.request_start(Some("first"), Some("1"));
    desk.repair_reads();

    let Some(Ok(Answer::Started(started))) = desk.answer(start) else { panic!("{:?}", desk.answer(start)) };
    assert!(!started.existed, "it is given an execution that is gone");
    assert!(desk.store.contains_key(&(&started.arn).into()));
}

#[test]
fn a_held_invocation_is_dispatched_although_its_execution_was_not_in_memory_when_its_function_came() {
    let mut desk = Desk::new();
    desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    let updates = vec![U::start_callback("c", None, None), U::start_callback("d", None, None)];
    let response = desk.checkpoint(&invocation, &token, updates);
    let created = response.new_execution_state.operations.iter();
    let ids: Vec<_> =
        created.map(|it| it.callback_details.as_ref().unwrap().callback_id.clone().unwrap()).collect();
    desk.end(&invocation, PENDING);
    let function = desk.functions.remove("order").unwrap();
    desk.callback(&ids[0], durable_service::CallbackAnswer::Succeeded(None));
    assert_eq!(desk.dispatcher.held().count(), 1);
    desk.disk = Disk::Fails;
    desk.callback(&ids[1], durable_service::CallbackAnswer::Succeeded(None));
    desk.disk = Disk::Works;

    // It is retried later.
    desk.functions.insert("order".to_owned(), function);
    desk.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    desk.advance(60);

    assert_eq!(desk.queue.len(), 1, "held: {}", desk.dispatcher.held().count());
}

#[test]
fn a_caller_is_told_the_end_of_an_execution_that_was_being_deleted_when_it_asked() {
    let mut desk = Desk::new();
    let (caller, invocation) = call(&mut desk, "ship:3");
    desk.end(&invocation, PENDING);
    let callee = desk.deliver();
    let before = desk.store[&ExecutionId::from(&caller)].clone();
    desk.end(&callee, SUCCEEDED);
    // The process ends before the caller is told; the next one deletes what it called just then.
    desk.store.insert((&caller).into(), before);
    let mut desk = desk.killed();
    desk.deletes = Reads::Stall;
    desk.with(|dispatcher, _| dispatcher.handle_expired(vec![(&callee.arn).into()]));
    desk.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&caller)));
    desk.repair_reads();
    desk.advance(60);

    let is_called_again = !desk.queue.is_empty();
    assert!(is_called_again || status(&desk, &caller) != OperationStatus::Started, "it waits for ever");
}

#[test]
fn a_deletion_of_an_imported_execution_that_failed_is_not_acknowledged() {
    let mut desk = Desk::new();
    let arn = ended(&mut desk, None);
    desk.imported.insert((&arn).into());
    desk.deletes = Reads::Fail;

    let delete = desk.command(&arn, Command::Delete);

    assert!(desk.store.contains_key(&(&arn).into()));
    assert_eq!(desk.answer(delete).unwrap().unwrap_err().kind, ServiceErrorKind::Service);
}

fn debug(desk: &Desk) -> String {
    format!("{:?}", desk.dispatcher)
}

#[test]
fn an_invocation_whose_end_was_recorded_although_that_failed_is_forgotten() {
    let mut desk = Desk::new();
    desk.start(None);
    let invocation = desk.deliver();
    desk.disk = Disk::FailsAfterwards;
    desk.end(&invocation, SUCCEEDED);
    desk.disk = Disk::Works;
    desk.advance(60);

    assert!(debug(&desk).contains("deliveries: Deliveries({})"), "{}", debug(&desk));
}

#[test]
fn a_call_is_forgotten_whose_caller_ended_first() {
    let mut desk = Desk::new();
    let (caller, invocation) = call(&mut desk, "tax");
    desk.end(&invocation, PENDING);
    let call = desk.calls.pop_front().unwrap();
    desk.done(&caller, Command::Stop { error: None });
    desk.with(|dispatcher, environment| {
        dispatcher.handle_call_ended(&call.id, ChainedInvokeEnd::Succeeded(None), environment);
    });
    desk.advance(60);

    assert!(debug(&desk).contains("by_caller: {}"), "{}", debug(&desk));
}

#[test]
fn a_call_is_forgotten_whose_end_was_recorded_although_that_failed() {
    let mut desk = Desk::new();
    let (_caller, invocation) = call(&mut desk, "tax");
    desk.end(&invocation, PENDING);
    let call = desk.calls.pop_front().unwrap();
    desk.disk = Disk::FailsAfterwards;
    desk.with(|dispatcher, environment| {
        dispatcher.handle_call_ended(&call.id, ChainedInvokeEnd::Succeeded(None), environment);
    });
    desk.disk = Disk::Works;
    desk.advance(60);

    assert!(debug(&desk).contains("by_caller: {}"), "{}", debug(&desk));
}

#[test]
fn failures_are_forgotten_once_an_execution_is_loaded() {
    let mut desk = Desk::new();
    let arn = ended(&mut desk, None);
    desk.reads = Reads::Fail;
    desk.command(&arn, Command::Stop { error: None });
    desk.reads = Reads::Work;
    desk.advance(60);

    assert!(debug(&desk).contains("failures: {}"), "{}", debug(&desk));
}

#[test]
fn the_end_of_a_called_execution_is_told_although_more_of_it_is_being_recorded() {
    let mut desk = Desk::new();
    let (caller, invocation) = call(&mut desk, "ship:3");
    desk.end(&invocation, PENDING);
    let callee = desk.deliver();
    let mut desk = desk.killed();
    // The next process loads the callee first, which ends, and is being deleted when the caller is loaded.
    desk.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&callee.arn)));
    let again = desk.deliver();
    desk.done(&callee.arn, Command::Stop { error: None });
    desk.disk = Disk::Stalls;
    desk.command(&callee.arn, Command::Delete);
    desk.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&caller)));
    desk.repair_disk();
    desk.end(&again, SUCCEEDED);
    desk.advance(60);

    let is_called_again = !desk.queue.is_empty();
    assert!(is_called_again || status(&desk, &caller) != OperationStatus::Started, "it waits for ever");
}

#[test]
fn a_repair_reaches_an_execution_that_is_being_loaded() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();
    desk.with(|dispatcher, environment| {
        let end = durable_service::InvocationEnd::Failed(durable_types::ErrorObject::new("Broken", "no"));
        dispatcher.handle_invocation_ended(&invocation.invocation.request_id, end, environment);
    });
    let mut desk = desk.killed();
    desk.reads = Reads::Stall;
    desk.with(|dispatcher, _| dispatcher.resume(&ExecutionId::from(&arn)));
    desk.with(|dispatcher, environment| dispatcher.handle_function_repaired("order", environment));
    desk.repair_reads();

    assert_eq!(desk.queue.len(), 1, "due: {:?}, now {:?}", desk.dispatcher.next_due(), desk.now);
}

#[test]
fn a_failed_load_of_an_execution_that_ended_keeps_nothing_active() {
    let mut desk = Desk::new();
    let arn = ended(&mut desk, None);
    let id = ExecutionId::from(&arn);
    desk.told_closed = BTreeSet::new();
    desk.reads = Reads::Fail;
    desk.command(&arn, Command::Stop { error: None });
    assert!(desk.dispatcher.is_active(&id));
    desk.reads = Reads::Work;
    desk.advance(60);

    assert!(desk.told_closed.contains(&id), "whoever watched meanwhile waits for ever");
}

#[test]
fn an_execution_that_is_stopped_while_it_waits_for_a_retry_is_deleted_after_its_retention() {
    let mut desk = Desk::new();
    desk.settings.default_retention_days = 1;
    let arn = desk.start(Some("first"));
    let invocation = desk.deliver();
    desk.with(|dispatcher, environment| {
        let end = durable_service::InvocationEnd::Failed(durable_types::ErrorObject::new("Broken", "no"));
        dispatcher.handle_invocation_ended(&invocation.invocation.request_id, end, environment);
    });
    desk.done(&arn, Command::Stop { error: None });
    assert!(desk.dispatcher.resident(&(&arn).into()).is_none(), "it stays in memory for ever");
    desk.advance(86_401);

    desk.with(|dispatcher, _| dispatcher.handle_expired(vec![(&arn).into()]));

    assert!(desk.store.is_empty());
}
