//! What functions wrote, line by line, kept in a file of its own.
//!
//! It is not part of the record: lines are written in passing and without waiting for the disk, so that they cost
//! checkpoints nothing, and the oldest go when the file is full.

mod book;
mod error;
mod file;
mod line;
mod pattern;
mod query;
mod room;
mod writer;

pub(crate) use book::LogBook;
pub use error::LogError;
pub(crate) use line::LogEvent;
pub(crate) use pattern::Pattern;
pub(crate) use query::LogQuery;
