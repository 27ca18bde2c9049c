//! What the expansions of the attribute macros name; not for use by hand.

mod checks;
mod fallible;

pub use checks::{is_event, is_failure, is_output, is_send, is_state};
pub use fallible::{BodyFuture, Fallible, HandlerFuture};
