//! The output of functions, line by line, in a file of its own.
//!
//! It is not part of the record: lines are written without waiting for the disk, so they cost checkpoints nothing, and
//! the oldest lines are removed when the file is full.

mod byte_budget;
mod error;
mod file;
mod schema;
mod search;
mod store;
mod writer;

pub use error::LogError;
pub use store::LogStore;

pub use durable_host::logs::{InvalidPattern, LogLine, LogPage, LogQuery, Pattern};
