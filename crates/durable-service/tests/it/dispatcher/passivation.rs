//! Executions that wait for a long time, and are not in memory meanwhile.

use durable_service::{Answer, CallbackAnswer, Command, ExecutionId};
use durable_types::OperationUpdate as U;

use super::desk::Desk;
use crate::lab::PENDING;

#[test]
fn an_execution_that_waits_for_long_is_loaded_when_it_is_due() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_wait("w", 60)]);
    desk.end(&invocation, PENDING);
    assert!(desk.dispatcher.resident(&ExecutionId::from(&arn)).is_none());
    assert!(desk.dispatcher.is_active(&ExecutionId::from(&arn)));

    desk.advance(59);
    assert_eq!((desk.queue.len(), desk.loads), (0, 0));
    desk.advance(1);

    assert_eq!((desk.queue.len(), desk.loads), (1, 1));
}

#[test]
fn an_execution_that_waits_for_long_is_not_loaded_by_the_next_process_before_it_is_due() {
    let mut desk = Desk::new();
    desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_wait("w", 60)]);
    desk.end(&invocation, PENDING);

    let mut desk = desk.restarted();
    desk.advance(59);
    assert_eq!((desk.queue.len(), desk.loads), (0, 0));
    desk.advance(1);

    assert_eq!((desk.queue.len(), desk.loads), (1, 1));
}

#[test]
fn an_execution_that_calls_another_one_is_loaded_by_the_next_process_at_once() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_invoke("c", "tax", None)]);
    desk.end(&invocation, PENDING);

    let desk = desk.restarted();

    assert!(desk.loads > 0, "{arn} is not loaded");
}

#[test]
fn an_execution_that_is_due_soon_stays_in_memory() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    desk.checkpoint(&invocation, &token, vec![U::start_wait("w", 1)]);

    desk.end(&invocation, PENDING);

    assert!(desk.dispatcher.resident(&ExecutionId::from(&arn)).is_some());
}

#[test]
fn an_answered_callback_loads_the_execution_that_waits_for_it() {
    let mut desk = Desk::new();
    desk.start(None);
    let invocation = desk.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    let response = desk.checkpoint(&invocation, &token, vec![U::start_callback("c", None, None)]);
    let created = &response.new_execution_state.operations[0];
    let callback_id = created.callback_details.as_ref().unwrap().callback_id.clone().unwrap();
    desk.end(&invocation, PENDING);

    let answered = desk.callback(&callback_id, CallbackAnswer::Succeeded(Some("1".to_owned())));

    assert!(matches!(desk.answer(answered), Some(Ok(Answer::Done(_)))));
    assert_eq!((desk.queue.len(), desk.loads), (1, 1));
}

#[test]
fn a_command_for_an_execution_that_does_not_exist_is_answered() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    desk.done(&arn, Command::Stop { error: None });
    desk.done(&arn, Command::Delete);

    let command = desk.command(&arn, Command::Stop { error: None });
    let callback = desk.callback("not a callback", CallbackAnswer::Heartbeat);

    assert_eq!(desk.answer(command), Some(Ok(Answer::Unknown)));
    assert_eq!(desk.answer(callback), Some(Ok(Answer::Unknown)));
}

#[test]
fn an_execution_is_readable_once_everything_about_it_is_recorded() {
    let mut desk = Desk::new();
    let arn = desk.start(None);
    let id = ExecutionId::from(&arn);
    desk.disk = super::desk::Disk::Stalls;
    desk.command(&arn, Command::Stop { error: None });

    let read = desk.request(|dispatcher, token, _| dispatcher.read(&id, token));
    assert_eq!(desk.answer(read), None);
    desk.repair_disk();

    assert_eq!(desk.answer(read), Some(Ok(Answer::Readable)));
}
