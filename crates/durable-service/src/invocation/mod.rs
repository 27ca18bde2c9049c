//! Invocations of the function: responses, failures and retries.

mod handle;
mod invocations;
mod response;

pub(crate) use invocations::Invocations;
pub use response::response_too_large;
