//! Invocations of the function: which one is in flight, how they end, and when the next one begins.

mod answer;
mod handle;
mod invocations;

pub use answer::answer_too_large;
pub(crate) use invocations::Invocations;
