//! An in-memory log.

use std::collections::VecDeque;
use std::future::ready;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use super::line::LogLine;
use super::log_store::LogStore;
use super::query::{LogPage, LogQuery};
use crate::store::StoreError;

/// The approximate memory overhead of a line in addition to its text, in bytes.
const LINE_OVERHEAD_BYTES: usize = 512;

/// An in-memory log that keeps the newest lines.
#[derive(Debug)]
pub struct MemoryLog {
    max_bytes: usize,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    numbered: VecDeque<(i64, LogLine)>,
    last: i64,
    bytes: usize,
}

impl MemoryLog {
    /// Creates a log limited to about `max_bytes` of memory. The oldest lines are removed first.
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, lines: Mutex::default() }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Lines) -> R) -> R {
        f(&mut self.lines.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl LogStore for MemoryLog {
    fn write(&self, line: LogLine) {
        self.with(|lines| {
            lines.last = lines.last.saturating_add(1);
            lines.bytes = lines.bytes.saturating_add(bytes(&line));
            lines.numbered.push_back((lines.last, line));
            while lines.bytes > self.max_bytes
                && let Some((_, oldest)) = lines.numbered.pop_front()
            {
                lines.bytes = lines.bytes.saturating_sub(bytes(&oldest));
            }
        });
    }

    fn import(
        &self,
        lines: Vec<LogLine>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + '_>> {
        lines.into_iter().for_each(|line| self.write(line));
        Box::pin(ready(Ok(())))
    }

    fn read(
        &self,
        query: LogQuery,
    ) -> Pin<Box<dyn Future<Output = Result<LogPage, StoreError>> + Send + '_>> {
        let page = self.with(|lines| {
            let first = lines.numbered.partition_point(|(number, _)| *number <= query.after);
            let found = lines.numbered.range(first..).filter(|(_, line)| query.matches(line));
            let mut found: Vec<_> = found.take(query.limit.saturating_add(1)).cloned().collect();
            let is_more = found.len() > query.limit;
            found.truncate(query.limit);
            let next = found.last().filter(|_| is_more).map(|(number, _)| *number);
            LogPage { lines: found, next }
        });
        Box::pin(ready(Ok(page)))
    }

    fn forget(&self, execution_arn: &str) {
        self.with(|lines| {
            lines.numbered.retain(|(_, line)| line.execution.as_deref() != Some(execution_arn));
            lines.bytes = lines.numbered.iter().map(|(_, line)| bytes(line)).sum();
        });
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}

/// Returns the approximate memory use of a line. It is not zero for empty lines.
fn bytes(line: &LogLine) -> usize {
    line.text.len().saturating_add(LINE_OVERHEAD_BYTES)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use durable_types::Timestamp;

    use super::*;

    fn line(text: &str) -> LogLine {
        LogLine {
            at: Timestamp::EPOCH,
            function: "order".to_owned(),
            stream: "process/1".to_owned(),
            request_id: None,
            execution: None,
            text: text.to_owned(),
        }
    }

    fn numbers(log: &MemoryLog, after: i64) -> Vec<i64> {
        let query = LogQuery { after, limit: usize::MAX, ..LogQuery::default() };
        let read = pin!(log.read(query)).poll(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Ok(page)) = read else { panic!("it is read at once") };
        page.lines.into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn empty_lines_count_towards_the_size_of_the_log() {
        let log = MemoryLog::new(10 * LINE_OVERHEAD_BYTES);

        (0..1_000).for_each(|_| log.write(line("")));

        assert_eq!(numbers(&log, 0), (991..=1_000).collect::<Vec<_>>());
    }

    #[test]
    fn lines_are_read_after_a_number_whether_or_not_that_line_is_left() {
        let log = MemoryLog::new(10 * LINE_OVERHEAD_BYTES);
        (0..20).for_each(|_| log.write(line("")));

        assert_eq!(numbers(&log, 5).first(), Some(&11));
        assert_eq!(numbers(&log, 15).first(), Some(&16));
        assert_eq!(numbers(&log, 20), [0; 0]);
    }
}
