//! One serial lane per execution: everything that happens to an execution happens there, one thing after the other.

mod call;
mod deletion;
mod failure;
mod handle;
mod invocation;
mod lanes;
mod message;
mod patience;
mod progress;
mod record;
mod retry;
mod seat;
mod task;
mod under_way;

pub use failure::LaneFailure;
pub(crate) use lanes::{Lanes, Start, StartFailure};
pub use progress::ClosedExecution;
pub(crate) use progress::{Progress, Standing};
pub(crate) use record::{input_digest, parse, row};
pub(crate) use task::FAILED_INVOCATIONS;
