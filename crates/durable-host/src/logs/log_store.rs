//! The trait of stores of logs.

use std::pin::Pin;

use super::line::LogLine;
use super::query::{LogPage, LogQuery};
use crate::store::StoreError;

/// Keeps the output of functions. Unlike events, lines may be lost, because they must not delay checkpoints.
pub trait LogStore: Send + Sync + 'static {
    /// Adds a line. It never blocks: a line that cannot be queued is dropped, and a later line says how many were.
    fn write(&self, line: LogLine);

    /// Adds a line that stands for others, which were dropped before they reached the log. If it is dropped as well, these
    /// are counted instead of it.
    fn write_gap(&self, line: LogLine, dropped: u64) {
        let _ = dropped;
        self.write(line);
    }

    /// Adds lines without dropping any, and waits until they are stored.
    fn import(
        &self,
        lines: Vec<LogLine>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + '_>>;

    /// Reads lines, including all that were written before.
    fn read(&self, query: LogQuery)
    -> Pin<Box<dyn Future<Output = Result<LogPage, StoreError>> + Send + '_>>;

    /// Removes the lines of an execution that is deleted.
    fn forget(&self, execution_arn: &str);

    /// Closes the log once everything written so far is in it. Later lines are lost.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
