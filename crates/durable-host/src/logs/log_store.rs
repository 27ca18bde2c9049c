//! The trait of stores of logs.

use std::pin::Pin;

use super::line::LogLine;
use super::query::{LogPage, LogQuery};
use crate::store::StoreError;

/// Keeps what functions print. Unlike events, lines may be lost: they must not delay checkpoints.
pub trait LogStore: Send + Sync + 'static {
    /// Adds a line. It may block the thread while much waits to be written, so call it from threads that may block.
    fn write(&self, line: LogLine);

    /// Reads lines, including those written just before.
    fn read(&self, query: LogQuery)
    -> Pin<Box<dyn Future<Output = Result<LogPage, StoreError>> + Send + '_>>;

    /// Removes the lines of an execution that is deleted.
    fn forget(&self, execution_arn: &str);

    /// Closes the log once everything written so far is in it. Later lines are lost.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
