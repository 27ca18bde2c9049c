//! The output of functions, line by line, and the trait of the stores that persist it.

mod line;
mod log_store;
mod memory;
mod pattern;
mod query;

pub use line::LogLine;
pub use log_store::LogStore;
pub use memory::MemoryLog;
pub use pattern::{InvalidPattern, Pattern};
pub use query::{LogPage, LogQuery};
