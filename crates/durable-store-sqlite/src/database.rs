//! The SQLite file: how it is opened, checked and laid out.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::StoreError;
use super::folder::DataFolder;
use super::{schema, write_ahead_log};
use crate::private_file;

/// Files up to this size are checked whole on opening. Larger ones would delay the start; SQLite still finds them
/// truncated on opening, and other damage when it reads the page.
const CHECKED_WHOLE_BYTES: u64 = 32 * 1024 * 1024;

/// How long a command-line tool that looks into the file may hold up the service.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Kilobytes of pages that a connection keeps which reads. It reads most of them once.
const READER_CACHE: i64 = 256;

/// The database of a data folder, checked and laid out.
#[derive(Clone, Debug)]
pub(super) struct Database {
    file: PathBuf,
    log: PathBuf,
    lock: PathBuf,
    /// Which files these are, once the database is open. Nobody replaces the log before the last connection is closed.
    opened: Option<[FileId; 3]>,
}

/// What tells files apart that have the same name one after the other: the device and the number of each there.
type FileId = (u64, u64);

impl Database {
    /// Opens the folder's database, creating it if there is none, and gives the one connection that writes.
    ///
    /// # Durability
    /// In WAL mode a commit appends the changed pages and a commit mark to the log, and `synchronous = FULL` waits
    /// for one `fsync` of that log before the commit returns. So what was acknowledged survives a crash of the
    /// process, of the system, and a loss of power; a commit that was cut short has no valid mark and is ignored on
    /// the next opening. `NORMAL` would leave that `fsync` out and lose the latest commits with the power. `EXTRA`
    /// adds nothing in WAL mode. The cost, one `fsync` per commit, is shared by all appends of the commit.
    /// `fullfsync` asks macOS to empty the drive's cache too, which its `fsync` does not.
    pub(super) fn open(folder: &DataFolder) -> Result<(Self, Connection), StoreError> {
        let (file, log, lock) = (folder.database_file(), folder.log_file(), folder.lock_file());
        let mut database = Self { file, log, lock, opened: None };
        // SQLite reads the log as soon as it opens the file.
        database.check_log()?;
        database.create_file()?;
        let connection = Connection::open(&database.file)
            .and_then(|connection| connection.busy_timeout(BUSY_TIMEOUT).map(|()| connection))
            .map_err(|error| database.failure(error))?;
        database.check(&connection)?;
        database.tune(&connection)?;
        database.lay_out(&connection)?;
        folder.sync()?;
        database.opened = database.found();
        Ok((database, connection))
    }

    /// Opens one more connection, which can only read.
    pub(super) fn open_reader(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE)?;
        Ok(connection)
    }

    /// Refuses to go on with a file or a log that was deleted or moved away, because what is written there is lost, and
    /// without the lock, because another service may have the file now.
    pub(super) fn check_place(&self) -> Result<(), StoreError> {
        if self.opened.is_some() && self.found() == self.opened {
            return Ok(());
        }
        Err(StoreError::Moved { file: self.file.clone() })
    }

    /// Says what an error of SQLite means to whoever runs the service.
    pub(super) fn failure(&self, error: rusqlite::Error) -> StoreError {
        let file = self.file.clone();
        if is_unreadable(&error) {
            return StoreError::Damaged { file, detail: error.to_string() };
        }
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full { file },
            Some(ErrorCode::NotADatabase) => StoreError::NotAStore { file },
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { file, detail: error.to_string() },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                StoreError::ReadOnly { folder: self.folder(), source: Arc::new(error) }
            }
            _ => StoreError::Database { file, source: Arc::new(error) },
        }
    }

    /// Creates the file with permissions that SQLite also gives to its log and its index.
    fn create_file(&self) -> Result<(), StoreError> {
        private_file::create_empty(&self.file).map_err(|error| match error.kind() {
            ErrorKind::StorageFull => StoreError::Full { file: self.file.clone() },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly { folder: self.folder(), source: Arc::new(error) }
            }
            _ => StoreError::Io { folder: self.folder(), source: Arc::new(error) },
        })
    }

    /// Refuses a log that a crash has left and that something has damaged since.
    fn check_log(&self) -> Result<(), StoreError> {
        let checked = write_ahead_log::is_damaged(&self.log);
        let failed = |error| StoreError::Io { folder: self.folder(), source: Arc::new(error) };
        if checked.map_err(failed)? {
            let detail =
                "its write-ahead log, of the name that ends with -wal, is torn in the middle".to_owned();
            return Err(StoreError::Damaged { file: self.file.clone(), detail });
        }
        Ok(())
    }

    /// Refuses a file that is not ours, is newer than we are, or is damaged.
    fn check(&self, connection: &Connection) -> Result<(), StoreError> {
        if self.is_new(connection)? {
            return Ok(());
        }
        if self.pragma(connection, "application_id")? != schema::APPLICATION_ID {
            return Err(StoreError::NotAStore { file: self.file.clone() });
        }
        let found = self.pragma(connection, "user_version")?;
        let known = schema::version();
        if found > known {
            return Err(StoreError::Newer { file: self.file.clone(), found, known });
        }
        if fs::metadata(&self.file).is_ok_and(|file| file.len() > CHECKED_WHOLE_BYTES) {
            return Ok(());
        }
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| self.failure(error))?;
        if verdict == "ok" {
            return Ok(());
        }
        Err(StoreError::Damaged { file: self.file.clone(), detail: verdict.replace('\n', " ") })
    }

    fn tune(&self, connection: &Connection) -> Result<(), StoreError> {
        // SQLite opens a file it may not write for reading, and says so only here.
        if connection.is_readonly("main").map_err(|error| self.failure(error))? {
            let error = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
            return Err(StoreError::ReadOnly { folder: self.folder(), source: Arc::new(error) });
        }
        let mode: String = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .map_err(|error| self.failure(error))?;
        if mode != "wal" {
            let error = std::io::Error::other("its file system does not support SQLite's write-ahead log");
            return Err(StoreError::Io { folder: self.folder(), source: Arc::new(error) });
        }
        connection
            .execute_batch(
                "PRAGMA synchronous = FULL;
                 PRAGMA fullfsync = ON;
                 PRAGMA checkpoint_fullfsync = ON;
                 PRAGMA foreign_keys = ON;
                 PRAGMA journal_size_limit = 67108864;",
            )
            .map_err(|error| self.failure(error))
    }

    fn lay_out(&self, connection: &Connection) -> Result<(), StoreError> {
        let version = if self.is_new(connection)? { 0 } else { self.pragma(connection, "user_version")? };
        match schema::upgrade(version) {
            Some(batch) => connection.execute_batch(&batch).map_err(|error| self.failure(error)),
            None => Ok(()),
        }
    }

    /// Which files have the names now.
    fn found(&self) -> Option<[FileId; 3]> {
        let id = |path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
        Some([id(&self.file)?, id(&self.log)?, id(&self.lock)?])
    }

    fn folder(&self) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).to_owned()
    }

    /// Whether nothing was ever laid out in the file.
    fn is_new(&self, connection: &Connection) -> Result<bool, StoreError> {
        let items: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| self.failure(error))?;
        Ok(items == 0 && self.pragma(connection, "application_id")? == 0)
    }

    fn pragma(&self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| self.failure(error))
    }
}

/// Whether a row holds something that is never written there.
fn is_unreadable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};

    matches!(
        error,
        FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..)
    )
}
