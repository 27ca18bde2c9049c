//! The rules that span executions: who exists, what runs, and what waits for what.

mod calls;
#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod dispatcher;
mod execution_id;
mod failure;
mod flights;
mod linked;
mod names;
mod output;
mod resident;
mod start;
mod timers;

pub use calls::CallId;
pub use dispatcher::Dispatcher;
pub use execution_id::ExecutionId;
pub use failure::Failure;
pub use linked::PlainCall;
pub use names::{ExecutionName, NamedExecution};
pub use output::{
    Answer, Append, FunctionInvocation, Loaded, NewExecution, Output, StartedExecution, StatusChange,
};
pub use start::{StartRequest, input_digest};
