//! What the expansions of the attribute macros name; not for use by hand.

mod checks;
mod failure;
mod fallible;

pub use checks::{is_event, is_output, is_send, is_state};
pub use durable_core::macro_support::{Plain, Probe, Typed};
pub use failure::{Failure, Other, is_failure};
pub use fallible::{BodyFuture, Fallible, HandlerFuture};
