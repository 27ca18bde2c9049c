//! The rules of each type of operation: legal updates, their changes, and their timers.

mod callback;
mod chained_invoke;
mod change;
mod context;
mod data;
mod execution;
mod pending;
mod rejection;
mod scope;
mod step;
mod update;
mod wait;

pub use callback::CallbackChange;
pub use chained_invoke::{ChainedInvokeChange, ChainedInvokeStarted};
pub use change::OperationChange;
pub use context::ContextChange;
pub use execution::ExecutionEnd;
pub use step::StepChange;
pub use wait::WaitChange;

pub(crate) use callback::CallbackTimers;
pub(crate) use change::is_pending;
pub(crate) use pending::Pending;
pub(crate) use rejection::reject;
pub(crate) use scope::Scope;
pub(crate) use update::{Decision, check_data, decide};
