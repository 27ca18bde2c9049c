//! Opens, checks and migrates the SQLite file.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::StoreError;
use super::event_table::DamagedEvents;
use super::folder::DataFolder;
use super::last_use::{FileId, Origin};
use super::{integrity, schema, write_ahead_log};
use crate::private_file;

/// Files up to this size are checked on every opening. Larger ones, whose check would delay the start, are checked unless
/// nothing has changed them since they were closed; what a disk damaged meanwhile is detected when it is read. After a
/// crash, they are checked in the background.
const ALWAYS_CHECKED_BYTES: u64 = 32 * 1024 * 1024;

/// How long another program that has the file locked may block the service.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Number of pages, 16 MB, at which the write-ahead log is checkpointed into the file. A full group of creations writes
/// more than SQLite's default of 1,000, so with that nearly every such commit would wait for a checkpoint.
const CHECKPOINT_PAGES: i64 = 4_000;

/// Size of the page cache of a reading connection, in kilobytes. Most pages are read only once.
const READER_CACHE: i64 = 256;

/// Capacity of the statement cache of a reading connection: enough for every statement.
const READER_STATEMENTS: usize = 32;

/// The database of a data folder, checked and migrated.
#[derive(Clone, Debug)]
pub(super) struct Database {
    file: PathBuf,
    log: PathBuf,
    lock: PathBuf,
    /// Whether no other service can own the folder while the lock is missing.
    lock_survives_deletion: bool,
    /// The identities of these files, once the database is open. SQLite keeps the log until the last connection closes.
    opened: Option<Identities>,
    /// Damage that was found while the database was in use.
    damage: Arc<OnceLock<String>>,
}

/// The identities of the files that a service has open.
#[derive(Clone, Copy, Debug)]
struct Identities {
    file: FileId,
    log: FileId,
    lock: Option<FileId>,
}

impl Database {
    /// Opens the folder's database, creating it if there is none, and returns it with the only connection that writes.
    ///
    /// # Durability
    /// In WAL mode a commit appends the changed pages and a commit mark to the log, and `synchronous = FULL` waits
    /// for one `fsync` of that log before the commit returns. So acknowledged appends survive a crash of the process or
    /// the system, and a power loss; an incomplete commit has no valid mark and is ignored on the next opening. `NORMAL`
    /// would omit that `fsync` and lose the latest commits on a power loss. `EXTRA` adds nothing in WAL mode. All
    /// appends of a commit share its one `fsync`. `fullfsync` makes macOS flush the drive's cache, which its `fsync`
    /// does not.
    pub(super) fn open(folder: &DataFolder) -> Result<(Self, Connection), StoreError> {
        let (file, log, lock) = (folder.database_file(), folder.log_file(), folder.lock_file());
        let lock_survives_deletion = folder.lock_survives_deletion();
        let mut database =
            Self { file, log, lock, lock_survives_deletion, opened: None, damage: Arc::default() };
        // SQLite reads the log as soon as it opens the file.
        database.check_log()?;
        database.create_file()?;
        let connection = Connection::open(&database.file)
            .and_then(|connection| connection.busy_timeout(BUSY_TIMEOUT).map(|()| connection))
            .map_err(|error| database.failure(error))?;
        database.check(&connection, folder.origin())?;
        database.tune(&connection)?;
        database.lay_out(&connection)?;
        database.enforce_foreign_keys(&connection)?;
        folder.sync()?;
        database.opened = database.found();
        Ok((database, connection))
    }

    /// Returns whether the check of the file was left to the background.
    pub(super) fn is_unchecked(&self, origin: Origin) -> bool {
        origin == Origin::NotClosed && self.is_large()
    }

