//! Properties that hold for every execution under random inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use durable_service::{
    Backoff, CallbackChange, Command, Environment, Event, Execution, FunctionKind, History, InvocationEnd,
    OperationChange, Settings, history,
};
use durable_types::api::{CheckpointRequest, CheckpointResponse, PauseRequest, ResumeRequest, ServiceError};
use durable_types::history::EventDetails;
use durable_types::{
    ErrorObject, ExecutionStatus, Operation, OperationStatus, SmallString, Timestamp, validate,
};
use proptest::prelude::*;

use crate::harness::{Harness, arn, request};
use crate::random::{Input, Token, inputs, last_input, legal_updates};

/// An execution, and the state that its function has received.
#[derive(Debug)]
struct World {
    harness: Harness,
    received: BTreeMap<SmallString, Operation>,
    last: Option<CheckpointRequest>,
    spent: String,
    invocations: usize,
    /// All tokens issued so far.
    tokens: BTreeSet<String>,
}

fn settings(page_items: usize) -> Settings {
    Settings {
        invocation_page_items: page_items,
        response_page_items: page_items,
        max_operations: 9,
        max_idle_answers: 20,
        handler_error_backoff: Backoff { initial: Duration::from_secs(1), max: Duration::from_secs(8) },
        ..Settings::default()
    }
}

impl World {
    fn new(page_items: usize) -> Self {
        let mut start = request();
        start.durable_config.execution_timeout = Some(100_000);
        let harness = Harness::with(start, settings(page_items));
        let harness =
            harness.with_function("ship", FunctionKind::Durable).with_function("tax", FunctionKind::Plain);
        let mut world = Self {
            harness,
            received: BTreeMap::new(),
            last: None,
            spent: String::new(),
            invocations: 0,
            tokens: BTreeSet::new(),
        };
        world.observe_invocation();
        world
    }

    /// Advances to the next timer if the input needs an invocation and none is in flight.
    fn ensure_invocation(&mut self, input: &Input) {
        let needs_invocation = matches!(input, Input::Checkpoint { .. } | Input::Arbitrary { .. });
        if needs_invocation && self.harness.execution.invocation_in_flight().is_none() {
            self.advance_until_due();
            self.observe_invocation();
        }
    }

    /// Applies an input, which the service may reject.
    fn perform(&mut self, input: Input) -> Result<(), ServiceError> {
        match input {
            Input::Checkpoint { choices, client_token } => {
                let updates = legal_updates(&self.harness.execution, &choices);
                let request = self.harness.request(updates, client_token.as_deref());
                self.last = Some(request.clone());
                self.checkpoint(request)
            }
            Input::Arbitrary { updates, token, client_token } => {
                let mut request = self.harness.request(updates, client_token.as_deref());
                match token {
                    Token::Right => {}
                    Token::Spent => request.checkpoint_token.clone_from(&self.spent),
                    Token::Wrong => request.checkpoint_token = "AAAA".to_owned(),
                }
                self.last = Some(request.clone());
                self.checkpoint(request)
            }
            Input::Repeat => self.last.clone().map_or(Ok(()), |request| self.checkpoint(request)),
            Input::Answer(body) => self.end(InvocationEnd::Answered(body.into())),
            Input::Fail(error_type) => self.end(InvocationEnd::Failed(ErrorObject::new(error_type, "broke"))),
            Input::Repair => self.harness.handle(Command::FunctionRepaired).map(drop),
            Input::Restart => {
                self.harness.execution = Execution::replay(self.harness.events.clone()).unwrap();
                self.end(InvocationEnd::Lost)
            }
            Input::Advance { seconds, fires_timer } => {
                self.harness.advance(seconds);
                if fires_timer { self.harness.handle(Command::TimerDue).map(drop) } else { Ok(()) }
            }
            Input::AdvanceUntilDue => {
                self.advance_until_due();
                Ok(())
            }
            Input::Callback { id, answer } => {
                let callback =
                    self.harness.execution.operation(id).and_then(|it| it.callback_details().cloned());
                let Some(callback_id) = callback.and_then(|it| it.callback_id) else { return Ok(()) };
                self.harness.handle(Command::Callback { callback_id, answer }).map(drop)
            }
            Input::CallEnded(end) => {
                let operation_id = "i".to_owned();
                self.harness.handle(Command::ChainedInvokeEnded { operation_id, end }).map(drop)
            }
            Input::Pause { client_token, suspends_timeout } => {
                let mut request = PauseRequest::new(arn());
                request.client_token = client_token;
                request.execution_timeout_paused = suspends_timeout;
                self.harness.handle(Command::Pause(request)).map(drop)
            }
            Input::Resume { client_token } => self.resume(client_token),
            Input::Delete => self.harness.handle(Command::Delete).map(drop),
            Input::Stop => self.harness.handle(Command::Stop { error: None }).map(drop),
        }
    }

