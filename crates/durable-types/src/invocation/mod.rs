//! What a function receives when it is invoked, and what it answers.

mod input;
mod output;

pub use input::{InitialExecutionState, InvocationInput};
pub use output::InvocationOutput;