    /// Opens another, read-only connection.
    pub(super) fn open_reader(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE)?;
        connection.set_prepared_statement_cache_capacity(READER_STATEMENTS);
        Ok(connection)
    }

    /// Records damage that was found while the database was in use. Nothing more is written.
    pub(super) fn note_damage(&self, detail: String) {
        // The first damage is kept.
        let _ = self.damage.set(detail);
    }

    /// Fails if damage was found, if the file or the log was deleted or moved, because what is written there would be lost,
    /// or if the lock was replaced, because another service may own the file now.
    pub(super) fn check_place(&self) -> Result<(), StoreError> {
        let is_in_place = self.opened.zip(self.found()).is_some_and(|(opened, found)| {
            let has_lock = match found.lock {
                Some(_) => found.lock == opened.lock,
                None => self.lock_survives_deletion,
            };
            found.file == opened.file && found.log == opened.log && has_lock
        });
        if let Some(detail) = self.damage.get() {
            return Err(StoreError::Damaged { file: self.file.clone(), detail: detail.clone() });
        }
        if is_in_place { Ok(()) } else { Err(StoreError::Moved { file: self.file.clone() }) }
    }

    /// Converts an error of SQLite into one that says what to do.
    pub(super) fn failure(&self, error: rusqlite::Error) -> StoreError {
        let file = self.file.clone();
        if let Some(damaged) = damaged_events(&error) {
            return StoreError::Damaged { file, detail: damaged.to_string() };
        }
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

    /// Creates the file with private permissions, which SQLite copies to its log and its index.
    fn create_file(&self) -> Result<(), StoreError> {
        private_file::create_empty(&self.file).map_err(|error| match error.kind() {
            ErrorKind::StorageFull => StoreError::Full { file: self.file.clone() },
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly { folder: self.folder(), source: Arc::new(error) }
            }
            _ => StoreError::Io { folder: self.folder(), source: Arc::new(error) },
        })
    }

    /// Refuses a log that was damaged after a crash left it behind.
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

    /// Refuses a file that is foreign, newer than this version, or damaged.
    fn check(&self, connection: &Connection, origin: Origin) -> Result<(), StoreError> {
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
        self.check_pages(connection, origin)
    }

    /// Refuses a damaged file.
    fn check_pages(&self, connection: &Connection, origin: Origin) -> Result<(), StoreError> {
        let is_large = self.is_large();
        let start = Instant::now();
        let damage = match origin {
            // After a crash, the check would delay the start: it runs in the background.
            Origin::Untouched | Origin::NotClosed if is_large => return Ok(()),
            Origin::Untouched => integrity::structural_damage(connection),
            Origin::NotClosed | Origin::CopiedInUse | Origin::Unknown => integrity::any_damage(connection),
        };
        let damage = damage.map_err(|error| self.failure(error))?;
        let file = self.file.display();
        if is_large {
            let seconds = start.elapsed().as_secs_f32();
            tracing::info!(%file, seconds, "checked the record, because it was not closed or was copied");
        }
        let is_copied_in_use = origin == Origin::CopiedInUse;
        let Some(mut detail) = damage else {
            if is_copied_in_use {
                tracing::warn!(
                    %file,
                    "the record was copied while a service was using it; no damage was found, but its latest events may \
                     be missing; copy it with `durable backup`"
                );
            }
            return Ok(());
        };
        if is_copied_in_use {
            detail.push_str("; it was copied while a service was using it");
        }
        Err(StoreError::Damaged { file: self.file.clone(), detail })
    }

    fn is_large(&self) -> bool {
        fs::metadata(&self.file).is_ok_and(|file| file.len() > ALWAYS_CHECKED_BYTES)
    }

    fn tune(&self, connection: &Connection) -> Result<(), StoreError> {
        // SQLite opens a file without write permission as read-only, and reports it only here.
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
                 PRAGMA foreign_keys = OFF;
                 PRAGMA journal_size_limit = 67108864;",
            )
            .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES))
            .map_err(|error| self.failure(error))
    }

    fn lay_out(&self, connection: &Connection) -> Result<(), StoreError> {
        let version = if self.is_new(connection)? { 0 } else { self.pragma(connection, "user_version")? };
        match schema::upgrade(version) {
            Some(batch) => connection.execute_batch(&batch).map_err(|error| self.failure(error)),
            None => Ok(()),
        }
    }

    fn enforce_foreign_keys(&self, connection: &Connection) -> Result<(), StoreError> {
        connection.execute_batch("PRAGMA foreign_keys = ON").map_err(|error| self.failure(error))
    }

    /// Returns the identities of the files that currently have these names.
    fn found(&self) -> Option<Identities> {
        let [file, log, lock] = [&self.file, &self.log, &self.lock].map(|path| FileId::of(path));
        Some(Identities { file: file?, log: log?, lock })
    }

    fn folder(&self) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).to_owned()
    }

    /// Returns whether the file is still without a schema.
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

fn damaged_events(error: &rusqlite::Error) -> Option<&DamagedEvents> {
    match error {
        rusqlite::Error::FromSqlConversionFailure(_, _, cause) => cause.downcast_ref(),
        _ => None,
    }
}

/// Returns whether a row is missing, or holds a value of a type that is never written there.
fn is_unreadable(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, StatementChangedRows, Utf8Error,
    };

    matches!(
        error,
        FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | StatementChangedRows(..)
            | Utf8Error(..)
    )
}
