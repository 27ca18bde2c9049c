//! The data folder, which one service at a time owns.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::StoreError;
use super::folder_lock::{Attempt, FolderLock, LOCK_FILE};
use super::last_use::{FileId, FileState, LastUse, Origin};
use crate::private_file;

/// The name of the database in a data folder.
pub(super) const DATABASE_FILE: &str = "durable.sqlite3";
/// The name of its write-ahead log.
pub(super) const LOG_FILE: &str = "durable.sqlite3-wal";

/// The files that services keep in their folder beside the databases.
const OWN_FILES: [&str; 2] = [LOCK_FILE, "address"];

/// The databases that services keep in their folder. SQLite appends endings to these names.
const OWN_DATABASES: [&str; 2] = [DATABASE_FILE, "logs.sqlite3"];

/// Exclusive ownership of a data folder, until this is dropped or the process ends.
#[derive(Debug)]
pub(super) struct DataFolder {
    path: PathBuf,
    lock: FolderLock,
    origin: Origin,
    /// Whether the database is in use and sound as far as known, so that its state is recorded when this is dropped.
    is_in_use: bool,
}

impl DataFolder {
    /// Creates the folder if it is missing, and locks it.
    pub(super) fn claim(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| failure(path, error);
        create(path).map_err(failed)?;
        let (lock, last_use) = match FolderLock::take(path).map_err(failed)? {
            Attempt::Taken(lock, last_use) => (lock, last_use),
            Attempt::Held(process) => return Err(StoreError::InUse { folder: path.to_owned(), process }),
        };
        // Before permissions are changed, which is a change of the file, too.
        let origin = LastUse::origin(last_use, &path.join(DATABASE_FILE), &path.join(LOG_FILE));
        tighten(path);
        Ok(Self { path: path.to_owned(), lock, origin, is_in_use: false })
    }

    /// Returns the origin of the database.
    pub(super) fn origin(&self) -> Origin {
        self.origin
    }

    /// Records that the database is in use. Once this is dropped, the database must be closed.
    pub(super) fn note_opened(&mut self) -> Result<(), StoreError> {
        let Some(id) = FileId::of(&self.database_file()) else { return Ok(()) };
        self.lock.note(LastUse::Opened(id)).map_err(|error| failure(&self.path, error))?;
        self.is_in_use = true;
        Ok(())
    }

    /// Records that the database, which a crash left, was not checked completely. The next opening checks it in the same
    /// way as this one.
    pub(super) fn note_unchecked(&mut self) {
        self.is_in_use = false;
    }

    /// Records that the database is damaged. The next opening checks it before anything is served.
    pub(super) fn note_damaged(&mut self) {
        self.is_in_use = false;
        // If it cannot be recorded, the next opening checks the database in the background again.
        let _ = self.lock.forget_use();
    }

    /// Whether the folder stays locked if the lock file is deleted.
    pub(super) fn lock_survives_deletion(&self) -> bool {
        self.lock.survives_deletion()
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
        // A log remains if a read or another program still has the database open.
        if !self.is_in_use || self.log_file().exists() {
            return;
        }
        let closed = FileState::of(&self.database_file()).map(LastUse::Closed);
        // If it is not recorded, the next opening takes longer because it checks the database.
        let _ = closed.and_then(|closed| self.lock.note(closed));
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
        // Another process created it in the meantime.
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

/// Whether services use a file of this name in their folder.
pub(super) fn is_own(name: &OsStr) -> bool {
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
