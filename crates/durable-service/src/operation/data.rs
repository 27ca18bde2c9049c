//! The size of the data of a change, which counts against the quota of the execution.

use durable_types::ErrorObject;

use super::{
    CallbackChange, ChainedInvokeChange, ContextChange, ExecutionEnd, OperationChange, StepChange, WaitChange,
};
use crate::payload::Payload;

impl OperationChange {
    /// Returns the size of the payload and the error in bytes.
    pub(crate) fn data_len(&self) -> usize {
        match self {
            Self::Context(change) => context(change),
            Self::Step(change) => step(change),
            Self::Wait(change) => wait(change),
            Self::Callback(change) => callback(change),
            Self::ChainedInvoke(change) => chained_invoke(change),
        }
    }
}

impl ExecutionEnd {
    /// Returns the size of the result or the error in bytes.
    pub(crate) fn data_len(&self) -> usize {
        match self {
            Self::Succeeded { result } => payload_len(result),
            Self::Failed { error } => error_len(error),
            Self::TimedOut { error } | Self::Stopped { error } => error.len(),
        }
    }
}

fn context(change: &ContextChange) -> usize {
    match change {
        ContextChange::Started { .. } => 0,
        ContextChange::Succeeded { result, .. } => payload_len(result),
        ContextChange::Failed { error, .. } => error_len(error),
    }
}

fn step(change: &StepChange) -> usize {
    match change {
        StepChange::Started | StepChange::Ready => 0,
        StepChange::Succeeded { result, .. } => payload_len(result),
        StepChange::Failed { error, .. } => error_len(error),
        StepChange::RetryScheduled { result, error, .. } => {
            payload_len(result).saturating_add(error_len(error))
        }
    }
}

fn wait(change: &WaitChange) -> usize {
    match change {
        WaitChange::Started { .. } | WaitChange::Succeeded { .. } => 0,
        WaitChange::Cancelled { error } => error_len(error),
    }
}

fn callback(change: &CallbackChange) -> usize {
    match change {
        CallbackChange::Started { .. } | CallbackChange::HeartbeatReceived => 0,
        CallbackChange::Succeeded { result } => payload_len(result),
        CallbackChange::Failed { error } => error_len(error),
        CallbackChange::TimedOut { error } => error.len(),
    }
}

fn chained_invoke(change: &ChainedInvokeChange) -> usize {
    match change {
        ChainedInvokeChange::Started(started) => payload_len(&started.input),
        ChainedInvokeChange::Succeeded { result } => payload_len(result),
        ChainedInvokeChange::Failed { error }
        | ChainedInvokeChange::TimedOut { error }
        | ChainedInvokeChange::Stopped { error } => error.len(),
        ChainedInvokeChange::Cancelled { error } => error_len(error),
    }
}

fn payload_len(payload: &Option<Payload>) -> usize {
    payload.as_ref().map_or(0, |payload| payload.as_str().len())
}

fn error_len(error: &Option<ErrorObject>) -> usize {
    error.as_ref().map_or(0, ErrorObject::len)
}
