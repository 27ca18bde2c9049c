//! The handle of the log.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use durable_host::logs::{LogLine, LogPage, LogQuery};
use durable_host::store::{StoreError, StoreErrorKind};
use prometheus_client::registry::Registry;

use super::error::LogError;
use super::file::LogFile;
use super::search::Search;
use super::writer::Writer;

/// The log of the output of functions. Clones share it.
#[derive(Clone, Debug)]
pub struct LogStore {
    open: Arc<OpenLog>,
}

#[derive(Debug)]
struct OpenLog {
    writer: Writer,
    file: LogFile,
}

impl LogStore {
    /// Opens the log in an existing folder, and keeps at most about `max_bytes`.
    ///
    /// A damaged file is renamed and replaced by an empty one.
    pub fn open(folder: &Path, max_bytes: u64) -> Result<Self, LogError> {
        let (file, connection) = LogFile::open(folder)?;
        let writer = Writer::start(connection, max_bytes)?;
        Ok(Self { open: Arc::new(OpenLog { writer, file }) })
    }

    /// Adds the metrics of this log to a registry: the lines that wait to be written, and those that were dropped.
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.open.writer.register_metrics(registry);
    }

    /// Adds a line. It never blocks: a line that cannot be queued is dropped, and a line in the log says how many were.
    pub fn write(&self, line: LogLine) {
        self.open.writer.write(line);
    }

    /// Adds a line that stands for others, which were dropped before they reached the log. If it cannot be queued, these
    /// are counted as dropped instead of it.
    pub fn write_gap(&self, line: LogLine, dropped: u64) {
        self.open.writer.write_for(line, dropped);
    }

    /// Adds lines without dropping any, and waits until they are in the file.
    pub async fn import(&self, lines: Vec<LogLine>) -> Result<(), LogError> {
        let open = Arc::clone(&self.open);
        let import = move || open.writer.import(lines)?.map_err(|error| open.file.failure(error));
        tokio::task::spawn_blocking(import).await.map_err(|_| LogError::Closed)?
    }

    /// Removes the lines of an execution that is deleted.
    pub fn forget(&self, execution: &str) {
        self.open.writer.forget(execution.to_owned());
    }

    /// Closes the file after writing everything so far. Later lines are lost.
    pub async fn close(&self) {
        let open = Arc::clone(&self.open);
        // It fails when the runtime shuts down, and then nothing waits for it.
        let _ = tokio::task::spawn_blocking(move || open.writer.close()).await;
    }

    /// Reads lines, including all that were written before.
    pub async fn read(&self, query: LogQuery) -> Result<LogPage, LogError> {
        let search = Search::new(query);
        let open = Arc::clone(&self.open);
        let read = move || {
            open.writer.flush()?;
            let connection = open.file.open_reader()?;
            search.read(&connection).map_err(|error| open.file.failure(error))
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| LogError::Closed)?
    }
}

impl durable_host::logs::LogStore for LogStore {
    fn write(&self, line: LogLine) {
        self.write(line);
    }

    fn write_gap(&self, line: LogLine, dropped: u64) {
        self.write_gap(line, dropped);
    }

    fn import(
        &self,
        lines: Vec<LogLine>,
    ) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + '_>> {
        Box::pin(async move { self.import(lines).await.map_err(transient) })
    }

    fn read(
        &self,
        query: LogQuery,
    ) -> Pin<Box<dyn Future<Output = Result<LogPage, StoreError>> + Send + '_>> {
        Box::pin(async move { self.read(query).await.map_err(transient) })
    }

    fn forget(&self, execution_arn: &str) {
        self.forget(execution_arn);
    }

    fn close(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.close())
    }
}

fn transient(error: LogError) -> StoreError {
    StoreError::new(StoreErrorKind::Transient, error)
}

#[cfg(test)]
mod tests {
    use durable_types::Timestamp;

    use super::*;
    use durable_host::logs::Pattern;

    const PLENTY: u64 = 1024 * 1024;

