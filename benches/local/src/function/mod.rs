//! The measured functions: the same steps, written with each SDK.

mod lambda;
mod restate;

pub use lambda::serve_lambda;
pub use restate::{RESTATE_ADDRESS, serve_restate};
