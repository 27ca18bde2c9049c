//! The errors of a `durable.toml`, with their position.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// The error of a `durable.toml` that cannot be used.
#[derive(Debug)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    Unreadable { path: PathBuf, source: io::Error },
    /// A line of the file is invalid.
    Wrong { path: PathBuf, line: usize, text: String, problem: String },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { path, source } => write!(f, "{} cannot be read: {source}", path.display()),
            Self::Wrong { path, line, text, problem } => {
                write!(f, "{}:{line}: {problem}\n    {text}", path.display())
            }
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { source, .. } => Some(source),
            Self::Wrong { .. } => None,
        }
    }
}
