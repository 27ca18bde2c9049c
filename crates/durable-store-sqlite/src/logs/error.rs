//! Errors of the log.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the log cannot be written or read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LogError {
    /// The file cannot be opened, read or written.
    File {
        /// The file.
        file: PathBuf,
        /// The error of SQLite.
        source: Arc<rusqlite::Error>,
    },
    /// The thread that writes could not be started.
    Thread(Arc<std::io::Error>),
    /// The service is being stopped.
    Closed,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, .. } => write!(
                f,
                "the log `{}` cannot be used; it holds only what functions printed, so that it may be removed",
                file.display()
            ),
            Self::Thread(_) => f.write_str("the thread that writes the log cannot be started"),
            Self::Closed => f.write_str("the log is closed"),
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Thread(source) => Some(source),
            Self::Closed => None,
        }
    }
}
