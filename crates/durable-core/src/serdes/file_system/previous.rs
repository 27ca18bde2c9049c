//! The previous format of records and files, before the one shared with AWS's SDKs; it is only read.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::digest::check_digest;
use super::failure::Failure;
use super::reference::Reference;

/// A record in the previous format.
#[derive(Debug)]
pub(super) enum Previous<'a> {
    /// The value itself, as JSON.
    Inline(&'a RawValue),
    /// The file that contains the value.
    File(Reference),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Record<'a> {
    #[serde(rename = "durableFileSystem")]
    _version: u32,
    #[serde(borrow, default, deserialize_with = "present")]
    value: Option<&'a RawValue>,
    #[serde(default)]
    file: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Content<'a> {
    durable_file_system: u32,
    sha256: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

impl<'a> Previous<'a> {
    pub(super) const VERSION: u32 = 1;

    /// Reads a record.
    ///
    /// # Errors
    /// Returns an error if it is not an envelope, or if it refers to a file that is rejected.
    pub(super) fn read(text: &'a str) -> Result<Self, Failure> {
        let record: Record<'a> = serde_json::from_str(text)
            .map_err(|error| Failure::because("the record is not one of the file-system serdes", error))?;
        match (record.value, record.file) {
            (Some(value), None) => Ok(Self::Inline(value)),
            (None, Some(file)) => Ok(Self::File(Reference::previous(&file)?)),
            (None, None) | (Some(_), Some(_)) => {
                Err(Failure::new("the record names neither a value nor a file, or both"))
            }
        }
    }
}

/// Returns the value in the content of a file.
///
/// # Errors
/// Returns an error if the content is not in the format that was written.
pub(super) fn read_content(text: &str) -> Result<&RawValue, Failure> {
    let content: Content<'_> =
        serde_json::from_str(text).map_err(|error| Failure::because("it is damaged", error))?;
    if content.durable_file_system != Previous::VERSION {
        let version = content.durable_file_system;
        return Err(Failure::new(format!(
            "it was written in version {version} of the format, which is unknown"
        )));
    }
    check_digest(content.value.get(), &content.sha256)?;
    Ok(content.value)
}

/// Deserializes a member that is present, even if it is `null`.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}
