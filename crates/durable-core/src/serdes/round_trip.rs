//! Applies a serdes to the values of operations and converts its errors into errors of the operation.

use std::pin::pin;

use durable_types::ErrorObject;

use super::context::SerdesContext;
use super::value::{DeserializeValue, Serdes};
use super::work::work;
use crate::error::{BoxError, with_causes};

/// Serializes a value and deserializes it again; returns the text and the value as a replay will see it.
///
/// Every live operation contains this future. It is no `async fn`, nor are those in it, because the future of one has
/// room for each argument twice.
#[expect(clippy::manual_async_fn, reason = "its future would be larger")]
pub(crate) fn round_trip<T>(
    serdes: &impl Serdes<T>,
    value: &T,
    context: SerdesContext<'_>,
) -> impl Future<Output = Result<(String, T), ErrorObject>> {
    async move {
        let written = work(context.host(), pin!(async { serdes.serialize(value, context).await })).await;
        let text = written.map_err(|error| serdes_error("the result cannot be written", error))?;
        let value = read(serdes, &text, context, "the result cannot be read back").await?;
        Ok((text, value))
    }
}

/// Deserializes a recorded text.
pub(crate) fn deserialize<T>(
    serdes: &impl DeserializeValue<T>,
    text: Option<&str>,
    context: SerdesContext<'_>,
) -> impl Future<Output = Result<T, ErrorObject>> {
    read(serdes, text.unwrap_or("null"), context, "what is recorded cannot be read")
}

#[expect(clippy::manual_async_fn, reason = "its future would be larger")]
fn read<T>(
    serdes: &impl DeserializeValue<T>,
    text: &str,
    context: SerdesContext<'_>,
    problem: &'static str,
) -> impl Future<Output = Result<T, ErrorObject>> {
    async move {
        let read = work(context.host(), pin!(async { serdes.deserialize(text, context).await })).await;
        read.map_err(|error| {
            let type_name = std::any::type_name::<T>();
            serdes_error(&format!("{problem} as {type_name}"), error)
        })
    }
}

fn serdes_error(problem: &str, error: BoxError) -> ErrorObject {
    ErrorObject::new("SerdesError", format!("{problem}: {}", with_causes(error.as_ref())))
}