    fn line(at: i64, function: &str, execution: Option<&str>, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::from_millis(at),
            function: function.to_owned(),
            stream: "process/1".to_owned(),
            request_id: None,
            execution: execution.map(str::to_owned),
            text: text.to_owned(),
        }
    }

    fn query() -> LogQuery {
        LogQuery { limit: 10_000, ..LogQuery::default() }
    }

    async fn texts(log: &LogStore, query: LogQuery) -> Vec<String> {
        log.read(query).await.unwrap().lines.into_iter().map(|(_, line)| line.text).collect()
    }

    #[tokio::test]
    async fn lines_are_found_by_function_execution_time_and_pattern() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), PLENTY).unwrap();
        log.write(line(1, "order", Some("a"), "one"));
        log.write(line(2, "order", Some("b"), "two"));
        log.write(line(3, "tax", None, "three"));

        let of = |query| texts(&log, query);

        assert_eq!(of(query()).await, ["one", "two", "three"]);
        assert_eq!(of(LogQuery { function: Some("order".to_owned()), ..query() }).await, ["one", "two"]);
        assert_eq!(of(LogQuery { execution: Some("b".to_owned()), ..query() }).await, ["two"]);
        assert_eq!(of(LogQuery { start: Some(2), end: Some(2), ..query() }).await, ["two"]);
        let of_streams =
            async |prefix: &str| of(LogQuery { stream_prefix: Some(prefix.to_owned()), ..query() }).await;
        assert_eq!((of_streams("proc").await.len(), of_streams("rocess/1").await.len()), (3, 0));
        assert_eq!(of(LogQuery { pattern: Pattern::parse("t").unwrap(), ..query() }).await, ["two", "three"]);
    }

    #[tokio::test]
    async fn the_lines_of_an_execution_that_is_deleted_go_and_no_others() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), PLENTY).unwrap();
        log.write(line(1, "order", Some("a"), "one"));
        log.write(line(2, "order", Some("b"), "two"));
        log.write(line(3, "order", None, "three"));

        log.forget("a");
        log.write(line(4, "order", Some("a"), "of another execution with this name"));

        assert_eq!(texts(&log, query()).await, ["two", "three", "of another execution with this name"]);
    }

    #[tokio::test]
    async fn an_import_larger_than_the_queue_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), 64 * PLENTY).unwrap();
        let lines = (0..2_000).map(|index| line(index, "order", None, &"x".repeat(8 * 1024)));

        log.import(lines.collect()).await.unwrap();
        let last = LogQuery { limit: 40, after: 1_990, ..query() };

        assert_eq!(texts(&log, last).await.len(), 10);
    }

    #[tokio::test]
    async fn lines_beyond_the_queue_are_counted_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), 256 * PLENTY).unwrap();

        (0..100).for_each(|index| log.write(line(index, "order", Some("a"), &"x".repeat(256 * 1024))));
        let gaps = LogQuery { pattern: Pattern::parse("dropped").unwrap(), ..query() };
        let gaps = texts(&log, LogQuery { execution: Some("a".to_owned()), ..gaps }).await;
        let mut written = 0;
        let mut all = query();
        while let Some(next) = {
            let page = log.read(all.clone()).await.unwrap();
            written += page.lines.len();
            page.next
        } {
            all.after = next;
        }

        let dropped: usize =
            gaps.iter().map(|gap| gap.split(' ').nth(2).unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(written - gaps.len() + dropped, 100, "{gaps:?}");
    }

    #[tokio::test]
    async fn pages_hold_every_line_once() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), PLENTY).unwrap();
        (0..2_500).for_each(|index| log.write(line(index, "order", None, &format!("{index} x"))));
        let mut read = Vec::new();

        let mut query = LogQuery { limit: 700, pattern: Pattern::parse("x").unwrap(), ..query() };
        loop {
            let page = log.read(query.clone()).await.unwrap();
            read.extend(page.lines.into_iter().map(|(_, line)| line.at.as_millis()));
            let Some(next) = page.next else { break };
            query.after = next;
        }

        assert_eq!(read, (0..2_500).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn the_oldest_lines_are_removed_when_the_file_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), 200_000).unwrap();

        let lines = (0..2_000).map(|index| line(index, "order", None, &"x".repeat(1_000)));
        log.import(lines.collect()).await.unwrap();
        let kept = log.read(query()).await.unwrap().lines;

        assert_eq!(kept.last().unwrap().1.at.as_millis(), 1_999);
        assert!((50..200).contains(&kept.len()), "{}", kept.len());
        let size = std::fs::metadata(folder.path().join("logs.sqlite3")).unwrap().len();
        assert!(size < 2_000_000, "{size}");
    }

    #[tokio::test]
    async fn lines_are_there_after_a_restart_and_a_damaged_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogStore::open(folder.path(), PLENTY).unwrap();
        log.write(line(1, "order", None, "one"));
        drop(log);

        let log = LogStore::open(folder.path(), PLENTY).unwrap();
        let after_restart = texts(&log, query()).await;
        drop(log);
        std::fs::write(folder.path().join("logs.sqlite3"), "no database, however long".repeat(100)).unwrap();
        let log = LogStore::open(folder.path(), PLENTY).unwrap();

        assert_eq!(after_restart, ["one"]);
        assert_eq!(texts(&log, query()).await, [""; 0]);
        assert!(folder.path().join("logs.sqlite3.damaged").exists());
    }
}
