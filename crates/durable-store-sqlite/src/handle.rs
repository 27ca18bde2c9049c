//! The handle of the store.

use std::path::Path;
use std::sync::Arc;

use durable_host::store::{Append, ExecutionFilter, ExecutionPage, ExecutionRow, Expiry, Unfinished};
use durable_types::Timestamp;
use prometheus_client::registry::Registry;
use rusqlite::Connection;

use super::background_check::{BackgroundCheck, Verdict};
use super::database::Database;
use super::error::StoreError;
use super::event_table;
use super::folder::DataFolder;
use super::list;
use super::queue_collector::QueueCollector;
use super::reader::{self, Reader};
use super::writer::{Work, Writer};

/// The record of all executions in one data folder: their rows, and their events in order.
///
/// It is a handle that is cheap to clone. Dropping the last clone waits until everything is written, and then releases
/// the folder for another service.
///
/// The store knows no rules of the service: events are opaque text without line feeds.
#[derive(Clone, Debug)]
pub struct Store {
    open: Arc<OpenStore>,
}

// Fields are dropped in this order: the writer finishes and closes the file before the folder is released. It must be the
// last to close the file, because only a connection that can write checkpoints the log and removes it.
#[derive(Debug)]
struct OpenStore {
    reader: Arc<Reader>,
    check: Option<BackgroundCheck>,
    writer: Writer,
    folder: DataFolder,
}

impl Drop for OpenStore {
    /// Ends the check, which decides how the next opening checks the file.
    fn drop(&mut self) {
        match self.check.take().map(BackgroundCheck::end) {
            Some(Verdict::Unknown) => self.folder.note_unchecked(),
            Some(Verdict::Damaged) => self.folder.note_damaged(),
            Some(Verdict::Sound) | None => {}
        }
    }
}

