//! The locks that reserve a data folder for one service.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use super::last_use::LastUse;
use crate::private_file;

/// The name of the lock file in a data folder.
pub(super) const LOCK_FILE: &str = "lock";

/// How often and how long a lock is retried. A process that was just killed may have left a copy of it to one that it was
/// starting, and [`is_claimed`] holds it for a moment.
const ATTEMPTS: u32 = 10;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

/// Locks on the folder itself and on a file in it, until this is dropped or the process ends.
///
/// The lock on the folder survives the deletion of the file. The file names the process that owns the folder, and earlier
/// versions use only that lock. On file systems that cannot lock folders, it is the only one.
#[derive(Debug)]
pub(super) struct FolderLock {
    folder: Option<File>,
    // The system releases the locks when the files are closed, so they need no clean-up after a crash.
    file: File,
}

/// The outcome of an attempt to lock a folder.
pub(super) enum Attempt {
    /// The folder is locked, and this is its last use, if it is known.
    Taken(FolderLock, Option<LastUse>),
    /// A process has it locked, with this id if it could be read.
    Held(Option<u32>),
}

impl FolderLock {
    /// Locks a folder, and notes the id of this process in the lock file.
    pub(super) fn take(path: &Path) -> io::Result<Attempt> {
        let folder = File::open(path)?;
        let folder = match lock(&folder) {
            Ok(true) => Some(folder),
            Ok(false) => return Ok(Attempt::Held(holder(path))),
            Err(error) => {
                tracing::debug!(folder = %path.display(), %error, "the folder itself cannot be locked");
                None
            }
        };
        let mut options = private_file::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path.join(LOCK_FILE))?;
        if !lock(&file)? {
            return Ok(Attempt::Held(holder(path)));
        }
        let mut text = String::new();
        // A file that cannot be read says nothing about the last use.
        let _ = file.read_to_string(&mut text);
        let last_use = text.lines().nth(1).and_then(|line| line.parse().ok());
        let mut lock = Self { folder, file };
        lock.write(None)?;
        Ok(Attempt::Taken(lock, last_use))
    }

    /// Whether the folder stays locked if the lock file is deleted.
    pub(super) fn survives_deletion(&self) -> bool {
        self.folder.is_some()
    }

    /// Records how the database is used, for the next opening.
    pub(super) fn note(&mut self, last_use: LastUse) -> io::Result<()> {
        self.write(Some(last_use))
    }

    /// Records that nothing is known about the last use, so that the next opening checks the database.
    pub(super) fn forget_use(&mut self) -> io::Result<()> {
        self.write(None)
    }

    fn write(&mut self, last_use: Option<LastUse>) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        let mut text = format!("{}\n", std::process::id());
        if let Some(last_use) = last_use {
            text.push_str(&format!("{last_use}\n"));
        }
        self.file.write_all(text.as_bytes())
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing the files is not enough while a process that is just being started still has copies of them open.
        let _ = self.file.unlock();
        let _ = self.folder.as_ref().map(File::unlock);
    }
}

/// Returns whether a process owns the folder.
pub fn is_claimed(path: &Path) -> bool {
    // If the system cannot tell about the lock file, the process that claimed the folder last may still have it.
    is_locked(path).unwrap_or(false) || is_locked(&path.join(LOCK_FILE)).unwrap_or(true)
}

/// Returns whether a process has this file or folder locked. One that does not exist is not locked.
fn is_locked(path: &Path) -> io::Result<bool> {
    let Ok(file) = File::open(path) else { return Ok(false) };
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Locks a file or folder. Returns false if another process has it locked.
fn lock(file: &File) -> io::Result<bool> {
    for attempt in 1..=ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => sleep(BETWEEN_ATTEMPTS),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// Returns the id of the process that has a folder locked, as the lock file names it.
fn holder(path: &Path) -> Option<u32> {
    let text = std::fs::read_to_string(path.join(LOCK_FILE)).ok()?;
    text.lines().next()?.trim().parse().ok()
}
