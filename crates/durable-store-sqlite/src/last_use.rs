//! The last use of the database as recorded in the lock file, which reveals copies and unclean shutdowns.

use std::fmt;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::str::FromStr;

/// Device and inode number, which distinguish a file from a later one of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileId {
    device: u64,
    inode: u64,
}

impl FileId {
    /// Returns the identity of the file with this name, if there is one.
    pub(super) fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().as_ref().map(Self::from)
    }
}

impl From<&Metadata> for FileId {
    fn from(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// The state of a file, which differs after any change to it and in any copy of it.
///
/// The time is that of the last status change, which programs cannot set: neither `cp -p` nor a write in place retains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileState {
    id: FileId,
    bytes: u64,
    changed: (i64, i64),
}

impl FileState {
    /// Returns the state of the file with this name.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Ok(Self { id: FileId::from(&metadata), bytes: metadata.len(), changed })
    }
}

/// The last use of the database, as its lock file records it. Written as a word and numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastUse {
    /// A service opened this file, and has not closed it.
    Opened(FileId),
    /// A service closed the file in this state, and left no write-ahead log.
    Closed(FileState),
}

impl LastUse {
    /// Compares the record with the database as it is now.
    pub(super) fn origin(last_use: Option<Self>, database: &Path, log: &Path) -> Origin {
        match last_use {
            Some(Self::Closed(state))
                if is_without_content(log) && FileState::of(database).is_ok_and(|now| now == state) =>
            {
                Origin::Untouched
            }
            Some(Self::Opened(id)) => match FileId::of(database) {
                Some(now) if now == id => Origin::NotClosed,
                Some(_) => Origin::CopiedInUse,
                None => Origin::Unknown,
            },
            Some(Self::Closed(_)) | None => Origin::Unknown,
        }
    }
}

/// Returns whether a write-ahead log is empty. SQLite leaves an empty one after the last reader.
fn is_without_content(log: &Path) -> bool {
    match fs::metadata(log) {
        Ok(log) => log.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// The origin of a database file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nothing has changed it since a service closed it.
    Untouched,
    /// A service opened this file and did not close it, as after a crash.
    NotClosed,
    /// It was copied while a service had it open, so its pages may be of different times.
    CopiedInUse,
    /// It was copied, restored or changed since a service closed it.
    Unknown,
}

impl fmt::Display for LastUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened(FileId { device, inode }) => write!(f, "opened {device} {inode}"),
            Self::Closed(FileState { id: FileId { device, inode }, bytes, changed: (seconds, nanos) }) => {
                write!(f, "closed {device} {inode} {bytes} {seconds} {nanos}")
            }
        }
    }
}

impl FromStr for LastUse {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let word = words.next();
        let mut next = || words.next().ok_or(());
        let device = next()?.parse().map_err(drop)?;
        let id = FileId { device, inode: next()?.parse().map_err(drop)? };
        match word {
            Some("opened") => Ok(Self::Opened(id)),
            Some("closed") => {
                let bytes = next()?.parse().map_err(drop)?;
                let changed = (next()?.parse().map_err(drop)?, next()?.parse().map_err(drop)?);
                Ok(Self::Closed(FileState { id, bytes, changed }))
            }
            Some(_) | None => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let id = FileId { device: 1, inode: 2 };
        let closed = LastUse::Closed(FileState { id, bytes: 3, changed: (-4, 5) });

        for last_use in [LastUse::Opened(id), closed] {
            assert_eq!(last_use.to_string().parse(), Ok(last_use));
        }
        for text in ["", "opened", "opened 1", "closed 1 2", "closed 1 2 3 4", "moved 1 2", "opened 1 x"] {
            assert_eq!(text.parse::<LastUse>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_file_is_untouched_until_it_is_written_copied_or_has_a_log() {
        let folder = tempfile::tempdir().unwrap();
        let [file, copy, log] = ["file", "copy", "log"].map(|name| folder.path().join(name));
        fs::write(&file, "text").unwrap();
        let closed = LastUse::Closed(FileState::of(&file).unwrap());
        let opened = LastUse::Opened(FileId::of(&file).unwrap());
        fs::copy(&file, &copy).unwrap();

        assert_eq!(LastUse::origin(Some(closed), &file, &log), Origin::Untouched);
        assert_eq!(LastUse::origin(Some(closed), &copy, &log), Origin::Unknown);
        assert_eq!(LastUse::origin(Some(opened), &copy, &log), Origin::CopiedInUse);
        assert_eq!(LastUse::origin(Some(opened), &file, &log), Origin::NotClosed);
        assert_eq!(LastUse::origin(None, &file, &log), Origin::Unknown);
        fs::write(&log, "text").unwrap();
        assert_eq!(LastUse::origin(Some(closed), &file, &log), Origin::Unknown);
    }

    #[test]
    fn a_file_is_untouched_by_a_reader_that_left_an_empty_log() {
        let folder = tempfile::tempdir().unwrap();
        let [file, log] = ["file", "log"].map(|name| folder.path().join(name));
        fs::write(&file, "text").unwrap();
        let closed = LastUse::Closed(FileState::of(&file).unwrap());

        fs::write(&log, "").unwrap();

        assert_eq!(LastUse::origin(Some(closed), &file, &log), Origin::Untouched);
    }
}
