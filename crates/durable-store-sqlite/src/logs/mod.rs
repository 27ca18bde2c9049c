//! The output of functions, line by line, in a file of its own.
//!
//! It is not part of the record: lines are written without waiting for the disk, so they cost checkpoints nothing, and
//! the oldest lines are removed when the file is full.

mod error;
mod file;
mod line;
mod pattern;
mod query;
mod room;
mod store;
mod writer;

pub use error::LogError;
pub use line::LogLine;
pub use pattern::{InvalidPattern, Pattern};
pub use query::{LogPage, LogQuery};
pub use store::LogStore;
