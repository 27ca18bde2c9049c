//! How values become what the service records: JSON.

use durable_types::ErrorObject;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The text of a value.
pub(crate) fn serialize<T: Serialize>(value: &T) -> Result<String, ErrorObject> {
    serde_json::to_string(value).map_err(|error| {
        ErrorObject::new("SerdesError", format!("the result cannot be written as JSON: {error}"))
    })
}

/// The value of a text; no text is `null`.
pub(crate) fn deserialize<T: DeserializeOwned>(text: Option<&str>) -> Result<T, ErrorObject> {
    serde_json::from_str(text.unwrap_or("null")).map_err(|error| {
        let type_name = std::any::type_name::<T>();
        ErrorObject::new("SerdesError", format!("the recorded JSON cannot be read as {type_name}: {error}"))
    })
}

/// What a replay will see of a value: the value itself, written and read again.
pub(crate) fn round_trip<T: Serialize + DeserializeOwned>(value: &T) -> Result<(String, T), ErrorObject> {
    let text = serialize(value)?;
    let value = deserialize(Some(&text))?;
    Ok((text, value))
}
