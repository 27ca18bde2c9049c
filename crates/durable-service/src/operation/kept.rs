//! What the service keeps of an operation beside its record on the wire.

use durable_types::{Operation, Timestamp};

use super::{CallbackChange, CallbackTimers, ChainedInvokeChange, OperationChange};
use crate::function_call::FunctionCall;

/// What the service keeps of an operation that goes on, beside its record on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Kept {
    /// The record tells everything.
    #[default]
    Nothing,
    /// When a callback times out.
    Callback(CallbackTimers),
    /// The function that is called, in case the call has to be made again.
    Call(Box<FunctionCall>),
}

impl Kept {
    /// What is kept after a change.
    pub(crate) fn after(self, change: &OperationChange, operation: &Operation, at: Timestamp) -> Self {
        match change {
            OperationChange::Callback(CallbackChange::Started {
                timeout_seconds,
                heartbeat_timeout_seconds,
                ..
            }) => Self::Callback(CallbackTimers::start(*timeout_seconds, *heartbeat_timeout_seconds, at)),
            OperationChange::Callback(CallbackChange::HeartbeatReceived) => match self {
                Self::Callback(timers) => Self::Callback(timers.beat(at)),
                Self::Nothing | Self::Call(_) => self,
            },
            OperationChange::ChainedInvoke(ChainedInvokeChange::Started(started)) => {
                started.call(&operation.id).map_or(Self::Nothing, |call| Self::Call(Box::new(call)))
            }
            OperationChange::Callback(
                CallbackChange::Succeeded { .. }
                | CallbackChange::Failed { .. }
                | CallbackChange::TimedOut { .. },
            )
            | OperationChange::ChainedInvoke(
                ChainedInvokeChange::Succeeded { .. }
                | ChainedInvokeChange::Failed { .. }
                | ChainedInvokeChange::TimedOut { .. }
                | ChainedInvokeChange::Stopped { .. }
                | ChainedInvokeChange::Cancelled { .. },
            )
            | OperationChange::Context(_)
            | OperationChange::Step(_)
            | OperationChange::Wait(_) => Self::Nothing,
        }
    }
}
