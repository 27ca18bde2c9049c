//! The details of an operation of any type.

use super::details::{
    CallbackDetails, ChainedInvokeDetails, ContextDetails, ExecutionDetails, StepDetails, WaitDetails,
};

/// The details of an operation, by the type of the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperationDetails {
    /// Those of the execution itself.
    Execution(ExecutionDetails),
    /// Those of a context.
    Context(ContextDetails),
    /// Those of a step.
    Step(StepDetails),
    /// Those of a wait.
    Wait(WaitDetails),
    /// Those of a callback.
    Callback(CallbackDetails),
    /// Those of a chained invoke.
    ChainedInvoke(ChainedInvokeDetails),
}