    fn resume(&mut self, client_token: Option<String>) -> Result<(), ServiceError> {
        let mut request = ResumeRequest::new(arn());
        request.client_token = client_token;
        self.harness.handle(Command::Resume(request)).map(drop)
    }

    /// Fires the next timer, unless it is the execution timeout.
    fn advance_until_due(&mut self) {
        let last = self.harness.execution.deadline();
        if let Some(due) = self.harness.execution.next_due().filter(|due| *due < last) {
            self.advance_until(due);
        }
    }

    fn advance_until(&mut self, due: Timestamp) {
        let events = self.harness.events.len();
        self.harness.now = self.harness.now.max(due);
        self.harness.handle(Command::TimerDue).unwrap();
        assert!(self.harness.events.len() > events, "an elapsed timer had no effect");
    }

    fn end(&mut self, end: InvocationEnd) -> Result<(), ServiceError> {
        let Some(request_id) = self.harness.execution.invocation_in_flight().map(str::to_owned) else {
            return Ok(());
        };
        self.harness.handle(Command::InvocationEnded { request_id, end }).map(drop)
    }

    fn checkpoint(&mut self, request: CheckpointRequest) -> Result<(), ServiceError> {
        let token = self.harness.token.clone();
        let events = self.harness.events.len();
        let response = self.harness.send(request.clone())?;
        if self.harness.events.len() == events {
            // The request was a retry, so its response does not change what the function knows.
            self.harness.token = token;
            return Ok(());
        }
        self.spent = request.checkpoint_token;
        self.read(response);
        Ok(())
    }

    /// Receives a response with all its pages.
    fn read(&mut self, response: CheckpointResponse) {
        let state = response.new_execution_state;
        self.receive(state.operations);
        self.receive_pages(state.next_marker);
        if let Some(token) = response.checkpoint_token {
            self.observe_token(token);
            self.assert_all_is_received();
        }
    }

    /// Asserts that no token is issued twice.
    fn observe_token(&mut self, token: String) {
        assert_eq!(validate::checkpoint_token(&token), Ok(()));
        assert!(self.tokens.insert(token), "a token was issued twice");
    }

    fn receive(&mut self, operations: Vec<Operation>) {
        self.received.extend(operations.into_iter().map(|operation| (operation.id.clone(), operation)));
    }

    fn receive_pages(&mut self, mut marker: Option<String>) {
        while marker.is_some() {
            let page = self.harness.state_page(marker, Some(3)).unwrap();
            self.receive(page.operations);
            marker = page.next_marker;
        }
    }

    /// Asserts that an invocation receives every operation listed as updated.
    fn assert_updates_are_received(&self) {
        let updated = self.harness.last_invocation().input.updated_operation_ids.as_deref().unwrap();
        assert!(
            updated.iter().all(|id| self.received.contains_key(id)),
            "{updated:?} in {:?}",
            self.received.keys()
        );
    }

    /// Starts from the state of a new invocation, if there is one.
    fn observe_invocation(&mut self) {
        if self.harness.invocations.len() == self.invocations {
            return;
        }
        assert_eq!(self.harness.invocations.len(), self.invocations + 1, "one invocation at a time");
        self.invocations += 1;
        self.received.clear();
        self.observe_token(self.harness.token.clone());
        let state = self.harness.last_invocation().input.initial_execution_state.clone();
        assert_eq!(state.operations[0].id, self.harness.execution.arn().execution_id());
        self.receive(state.operations);
        self.receive_pages(state.next_marker);
        self.assert_all_is_received();
        self.assert_updates_are_received();
        let in_flight = self.harness.execution.invocation_in_flight();
        assert_eq!(in_flight, Some(self.harness.last_invocation().request_id.as_str()));
    }

    /// Asserts that no change is lost: every operation that is not hidden has been received.
    fn assert_all_is_received(&self) {
        let hidden = hidden(&self.harness.execution);
        for operation in self.harness.execution.operations() {
            if !hidden.contains(&operation.id) {
                assert_eq!(self.received.get(&operation.id), Some(operation));
            }
        }
    }
}

/// Computes the hidden operations by brute force: those inside ended contexts without `replay_children`.
fn hidden(execution: &Execution) -> Vec<SmallString> {
    let mut hidden: Vec<SmallString> = Vec::new();
    for operation in execution.operations() {
        let Some(parent) = operation.parent_id.as_deref().and_then(|id| execution.operation(id)) else {
            continue;
        };
        let details = parent.context_details().unwrap();
        let is_closed = parent.status.is_terminal() && details.replay_children != Some(true);
        if is_closed || hidden.contains(&parent.id) {
            hidden.push(operation.id.clone());
        }
    }
    hidden
}

