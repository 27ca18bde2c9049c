//! What comes of a command.

use durable_types::api::CheckpointResponse;
use durable_types::{InvocationInput, Timestamp};

use crate::event::Event;
use crate::function_call::FunctionCall;
use crate::quota::QuotaUse;

/// What comes of a command. Store the events before anything else becomes visible.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What is now true, in this order.
    pub events: Vec<Event>,
    /// What is to be done about it, in this order.
    pub effects: Vec<Effect>,
    /// The answer to whoever sent the command.
    pub reply: Reply,
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done.
    Accepted,
    /// The checkpoint is recorded.
    Checkpointed(CheckpointResponse),
    /// The execution is stopped, or had ended already at this time.
    Stopped(Timestamp),
    /// The execution is being deleted since this time.
    Deleting(Timestamp),
}

/// Something that the execution wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Invoke the function, once, and tell its end by
    /// [`Command::InvocationEnded`](crate::Command::InvocationEnded).
    Invoke(Invocation),
    /// Call another function, and tell its end by
    /// [`Command::ChainedInvokeEnded`](crate::Command::ChainedInvokeEnded). Whoever takes over an execution from another
    /// process finds the calls that are still open in [`Execution::calls`](crate::Execution::calls).
    InvokeFunction(FunctionCall),
    /// The execution has ended: whoever waits for its result can have it.
    Closed,
    /// Warn that one of the execution's quotas is nearly used up.
    QuotaNear(QuotaUse),
    /// Delete everything about the execution, once it is over.
    Delete,
}

/// One invocation of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// Its id, a UUID that the execution's id and the number of the invocation determine.
    pub request_id: String,
    /// What the function receives.
    pub input: InvocationInput,
}
