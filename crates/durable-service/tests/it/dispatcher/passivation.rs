//! Passivation of executions that wait for a long time.

use durable_service::{Answer, CallbackAnswer, Command, ExecutionId};
use durable_types::OperationUpdate as U;

use super::driver::Driver;
use crate::harness::PENDING;

#[test]
fn a_passivated_execution_is_loaded_when_it_is_due() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_wait("w", 60)]);
    driver.end(&invocation, PENDING);
    assert!(driver.dispatcher.resident(&ExecutionId::from(&arn)).is_none());
    assert!(driver.dispatcher.is_active(&ExecutionId::from(&arn)));

    driver.advance(59);
    assert_eq!((driver.queue.len(), driver.loads), (0, 0));
    driver.advance(1);

    assert_eq!((driver.queue.len(), driver.loads), (1, 1));
}

#[test]
fn executions_are_counted_whether_they_are_in_memory_or_not() {
    let mut driver = Driver::new();
    let counts = |driver: &Driver| {
        let counts = driver.dispatcher.counts();
        (counts.running, counts.in_memory, counts.timers)
    };
    assert_eq!(counts(&driver), (0, 0, 0));

    let arn = driver.start(None);
    assert_eq!(counts(&driver), (1, 1, 1));
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_wait("w", 60)]);
    driver.end(&invocation, PENDING);
    assert_eq!(counts(&driver), (1, 0, 1), "it is passivated");

    driver.done(&arn, Command::Stop { error: None });
    assert_eq!(counts(&driver), (0, 0, 0));
}

#[test]
fn a_restart_loads_a_waiting_execution_only_when_it_is_due() {
    let mut driver = Driver::new();
    driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_wait("w", 60)]);
    driver.end(&invocation, PENDING);

    let mut driver = driver.restarted();
    driver.advance(59);
    assert_eq!((driver.queue.len(), driver.loads), (0, 0));
    driver.advance(1);

    assert_eq!((driver.queue.len(), driver.loads), (1, 1));
}

#[test]
fn a_restart_loads_an_execution_with_an_open_call_at_once() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_invoke("c", "tax", None)]);
    driver.end(&invocation, PENDING);

    let driver = driver.restarted();

    assert!(driver.loads > 0, "{arn} was not loaded");
}

#[test]
fn an_execution_that_is_due_soon_stays_in_memory() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    driver.checkpoint(&invocation, &token, vec![U::start_wait("w", 1)]);

    driver.end(&invocation, PENDING);

    assert!(driver.dispatcher.resident(&ExecutionId::from(&arn)).is_some());
}

#[test]
fn an_answer_to_a_callback_loads_its_execution() {
    let mut driver = Driver::new();
    driver.start(None);
    let invocation = driver.deliver();
    let token = invocation.invocation.input.checkpoint_token.clone();
    let response = driver.checkpoint(&invocation, &token, vec![U::start_callback("c", None, None)]);
    let created = &response.new_execution_state.operations[0];
    let callback_id = created.callback_details().unwrap().callback_id.clone().unwrap();
    driver.end(&invocation, PENDING);

    let answered = driver.callback(&callback_id, CallbackAnswer::Succeeded(Some("1".to_owned())));

    assert!(matches!(driver.answer(answered), Some(Ok(Answer::Done(_)))));
    assert_eq!((driver.queue.len(), driver.loads), (1, 1));
}

#[test]
fn a_command_to_an_unknown_execution_is_answered() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    driver.done(&arn, Command::Stop { error: None });
    driver.done(&arn, Command::Delete);

    let command = driver.command(&arn, Command::Stop { error: None });
    let callback = driver.callback("not a callback", CallbackAnswer::Heartbeat);

    assert_eq!(driver.answer(command), Some(Ok(Answer::Unknown)));
    assert_eq!(driver.answer(callback), Some(Ok(Answer::Unknown)));
}

#[test]
fn an_execution_is_readable_once_it_is_fully_recorded() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let id = ExecutionId::from(&arn);
    driver.disk = super::driver::Disk::Stalls;
    driver.command(&arn, Command::Stop { error: None });

    let read = driver.request(|dispatcher, token, _| dispatcher.read(&id, token));
    assert_eq!(driver.answer(read), None);
    driver.repair_disk();

    assert_eq!(driver.answer(read), Some(Ok(Answer::Readable)));
}
