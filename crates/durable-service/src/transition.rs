//! A transition of an execution: applies events and collects their effects.

use std::collections::BTreeMap;

use durable_types::api::CheckpointResponse;
use durable_types::{InitialExecutionState, InvocationInput, SmallString, Timestamp};

use crate::checkpoint_token::CheckpointToken;
use crate::event::{Event, ExecutionEnded, ExecutionStarted, InvocationStarted};
use crate::execution::Execution;
use crate::operation::ExecutionEnd;
use crate::outcome::{Effect, Invocation, Outcome, Reply};
use crate::page::{PageLimits, page};
use crate::quota::QuotaUse;
use crate::settings::Settings;

/// Applies one accepted command to an execution.
#[derive(Debug)]
pub(crate) struct Transition<'a> {
    pub(crate) execution: &'a mut Execution,
    settings: &'a Settings,
    now: Timestamp,
    events: Vec<Event>,
    replaced: BTreeMap<u64, Event>,
    effects: Vec<Effect>,
    /// The quota usage before the transition.
    used: [QuotaUse; 2],
}

impl<'a> Transition<'a> {
    pub(crate) fn new(execution: &'a mut Execution, settings: &'a Settings, now: Timestamp) -> Self {
        let used = QuotaUse::of(execution, settings);
        let (events, replaced, effects) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { execution, settings, now, events, replaced, effects, used }
    }

    /// Adds the first event, which has created the execution.
    pub(crate) fn begin(&mut self, started: ExecutionStarted) {
        self.events.push(Event::ExecutionStarted(started));
    }

    /// Applies an event.
    pub(crate) fn emit(&mut self, event: Event) {
        self.execution.apply(event.clone());
        self.events.push(event);
    }

    /// Applies an event that replaces the earlier one with this number.
    pub(crate) fn replace(&mut self, sequence: u64, event: Event) {
        self.execution.apply_at(sequence, event.clone());
        self.replaced.insert(sequence, event);
    }

    /// Ends the execution, unless a checkpoint or its timeout has already ended it.
    pub(crate) fn end(&mut self, end: ExecutionEnd) {
        if !self.execution.is_closed() {
            let id = self.execution.arn().execution_id().to_owned();
            self.emit(Event::ExecutionEnded(ExecutionEnded { at: self.now, id, end }));
            self.effects.push(Effect::Closed);
        }
    }

    /// Handles elapsed timers: the execution timeout, or the timers of operations.
    pub(crate) fn elapse(&mut self) {
        if self.execution.is_closed() {
            return;
        }
        if self.execution.deadline() <= self.now {
            return self.end(ExecutionEnd::timed_out(self.execution.execution_timeout()));
        }
        for changed in self.execution.records.elapsed(self.now) {
            self.emit(Event::OperationChanged(changed));
        }
    }

    /// Handles elapsed timers, then invokes the function if there is a delta.
    pub(crate) fn advance(&mut self) {
        self.elapse();
        let retry_at = self.execution.invocations.retry_at();
        let is_wanted = match retry_at {
            // After a failure, nothing shortens the backoff.
            Some(retry_at) => retry_at <= self.now,
            None => self.execution.records.has_delta(),
        };
        if is_wanted {
            self.invoke();
        }
    }

    /// Puts a requested pause into effect if no invocation can record anything more.
    pub(crate) fn settle_pause(&mut self) {
        if self.execution.token().is_some() || self.execution.is_closed() {
            return;
        }
        let id = self.execution.arn().execution_id();
        if let Some(paused) = self.execution.pauses.pause_event(id, self.now) {
            self.emit(Event::ExecutionPaused(paused));
        }
    }

    /// Deletes the execution if that was requested and no invocation is in flight.
    pub(crate) fn settle_deletion(&mut self) {
        let is_over = self.execution.invocation_in_flight().is_none();
        if is_over && self.execution.deletion_timestamp().is_some() {
            self.effects.push(Effect::Delete);
        }
    }

    /// Invokes the function, unless the execution has ended or is paused, or an invocation is in flight.
    pub(crate) fn invoke(&mut self) {
        let is_held = self.execution.is_closed() || self.execution.pauses.is_requested();
        if is_held || self.execution.invocation_in_flight().is_some() {
            return;
        }
        let updated = self.execution.records.updated_ids();
        let (number, request_id) = self.execution.invocations.next(self.execution.arn());
        let started = InvocationStarted { at: self.now, number, request_id: request_id.clone() };
        self.emit(Event::InvocationStarted(started));

        let input = self.invocation_input(updated);
        self.effects.push(Effect::Invoke(Invocation { request_id, input }));
    }

    /// Makes the calls that started in this transition.
    pub(crate) fn call_functions(&mut self) {
        let begun = self.events.iter().filter_map(Event::started_call);
        let calls = begun.filter_map(|id| self.execution.records.call(id));
        self.effects.extend(calls.cloned().map(Effect::InvokeFunction));
    }

    pub(crate) fn accepted(self) -> Outcome {
        self.finish(Reply::Accepted)
    }

    pub(crate) fn checkpointed(self, response: CheckpointResponse) -> Outcome {
        self.finish(Reply::Checkpointed(response))
    }

    fn finish(mut self, reply: Reply) -> Outcome {
        if !self.execution.is_closed() {
            let used = self.used.into_iter().zip(QuotaUse::of(self.execution, self.settings));
            let crossed = used.filter(|(before, after)| !before.is_near() && after.is_near());
            self.effects.extend(crossed.map(|(_, after)| Effect::QuotaNear(after)));
        }
        Outcome { events: self.events, replaced: self.replaced, effects: self.effects, reply }
    }

    fn invocation_input(&self, updated: Vec<SmallString>) -> InvocationInput {
        let limits = PageLimits {
            items: self.settings.invocation_page_items,
            bytes: self.settings.invocation_page_bytes,
        };
        let (operations, next_marker) = page(0, self.execution.records.since(0, 0), limits);
        let mut input = InvocationInput::new(
            self.execution.arn().as_str(),
            self.execution.token().map(CheckpointToken::as_str).unwrap_or_default(),
            InitialExecutionState::new(operations, next_marker),
        );
        input.updated_operation_ids = Some(updated);
        input
    }
}
