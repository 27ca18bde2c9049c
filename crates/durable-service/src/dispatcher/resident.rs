//! An execution in memory, with the changes that are not recorded yet.

use std::collections::BTreeMap;
use std::mem::take;

use durable_types::api::ServiceError;

use super::after_deletion::AfterDeletion;
use super::calls::CallId;
use super::execution_id::ExecutionId;
use super::output::{Answer, Append, NewExecution, StatusChange};
use super::wake_up::WakeUp;
use crate::command::Command;
use crate::environment::Environment;
use crate::event::Event;
use crate::execution::Execution;
use crate::outcome::{Effect, Outcome};
use crate::settings::Settings;

/// An execution in memory.
///
/// # Invariants
/// - At most one append is in flight. Changes in the meantime are recorded by the next one.
/// - Answers and effects are released in order, once the events before them are recorded.
#[derive(Debug)]
pub(super) struct Resident<T> {
    pub(super) execution: Execution,
    /// The number of the last recorded event.
    pub(super) sequence: u64,
    /// The recorded wake-up time.
    wake_up: WakeUp,
    /// The append in flight, with what it releases.
    appending: Option<Appending<T>>,
    next: Unrecorded<T>,
    /// Whether the end of the execution is recorded.
    pub(super) is_end_recorded: bool,
    /// The actions that follow its deletion, if the deletion was released.
    pub(super) deletion: Option<Vec<AfterDeletion<T>>>,
    /// Whether the function was repaired while an invocation was in flight, which may still run the broken code.
    was_repaired: bool,
}

/// The append in flight.
#[derive(Debug)]
struct Appending<T> {
    /// The number of its last event.
    sequence: u64,
    /// Whether the execution has ended as of that event.
    is_closed: bool,
    wake_up: WakeUp,
    releases: Vec<Release<T>>,
}

/// The events of the next append, and what it releases.
#[derive(Debug)]
struct Unrecorded<T> {
    events: Vec<Event>,
    /// The events that replace recorded ones, by number. An event in `events` is replaced there.
    replaced: BTreeMap<u64, Event>,
    created: Option<Box<NewExecution>>,
    status: Option<StatusChange>,
    releases: Vec<Release<T>>,
}

/// An effect that becomes visible once all events before it are recorded.
#[derive(Debug)]
pub(super) enum Release<T> {
    /// The answer to a request.
    Answer(T, Result<Answer, ServiceError>),
    /// An effect of a command.
    Effect(Effect),
    /// The end of an invocation is recorded.
    InvocationRecorded(String),
    /// The end of a call is recorded.
    CallRecorded(CallId),
}

/// The origin of a command, which determines what is released once it is recorded.
#[derive(Debug)]
pub(super) enum Origin<T> {
    /// A client request that waits for the answer.
    Request(T),
    /// The end of an invocation.
    Invocation(String),
    /// The end of a call.
    Call(CallId),
    /// The dispatcher itself.
    Own,
}

impl<T> Default for Unrecorded<T> {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            replaced: BTreeMap::new(),
            created: None,
            status: None,
            releases: Vec::new(),
        }
    }
}

impl<T> Unrecorded<T> {
    /// Returns whether there is nothing to record.
    fn is_empty(&self) -> bool {
        self.events.is_empty() && self.replaced.is_empty()
    }

    fn add(&mut self, events: Vec<Event>) {
        if self.events.is_empty() { self.events = events } else { self.events.extend(events) }
    }

    /// Replaces events. `first_sequence` is the number of the first of `events`.
    fn replace(&mut self, first_sequence: u64, replaced: BTreeMap<u64, Event>) {
        for (sequence, event) in replaced {
            let index = sequence.checked_sub(first_sequence).and_then(|index| usize::try_from(index).ok());
            match index.and_then(|index| self.events.get_mut(index)) {
                Some(unrecorded) => *unrecorded = event,
                None => drop(self.replaced.insert(sequence, event)),
            }
        }
    }
}

impl<T> Resident<T> {
    /// Creates the state of an execution that was loaded from the record.
    pub(super) fn loaded(execution: Execution, wake_up: WakeUp) -> Self {
        let is_end_recorded = execution.is_closed();
        Self {
            sequence: execution.event_count(),
            execution,
            wake_up,
            appending: None,
            next: Unrecorded::default(),
            is_end_recorded,
            deletion: None,
            was_repaired: false,
        }
    }

    /// Creates the state of a new execution. `answer` is released once its start is recorded.
    pub(super) fn new(
        execution: Execution,
        outcome: Outcome,
        created: NewExecution,
        answer: Option<(T, Answer)>,
    ) -> Self {
        let mut resident = Self::loaded(execution, WakeUp::default());
        (resident.sequence, resident.is_end_recorded) = (0, false);
        resident.next.events = outcome.events;
        resident.next.created = Some(Box::new(created));
        resident.next.releases.extend(answer.map(|(token, answer)| Release::Answer(token, Ok(answer))));
        resident.next.releases.extend(outcome.effects.into_iter().map(Release::Effect));
        resident
    }

