//! A local service for AWS Lambda durable functions: the durable API over HTTP, kept on disk.

mod api;
mod clock;
mod command;
pub mod function;
mod lane;
mod service;
pub mod store;

pub use command::run_command;
pub use lane::{ClosedExecution, LaneFailure};
pub use service::{
    ExecutionLost, ExecutionStart, ExecutionWatch, FunctionCode, FunctionDefinition, InProcessFunction,
    LocalService, Resume, Settings, StartError, StartedExecution,
};
