//! The rules of each kind of operation: what may happen to it, and what comes of that.

mod change;
mod context;
mod execution;
mod refusal;
mod step;
mod update;
mod wait;

pub use change::OperationChange;
pub use context::ContextChange;
pub use execution::ExecutionEnd;
pub use step::StepChange;
pub use wait::WaitChange;

pub(crate) use change::{due, elapse, is_pending};
pub(crate) use refusal::refuse;
pub(crate) use update::{Decided, check_data, decide};