impl Store {
    /// Opens the record in this folder, creating both if they are missing.
    ///
    /// A file that is not as a store closed it, for example a copy, is checked completely first; a large one that a crash
    /// left is checked in the background. If that finds damage, nothing more is recorded.
    ///
    /// # Errors
    /// When the folder is not a folder, cannot be written or is in use by another service, and when the file in it is
    /// damaged, foreign or newer than this version. Each case has a variant, and none changes anything.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let mut claimed = DataFolder::claim(folder)?;
        let (database, connection) = Database::open(&claimed)?;
        let reader = Arc::new(Reader::new(database.clone()));
        let is_unchecked = database.is_unchecked(claimed.origin());
        let check = is_unchecked.then(|| BackgroundCheck::start(database.clone())).transpose()?;
        let writer = Writer::start(database, connection)
            .map_err(|error| StoreError::Io { folder: folder.to_owned(), source: Arc::new(error) })?;
        claimed.note_opened()?;
        Ok(Self { open: Arc::new(OpenStore { reader, check, writer, folder: claimed }) })
    }

    /// Records events. Once it returns, they survive a crash and a power loss.
    ///
    /// Appends that wait at the same time share a transaction. An append may be recorded even if its future is dropped.
    ///
    /// # Errors
    /// When the events do not follow those recorded, when one contains a line feed, when the execution is not recorded or,
    /// for a creation, already is, and when they cannot be written. Nothing of the append is recorded then, unless the disk
    /// reported a failure while it was written: whether it was recorded shows on the next start.
    pub async fn append(&self, append: Append) -> Result<(), StoreError> {
        self.open.writer.write(Work::Append(Box::new(append))).await
    }

    /// Deletes an execution and its events, durably. Its name can be used again then.
    ///
    /// # Errors
    /// When the execution is not recorded, or when the deletion cannot be written.
    pub async fn delete(&self, execution_id: &str) -> Result<(), StoreError> {
        self.open.writer.write(Work::Delete(execution_id.to_owned())).await
    }

    /// Returns the number of transactions committed since the store was opened.
    pub fn commits(&self) -> u64 {
        self.open.writer.metrics().commits()
    }

    /// Adds the metrics of this store to a registry: commits, their sizes and durations, and the queue in front of them.
    ///
    /// The registry does not keep the store open.
    ///
    /// ```
    /// use durable_store_sqlite::Store;
    /// use prometheus_client::encoding::text::encode;
    /// use prometheus_client::registry::Registry;
    ///
    /// fn metrics(store: &Store) -> Result<String, std::fmt::Error> {
    ///     let (mut registry, mut text) = (Registry::default(), String::new());
    ///     store.register_metrics(&mut registry);
    ///     encode(&mut text, &registry)?;
    ///     Ok(text)
    /// }
    /// ```
    pub fn register_metrics(&self, registry: &mut Registry) {
        self.open.writer.metrics().register(registry);
        if let Some(queue) = self.open.writer.queue() {
            registry.register_collector(Box::new(QueueCollector(queue)));
        }
    }

    /// Reads the executions that have not ended, in the order in which they were recorded.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        self.read(reader::unfinished).await
    }

    /// Reads at most `limit` executions that have expired by now, in the order of expiry.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn expired(&self, now: Timestamp, limit: u32) -> Result<Vec<ExecutionRow>, StoreError> {
        self.read(move |connection| reader::expired(connection, now, limit)).await
    }

    /// Reads the positions of at most `limit` executions that have expired by now, in the order of expiry, after the last
    /// one found before.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn expired_behind(
        &self,
        now: Timestamp,
        last: Option<Expiry>,
        limit: u32,
    ) -> Result<Vec<Expiry>, StoreError> {
        self.read(move |connection| reader::expired_behind(connection, now, last, limit)).await
    }

    /// Reads the execution at this position, or `None` if it was deleted meanwhile.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution_at(&self, expiry: Expiry) -> Result<Option<ExecutionRow>, StoreError> {
        self.read(move |connection| reader::execution(connection, "key = ?1", [expiry.key])).await
    }

    /// Reads the execution with this id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution(&self, execution_id: &str) -> Result<Option<ExecutionRow>, StoreError> {
        let execution_id = execution_id.to_owned();
        self.read(move |connection| reader::execution(connection, "execution_id = ?1", [execution_id])).await
    }

    /// Reads the execution with this ARN. It is looked up by the id with which the ARN ends.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution_by_arn(&self, arn: &str) -> Result<Option<ExecutionRow>, StoreError> {
        let Some((_, execution_id)) = arn.rsplit_once('/') else { return Ok(None) };
        let found = self.execution(execution_id).await?;
        Ok(found.filter(|row| row.arn == arn))
    }

    /// Reads the execution with this name, of which a function has at most one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution_by_name(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<ExecutionRow>, StoreError> {
        let (function, name) = (function_name.to_owned(), execution_name.to_owned());
        self.read(move |connection| reader::execution_by_name(connection, &function, &name)).await
    }

    /// Reads a page of at most `limit` executions that pass the filter, ordered by start time.
    ///
    /// The time it takes depends on the limit and on the number of functions, versions and statuses, or, for a name, of
    /// functions with executions of that name. It hardly depends on the number of executions, except that executions
    /// which started in the same microsecond are skipped one by one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn list(&self, filter: ExecutionFilter, limit: usize) -> Result<ExecutionPage, StoreError> {
        self.read(move |connection| list::page(connection, &filter, limit)).await
    }

    /// Reads at most `limit` executions, of one function or of all, whose names or ids start with a prefix.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn beginning_with(
        &self,
        prefix: &str,
        function_name: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ExecutionRow>, StoreError> {
        let (prefix, function_name) = (prefix.to_owned(), function_name.map(str::to_owned));
        self.read(move |connection| {
            list::beginning_with(connection, &prefix, function_name.as_deref(), limit)
        })
        .await
    }

    /// Reads the events of an execution after a sequence number, in order; all of them after 0.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn events(&self, execution_id: &str, after_sequence: u64) -> Result<Vec<String>, StoreError> {
        self.events_page(execution_id, after_sequence, u64::MAX).await
    }

    /// Reads at most `limit` events of an execution after a sequence number, in order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn events_page(
        &self,
        execution_id: &str,
        after_sequence: u64,
        limit: u64,
    ) -> Result<Vec<String>, StoreError> {
        let execution_id = execution_id.to_owned();
        self.read(move |connection| event_table::events(connection, &execution_id, after_sequence, limit))
            .await
    }

    /// Reads at most `limit` events of an execution, the last one first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn last_events(&self, execution_id: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let execution_id = execution_id.to_owned();
        self.read(move |connection| event_table::last_events(connection, &execution_id, limit)).await
    }

    /// Runs a read on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.open.reader);
        let turn = reader.turn().await;
        tokio::task::spawn_blocking(move || reader.read(turn, query)).await.map_err(|_| StoreError::Closed)?
    }
}
