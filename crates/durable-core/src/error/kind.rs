//! The kinds of operations in errors.

use std::fmt;

use durable_engine::NewOperation;
use durable_types::sub_type;

/// The kind of operation that failed; see [`Error::operation_kind`](super::Error::operation_kind).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationKind {
    /// [`DurableContext::step`](crate::DurableContext::step), and steps and compensations of sagas.
    Step,
    /// [`DurableContext::wait`](crate::DurableContext::wait).
    Wait,
    /// [`DurableContext::run_in_child_context`](crate::DurableContext::run_in_child_context), items of maps and
    /// branches of parallels.
    ChildContext,
    /// [`DurableContext::create_callback`](crate::DurableContext::create_callback).
    Callback,
    /// [`DurableContext::wait_for_callback`](crate::DurableContext::wait_for_callback).
    WaitForCallback,
    /// [`DurableContext::invoke`](crate::DurableContext::invoke).
    Invoke,
    /// [`DurableContext::wait_for_condition`](crate::DurableContext::wait_for_condition).
    WaitForCondition,
    /// [`DurableContext::map`](crate::DurableContext::map).
    Map,
    /// [`DurableContext::parallel`](crate::DurableContext::parallel).
    Parallel,
    /// [`DurableContext::with_retry`](crate::DurableContext::with_retry).
    WithRetry,
    /// [`DurableContext::saga`](crate::DurableContext::saga).
    Saga,
    /// A whole execution, as seen by a client that started it or reads it.
    Execution,
}

impl OperationKind {
    /// Returns the kind of an operation that is being claimed.
    pub(crate) fn of(operation: &NewOperation) -> Self {
        match operation {
            NewOperation::Step { .. } | NewOperation::Decision { .. } => Self::Step,
            NewOperation::Wait { .. } => Self::Wait,
            NewOperation::Callback { .. } => Self::Callback,
            NewOperation::Invoke { .. } => Self::Invoke,
            NewOperation::WaitForCondition => Self::WaitForCondition,
            NewOperation::Context { sub_type, .. } => Self::of_context(sub_type),
        }
    }

    fn of_context(sub_type: &str) -> Self {
        match sub_type {
            sub_type::WAIT_FOR_CALLBACK => Self::WaitForCallback,
            sub_type::MAP => Self::Map,
            sub_type::PARALLEL => Self::Parallel,
            sub_type::WITH_RETRY => Self::WithRetry,
            sub_type::SAGA => Self::Saga,
            _ => Self::ChildContext,
        }
    }

    /// Returns whether the operation is another execution, whose error is recorded there.
    pub(super) fn is_other_execution(self) -> bool {
        matches!(self, Self::Invoke | Self::Execution)
    }

    /// Returns the error type of an operation that failed without one, such as a callback that was failed without an
    /// error.
    pub(super) fn error_type(self) -> &'static str {
        match self {
            Self::Step => "StepError",
            Self::Wait => "WaitError",
            Self::ChildContext => "ChildContextError",
            Self::Callback | Self::WaitForCallback => "CallbackError",
            Self::Invoke => "InvokeError",
            Self::WaitForCondition => "ConditionError",
            Self::Map | Self::Parallel => "BatchError",
            Self::WithRetry => "RetryError",
            Self::Saga => "SagaError",
            Self::Execution => "ExecutionError",
        }
    }
}

impl fmt::Display for OperationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Step => "step",
            Self::Wait => "wait",
            Self::ChildContext => "child context",
            Self::Callback | Self::WaitForCallback => "callback",
            Self::Invoke => "invoke",
            Self::WaitForCondition => "condition",
            Self::Map => "map",
            Self::Parallel => "parallel",
            Self::WithRetry => "retry block",
            Self::Saga => "saga",
            Self::Execution => "execution",
        })
    }
}
