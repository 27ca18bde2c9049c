//! What stands in the record of a value, and in its file.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::failure::Failure;
use super::reference::Reference;

const VERSION: u32 = 1;

/// What is recorded of a value.
///
/// Whatever the value looks like, it stands inside: a value that looks like an envelope is not one.
#[derive(Debug)]
pub(super) enum Envelope<'a> {
    /// The value itself, as JSON.
    Inline(&'a RawValue),
    /// The file that holds it.
    File(Reference),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record<'a> {
    durable_file_system: u32,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    value: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content<'a> {
    durable_file_system: u32,
    sha256: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

impl<'a> Envelope<'a> {
    /// Reads a record.
    ///
    /// # Errors
    /// If it is not an envelope, or tells of a file that is refused.
    pub(super) fn read(text: &'a str) -> Result<Self, Failure> {
        let record: Record<'a> = serde_json::from_str(text).map_err(|error| {
            Failure::because("what is recorded was not written by the file-system serdes", error)
        })?;
        check_version(record.durable_file_system)?;
        match (record.value, record.file) {
            (Some(value), None) => Ok(Self::Inline(value)),
            (None, Some(file)) => Ok(Self::File(Reference::parse(&file)?)),
            (None, None) | (Some(_), Some(_)) => {
                Err(Failure::new("what is recorded names neither a value nor a file, or both"))
            }
        }
    }

    /// The record.
    pub(super) fn write(&self) -> Result<String, Failure> {
        let (value, file) = match self {
            Self::Inline(value) => (Some(*value), None),
            Self::File(reference) => (None, Some(reference.as_str().to_owned())),
        };
        to_json(&Record { durable_file_system: VERSION, value, file })
    }
}

/// The content of a file that holds this value, with what tells later whether it is still whole.
pub(super) fn write_content(value: &RawValue) -> Result<String, Failure> {
    to_json(&Content { durable_file_system: VERSION, sha256: digest(value), value })
}

/// The value in the content of a file.
///
/// # Errors
/// If the content is not what was written.
pub(super) fn read_content(text: &str) -> Result<&RawValue, Failure> {
    let content: Content<'_> =
        serde_json::from_str(text).map_err(|error| Failure::because("it is damaged", error))?;
    check_version(content.durable_file_system)?;
    if content.sha256 == digest(content.value) {
        return Ok(content.value);
    }
    Err(Failure::new("it is damaged: it does not hold what was written"))
}

fn check_version(version: u32) -> Result<(), Failure> {
    if version == VERSION {
        return Ok(());
    }
    Err(Failure::new(format!("it was written in version {version} of the format, which is unknown here")))
}

fn digest(value: &RawValue) -> String {
    Sha256::digest(value.get()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::because("it cannot be written", error))
}
