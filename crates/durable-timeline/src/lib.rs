//! What happened in a durable execution, as spans.
//!
//! A [`Timeline`] is an incremental fold of the history of an execution, or of its recorded operations: the execution,
//! its invocations, and a tree of operations with their attempts, waits, errors and [kinds](Kind), and what each of
//! them is [waiting for](WaitingFor). Each event returns the [`Change`] it made, for displays that follow an execution.
//! It works for histories of any SDK. Every event costs the same, however many operations there are.
//!
//! [`text`] renders timelines as plain text, and [`trace`] as the spans of a trace.
//!
//! The crate reads no clock and does no I/O.

mod change;
mod fold;
mod kind;
mod label;
mod operations;
mod span;
pub mod text;
mod timeline;
pub mod trace;
mod waiting_for;
mod waits;
mod walk;

pub use change::Change;
pub use kind::{Kind, Parent};
pub use label::Label;
pub use span::{
    Activity, Attempt, AttemptOutcome, Detail, ExecutionSpan, InvocationSpan, OperationSpan, Pause, Progress,
    Segment,
};
pub use timeline::Timeline;
pub use waiting_for::WaitingFor;
pub use waits::Waits;
pub use walk::Walk;

#[cfg(test)]
mod tests;
