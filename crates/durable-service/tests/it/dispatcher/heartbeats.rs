//! Heartbeats that replace earlier ones, recorded or not.

use std::time::Duration;

use durable_service::{
    Answer, CallbackAnswer, CallbackChange, Command, Event, Execution, ExecutionId, FunctionInvocation,
    OperationChange, Reply, WakeUp,
};
use durable_types::api::{PauseRequest, ServiceErrorKind};
use durable_types::{DurableExecutionArn, OperationUpdate as U, Timestamp};

use super::driver::{Disk, Driver};
use crate::harness::PENDING;

/// An execution that waits for a callback with a heartbeat at least every 100 seconds.
struct Waiting {
    driver: Driver,
    arn: DurableExecutionArn,
    id: ExecutionId,
    callback_id: String,
}

impl Waiting {
    fn new() -> Self {
        let (mut waiting, invocation) = Self::running();
        waiting.driver.end(&invocation, PENDING);
        waiting
    }

    /// Returns an execution whose function still runs, so that it stays in memory.
    fn running() -> (Self, FunctionInvocation) {
        let mut driver = Driver::new();
        let arn = driver.start(None);
        let invocation = driver.deliver();
        let token = invocation.invocation.input.checkpoint_token.clone();
        let response = driver.checkpoint(&invocation, &token, vec![U::start_callback("c", None, Some(100))]);
        let created = &response.new_execution_state.operations[0];
        let callback_id = created.callback_details().unwrap().callback_id.clone().unwrap();
        (Self { driver, id: (&arn).into(), arn, callback_id }, invocation)
    }

    /// Advances the clock by one second and sends a heartbeat.
    fn send_heartbeat(&mut self) -> usize {
        self.driver.now = self.driver.now.saturating_add(Duration::from_secs(1));
        self.driver.callback(&self.callback_id, CallbackAnswer::Heartbeat)
    }

    fn is_accepted(&self, request: usize) -> bool {
        self.driver.answer(request) == Some(Ok(Answer::Done(Reply::Accepted)))
    }

    fn recorded(&self) -> &[Event] {
        &self.driver.store[&self.id].events
    }

    /// Returns the times of the recorded heartbeats.
    fn heartbeats(&self) -> Vec<Timestamp> {
        let is_heartbeat = |event: &&Event| {
            let Event::OperationChanged(changed) = event else { return false };
            changed.change == OperationChange::Callback(CallbackChange::HeartbeatReceived)
        };
        self.recorded().iter().filter(is_heartbeat).map(Event::at).collect()
    }
}

#[test]
fn a_heartbeat_replaces_one_that_is_recorded() {
    let mut waiting = Waiting::new();
    waiting.send_heartbeat();
    let events = waiting.recorded().len();

    let second = waiting.send_heartbeat();

    assert!(waiting.is_accepted(second));
    assert_eq!(waiting.recorded().len(), events);
    assert_eq!(waiting.heartbeats(), [waiting.driver.now]);
}

#[test]
fn a_heartbeat_postpones_when_a_passivated_execution_is_loaded_after_a_restart() {
    let mut waiting = Waiting::new();
    waiting.send_heartbeat();

    waiting.send_heartbeat();

    assert!(waiting.driver.dispatcher.resident(&waiting.id).is_none());
    let due = waiting.driver.now.saturating_add(Duration::from_secs(100));
    assert_eq!(waiting.driver.store[&waiting.id].wake_up, WakeUp::At(due));
    let mut driver = waiting.driver.restarted();
    driver.advance(99);
    assert_eq!((driver.queue.len(), driver.loads), (0, 0));
    driver.advance(1);
    assert_eq!((driver.queue.len(), driver.loads), (1, 1));
}

