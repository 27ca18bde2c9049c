//! The trait of log stores.

use std::pin::Pin;

use super::line::LogLine;
use super::query::{LogPage, LogQuery};
use crate::store::StoreError;

/// Stores the output of functions. Unlike events, lines may be lost, because logging must not delay checkpoints.
pub trait LogStore: Send + Sync + 'static {
    /// Appends a line without blocking. A line that cannot be queued is dropped, and a later line reports how many
    /// were.
    fn write(&self, line: LogLine);

    /// Appends a line that reports `dropped` lines lost before they reached the log. If this line is dropped as well,
    /// the log counts those lines instead of it.
    fn write_gap(&self, line: LogLine, dropped: u64) {
        let _ = dropped;
        self.write(line);
    }

    /// Appends lines without dropping any, and waits until they are stored.
    fn import(
        &self,
        lines: Vec<LogLine>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + '_>>;

    /// Reads lines, including all lines written before this call.
    fn read(&self, query: LogQuery)
    -> Pin<Box<dyn Future<Output = Result<LogPage, StoreError>> + Send + '_>>;

    /// Deletes the lines of a deleted execution.
    fn forget(&self, execution_arn: &str);

    /// Closes the log after all lines written so far are stored. Later lines are lost.
    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
