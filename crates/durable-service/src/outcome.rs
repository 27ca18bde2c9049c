//! The outcome of a command: events, effects and a reply.

use std::collections::BTreeMap;

use durable_types::api::CheckpointResponse;
use durable_types::{InvocationInput, Timestamp};

use crate::event::Event;
use crate::function_call::FunctionCall;
use crate::quota::QuotaUse;

/// The outcome of a command. The events must be stored before anything else becomes visible.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The events to record, in order.
    pub events: Vec<Event>,
    /// Events to record in place of earlier ones, by the number of the earlier event. The events of an execution are
    /// numbered from 1.
    ///
    /// A heartbeat replaces the previous one of its callback, so that heartbeats do not make the record grow.
    pub replaced: BTreeMap<u64, Event>,
    /// The effects to carry out, in order.
    pub effects: Vec<Effect>,
    /// The reply to the sender of the command.
    pub reply: Reply,
}

impl Outcome {
    /// Returns whether there is nothing to record.
    pub(crate) fn records_nothing(&self) -> bool {
        self.events.is_empty() && self.replaced.is_empty()
    }
}

/// The reply to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The command was accepted.
    Accepted,
    /// The checkpoint is recorded.
    Checkpointed(CheckpointResponse),
    /// The execution was stopped, or had already ended, at this time.
    Stopped(Timestamp),
    /// The execution is being deleted; the deletion was requested at this time.
    Deleting(Timestamp),
}

/// An effect for the driver to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Invoke the function once, then send [`Command::InvocationEnded`](crate::Command::InvocationEnded).
    Invoke(Invocation),
    /// Call another function, then send [`Command::ChainedInvokeEnded`](crate::Command::ChainedInvokeEnded). A process
    /// that takes over an execution repeats the open calls, which [`Execution::calls`](crate::Execution::calls)
    /// returns.
    InvokeFunction(FunctionCall),
    /// Notify callers that wait for the result: the execution has ended.
    Closed,
    /// Warn that the execution has used 80 % of a quota.
    QuotaNear(QuotaUse),
    /// Delete everything about the execution.
    Delete,
}

/// One invocation of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The request id: a UUID derived from the ARN of the execution and the number of the invocation.
    pub request_id: String,
    /// The payload.
    pub input: InvocationInput,
}