#[test]
fn a_heartbeat_replaces_one_that_is_being_recorded() {
    let mut waiting = Waiting::new();
    waiting.driver.disk = Disk::Stalls;
    let beats = [waiting.send_heartbeat(), waiting.send_heartbeat(), waiting.send_heartbeat()];
    assert_eq!(waiting.driver.stalled.len(), 1, "one append at a time");

    waiting.driver.append_one();
    assert_eq!(beats.map(|beat| waiting.is_accepted(beat)), [true, false, false]);
    let next = &waiting.driver.stalled[0];
    assert_eq!((next.events.len(), next.replaced.len()), (0, 1));
    waiting.driver.repair_disk();

    assert_eq!(beats.map(|beat| waiting.is_accepted(beat)), [true; 3]);
    assert_eq!(waiting.heartbeats(), [waiting.driver.now]);
}

#[test]
fn a_heartbeat_replaces_one_that_waits_to_be_recorded() {
    let mut waiting = Waiting::new();
    waiting.driver.disk = Disk::Stalls;
    waiting.driver.command(&waiting.arn.clone(), Command::Pause(PauseRequest::new(waiting.arn.as_str())));
    let beats = [waiting.send_heartbeat(), waiting.send_heartbeat(), waiting.send_heartbeat()];

    waiting.driver.append_one();
    let next = &waiting.driver.stalled[0];
    assert_eq!((next.events.len(), next.replaced.len()), (1, 0));
    waiting.driver.repair_disk();

    assert_eq!(beats.map(|beat| waiting.is_accepted(beat)), [true; 3]);
    assert_eq!(waiting.heartbeats(), [waiting.driver.now]);
}

#[test]
fn an_execution_is_not_readable_before_a_replaced_heartbeat_is_recorded() {
    let mut waiting = Waiting::new();
    waiting.send_heartbeat();
    waiting.driver.disk = Disk::Stalls;
    let second = waiting.send_heartbeat();

    let id = waiting.id.clone();
    let read = waiting.driver.request(|dispatcher, token, _| dispatcher.read(&id, token));

    assert_eq!((waiting.driver.answer(second), waiting.driver.answer(read)), (None, None));
    assert!(waiting.driver.dispatcher.recorded(&id).is_none());
    waiting.driver.repair_disk();
    assert!(waiting.is_accepted(second));
    assert_eq!(waiting.driver.answer(read), Some(Ok(Answer::Readable)));
}

#[test]
fn an_execution_is_not_recorded_while_a_replaced_heartbeat_is_not() {
    let (mut waiting, _) = Waiting::running();
    waiting.send_heartbeat();
    let (id, callback_id) = (waiting.id.clone(), waiting.callback_id.clone());
    assert!(waiting.driver.dispatcher.recorded(&id).is_some());

    waiting.driver.with(|dispatcher, environment| {
        dispatcher.callback(callback_id, CallbackAnswer::Heartbeat, 0, environment);
        assert!(dispatcher.recorded(&id).is_none());
    });

    assert!(waiting.driver.dispatcher.recorded(&id).is_some());
}

#[test]
fn a_heartbeat_that_cannot_be_recorded_is_rejected_and_the_earlier_one_counts() {
    let mut waiting = Waiting::new();
    waiting.send_heartbeat();
    let recorded = waiting.recorded().to_vec();
    waiting.driver.disk = Disk::Fails;

    let failed = waiting.send_heartbeat();

    assert_eq!(waiting.driver.answer(failed).unwrap().unwrap_err().kind, ServiceErrorKind::Service);
    assert_eq!(waiting.recorded(), recorded);
    waiting.driver.disk = Disk::Works;
    waiting.driver.advance(98);
    assert!(waiting.driver.queue.is_empty());
    waiting.driver.advance(1);
    assert_eq!(waiting.driver.queue.len(), 1, "100 seconds have passed since the first heartbeat");
}

#[test]
fn a_heartbeat_of_an_imported_execution_is_rejected_even_if_it_would_add_no_event() {
    let mut waiting = Waiting::new();
    waiting.send_heartbeat();
    let recorded = waiting.recorded().to_vec();
    waiting.driver.imported.insert(waiting.id.clone());

    let rejected = waiting.send_heartbeat();

    assert_eq!(
        waiting.driver.answer(rejected).unwrap().unwrap_err().kind,
        ServiceErrorKind::ResourceConflict
    );
    assert_eq!(waiting.recorded(), recorded);
    assert!(Execution::replay(recorded).is_ok());
}
