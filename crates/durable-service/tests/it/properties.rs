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

use crate::lab::{Lab, arn, request};
use crate::random::{Move, Token, last_move, legal_updates, moves};

/// An execution, and the state that its function has received.
#[derive(Debug)]
struct World {
    lab: Lab,
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
        let lab = Lab::with(start, settings(page_items));
        let lab = lab.with_function("ship", FunctionKind::Durable).with_function("tax", FunctionKind::Plain);
        let mut world = Self {
            lab,
            received: BTreeMap::new(),
            last: None,
            spent: String::new(),
            invocations: 0,
            tokens: BTreeSet::new(),
        };
        world.observe_invocation();
        world
    }

    /// Advances to the next timer if the move needs an invocation and none is in flight.
    fn ensure_invocation(&mut self, a_move: &Move) {
        let needs_invocation = matches!(a_move, Move::Checkpoint { .. } | Move::Arbitrary { .. });
        if needs_invocation && self.lab.execution.invocation_in_flight().is_none() {
            self.advance_until_due();
            self.observe_invocation();
        }
    }

    /// Performs a move, which the service may reject.
    fn perform(&mut self, a_move: Move) -> Result<(), ServiceError> {
        match a_move {
            Move::Checkpoint { choices, client_token } => {
                let updates = legal_updates(&self.lab.execution, &choices);
                let request = self.lab.request(updates, client_token.as_deref());
                self.last = Some(request.clone());
                self.checkpoint(request)
            }
            Move::Arbitrary { updates, token, client_token } => {
                let mut request = self.lab.request(updates, client_token.as_deref());
                match token {
                    Token::Right => {}
                    Token::Spent => request.checkpoint_token.clone_from(&self.spent),
                    Token::Wrong => request.checkpoint_token = "AAAA".to_owned(),
                }
                self.last = Some(request.clone());
                self.checkpoint(request)
            }
            Move::Repeat => self.last.clone().map_or(Ok(()), |request| self.checkpoint(request)),
            Move::Answer(body) => self.end(InvocationEnd::Answered(body.into())),
            Move::Fail(error_type) => self.end(InvocationEnd::Failed(ErrorObject::new(error_type, "broke"))),
            Move::Repair => self.lab.handle(Command::FunctionRepaired).map(drop),
            Move::Restart => {
                self.lab.execution = Execution::replay(self.lab.events.clone()).unwrap();
                self.end(InvocationEnd::Lost)
            }
            Move::Advance { seconds, fires_timer } => {
                self.lab.advance(seconds);
                if fires_timer { self.lab.handle(Command::TimerDue).map(drop) } else { Ok(()) }
            }
            Move::AdvanceUntilDue => {
                self.advance_until_due();
                Ok(())
            }
            Move::Callback { id, answer } => {
                let callback = self.lab.execution.operation(id).and_then(|it| it.callback_details.clone());
                let Some(callback_id) = callback.and_then(|it| it.callback_id) else { return Ok(()) };
                self.lab.handle(Command::Callback { callback_id, answer }).map(drop)
            }
            Move::CallEnded(end) => {
                let operation_id = "i".to_owned();
                self.lab.handle(Command::ChainedInvokeEnded { operation_id, end }).map(drop)
            }
            Move::Pause { client_token, suspends_timeout } => {
                let mut request = PauseRequest::new(arn());
                request.client_token = client_token;
                request.execution_timeout_paused = suspends_timeout;
                self.lab.handle(Command::Pause(request)).map(drop)
            }
            Move::Resume { client_token } => self.resume(client_token),
            Move::Delete => self.lab.handle(Command::Delete).map(drop),
            Move::Stop => self.lab.handle(Command::Stop { error: None }).map(drop),
        }
    }

    fn resume(&mut self, client_token: Option<String>) -> Result<(), ServiceError> {
        let mut request = ResumeRequest::new(arn());
        request.client_token = client_token;
        self.lab.handle(Command::Resume(request)).map(drop)
    }

    /// Fires the next timer, unless it is the execution timeout.
    fn advance_until_due(&mut self) {
        let last = self.lab.execution.deadline();
        if let Some(due) = self.lab.execution.next_due().filter(|due| *due < last) {
            self.advance_until(due);
        }
    }

    fn advance_until(&mut self, due: Timestamp) {
        let events = self.lab.events.len();
        self.lab.now = self.lab.now.max(due);
        self.lab.handle(Command::TimerDue).unwrap();
        assert!(self.lab.events.len() > events, "an elapsed timer had no effect");
    }

    fn end(&mut self, end: InvocationEnd) -> Result<(), ServiceError> {
        let Some(request_id) = self.lab.execution.invocation_in_flight().map(str::to_owned) else {
            return Ok(());
        };
        self.lab.handle(Command::InvocationEnded { request_id, end }).map(drop)
    }

    fn checkpoint(&mut self, request: CheckpointRequest) -> Result<(), ServiceError> {
        let token = self.lab.token.clone();
        let events = self.lab.events.len();
        let response = self.lab.send(request.clone())?;
        if self.lab.events.len() == events {
            // The request was a retry, so its response does not change what the function knows.
            self.lab.token = token;
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
            let page = self.lab.state_page(marker, Some(3)).unwrap();
            self.receive(page.operations);
            marker = page.next_marker;
        }
    }

    /// Asserts that an invocation receives every operation listed as updated.
    fn assert_updates_are_received(&self) {
        let updated = self.lab.last_invocation().input.updated_operation_ids.as_deref().unwrap();
        assert!(
            updated.iter().all(|id| self.received.contains_key(id)),
            "{updated:?} in {:?}",
            self.received.keys()
        );
    }

    /// Starts from the state of a new invocation, if there is one.
    fn observe_invocation(&mut self) {
        if self.lab.invocations.len() == self.invocations {
            return;
        }
        assert_eq!(self.lab.invocations.len(), self.invocations + 1, "one invocation at a time");
        self.invocations += 1;
        self.received.clear();
        self.observe_token(self.lab.token.clone());
        let state = self.lab.last_invocation().input.initial_execution_state.clone();
        assert_eq!(state.operations[0].id, self.lab.execution.arn().execution_id());
        self.receive(state.operations);
        self.receive_pages(state.next_marker);
        self.assert_all_is_received();
        self.assert_updates_are_received();
        let in_flight = self.lab.execution.invocation_in_flight();
        assert_eq!(in_flight, Some(self.lab.last_invocation().request_id.as_str()));
    }

    /// Asserts that no change is lost: every operation that is not hidden has been received.
    fn assert_all_is_received(&self) {
        let hidden = hidden(&self.lab.execution);
        for operation in self.lab.execution.operations() {
            if !hidden.contains(&operation.id) {
                assert_eq!(self.received.get(&operation.id), Some(operation));
            }
        }
    }
}

