//! Invocations of the function: which one is in flight, how they end, and when the next one begins.

mod handle;
mod invocations;
mod response;

pub(crate) use invocations::Invocations;
pub use response::response_too_large;
