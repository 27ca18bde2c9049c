//! Detects code of a handler whose outcome differs on replay.

mod bodies;
mod calls;
mod handler_code;
mod names;
mod operations;
mod scopes;
mod unordered;

pub(super) use handler_code::check;
