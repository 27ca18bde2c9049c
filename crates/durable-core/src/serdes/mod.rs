//! Serdes: how values are converted to and from the texts that the service records.

mod any_value;
mod choice;
mod context;
mod context_serdes;
#[cfg(feature = "file-system")]
mod file_system;
mod host;
mod ignored;
mod json;
mod operation_serdes;
mod payload_kind;
mod round_trip;
mod unavailable;
mod value;
mod work;

pub use any_value::AnyValue;
pub use choice::{Reads, Records, SerdesChoice, Using};
pub use context::{SerdesContext, TextOrigin};
pub use context_serdes::ContextSerdes;
#[cfg(feature = "file-system")]
pub use file_system::FileSystemSerdes;
pub(crate) use host::SerdesHost;
pub(crate) use ignored::Ignored;
pub use json::Json;
pub(crate) use json::{from_json, to_json};
pub(crate) use operation_serdes::{OperationSerdes, ValueReader, ValueWriter};
pub use payload_kind::PayloadKind;
pub(crate) use round_trip::{deserialize, round_trip};
pub use unavailable::SerdesUnavailable;
pub use value::{DeserializeValue, Serdes, SerializeValue};
pub(crate) use work::work;
