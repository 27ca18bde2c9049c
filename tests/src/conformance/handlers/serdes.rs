//! Serdes that leave traces in what is recorded.

use durable::error::BoxError;
use durable::serdes::{DeserializeValue, SerdesContext, SerializeValue};

/// Records texts in capitals, without quotes.
#[derive(Clone, Copy)]
pub(crate) struct Capitals;

impl SerializeValue<String> for Capitals {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(value.to_uppercase())
    }
}

impl DeserializeValue<String> for Capitals {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(text.to_owned())
    }
}

/// Reads texts in capitals, with the quotes that they are recorded with.
#[derive(Clone, Copy)]
pub(crate) struct ReadInCapitals;

impl SerializeValue<String> for ReadInCapitals {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(value.clone())
    }
}

impl DeserializeValue<String> for ReadInCapitals {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(text.to_uppercase())
    }
}
/// Records texts after a word of its own.
#[derive(Clone, Copy)]
pub(crate) struct Wrapped;

impl SerializeValue<String> for Wrapped {
    async fn serialize(&self, value: &String, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(format!("wrapped:{value}"))
    }
}

impl DeserializeValue<String> for Wrapped {
    async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<String, BoxError> {
        Ok(text.strip_prefix("wrapped:").ok_or("this was not wrapped")?.to_owned())
    }
}
