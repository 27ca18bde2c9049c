//! The data folder, which one service at a time owns.

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::error::StoreError;
use crate::private_file;

const DATABASE_FILE: &str = "durable.sqlite3";
const LOG_FILE: &str = "durable.sqlite3-wal";
const LOCK_FILE: &str = "lock";

/// The files that services keep in their folder beside the databases.
const OWN_FILES: [&str; 2] = [LOCK_FILE, "address"];

/// The databases that services keep in their folder. SQLite appends endings to these names.
const OWN_DATABASES: [&str; 2] = [DATABASE_FILE, "logs.sqlite3"];

/// How often a lock is tried that somebody holds. A process that was just killed may have left a copy of it to one that
/// it was starting, and whoever asks whether the folder is claimed holds it for a moment.
const ATTEMPTS: u32 = 10;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(20);

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
        let failed = |error| failure(path, error);
        create(path).map_err(failed)?;
        let mut options = private_file::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(path.join(LOCK_FILE)).map_err(failed)?;
        if !take(&lock).map_err(failed)? {
            return Err(StoreError::InUse { folder: path.to_owned(), process: holder(&mut lock) });
        }
        sign(&mut lock).map_err(failed)?;
        tighten(path);
        Ok(Self { path: path.to_owned(), lock })
    }

    pub(super) fn database_file(&self) -> PathBuf {
        self.path.join(DATABASE_FILE)
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.path.join(LOCK_FILE)
    }

    /// What SQLite writes before it changes the database.
    pub(super) fn log_file(&self) -> PathBuf {
        self.path.join(LOG_FILE)
    }

    /// Makes the names of new files in the folder, and of the folder itself, survive a power loss.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        sync(&self.path).and_then(|()| sync_name(&self.path)).map_err(|error| failure(&self.path, error))
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        // Closing the file is not enough while a process that is just being started still has a copy of it open.
        let _ = self.lock.unlock();
    }
}

/// Whether a process has the folder for itself now.
pub fn is_claimed(path: &Path) -> bool {
    let Ok(lock) = File::open(path.join(LOCK_FILE)) else { return false };
    match lock.try_lock_shared() {
        Ok(()) => {
            let _ = lock.unlock();
            false
        }
        // Where nobody can tell, whoever claimed it last may still be there.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
    }
}

/// Creates a private folder, and those above it that are missing.
fn create(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = above(path) {
        create_above(above)?;
    }
    create_with(path, private_file::create_folder)
}

/// Creates a folder above the data folder, with the permissions that the umask leaves.
fn create_above(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(above) = above(path) {
        create_above(above)?;
    }
    create_with(path, |path| fs::create_dir(path))
}

fn above(path: &Path) -> Option<&Path> {
    path.parent().filter(|above| !above.as_os_str().is_empty())
}

/// Creates a folder so that it survives a power loss.
fn create_with(path: &Path, create: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    match create(path) {
        // Somebody else was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created,
    }?;
    sync_name(path)
}

/// Makes a folder private that earlier versions created, and the files in it.
///
/// A folder that also holds files of others, such as a project, keeps its permissions: the files in it are private.
fn tighten(path: &Path) {
    let tightened = fs::read_dir(path).and_then(|entries| {
        let names =
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()?;
        let (own, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| is_own(name));
        own.iter().try_for_each(|name| private_file::tighten(&path.join(name)))?;
        // A link is followed to the folder that it names.
        if others.is_empty() { private_file::tighten(&path.canonicalize()?) } else { Ok(()) }
    });
    if let Err(error) = tightened {
        let folder = path.display();
        tracing::warn!(%folder, %error, "other users may be able to read the data folder; run `chmod -R go= FOLDER`");
    }
}

fn is_own(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    OWN_FILES.contains(&&*name) || OWN_DATABASES.iter().any(|own| name.starts_with(own))
}

/// Waits until the names in a folder are on disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Waits until the name of a folder is on disk, wherever that stands: it may be relative or a link.
fn sync_name(folder: &Path) -> io::Result<()> {
    match sync(&folder.join("..")) {
        // Whoever may not read the folder above has to rely on the system.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced,
    }
}

/// Locks the file. False: somebody else has it locked.
fn take(lock: &File) -> io::Result<bool> {
    for attempt in 1..=ATTEMPTS {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => sleep(BETWEEN_ATTEMPTS),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
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
        io::ErrorKind::StorageFull => StoreError::Full { file: folder },
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            StoreError::ReadOnly { folder, source: Arc::new(error) }
        }
        _ => StoreError::Io { folder, source: Arc::new(error) },
    }
}
