//! How values become what the service records.

mod any_value;
mod context;
mod context_serdes;
#[cfg(feature = "file-system")]
mod file_system;
mod json;
mod payload_kind;
mod round_trip;
mod unavailable;
mod value;
mod work;

pub use any_value::AnyValue;
pub use context::{SerdesContext, TextOrigin};
pub use context_serdes::ContextSerdes;
#[cfg(feature = "file-system")]
pub use file_system::FileSystemSerdes;
pub use json::Json;
pub(crate) use json::{from_json, to_json};
pub use payload_kind::PayloadKind;
pub(crate) use round_trip::{deserialize, round_trip};
pub use unavailable::SerdesUnavailable;
pub use value::{DeserializeValue, Serdes, SerializeValue};
pub(crate) use work::work;
