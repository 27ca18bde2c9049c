//! Errors of the store.

use std::path::PathBuf;
use std::sync::Arc;
use std::{fmt, io};

/// Why the store cannot be opened, or why a request to it failed.
///
/// It is `Clone`, because all appends of a failed transaction share its error.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The path of the data folder names something other than a folder.
    NotAFolder {
        /// The data folder.
        folder: PathBuf,
    },
    /// The data folder, or the file in it, cannot be written.
    ReadOnly {
        /// The data folder.
        folder: PathBuf,
        /// The error of the operating system or of the database.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// Another service has the data folder open.
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// The id of the other service's process, if it could be read.
        process: Option<u32>,
    },
    /// A newer version of the service wrote the file.
    Newer {
        /// The file.
        file: PathBuf,
        /// The version of its schema.
        found: i64,
        /// The newest version that this service supports.
        known: i64,
    },
    /// The file is not a record of durable executions.
    NotAStore {
        /// The file.
        file: PathBuf,
    },
    /// The file is damaged.
    Damaged {
        /// The file.
        file: PathBuf,
        /// The first damage found.
        detail: String,
    },
    /// The file, or the write-ahead log or the lock next to it, was moved, deleted or replaced.
    Moved {
        /// The file.
        file: PathBuf,
    },
    /// The disk is full.
    Full {
        /// The file.
        file: PathBuf,
    },
    /// The events do not follow the recorded ones.
    OutOfSequence {
        /// The execution that they belong to.
        execution_id: String,
        /// The sequence number that the next event must have.
        expected: u64,
        /// The sequence number of the first event of the append.
        given: u64,
    },
    /// An event that was to be replaced is not recorded.
    UnknownEvent {
        /// The execution that it belongs to.
        execution_id: String,
        /// Its sequence number.
        sequence: u64,
    },
    /// An event contains a line feed, which JSON text never does.
    LineFeed {
        /// The execution that it belongs to.
        execution_id: String,
        /// Its sequence number.
        sequence: u64,
    },
    /// An execution with the same id, ARN, or name of the same function is already recorded.
    AlreadyRecorded {
        /// The execution that was to be created.
        execution_id: String,
    },
    /// The ARN of an execution does not end with its id.
    MismatchedArn {
        /// The execution that was to be created.
        execution_id: String,
        /// Its ARN.
        arn: String,
    },
    /// Events belong to an execution that is not recorded.
    UnknownExecution {
        /// The execution that they belong to.
        execution_id: String,
    },
    /// The store was closed before the request was complete.
    Closed,
    /// An I/O operation failed.
    Io {
        /// The data folder.
        folder: PathBuf,
        /// The error of the operating system.
        source: Arc<io::Error>,
    },
    /// The database failed for another reason.
    Database {
        /// The file.
        file: PathBuf,
        /// The error of the database.
        source: Arc<rusqlite::Error>,
    },
}

impl StoreError {
    /// Returns whether a retry may succeed, because the cause lies outside the record.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Moved { .. }
            | Self::Full { .. }
            | Self::ReadOnly { .. }
            | Self::Io { .. }
            | Self::Database { .. } => true,
            Self::NotAFolder { .. }
            | Self::InUse { .. }
            | Self::Newer { .. }
            | Self::NotAStore { .. }
            | Self::Damaged { .. }
            | Self::OutOfSequence { .. }
            | Self::UnknownEvent { .. }
            | Self::LineFeed { .. }
            | Self::AlreadyRecorded { .. }
            | Self::MismatchedArn { .. }
            | Self::UnknownExecution { .. }
            | Self::Closed => false,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAFolder { folder } => write!(
                f,
                "`{}` is not a folder; move it away or choose another data folder",
                folder.display()
            ),
            Self::ReadOnly { folder, .. } => write!(
                f,
                "the data folder `{}` cannot be written; change its permissions or choose another data folder",
                folder.display()
            ),
            Self::InUse { folder, process } => {
                write!(f, "the data folder `{}` is in use by another service", folder.display())?;
                if let Some(process) = process {
                    write!(f, " (process {process})")?;
                }
                f.write_str("; stop that one or choose another data folder")
            }
            Self::Newer { file, found, known } => write!(
                f,
                "`{}` was written by a newer version (its schema is {found}, this version reads up to {known}); \
                 update this command or choose another data folder",
                file.display()
            ),
            Self::NotAStore { file } => write!(
                f,
                "`{}` is not a record of durable executions; move it away or choose another data folder",
                file.display()
            ),
            Self::Damaged { file, detail } => write!(
                f,
                "`{}` is damaged ({detail}); restore it from a backup, or move it away to start without it",
                file.display()
            ),
            Self::Moved { file } => write!(
                f,
                "`{}`, its write-ahead log or the lock next to it was moved, deleted or replaced while the service ran; \
                 nothing more is recorded; move them back, or restart the service on what is there",
                file.display()
            ),
            Self::Full { file } => write!(
                f,
                "no room on the disk of `{}`, nothing was recorded; free some space and try again",
                file.display()
            ),
            Self::OutOfSequence { execution_id, expected, given } => write!(
                f,
                "event {given} of execution `{execution_id}` was to be recorded where event {expected} belongs; \
                 this is a bug in durable"
            ),
            Self::UnknownEvent { execution_id, sequence } => write!(
                f,
                "event {sequence} of execution `{execution_id}` was to be replaced but is not recorded; this is a bug \
                 in durable"
            ),
            Self::LineFeed { execution_id, sequence } => write!(
                f,
                "event {sequence} of execution `{execution_id}` contains a line feed, so it is not JSON text on one line; \
                 this is a bug in durable"
            ),
            Self::AlreadyRecorded { execution_id } => write!(
                f,
                "execution `{execution_id}`, its ARN or its name is already recorded; choose another name"
            ),
            Self::MismatchedArn { execution_id, arn } => write!(
                f,
                "execution `{execution_id}` was to be recorded with the ARN `{arn}`, which does not end with its id; \
                 this is a bug in durable"
            ),
            Self::UnknownExecution { execution_id } => {
                write!(f, "execution `{execution_id}` is not recorded; this is a bug in durable")
            }
            Self::Closed => f.write_str("the record is closed because the service stops; start it again"),
            Self::Io { folder, .. } => {
                write!(f, "the data folder `{}` cannot be used; see the cause", folder.display())
            }
            Self::Database { file, .. } => {
                write!(f, "the database `{}` failed; see the cause", file.display())
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::ReadOnly { source, .. } => Some(source.as_ref()),
            Self::Io { source, .. } => Some(source.as_ref()),
            Self::Database { source, .. } => Some(source.as_ref()),
            Self::NotAFolder { .. }
            | Self::InUse { .. }
            | Self::Newer { .. }
            | Self::NotAStore { .. }
            | Self::Damaged { .. }
            | Self::Moved { .. }
            | Self::Full { .. }
            | Self::OutOfSequence { .. }
            | Self::UnknownEvent { .. }
            | Self::LineFeed { .. }
            | Self::AlreadyRecorded { .. }
            | Self::MismatchedArn { .. }
            | Self::UnknownExecution { .. }
            | Self::Closed => None,
        }
    }
}
