//! The data folder, which one service at a time owns.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::StoreError;

const DATABASE_FILE: &str = "durable.sqlite3";
const LOCK_FILE: &str = "lock";

/// A data folder this process has for itself, until this value is dropped or the process ends in any way.
#[derive(Debug)]
pub(super) struct DataFolder {
    path: PathBuf,
    // The system releases the lock when the file is closed, so it needs no clean-up after a crash.
    lock: File,
}

impl DataFolder {
    /// Creates the folder if it is missing, and locks it.
    pub(super) fn claim(path: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(path).map_err(|error| failure(path, error))?;
        let lock_path = path.join(LOCK_FILE);
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock_path)
            .map_err(|error| failure(path, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::InUse { folder: path.to_owned(), process: holder(&mut lock) });
            }
            Err(TryLockError::Error(error)) => return Err(failure(path, error)),
        }
        sign(&mut lock).map_err(|error| failure(path, error))?;
        Ok(Self { path: path.to_owned(), lock })
    }

    pub(super) fn database_file(&self) -> PathBuf {
        self.path.join(DATABASE_FILE)
    }

    /// Makes the names of new files in the folder, and of the folder itself, survive a power loss.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        for folder in [Some(self.path.as_path()), parent].into_iter().flatten() {
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(|error| failure(&self.path, error))?;
        }
        Ok(())
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        // Closing the file is not enough while a process that is just being started still has a copy of it open.
        let _ = self.lock.unlock();
    }
}

/// Notes this process's id in the lock file, for whoever finds the folder in use.
fn sign(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    writeln!(lock, "{}", std::process::id())
}

fn holder(lock: &mut File) -> Option<u32> {
    let mut text = String::new();
    lock.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn failure(folder: &Path, error: io::Error) -> StoreError {
    let folder = folder.to_owned();
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => StoreError::NotAFolder { folder },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly { folder, source: Arc::new(error) }
        }
        _ => StoreError::Io { folder, source: Arc::new(error) },
    }
}
