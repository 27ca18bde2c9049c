//! The spans of a timeline.

mod attempt;
mod detail;
mod execution;
mod invocation;
mod operation;
mod progress;
mod segment;

pub use attempt::{Attempt, AttemptOutcome};
pub use detail::Detail;
pub use execution::{ExecutionSpan, Pause};
pub use invocation::InvocationSpan;
pub use operation::OperationSpan;
pub use progress::Progress;
pub use segment::{Activity, Segment};
