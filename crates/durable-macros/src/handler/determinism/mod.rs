//! Finds code of a handler whose outcome differs when the handler is replayed.

mod bodies;
mod calls;
mod handler_code;
mod names;
mod operations;
mod scopes;
mod unordered;

pub(super) use handler_code::check;
