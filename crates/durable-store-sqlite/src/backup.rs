//! Copies the record of a data folder to one file, also while a service uses it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;

use super::folder::{DATABASE_FILE, LOG_FILE, is_own};
use super::folder_lock::is_claimed;
use super::{schema, write_ahead_log};
use crate::private_file;

/// How long a backup waits for another program that has the record locked. Services never lock out readers.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The number of instructions of SQLite between two calls that ask whether a backup was cancelled. Copying a row takes
/// about three, and a row may be long.
const CANCELLATION_INTERVAL: i32 = 10;

/// What to do if the file of a backup exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExistingFile {
    /// Keep it, and fail.
    Kept,
    /// Replace it once the backup is complete.
    Replaced,
}

/// Why a backup failed. It leaves no files behind.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BackupError {
    /// The folder holds no record.
    #[error("there is no record in the data folder `{}`; specify another folder", .0.display())]
    NoRecord(PathBuf),
    /// The file in the folder is not a record of durable executions.
    #[error("`{}` is not a record of durable executions; specify another folder", .0.display())]
    NotAStore(PathBuf),
    /// The file exists.
    #[error("`{}` exists; choose another file, or replace it", .0.display())]
    Exists(PathBuf),
    /// The file is one that the service uses.
    #[error("`{}` is a file of the service itself; choose another file", .0.display())]
    InUse(PathBuf),
    /// The path names something other than a regular file, for example a device.
    #[error("`{}` is not a regular file and cannot be replaced; choose another file", .0.display())]
    NotAFile(PathBuf),
    /// The disk is full.
    #[error("the disk is full, so the backup `{}` cannot be written", .0.display())]
    Full(PathBuf),
    /// It was cancelled.
    #[error("the backup was cancelled; no file was written")]
    Cancelled,
    /// The write-ahead log that a crash left is damaged, so the record would be incomplete.
    #[error("the write-ahead log `{}` is torn in the middle; restore the record from an earlier backup", .0.display())]
    DamagedLog(PathBuf),
    /// The record cannot be read, or the copy cannot be written.
    #[error("the record `{}` cannot be copied", record.display())]
    Record {
        /// The file of the record.
        record: PathBuf,
        /// The error of the database.
        source: rusqlite::Error,
    },
    /// The file cannot be written.
    #[error("the backup `{}` cannot be written", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
}

/// Copies the record of a data folder to a file that only its owner can read.
///
/// The copy holds exactly what was committed when it began. It is written under a temporary name next to the file, and
/// renamed when it is on disk. A service on the folder keeps running: a reader never blocks appends, but the
/// write-ahead log grows until the copy is complete.
///
/// To restore it, move it into an empty folder under the name `durable.sqlite3`.
///
/// # Why `VACUUM INTO`
/// Like the online backup API, it reads one snapshot. In contrast to that API, it never starts over when another process
/// writes. It omits free pages and thereby deleted data. It rebuilds every table, so it fails on a damaged page instead of
/// copying it.
///
/// `is_cancelled` is called at short intervals. Once it returns `true`, the copy ends.
///
/// # Errors
/// If there is no record, the file exists or belongs to the service, the copy fails, or it is cancelled.
pub fn backup(
    folder: &Path,
    file: &Path,
    existing: ExistingFile,
    is_cancelled: impl FnMut() -> bool + Send + 'static,
) -> Result<(), BackupError> {
    let record = folder.join(DATABASE_FILE);
    if !record.is_file() {
        return Err(BackupError::NoRecord(folder.to_owned()));
    }
    check_target(folder, file, existing)?;
    check_log(folder)?;
    let failed = |source| BackupError::File { file: file.to_owned(), source };
    let partial = PartialFile::create(file).map_err(failed)?;
    copy(&record, &partial.path, is_cancelled).map_err(|error| match error {
        BackupError::Full(_) => BackupError::Full(file.to_owned()),
        error => error,
    })?;
    partial.publish(file, existing).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
        _ => failed(error),
    })
}

