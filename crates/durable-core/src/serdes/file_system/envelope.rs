//! The record of a value: its text or the file that holds it, in the format shared with AWS's SDKs.

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::digest::check_digest;
use super::failure::Failure;
use super::previous::Previous;
use super::reference::{Owner, Reference};

const VERSION: u32 = 1;

/// The only payload type: text, stored in the file as UTF-8.
const PAYLOAD_TYPE: &str = "UTF8";

/// The record of a value.
///
/// # Invariants
/// - The envelope always wraps the text, so a value that looks like an envelope is never mistaken for one.
#[derive(Debug)]
pub(super) enum Envelope<'a> {
    /// The text of the value.
    Inline(Cow<'a, str>),
    /// The file that holds the text, and the digest of that text.
    File { reference: Reference, digest: String },
    /// A record in the previous format.
    Previous(Previous<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    #[serde(rename = "__durable_execution_filesystem_serdes")]
    version: u32,
    owner_durable_execution_arn: &'a str,
    owner_entity_id: &'a str,
    payload_type: &'static str,
    payload_digest: &'a str,
    #[serde(flatten)]
    payload: Payload<'a>,
}

/// The location of a value's text.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Payload<'a> {
    Inline {
        data: &'a str,
    },
    File {
        file: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        preview: Option<Map<String, Value>>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Recorded<'a> {
    #[serde(rename = "__durable_execution_filesystem_serdes")]
    _version: u32,
    owner_durable_execution_arn: String,
    owner_entity_id: String,
    payload_type: String,
    payload_digest: String,
    #[serde(borrow, default)]
    data: Option<Cow<'a, str>>,
    #[serde(default)]
    file: Option<String>,
    #[serde(rename = "preview", default)]
    _preview: Option<IgnoredAny>,
}

/// The members by which JSON is recognized as an envelope.
#[derive(Deserialize)]
struct Markers<'a> {
    #[serde(rename = "__durable_execution_filesystem_serdes", borrow, default)]
    current: Option<&'a RawValue>,
    #[serde(rename = "durableFileSystem", borrow, default)]
    previous: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Reads a record. Returns `None` if it is not an envelope but was written by another serdes.
    ///
    /// # Errors
    /// Returns an error if it is an envelope that this serdes did not write for this owner.
    pub(super) fn read(text: &'a str, owner: &Owner<'_>) -> Result<Option<Self>, Failure> {
        let markers = Markers::of(text);
        if let Some(version) = markers.current {
            check_version(version, VERSION)?;
            return Self::read_current(text, owner).map(Some);
        }
        if let Some(version) = markers.previous {
            check_version(version, Previous::VERSION)?;
            return Previous::read(text).map(Self::Previous).map(Some);
        }
        Ok(None)
    }

    fn read_current(text: &'a str, owner: &Owner<'_>) -> Result<Self, Failure> {
        let recorded: Recorded<'a> = serde_json::from_str(text)
            .map_err(|error| Failure::because("the record is not one of the file-system serdes", error))?;
        if recorded.owner_durable_execution_arn != owner.execution_arn
            || recorded.owner_entity_id != owner.entity_id
        {
            return Err(Failure::new(format!(
                "the record is refused: it belongs to {} of {}",
                recorded.owner_entity_id.escape_debug(),
                recorded.owner_durable_execution_arn.escape_debug()
            )));
        }
        if recorded.payload_type != PAYLOAD_TYPE {
            let payload_type = recorded.payload_type.escape_debug();
            return Err(Failure::new(format!("the record has a payload of unknown type `{payload_type}`")));
        }
        match (recorded.data, recorded.file) {
            (Some(data), None) => {
                check_digest(&data, &recorded.payload_digest)?;
                Ok(Self::Inline(data))
            }
            (None, Some(file)) => {
                let digest = recorded.payload_digest;
                Ok(Self::File { reference: Reference::recorded(&file, owner, &digest)?, digest })
            }
            (None, None) | (Some(_), Some(_)) => {
                Err(Failure::new("the record names neither a value nor a file, or both"))
            }
        }
    }

    /// Returns the record of a value that contains its text.
    pub(super) fn inline(text: &str, owner: &Owner<'_>, digest: &str) -> Result<String, Failure> {
        write(owner, digest, Payload::Inline { data: text })
    }

    /// Returns the record of a value whose text is in a file, given by its absolute path.
    pub(super) fn file(
        file: &str,
        owner: &Owner<'_>,
        digest: &str,
        preview: Option<Map<String, Value>>,
    ) -> Result<String, Failure> {
        write(owner, digest, Payload::File { file, preview })
    }
}

impl<'a> Markers<'a> {
    fn of(text: &'a str) -> Self {
        // An array would be deserialized as the members in order.
        let is_object = text.trim_start().starts_with('{');
        let markers = is_object.then(|| serde_json::from_str(text).ok()).flatten();
        markers.unwrap_or(Self { current: None, previous: None })
    }
}

fn check_version(version: &RawValue, known: u32) -> Result<(), Failure> {
    let version = version.get();
    if version.parse() == Ok(known) {
        return Ok(());
    }
    Err(Failure::new(format!("it was written in version {version} of the format, which is unknown here")))
}

fn write(owner: &Owner<'_>, digest: &str, payload: Payload<'_>) -> Result<String, Failure> {
    let written = Written {
        version: VERSION,
        owner_durable_execution_arn: owner.execution_arn,
        owner_entity_id: &owner.entity_id,
        payload_type: PAYLOAD_TYPE,
        payload_digest: digest,
        payload,
    };
    serde_json::to_string(&written).map_err(|error| Failure::because("the record cannot be written", error))
}
