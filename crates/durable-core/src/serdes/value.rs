//! The traits of a serdes: one per direction, and both combined.

use super::context::SerdesContext;
use crate::error::BoxError;

/// Serializes and deserializes the values that the service records; defaults to [`Json`](crate::serdes::Json).
///
/// Any type that implements both [`SerializeValue`] and [`DeserializeValue`] is a serdes. Where values move in one
/// direction only, one of the two is enough: the [payload](crate::operation::Payload) of an invocation is only
/// serialized, the answer to a [callback](crate::DurableContext::create_callback) is only deserialized.
///
/// Every value that an operation or a handler returns is serialized and deserialized once before it is used.
/// Information that a serdes loses is therefore lost on the first run already, not only on replay. The text must be
/// UTF-8 and, except for the result of a large context, at most 1 MiB.
///
/// An error fails the operation and is not retried, unless it is
/// [`SerdesUnavailable`](crate::serdes::SerdesUnavailable). A record that can no longer be deserialized fails the
/// execution, because the code took another path when the record was written.
///
/// # What serde loses
/// [`Json`](crate::serdes::Json) and other serdes built on [`serde`] preserve only what the type's implementations of
/// `Serialize` and `Deserialize` do. The following losses are inherent to serde, and silent:
/// - `Some(None)` and `Some(())` serialize as `null`, like `None`, and deserialize as `None`. The same applies to
///   `Some` of any other value that serializes as `null`, such as a unit struct or `serde_json::Value::Null`. Use an
///   enum of your own if the difference matters.
/// - `NaN` and the infinities have no JSON representation and serialize as `null`. Deserializing that as `f64` is an
///   error; as `Option<f64>` it becomes `None`.
/// - Fields with `#[serde(skip)]` are reset to their default.
/// - An untagged enum deserializes as the first variant that matches.
/// ```
/// use durable_core::error::BoxError;
/// use durable_core::serdes::{DeserializeValue, SerdesContext, SerializeValue};
///
/// /// Records numbers in base 16.
/// struct Hex;
///
/// impl SerializeValue<u64> for Hex {
///     async fn serialize(&self, value: &u64, _: SerdesContext<'_>) -> Result<String, BoxError> {
///         Ok(format!("{value:x}"))
///     }
/// }
///
/// impl DeserializeValue<u64> for Hex {
///     async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<u64, BoxError> {
///         Ok(u64::from_str_radix(text, 16)?)
///     }
/// }
/// # use durable_core::{DurableContext, Result};
/// # async fn handler(_: (), ctx: DurableContext) -> Result<u64> {
/// let number = ctx.using(Hex).step("number", async |_| Ok(255)).await?;
/// # Ok(number)
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a serdes for `{T}`",
    note = "a serdes implements `SerializeValue<{T}>` and `DeserializeValue<{T}>`"
)]
pub trait Serdes<T>: SerializeValue<T> + DeserializeValue<T> {}

impl<T, S: SerializeValue<T> + DeserializeValue<T>> Serdes<T> for S {}

/// Serializes values for the service or for another function; one half of a [`Serdes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serialize `{T}`",
    note = "implement `SerializeValue<{T}>` for `{Self}`"
)]
pub trait SerializeValue<T>: Send + Sync {
    /// Serializes a value.
    fn serialize(
        &self,
        value: &T,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send;
}

impl<T: Sync, S: SerializeValue<T>> SerializeValue<T> for &S {
    async fn serialize(&self, value: &T, context: SerdesContext<'_>) -> Result<String, BoxError> {
        S::serialize(self, value, context).await
    }
}

/// Deserializes values that the service recorded or another system sent; the other half of a [`Serdes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not deserialize `{T}`",
    note = "implement `DeserializeValue<{T}>` for `{Self}`"
)]
pub trait DeserializeValue<T>: Send + Sync {
    /// Deserializes a value. A result that is missing from its record reads as `null`.
    fn deserialize(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send;

    /// Returns whether the serialized text is always JSON; defaults to false.
    ///
    /// JSON can be embedded in other JSON, such as the record of a map. Any other text is embedded as a string.
    fn is_json(&self) -> bool {
        false
    }
}

impl<T, S: DeserializeValue<T>> DeserializeValue<T> for &S {
    async fn deserialize(&self, text: &str, context: SerdesContext<'_>) -> Result<T, BoxError> {
        S::deserialize(self, text, context).await
    }

    fn is_json(&self) -> bool {
        S::is_json(self)
    }
}