/// Computes the open calls by brute force: those whose operation has not ended.
fn open_calls(harness: &Harness) -> impl Iterator<Item = &durable_service::FunctionCall> {
    let is_open =
        |id: &str| harness.execution.operation(id).is_some_and(|it| it.status == OperationStatus::Started);
    harness.calls.iter().filter(move |call| !harness.execution.is_closed() && is_open(&call.operation_id))
}

fn statuses(execution: &Execution) -> BTreeMap<SmallString, OperationStatus> {
    execution.operations().map(|operation| (operation.id.clone(), operation.status.clone())).collect()
}

/// Returns whether one event may change the status of an operation in this way.
fn is_edge(from: Option<&OperationStatus>, to: &OperationStatus) -> bool {
    let Some(from) = from else {
        return matches!(to.as_str(), "STARTED" | "SUCCEEDED" | "FAILED" | "PENDING");
    };
    from == to
        || match from.as_str() {
            "STARTED" => {
                matches!(
                    to.as_str(),
                    "PENDING" | "SUCCEEDED" | "FAILED" | "CANCELLED" | "TIMED_OUT" | "STOPPED"
                )
            }
            "PENDING" => to.as_str() == "READY",
            "READY" => matches!(to.as_str(), "STARTED" | "PENDING" | "SUCCEEDED" | "FAILED"),
            _ => false,
        }
}

/// Formats an execution without its operations and invocations.
fn description(execution: &Execution) -> String {
    let started =
        (execution.arn(), execution.start_timestamp(), execution.input(), execution.durable_config());
    let ended = (execution.status(), execution.end_timestamp(), execution.result(), execution.error());
    let requests = (execution.pause_details(), execution.deletion_timestamp());
    format!("{started:?} {:?} {ended:?} {requests:?}", execution.headers())
}

/// Asserts that each callback has at most one heartbeat in the record, and that the execution is as if the record
/// contained them all.
fn assert_replaced_heartbeats_do_not_matter(harness: &Harness) {
    let mut heartbeats = harness.events.iter().filter_map(heartbeat_of).collect::<Vec<_>>();
    heartbeats.sort_unstable();
    assert!(heartbeats.is_sorted_by(|one, other| one < other), "{heartbeats:?}");
    let mut unabridged = Execution::replay(harness.unabridged.clone()).unwrap();
    let mut execution = harness.execution.clone();
    assert_eq!(description(&unabridged), description(&execution));
    assert!(unabridged.operations().eq(execution.operations()));
    assert_eq!(unabridged.next_due(), execution.next_due());
    assert_eq!(history(&harness.unabridged), history(&harness.events));

    // With the clock set back, the latest event determines the time; and timers that elapse reveal their owners.
    let due = execution.next_due().unwrap_or(harness.now);
    for (command, now) in [(Command::TimerDue, Timestamp::EPOCH), (Command::TimerDue, due)] {
        let environment = Environment::new(&harness.settings, &harness.functions, now);
        let outcome = execution.handle(command.clone(), environment);
        assert_eq!(unabridged.handle(command, environment), outcome);
    }
    let stop = Command::Stop { error: None };
    let environment = Environment::new(&harness.settings, &harness.functions, Timestamp::EPOCH);
    assert_eq!(unabridged.handle(stop.clone(), environment), execution.handle(stop, environment));
}

fn heartbeat_of(event: &Event) -> Option<&str> {
    let Event::OperationChanged(changed) = event else { return None };
    let is_heartbeat = changed.change == OperationChange::Callback(CallbackChange::HeartbeatReceived);
    is_heartbeat.then_some(&changed.id)
}

fn assert_only_legal_edges(events: &[Event]) {
    let mut before = BTreeMap::new();
    for count in 1..=events.len() {
        let after = statuses(&Execution::replay(events[..count].to_vec()).unwrap());
        for (id, status) in &after {
            assert!(is_edge(before.get(id), status), "{id}: {:?} to {status:?}", before.get(id));
        }
        before = after;
    }
}

fn assert_history_is_a_fold(events: &[Event]) {
    let reported = history(events);
    let ids: Vec<u64> = reported.iter().map(|event| event.event_id).collect();
    assert_eq!(ids, (1..=reported.len() as u64).collect::<Vec<_>>());
    let mut bit_by_bit = History::default();
    let one_by_one: Vec<_> = events.iter().filter_map(|event| bit_by_bit.apply(event)).collect();
    assert_eq!(one_by_one, reported);
    assert!(reported.is_sorted_by_key(|event| event.event_timestamp));
}

