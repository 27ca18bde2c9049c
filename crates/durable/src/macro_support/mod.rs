//! Items that the expansions of the attribute macros refer to; not meant to be used directly.

mod checks;
mod fallible;

pub use checks::{is_event, is_failure, is_output, is_send, is_state};
pub use fallible::{BodyFuture, Fallible, HandlerFuture};
