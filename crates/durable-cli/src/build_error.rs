//! The error of functions that cannot be built.

use std::{fmt, io};

use crate::enumeration::enumerated;

/// The error of a function that cannot be built.
#[derive(Debug)]
pub(crate) enum BuildError {
    /// Cargo is not installed.
    CargoMissing(io::Error),
    /// There is no workspace, or its manifest is invalid.
    NoWorkspace { name: String, text: String },
    /// The metadata of the workspace cannot be parsed.
    Unreadable(serde_json::Error),
    /// No binary and no example has this name.
    Unknown { name: String, known: Vec<String> },
    /// More than one package has a target of this name.
    Ambiguous { name: String, packages: Vec<String> },
    /// The build of these functions failed; cargo has printed the errors to standard error.
    Failed(Vec<String>),
    /// Cargo succeeded but named no executable for these functions.
    NoExecutable(Vec<String>),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CargoMissing(error) => {
                write!(
                    f,
                    "cannot run cargo: {error}; install Rust, or specify a built program with --executable"
                )
            }
            Self::NoWorkspace { name, text } => write!(
                f,
                "no cargo workspace found to build `{name}`; run the command inside one, or configure the function with \
                 --executable or in durable.toml\n{text}"
            ),
            Self::Unreadable(error) => write!(f, "cannot parse the output of `cargo metadata`: {error}"),
            Self::Unknown { name, known } if known.is_empty() => {
                write!(f, "unknown function `{name}`; the workspace has no binaries or examples")
            }
            Self::Unknown { name, known } => {
                write!(f, "unknown function `{name}`; available: {}", known.join(", "))
            }
            Self::Ambiguous { name, packages } => write!(
                f,
                "`{name}` is in more than one package; choose one with --package: {}",
                packages.join(", ")
            ),
            Self::Failed(names) => {
                write!(f, "failed to build {}; see the output of cargo above", enumerated(names))
            }
            Self::NoExecutable(names) => {
                write!(f, "cargo built {} but named no executable", enumerated(names))
            }
        }
    }
}

impl std::error::Error for BuildError {}
