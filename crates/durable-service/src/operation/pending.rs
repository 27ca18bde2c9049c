//! The state and timers of a pending operation that its wire record does not contain.

use durable_types::{Operation, OperationType, Timestamp};

use super::{CallbackChange, CallbackTimers, ChainedInvokeChange, OperationChange, StepChange, WaitChange};
use crate::function_call::FunctionCall;

/// The state of a pending operation that its wire record does not contain.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Pending {
    /// The wire record contains everything.
    #[default]
    Other,
    /// A callback that has not ended.
    Callback {
        /// Its timers.
        timers: CallbackTimers,
        /// The number of the event of its last heartbeat, which the next one replaces.
        last_heartbeat: Option<u64>,
    },
    /// A call of a function, which is repeated after a restart.
    Call(Box<FunctionCall>),
}

impl Pending {
    /// Returns the state after a change, which is the event with this number.
    pub(crate) fn after(
        self,
        event: u64,
        change: &OperationChange,
        operation: &Operation,
        at: Timestamp,
    ) -> Self {
        match change {
            OperationChange::Callback(CallbackChange::Started {
                timeout_seconds,
                heartbeat_timeout_seconds,
                ..
            }) => {
                let timers = CallbackTimers::start(*timeout_seconds, *heartbeat_timeout_seconds, at);
                Self::Callback { timers, last_heartbeat: None }
            }
            OperationChange::Callback(CallbackChange::HeartbeatReceived) => match self {
                Self::Callback { timers, .. } => {
                    Self::Callback { timers: timers.beat(at), last_heartbeat: Some(event) }
                }
                Self::Other | Self::Call(_) => self,
            },
            OperationChange::ChainedInvoke(ChainedInvokeChange::Started(started)) => {
                started.call(&operation.id).map_or(Self::Other, |call| Self::Call(Box::new(call)))
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
            | OperationChange::Wait(_) => Self::Other,
        }
    }

    /// Returns the number of the event of the last heartbeat.
    pub(crate) fn last_heartbeat(&self) -> Option<u64> {
        match self {
            Self::Callback { last_heartbeat, .. } => *last_heartbeat,
            Self::Call(_) | Self::Other => None,
        }
    }

    /// Returns when the timer of the operation elapses.
    pub(crate) fn due(&self, operation: &Operation) -> Option<Timestamp> {
        match self {
            Self::Callback { timers, .. } => timers.due(),
            Self::Call(_) => None,
            Self::Other => match operation.operation_type {
                OperationType::Step => StepChange::due(operation),
                OperationType::Wait => WaitChange::due(operation),
                OperationType::Execution
                | OperationType::Context
                | OperationType::Callback
                | OperationType::ChainedInvoke
                | OperationType::Unknown(_) => None,
            },
        }
    }

    /// Returns the change that the timer causes.
    pub(crate) fn elapse(&self, operation: &Operation) -> Option<OperationChange> {
        match self {
            Self::Callback { timers, .. } => Some(OperationChange::Callback(timers.elapse())),
            Self::Call(_) => None,
            Self::Other => match operation.operation_type {
                OperationType::Step => Some(OperationChange::Step(StepChange::Ready)),
                OperationType::Wait => Some(OperationChange::Wait(WaitChange::elapse(operation))),
                OperationType::Execution
                | OperationType::Context
                | OperationType::Callback
                | OperationType::ChainedInvoke
                | OperationType::Unknown(_) => None,
            },
        }
    }
}
