//! The work that the engine hands to its driver.

use durable_types::api::{CheckpointRequest, GetStateRequest};
use durable_types::{InvocationOutput, Timestamp};

use crate::fatal::Fatal;
use crate::operation_key::OperationKey;

/// Work for the driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Wake the future of this operation, which has made progress.
    Wake(OperationKey),
    /// Send this checkpoint and report the response. At most one request is in flight.
    Checkpoint(CheckpointRequest),
    /// Read this page and report the response. At most one request is in flight.
    GetState(GetStateRequest),
}

/// What to do when the handler is pending and all outputs have been taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Idle {
    /// Wait until something happens: a body makes progress, a request is answered, an ordinary future wakes the
    /// handler.
    Wait,
    /// Wait as well, but at most until this time.
    Until(Timestamp),
    /// Take outputs and ask again, because something has made progress.
    Again,
    /// Drop the handler and return this output: the invocation is over.
    Answer(InvocationOutput),
    /// Drop the handler and fail the invocation without recording anything: another invocation may succeed.
    FailInvocation(Fatal),
}
