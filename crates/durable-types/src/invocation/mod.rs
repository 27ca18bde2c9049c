//! The payload and the response of an invocation.

mod input;
mod output;

pub use input::{InitialExecutionState, InvocationInput};
pub use output::InvocationOutput;