/// Returns the members that the details of an event must have, by type.
fn required_members(event_type: &str) -> &'static [&'static str] {
    match event_type {
        "ExecutionStarted" => &["Input", "ExecutionTimeout"],
        "ExecutionSucceeded" | "ContextSucceeded" | "CallbackSucceeded" | "ChainedInvokeSucceeded" => {
            &["Result"]
        }
        "ExecutionFailed" | "ExecutionStopped" | "ContextFailed" | "CallbackFailed" | "CallbackTimedOut" => {
            &["Error"]
        }
        "ChainedInvokeFailed" | "ChainedInvokeTimedOut" | "ChainedInvokeStopped" => &["Error"],
        "WaitStarted" => &["Duration", "ScheduledEndTimestamp"],
        "StepSucceeded" => &["Result", "RetryDetails"],
        "StepFailed" => &["Error", "RetryDetails"],
        "ChainedInvokeStarted" => &["FunctionName", "Input"],
        "CallbackStarted" => &["CallbackId"],
        "InvocationCompleted" => &["StartTimestamp", "EndTimestamp", "RequestId"],
        "ExecutionPaused" => &["PauseRequestTimestamp", "ExecutionTimeoutPaused"],
        "ExecutionResumed" => &["ResumeRequestTimestamp"],
        "ExecutionTimedOut" | "ContextStarted" | "StepStarted" | "WaitSucceeded" | "WaitCancelled" => &[],
        _ => panic!("{event_type} is not a history event"),
    }
}

fn assert_details_are_complete(events: &[Event]) {
    for reported in history(events) {
        let json = serde_json::to_value(&reported).unwrap();
        let event_type = json["EventType"].as_str().unwrap();
        let details = &json[format!("{event_type}Details")];
        for member in required_members(event_type) {
            assert!(!details[member].is_null(), "{member} of {json}");
        }
        assert_eq!(reported.id.is_some(), event_type != "InvocationCompleted", "{json}");
    }
}

fn is_paused(harness: &Harness) -> bool {
    harness.execution.status() == &ExecutionStatus::Paused
}

fn assert_pause_and_status_agree(execution: &Execution) {
    let is_held = matches!(execution.status(), ExecutionStatus::Pausing | ExecutionStatus::Paused);
    assert_eq!(execution.pause_details().is_some(), is_held);
    if execution.status() == &ExecutionStatus::Pausing {
        assert!(execution.invocation_in_flight().is_some(), "a pause only waits for an invocation");
    }
}

