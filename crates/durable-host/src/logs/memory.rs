//! A log in memory.

use std::collections::VecDeque;
use std::future::ready;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use super::line::LogLine;
use super::log_store::LogStore;
use super::query::{LogPage, LogQuery};
use crate::store::StoreError;

/// A log in memory that keeps the newest lines.
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
    /// Creates a log that keeps about `max_bytes` of text. The oldest lines are removed first.
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
            lines.bytes = lines.bytes.saturating_add(line.text.len());
            lines.numbered.push_back((lines.last, line));
            while lines.bytes > self.max_bytes
                && let Some((_, oldest)) = lines.numbered.pop_front()
            {
                lines.bytes = lines.bytes.saturating_sub(oldest.text.len());
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
            let found =
                lines.numbered.iter().filter(|(number, line)| *number > query.after && query.matches(line));
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
            lines.bytes = lines.numbered.iter().map(|(_, line)| line.text.len()).sum();
        });
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(ready(()))
    }
}