    /// Applies a command. Its answer and effects are released once its events are recorded.
    pub(super) fn handle(&mut self, command: Command, origin: Origin<T>, environment: Environment<'_>) {
        let is_repair = command == Command::FunctionRepaired;
        let is_end = matches!(command, Command::InvocationEnded { .. });
        if is_repair && self.execution.invocation_in_flight().is_some() {
            self.was_repaired = true;
        }
        let before = self.execution.status().clone();
        let handled = self.execution.handle(command, environment);
        let answer = match handled {
            Ok(Outcome { events, replaced, effects, reply }) => {
                self.next.replace(self.next_sequence(), replaced);
                self.next.add(events);
                self.next.releases.extend(effects.into_iter().map(Release::Effect));
                Ok(Answer::Done(reply))
            }
            Err(error) => Err(error),
        };
        if *self.execution.status() != before {
            self.next.status = Some(status_change(&self.execution, environment.settings));
        }
        match origin {
            Origin::Request(token) => self.next.releases.push(Release::Answer(token, answer)),
            Origin::Invocation(request_id) => {
                self.next.releases.push(Release::InvocationRecorded(request_id))
            }
            Origin::Call(call) => self.next.releases.push(Release::CallRecorded(call)),
            Origin::Own => {}
        }
        if is_end && take(&mut self.was_repaired) {
            self.handle(Command::FunctionRepaired, Origin::Own, environment);
        }
    }

    /// Answers a request once all pending events are recorded.
    pub(super) fn answer(&mut self, token: T, answer: Answer) {
        self.next.releases.push(Release::Answer(token, Ok(answer)));
    }

    /// Returns the invocation in flight if it can no longer contribute, because the execution has ended or is paused.
    pub(super) fn obsolete_invocation(&self) -> Option<&str> {
        let is_obsolete = self.execution.is_closed() || self.execution.pause_details().is_some();
        self.execution.invocation_in_flight().filter(|_| is_obsolete)
    }

    /// Takes the next append, unless one is in flight or there is nothing to record. `wake_up` applies to the resulting
    /// state.
    pub(super) fn poll_append(&mut self, id: &ExecutionId, wake_up: WakeUp) -> Option<Append> {
        if self.appending.is_some() || self.next.is_empty() {
            return None;
        }
        let first_sequence = self.next_sequence();
        let Unrecorded { events, replaced, created, status, releases } = take(&mut self.next);
        let count = u64::try_from(events.len()).unwrap_or(u64::MAX);
        self.appending = Some(Appending {
            sequence: self.sequence.saturating_add(count),
            is_closed: self.execution.is_closed(),
            wake_up,
            releases,
        });
        Some(Append {
            execution_id: id.clone(),
            first_sequence,
            events,
            replaced,
            created,
            status,
            wake_up: (wake_up != self.wake_up).then_some(wake_up),
        })
    }

    /// Completes the append in flight and returns what it releases.
    pub(super) fn handle_appended(&mut self) -> Vec<Release<T>> {
        let Some(appended) = self.appending.take() else { return Vec::new() };
        (self.sequence, self.is_end_recorded) = (appended.sequence, appended.is_closed);
        self.wake_up = appended.wake_up;
        appended.releases
    }

    /// Takes what can be released because no events are pending.
    pub(super) fn take_released(&mut self) -> Vec<Release<T>> {
        if self.is_recorded() { take(&mut self.next.releases) } else { Vec::new() }
    }

    /// Takes everything that is unreleased, because its events cannot be recorded.
    pub(super) fn into_unreleased(self) -> Vec<Release<T>> {
        let mut releases = self.appending.map(|appending| appending.releases).unwrap_or_default();
        releases.extend(self.next.releases);
        releases
    }

    /// Returns the number of the first event that is neither recorded nor part of the append in flight.
    fn next_sequence(&self) -> u64 {
        let last = self.appending.as_ref().map_or(self.sequence, |appending| appending.sequence);
        last.saturating_add(1)
    }

    /// Returns whether all events are recorded.
    pub(super) fn is_recorded(&self) -> bool {
        self.appending.is_none() && self.next.is_empty()
    }

    /// Returns whether nothing remains to be recorded or released.
    pub(super) fn is_settled(&self) -> bool {
        self.is_recorded() && self.next.releases.is_empty() && self.deletion.is_none()
    }
}

fn status_change(execution: &Execution, settings: &Settings) -> StatusChange {
    StatusChange {
        status: execution.status().clone(),
        ended_at: execution.end_timestamp(),
        // A deletion request expires the execution at once.
        expires_at: execution.deletion_timestamp().or_else(|| execution.expires_at(settings)),
    }
}
