//! The dispatcher: the rules that span executions.

mod after_deletion;
mod calls;
mod chained_invoke;
mod counts;
mod deletion;
mod deliveries;
#[expect(clippy::module_inception, reason = "each file is named after its main type")]
mod dispatcher;
mod execution_id;
mod failure;
mod loading;
mod names;
mod output;
mod resident;
mod slot;
mod start;
mod start_request;
mod timers;
mod wake_up;

pub use calls::CallId;
pub use counts::DispatcherCounts;
pub use dispatcher::Dispatcher;
pub use execution_id::ExecutionId;
pub use failure::Failure;
pub use names::{ExecutionName, NamedExecution};
pub use output::{
    Answer, Append, FunctionInvocation, Loaded, NewExecution, Output, PlainCall, StartedExecution,
    StatusChange,
};
pub use start_request::{StartRequest, input_digest};
pub use wake_up::WakeUp;
