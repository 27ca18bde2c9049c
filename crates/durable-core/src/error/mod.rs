//! Errors: those of users on their way to the record, and those of operations on their way back.

mod body;
mod operation;
mod origin;
mod saga;

pub use body::{BoxError, Error, Ok, Result};
pub(crate) use body::{type_label, with_causes};
pub use operation::{
    BatchError, CallbackError, ChildContextError, ConditionError, InvokeError, RetryError, StepError,
    WaitError,
};
pub(crate) use operation::{OperationError, SubmitterError};
pub use saga::SagaError;
