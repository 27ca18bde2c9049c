//! JSON, which every value is recorded as unless an operation says otherwise.

use durable_types::ErrorObject;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{DeserializeValue, SerdesContext, SerializeValue};
use crate::error::BoxError;

/// Records values as JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json;

impl<T: Serialize + Sync> SerializeValue<T> for Json {
    async fn serialize(&self, value: &T, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(serde_json::to_string(value)?)
    }
}

// Not `DeserializeOwned`: the compiler suggests the derive for a type without `Deserialize` only.
impl<T: for<'de> Deserialize<'de>> DeserializeValue<T> for Json {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<T, BoxError> {
        Ok(serde_json::from_str(text)?)
    }

    fn is_json(&self) -> bool {
        true
    }
}

/// The text of a value that is always JSON: what a handler returns.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, ErrorObject> {
    let error =
        |error| ErrorObject::new("SerdesError", format!("the value cannot be written as JSON: {error}"));
    serde_json::to_string(value).map_err(error)
}

/// The value of a text that is always JSON: what a handler takes. No text is `null`.
pub(crate) fn from_json<T: DeserializeOwned>(text: Option<&str>) -> Result<T, ErrorObject> {
    serde_json::from_str(text.unwrap_or("null")).map_err(|error| {
        let type_name = std::any::type_name::<T>();
        ErrorObject::new("SerdesError", format!("the JSON cannot be read as {type_name}: {error}"))
    })
}
