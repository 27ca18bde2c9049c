//! One small machine per kind of operation, and what they have in common.

mod callback;
mod context;
mod decision;
mod ended;
mod header;
mod invoke;
mod live;
mod machine;
mod operation_result;
mod progress;
mod remote;
mod resumed;
mod step;
mod transition;
mod wait;
mod wait_for_condition;

pub(crate) use header::OperationHeader;
pub(crate) use live::{LiveOperation, LiveOperations};
pub(crate) use machine::Machine;
pub(crate) use operation_result::OperationResult;
pub use progress::Progress;
pub(crate) use resumed::Resumed;
pub(crate) use transition::Transition;
