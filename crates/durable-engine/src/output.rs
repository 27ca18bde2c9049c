//! What the engine asks of its driver.

use durable_types::api::{CheckpointRequest, GetStateRequest};
use durable_types::{InvocationOutput, Timestamp};

use crate::fatal::Fatal;
use crate::operation::OperationKey;

/// Work for the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Wake whoever awaits this operation: it has moved.
    Wake(OperationKey),
    /// Send this checkpoint and report the answer. There is at most one request under way.
    Checkpoint(CheckpointRequest),
    /// Read this page and report the answer. There is at most one request under way.
    GetState(GetStateRequest),
}

/// What is left to do when the handler is pending and all outputs are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Wait until something happens: a body makes progress, a request is answered, an ordinary future wakes.
    Wait,
    /// The same, but look again at this time.
    Until(Timestamp),
    /// Take outputs and look again: something moved.
    Again,
    /// Drop the handler and answer this: the invocation is over.
    Answer(InvocationOutput),
    /// Drop the handler and fail the invocation, which records nothing: another one may fare better.
    FailInvocation(Fatal),
}