fn assert_pauses_and_resumes_alternate(events: &[Event]) {
    let mut is_paused = false;
    for reported in history(events) {
        match reported.details {
            EventDetails::ExecutionPaused(_) => assert!(!std::mem::replace(&mut is_paused, true)),
            EventDetails::ExecutionResumed(_) => assert!(std::mem::replace(&mut is_paused, false)),
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn an_execution_is_a_fold_of_its_events_and_a_rejection_changes_nothing(
        mut inputs in inputs(),
        last in last_input(),
        page_items in prop_oneof![Just(1_usize), Just(2), Just(1_000)],
    ) {
        inputs.push(last);
        let mut world = World::new(page_items);
        for input in inputs {
            world.ensure_invocation(&input);
            let before = world.harness.execution.clone();
            let events = world.harness.events.len();

            if world.perform(input).is_err() {
                prop_assert_eq!(&world.harness.execution, &before);
                prop_assert_eq!(world.harness.events.len(), events);
            }

            world.observe_invocation();
            let replayed = Execution::replay(world.harness.events.clone()).unwrap();
            prop_assert_eq!(&replayed, &world.harness.execution);
            assert_replaced_heartbeats_do_not_matter(&world.harness);
            prop_assert!(replayed.calls().eq(open_calls(&world.harness)), "the open calls differ");
            let called: BTreeSet<_> = world.harness.calls.iter().map(|call| &call.operation_id).collect();
            prop_assert_eq!(called.len(), world.harness.calls.len(), "no call is made twice");
        }
    }

    #[test]
    fn the_ends_of_the_record_of_an_ended_execution_describe_it(mut inputs in inputs(), last in last_input()) {
        inputs.push(last);
        let mut world = World::new(1_000);
        for input in inputs {
            world.ensure_invocation(&input);
            // A rejected input changes nothing.
            let _ = world.perform(input);
            world.observe_invocation();

            let Harness { execution, events, .. } = &world.harness;
            let count = usize::try_from(Execution::EVENTS_SINCE_END).unwrap().min(events.len() - 1);
            let last = events[events.len() - count..].to_vec();
            let described = Execution::replay_ends(events[0].clone(), last);
            let expected = execution.is_closed().then(|| description(execution));
            prop_assert_eq!(described.as_ref().map(description), expected);
        }
    }

    #[test]
    fn transitions_are_legal_and_the_history_has_no_gaps(mut inputs in inputs(), last in last_input()) {
        inputs.push(last);
        let mut world = World::new(1_000);
        for input in inputs {
            world.ensure_invocation(&input);
            let _rejected = world.perform(input);
            world.observe_invocation();
        }

        assert_only_legal_edges(&world.harness.events);
        assert_history_is_a_fold(&world.harness.events);
        assert_details_are_complete(&world.harness.events);
        let ends = world.harness.events.iter().filter(|event| matches!(event, Event::ExecutionEnded(_))).count();
        prop_assert_eq!(ends, usize::from(world.harness.execution.is_closed()));
        prop_assert_eq!(ends, world.harness.closed);
    }

    #[test]
    fn an_execution_is_deleted_once_and_only_after_it_has_ended(
        mut inputs in inputs(),
        last in last_input(),
        more in inputs(),
    ) {
        inputs.push(last);
        inputs.push(Input::Delete);
        inputs.extend(more);
        let mut world = World::new(1_000);
        for input in inputs {
            if world.harness.deleted > 0 {
                break;
            }
            world.ensure_invocation(&input);
            let _rejected = world.perform(input);
            world.observe_invocation();

            let is_deleting = world.harness.execution.status() == &ExecutionStatus::Deleting;
            prop_assert_eq!(world.harness.execution.deletion_timestamp().is_some(), is_deleting);
            prop_assert!(!is_deleting || world.harness.execution.end_timestamp().is_some());
            let is_over = world.harness.execution.invocation_in_flight().is_none();
            prop_assert_eq!(world.harness.deleted, usize::from(is_deleting && is_over));
        }
    }

    #[test]
    fn a_paused_execution_is_not_invoked_until_it_is_resumed(mut inputs in inputs()) {
        inputs.push(Input::Pause { client_token: None, suspends_timeout: None });
        let mut world = World::new(1_000);
        for input in inputs {
            world.ensure_invocation(&input);
            let (was_paused, is_resume) = (is_paused(&world.harness), matches!(input, Input::Resume { .. }));
            let invocations = world.harness.invocations.len();
            let _rejected = world.perform(input);
            if was_paused && !is_resume {
                prop_assert_eq!(world.harness.invocations.len(), invocations);
            }
            world.observe_invocation();
            assert_pause_and_status_agree(&world.harness.execution);
        }

        assert_pauses_and_resumes_alternate(&world.harness.events);
        let had_invocation = world.harness.execution.invocation_in_flight().is_some();
        world.perform(Input::Answer(r#"{"Status":"PENDING"}"#)).unwrap();
        if is_paused(&world.harness) {
            // The resume catches up: the function receives the entire delta.
            world.resume(None).unwrap();
            world.observe_invocation();
            if had_invocation && world.harness.execution.invocation_in_flight().is_none() {
                world.assert_all_is_received();
            }
        }
    }

    #[test]
    fn events_survive_a_round_trip_through_storage(mut inputs in inputs(), last in last_input()) {
        inputs.push(last);
        let mut world = World::new(1_000);
        for input in inputs {
            world.ensure_invocation(&input);
            let _rejected = world.perform(input);
            world.observe_invocation();
        }

        for event in &world.harness.events {
            let row = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&row).unwrap(), event);
        }
    }

    #[test]
    fn every_execution_ends(mut inputs in inputs(), last in last_input()) {
        inputs.push(last);
        let mut world = World::new(1_000);
        for input in inputs {
            world.ensure_invocation(&input);
            let _rejected = world.perform(input);
            world.observe_invocation();
        }

        // From here on, the function only returns PENDING. It is invoked while there is a delta; then the execution
        // times out.
        let mut rounds = 0;
        while !world.harness.execution.is_closed() {
            world.perform(Input::Answer(r#"{"Status":"PENDING"}"#)).unwrap();
            world.observe_invocation();
            let due = world.harness.execution.next_due();
            if let Some(due) = due.filter(|_| world.harness.execution.invocation_in_flight().is_none()) {
                world.advance_until(due);
                world.observe_invocation();
            }
            rounds += 1;
            prop_assert!(rounds < 100, "the execution never ends");
        }
        prop_assert_eq!(world.harness.execution.next_due(), None);
    }
}