/// Computes the hidden operations naively: those inside ended contexts without `replay_children`.
fn hidden(execution: &Execution) -> Vec<SmallString> {
    let mut hidden: Vec<SmallString> = Vec::new();
    for operation in execution.operations() {
        let Some(parent) = operation.parent_id.as_deref().and_then(|id| execution.operation(id)) else {
            continue;
        };
        let details = parent.context_details.as_deref().unwrap();
        let is_closed = parent.status.is_terminal() && details.replay_children != Some(true);
        if is_closed || hidden.contains(&parent.id) {
            hidden.push(operation.id.clone());
        }
    }
    hidden
}

/// Computes the open calls naively: those whose operation has not ended.
fn open_calls(lab: &Lab) -> impl Iterator<Item = &durable_service::FunctionCall> {
    let is_open =
        |id: &str| lab.execution.operation(id).is_some_and(|it| it.status == OperationStatus::Started);
    lab.calls.iter().filter(move |call| !lab.execution.is_closed() && is_open(&call.operation_id))
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

/// Returns everything about an execution but its operations and invocations.
fn description(execution: &Execution) -> String {
    let started =
        (execution.arn(), execution.start_timestamp(), execution.input(), execution.durable_config());
    let ended = (execution.status(), execution.end_timestamp(), execution.result(), execution.error());
    let requests = (execution.pause_details(), execution.deletion_timestamp());
    format!("{started:?} {:?} {ended:?} {requests:?}", execution.headers())
}

/// Asserts that each callback has at most one heartbeat in the record, and that the execution is as if the record
/// contained them all.
fn assert_replaced_heartbeats_do_not_matter(lab: &Lab) {
    let mut heartbeats = lab.events.iter().filter_map(heartbeat_of).collect::<Vec<_>>();
    heartbeats.sort_unstable();
    assert!(heartbeats.is_sorted_by(|one, other| one < other), "{heartbeats:?}");
    let mut unabridged = Execution::replay(lab.unabridged.clone()).unwrap();
    let mut execution = lab.execution.clone();
    assert_eq!(description(&unabridged), description(&execution));
    assert!(unabridged.operations().eq(execution.operations()));
    assert_eq!(unabridged.next_due(), execution.next_due());
    assert_eq!(history(&lab.unabridged), history(&lab.events));

    // A clock that was set back shows the time of the latest event, and elapsed timers show their owners.
    let due = execution.next_due().unwrap_or(lab.now);
    for (command, now) in [(Command::TimerDue, Timestamp::EPOCH), (Command::TimerDue, due)] {
        let environment = Environment::new(&lab.settings, &lab.functions, now);
        let outcome = execution.handle(command.clone(), environment);
        assert_eq!(unabridged.handle(command, environment), outcome);
    }
    let stop = Command::Stop { error: None };
    let environment = Environment::new(&lab.settings, &lab.functions, Timestamp::EPOCH);
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

fn is_paused(lab: &Lab) -> bool {
    lab.execution.status() == &ExecutionStatus::Paused
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
        mut moves in moves(),
        last in last_move(),
        page_items in prop_oneof![Just(1_usize), Just(2), Just(1_000)],
    ) {
        moves.push(last);
        let mut world = World::new(page_items);
        for a_move in moves {
            world.ensure_invocation(&a_move);
            let before = world.lab.execution.clone();
            let events = world.lab.events.len();

            if world.perform(a_move).is_err() {
                prop_assert_eq!(&world.lab.execution, &before);
                prop_assert_eq!(world.lab.events.len(), events);
            }

            world.observe_invocation();
            let replayed = Execution::replay(world.lab.events.clone()).unwrap();
            prop_assert_eq!(&replayed, &world.lab.execution);
            assert_replaced_heartbeats_do_not_matter(&world.lab);
            prop_assert!(replayed.calls().eq(open_calls(&world.lab)), "the open calls differ");
            let called: BTreeSet<_> = world.lab.calls.iter().map(|call| &call.operation_id).collect();
            prop_assert_eq!(called.len(), world.lab.calls.len(), "no call is made twice");
        }
    }

    #[test]
    fn the_ends_of_the_record_of_an_ended_execution_describe_it(mut moves in moves(), last in last_move()) {
        moves.push(last);
        let mut world = World::new(1_000);
        for a_move in moves {
            world.ensure_invocation(&a_move);
            // A rejected move changes nothing.
            let _ = world.perform(a_move);
            world.observe_invocation();

            let Lab { execution, events, .. } = &world.lab;
            let count = usize::try_from(Execution::EVENTS_SINCE_END).unwrap().min(events.len() - 1);
            let last = events[events.len() - count..].to_vec();
            let described = Execution::replay_ends(events[0].clone(), last);
            let expected = execution.is_closed().then(|| description(execution));
            prop_assert_eq!(described.as_ref().map(description), expected);
        }
    }

    #[test]
    fn transitions_are_legal_and_the_history_has_no_gaps(mut moves in moves(), last in last_move()) {
        moves.push(last);
        let mut world = World::new(1_000);
        for a_move in moves {
            world.ensure_invocation(&a_move);
            let _rejected = world.perform(a_move);
            world.observe_invocation();
        }

        assert_only_legal_edges(&world.lab.events);
        assert_history_is_a_fold(&world.lab.events);
        assert_details_are_complete(&world.lab.events);
        let ends = world.lab.events.iter().filter(|event| matches!(event, Event::ExecutionEnded(_))).count();
        prop_assert_eq!(ends, usize::from(world.lab.execution.is_closed()));
        prop_assert_eq!(ends, world.lab.closed);
    }

    #[test]
    fn an_execution_is_deleted_once_and_only_after_it_has_ended(
        mut moves in moves(),
        last in last_move(),
        more in moves(),
    ) {
        moves.push(last);
        moves.push(Move::Delete);
        moves.extend(more);
        let mut world = World::new(1_000);
        for a_move in moves {
            if world.lab.deleted > 0 {
                break;
            }
            world.ensure_invocation(&a_move);
            let _rejected = world.perform(a_move);
            world.observe_invocation();

            let is_deleting = world.lab.execution.status() == &ExecutionStatus::Deleting;
            prop_assert_eq!(world.lab.execution.deletion_timestamp().is_some(), is_deleting);
            prop_assert!(!is_deleting || world.lab.execution.end_timestamp().is_some());
            let is_over = world.lab.execution.invocation_in_flight().is_none();
            prop_assert_eq!(world.lab.deleted, usize::from(is_deleting && is_over));
        }
    }

    #[test]
    fn a_paused_execution_is_not_invoked_until_it_is_resumed(mut moves in moves()) {
        moves.push(Move::Pause { client_token: None, suspends_timeout: None });
        let mut world = World::new(1_000);
        for a_move in moves {
            world.ensure_invocation(&a_move);
            let (was_paused, is_resume) = (is_paused(&world.lab), matches!(a_move, Move::Resume { .. }));
            let invocations = world.lab.invocations.len();
            let _rejected = world.perform(a_move);
            if was_paused && !is_resume {
                prop_assert_eq!(world.lab.invocations.len(), invocations);
            }
            world.observe_invocation();
            assert_pause_and_status_agree(&world.lab.execution);
        }

        assert_pauses_and_resumes_alternate(&world.lab.events);
        let had_invocation = world.lab.execution.invocation_in_flight().is_some();
        world.perform(Move::Answer(r#"{"Status":"PENDING"}"#)).unwrap();
        if is_paused(&world.lab) {
            // The resume catches up: the function receives the entire delta.
            world.resume(None).unwrap();
            world.observe_invocation();
            if had_invocation && world.lab.execution.invocation_in_flight().is_none() {
                world.assert_all_is_received();
            }
        }
    }

    #[test]
    fn events_survive_a_round_trip_through_storage(mut moves in moves(), last in last_move()) {
        moves.push(last);
        let mut world = World::new(1_000);
        for a_move in moves {
            world.ensure_invocation(&a_move);
            let _rejected = world.perform(a_move);
            world.observe_invocation();
        }

        for event in &world.lab.events {
            let row = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&row).unwrap(), event);
        }
    }

    #[test]
    fn every_execution_ends(mut moves in moves(), last in last_move()) {
        moves.push(last);
        let mut world = World::new(1_000);
        for a_move in moves {
            world.ensure_invocation(&a_move);
            let _rejected = world.perform(a_move);
            world.observe_invocation();
        }

        // From here on, the function only returns PENDING. It is invoked while there is a delta; then the execution
        // times out.
        let mut rounds = 0;
        while !world.lab.execution.is_closed() {
            world.perform(Move::Answer(r#"{"Status":"PENDING"}"#)).unwrap();
            world.observe_invocation();
            let due = world.lab.execution.next_due();
            if let Some(due) = due.filter(|_| world.lab.execution.invocation_in_flight().is_none()) {
                world.advance_until(due);
                world.observe_invocation();
            }
            rounds += 1;
            prop_assert!(rounds < 100, "the execution never ends");
        }
        prop_assert_eq!(world.lab.execution.next_due(), None);
    }
}
