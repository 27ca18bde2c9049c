//! The file that `durable export` writes: everything about one execution, for a bug report.

use std::path::Path;
use std::{fmt, fs, io};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::remote::LogEvent;

/// The format version. It is incremented by every change that older versions cannot read.
const FORMAT: u32 = 1;

/// Everything about one execution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExportFile {
    /// The format version.
    #[serde(rename = "durable_export")]
    format: u32,
    /// The version of the command that wrote it.
    #[serde(default)]
    written_by: String,
    /// The response of GetDurableExecution.
    pub(crate) execution: Value,
    /// The events of GetDurableExecutionHistory.
    pub(crate) events: Vec<Value>,
    /// The log lines of the function.
    #[serde(default)]
    pub(crate) logs: Vec<LogEvent>,
    /// The record of the local service, from which the other members follow. AWS does not return it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<Value>,
}

impl ExportFile {
    /// Creates an export from the responses of a service.
    pub(crate) fn new(execution: Value, events: Vec<Value>) -> Self {
        let written_by = format!("durable {}", env!("CARGO_PKG_VERSION"));
        Self { format: FORMAT, written_by, execution, events, logs: Vec::new(), record: None }
    }

    /// Reads a file.
    pub(crate) fn read(file: &Path) -> Result<Self, ExportFileError> {
        let text =
            fs::read(file).map_err(|error| ExportFileError::Unreadable(file.display().to_string(), error))?;
        let invalid = |problem: String| ExportFileError::Invalid(file.display().to_string(), problem);
        let value: Value = serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        match value.get("durable_export").and_then(Value::as_u64) {
            Some(format) if format > u64::from(FORMAT) => {
                Err(ExportFileError::Newer(file.display().to_string()))
            }
            Some(_) => serde_json::from_value(value).map_err(|error| invalid(error.to_string())),
            None => Err(invalid("it was not written by `durable export`".to_owned())),
        }
    }

    /// Returns the text of the file.
    pub(crate) fn text(&self) -> io::Result<String> {
        Ok(format!("{}\n", serde_json::to_string_pretty(self).map_err(io::Error::other)?))
    }
}

/// The error of a file that is not an export.
#[derive(Debug)]
pub(crate) enum ExportFileError {
    /// The file cannot be read.
    Unreadable(String, io::Error),
    /// The file contains something else.
    Invalid(String, String),
    /// The file was written by a later version.
    Newer(String),
}

impl fmt::Display for ExportFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(file, error) => write!(f, "`{file}` cannot be read: {error}"),
            Self::Invalid(file, problem) => write!(f, "`{file}` is not an export of an execution: {problem}"),
            Self::Newer(file) => {
                write!(f, "`{file}` was written by a later version of durable; update this one")
            }
        }
    }
}

impl std::error::Error for ExportFileError {}
