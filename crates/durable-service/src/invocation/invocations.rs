//! Tracks the invocation in flight and the consecutive failures before it.

use std::mem;

use durable_types::{DurableExecutionArn, Timestamp};

use crate::checkpoint_token::CheckpointToken;
use crate::digest::Digest;
use crate::event::{InvocationCompleted, InvocationEnding, InvocationStarted};

/// The invocations of an execution, as far as the next one depends on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invocations {
    count: u64,
    in_flight: Option<InFlight>,
    idle_answers: u32,
    runtime_errors: u32,
    handler_errors: u32,
    retry_at: Option<Timestamp>,
}

/// The invocation that the function is running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) request_id: String,
    pub(crate) started_at: Timestamp,
    /// The token of its next checkpoint, or `None` if that was withheld and it can no longer record anything.
    pub(crate) token: Option<CheckpointToken>,
}

impl Invocations {
    /// Returns the number of invocations, including the one in flight.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn in_flight(&self) -> Option<&InFlight> {
        self.in_flight.as_ref()
    }

    /// Returns when to retry after a failure.
    pub(crate) fn retry_at(&self) -> Option<Timestamp> {
        self.retry_at
    }

    /// Returns the number of consecutive PENDING responses without a pending operation.
    pub(crate) fn idle_answers(&self) -> u32 {
        self.idle_answers
    }

    /// Returns the number of consecutive invocations that were retried at once.
    pub(crate) fn runtime_errors(&self) -> u32 {
        self.runtime_errors
    }

    /// Returns the number of consecutive invocations that failed and were retried after a backoff.
    pub(crate) fn handler_errors(&self) -> u32 {
        self.handler_errors
    }

    /// Returns the number and the request id of the next invocation.
    pub(crate) fn next(&self, arn: &DurableExecutionArn) -> (u64, String) {
        let number = self.count.saturating_add(1);
        (number, Digest::uuid_of(&(arn.as_str(), number)))
    }

    pub(crate) fn begin(&mut self, started: InvocationStarted, token: CheckpointToken) {
        self.count = started.number;
        self.retry_at = None;
        let InvocationStarted { at: started_at, request_id, .. } = started;
        self.in_flight = Some(InFlight { request_id, started_at, token: Some(token) });
    }

    /// Replaces the token of the invocation in flight and returns the spent one.
    pub(crate) fn renew_token(&mut self, token: Option<CheckpointToken>) -> Option<CheckpointToken> {
        let in_flight = self.in_flight.as_mut()?;
        mem::replace(&mut in_flight.token, token)
    }

    pub(crate) fn complete(&mut self, completed: &InvocationCompleted) {
        self.in_flight = None;
        self.retry_at = completed.retry_at;
        match completed.ending {
            InvocationEnding::Answered => {
                (self.idle_answers, self.runtime_errors, self.handler_errors) = (0, 0, 0);
            }
            InvocationEnding::Idle => {
                self.idle_answers = self.idle_answers.saturating_add(1);
                (self.runtime_errors, self.handler_errors) = (0, 0);
            }
            InvocationEnding::RuntimeError => self.runtime_errors = self.runtime_errors.saturating_add(1),
            InvocationEnding::HandlerError => self.handler_errors = self.handler_errors.saturating_add(1),
            InvocationEnding::Lost | InvocationEnding::Withdrawn => {}
        }
    }
}
