//! The store as the service sees it.

use std::path::Path;
use std::sync::Arc;

use durable_host::store::{Append, ExecutionFilter, ExecutionPage, ExecutionRow, Expiry};
use durable_types::Timestamp;
use rusqlite::Connection;

use super::database::Database;
use super::error::StoreError;
use super::folder::DataFolder;
use super::list;
use super::reader::{self, Reader};
use super::writer::{Work, Writer};

/// The record of all executions in one data folder: their rows, and their events in order.
///
/// It is a handle that is cheap to clone. The folder is free for another service when the last clone is dropped,
/// which waits until all that was asked for is written.
///
/// The store knows no rule of the service: an event is a text to it.
#[derive(Clone, Debug)]
pub struct Store {
    open: Arc<OpenStore>,
}

// Dropped in this order: the writer finishes and closes the file before the folder is given up. The last to close it
// empties the log into it and takes that away, which only who writes can do.
#[derive(Debug)]
struct OpenStore {
    reader: Arc<Reader>,
    writer: Writer,
    _folder: DataFolder,
}

impl Store {
    /// Opens the record in this folder, and creates both if they are missing.
    ///
    /// # Errors
    /// When the folder is not one, cannot be written or belongs to a running service, and when the file in it is
    /// damaged, foreign or newer than this version: each has its variant, and none changes anything.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let folder_lock = DataFolder::claim(folder)?;
        let (database, connection) = Database::open(&folder_lock)?;
        let reader = Arc::new(Reader::new(database.clone()));
        let writer = Writer::start(database, connection)
            .map_err(|error| StoreError::Io { folder: folder.to_owned(), source: Arc::new(error) })?;
        Ok(Self { open: Arc::new(OpenStore { reader, writer, _folder: folder_lock }) })
    }

    /// Records events; once it returns, they survive any crash and a loss of power.
    ///
    /// Appends that wait at the same time share a transaction. An append whose future is dropped may be recorded
    /// nevertheless.
    ///
    /// # Errors
    /// When the events do not follow those recorded, the execution is not recorded or already is, or when they
    /// could not be written. Nothing of the append is recorded then, unless writing itself reported a failure of
    /// the disk: then the next start shows whether it was.
    pub async fn append(&self, append: Append) -> Result<(), StoreError> {
        self.open.writer.write(Work::Append(Box::new(append))).await
    }

    /// Forgets an execution and everything about it; once it returns, that survives any crash. Its name is free then.
    ///
    /// # Errors
    /// When the execution is not recorded, or when that could not be written.
    pub async fn delete(&self, execution_id: &str) -> Result<(), StoreError> {
        self.open.writer.write(Work::Delete(execution_id.to_owned())).await
    }

    /// How many transactions were committed since the store was opened.
    pub fn commits(&self) -> u64 {
        self.open.writer.commits()
    }

    /// The executions that have not ended, in the order in which they were started.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn unfinished(&self) -> Result<Vec<ExecutionRow>, StoreError> {
        self.read(|connection| reader::executions(connection, "ended_at IS NULL AND imported = 0", ())).await
    }

    /// At most `limit` of the executions that may be forgotten by now, the first to expire first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn expired(&self, now: Timestamp, limit: u32) -> Result<Vec<ExecutionRow>, StoreError> {
        self.read(move |connection| reader::expired(connection, now, limit)).await
    }

    /// Where at most `limit` executions stand that may be forgotten by now, the first to expire first, behind the last
    /// one of those that were found before.
    pub async fn expired_behind(
        &self,
        now: Timestamp,
        last: Option<Expiry>,
        limit: u32,
    ) -> Result<Vec<Expiry>, StoreError> {
        self.read(move |connection| reader::expired_behind(connection, now, last, limit)).await
    }

    /// The execution that stands there; none if it was deleted meanwhile.
    pub async fn execution_at(&self, expiry: Expiry) -> Result<Option<ExecutionRow>, StoreError> {
        self.read(move |connection| reader::execution(connection, "key = ?1", [expiry.key])).await
    }

    /// The execution with this id.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution(&self, execution_id: &str) -> Result<Option<ExecutionRow>, StoreError> {
        let execution_id = execution_id.to_owned();
        self.read(move |connection| reader::execution(connection, "execution_id = ?1", [execution_id])).await
    }

    /// The execution with this ARN.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution_by_arn(&self, arn: &str) -> Result<Option<ExecutionRow>, StoreError> {
        let arn = arn.to_owned();
        self.read(move |connection| reader::execution(connection, "arn = ?1", [arn])).await
    }

    /// The execution of this name, of which a function has at most one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn execution_by_name(
        &self,
        function_name: &str,
        execution_name: &str,
    ) -> Result<Option<ExecutionRow>, StoreError> {
        let names = [function_name.to_owned(), execution_name.to_owned()];
        self.read(move |connection| {
            reader::execution(connection, "function_name = ?1 AND execution_name = ?2", names)
        })
        .await
    }

    /// A page of at most `limit` of the executions that pass the filter.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn list(&self, filter: ExecutionFilter, limit: usize) -> Result<ExecutionPage, StoreError> {
        self.read(move |connection| list::page(connection, &filter, limit)).await
    }

    /// The events of an execution behind a sequence number, in order; all of them behind 0.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn events(&self, execution_id: &str, after_sequence: u64) -> Result<Vec<String>, StoreError> {
        self.events_page(execution_id, after_sequence, u64::MAX).await
    }

    /// At most `limit` of the events of an execution behind a sequence number, in order.
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
        self.read(move |connection| reader::events(connection, &execution_id, after_sequence, limit)).await
    }

    /// Reads on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = Arc::clone(&self.open.reader);
        let turn = reader.turn().await;
        tokio::task::spawn_blocking(move || reader.read(turn, query)).await.map_err(|_| StoreError::Closed)?
    }
}
