//! JSON, the default serdes of all values.

use durable_types::ErrorObject;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::context::SerdesContext;
use super::value::{DeserializeValue, SerializeValue};
use crate::error::BoxError;

/// Records values as JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json;

impl<T: Serialize + Sync> SerializeValue<T> for Json {
    async fn serialize(&self, value: &T, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(serde_json::to_string(value)?)
    }
}

// Not `DeserializeOwned`, because the compiler suggests the derive only for a missing `Deserialize`.
impl<T: for<'de> Deserialize<'de>> DeserializeValue<T> for Json {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<T, BoxError> {
        Ok(serde_json::from_str(text)?)
    }

    fn is_json(&self) -> bool {
        true
    }
}

/// Serializes a value that is always JSON, such as the result of a handler.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, ErrorObject> {
    let error =
        |error| ErrorObject::new("SerdesError", format!("the value cannot be written as JSON: {error}"));
    serde_json::to_string(value).map_err(error)
}

/// Deserializes a value that is always JSON, such as the input of a handler. A missing text reads as `null`.
pub(crate) fn from_json<T: DeserializeOwned>(text: Option<&str>) -> Result<T, ErrorObject> {
    serde_json::from_str(text.unwrap_or("null")).map_err(|error| {
        let type_name = std::any::type_name::<T>();
        ErrorObject::new("SerdesError", format!("the JSON cannot be read as {type_name}: {error}"))
    })
}