/// Refuses a file that must not be replaced.
fn check_target(folder: &Path, file: &Path, existing: ExistingFile) -> Result<(), BackupError> {
    let is_in_folder = match (parent(file).canonicalize(), folder.canonicalize()) {
        (Ok(parent), Ok(folder)) => parent == folder,
        _ => false,
    };
    if is_in_folder && file.file_name().is_some_and(is_own) {
        return Err(BackupError::InUse(file.to_owned()));
    }
    let Ok(found) = file.symlink_metadata() else { return Ok(()) };
    if !found.is_file() && !found.is_symlink() {
        return Err(BackupError::NotAFile(file.to_owned()));
    }
    match existing {
        ExistingFile::Kept => Err(BackupError::Exists(file.to_owned())),
        ExistingFile::Replaced => Ok(()),
    }
}

/// Refuses a damaged log, of which SQLite would ignore the rest. A service that uses it has checked it.
fn check_log(folder: &Path) -> Result<(), BackupError> {
    let log = folder.join(LOG_FILE);
    if !is_claimed(folder) && write_ahead_log::is_damaged(&log).is_ok_and(|is_damaged| is_damaged) {
        return Err(BackupError::DamagedLog(log));
    }
    Ok(())
}

fn copy(
    record: &Path,
    target: &Path,
    is_cancelled: impl FnMut() -> bool + Send + 'static,
) -> Result<(), BackupError> {
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        // A read needs no room on the disk of the record.
        Some(ErrorCode::DiskFull) => BackupError::Full(target.to_owned()),
        Some(ErrorCode::OperationInterrupted) => BackupError::Cancelled,
        _ => BackupError::Record { record: record.to_owned(), source },
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(record, flags).map_err(failed)?;
    connection.progress_handler(CANCELLATION_INTERVAL, Some(is_cancelled)).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    let application: i64 =
        connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    if application != schema::APPLICATION_ID {
        return Err(BackupError::NotAStore(record.to_owned()));
    }
    let name = target.to_str().ok_or_else(|| failed(rusqlite::Error::InvalidPath(target.to_owned())))?;
    connection.execute("VACUUM INTO ?1", [name]).map(drop).map_err(failed)
}

/// A backup that is not complete yet. It is deleted unless it is published.
struct PartialFile {
    path: PathBuf,
}

impl PartialFile {
    /// Creates a private, empty file next to the backup.
    fn create(file: &Path) -> io::Result<Self> {
        let name = file.file_name().ok_or(ErrorKind::IsADirectory)?;
        let mut partial = OsString::from(".");
        partial.push(name);
        partial.push(format!(".{}.partial", std::process::id()));
        let path = parent(file).join(partial);
        private_file::options().write(true).create_new(true).open(&path)?;
        Ok(Self { path })
    }

    /// Gives the file its name once it is on disk.
    fn publish(self, file: &Path, existing: ExistingFile) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        match existing {
            ExistingFile::Replaced => fs::rename(&self.path, file)?,
            ExistingFile::Kept => self.publish_new(file)?,
        }
        File::open(parent(file))?.sync_all()
    }

    /// Renames the file unless the target exists. Only the creation of a link does both atomically.
    fn publish_new(&self, file: &Path) -> io::Result<()> {
        match fs::hard_link(&self.path, file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists && file.symlink_metadata().is_err() => {
                // The file system does not support links.
                fs::rename(&self.path, file)
            }
            linked => linked,
        }
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // Once it is published, no file has this name.
        let _ = fs::remove_file(&self.path);
        // SQLite leaves the journal of a copy that failed.
        let mut journal = self.path.clone().into_os_string();
        journal.push("-journal");
        let _ = fs::remove_file(journal);
    }
}

/// Returns the folder of a file.
fn parent(file: &Path) -> &Path {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}
