//! The traits of a serdes: one for each direction, and both together.

use super::SerdesContext;
use crate::error::BoxError;

/// Serializes and deserializes the values that the service records; [`Json`](crate::serdes::Json) by default.
///
/// Anything that implements both [`SerializeValue`] and [`DeserializeValue`] is a serdes. Where values move in one
/// direction only, such as the [payload](crate::operation::Payload) of a call or the answer to a
/// [callback](crate::DurableContext::create_callback), one of the two is enough.
///
/// Every value that an operation or a handler returns is serialized and deserialized once before it is used, so what a
/// serdes loses is lost on the first run already, not only on replay. The text must be UTF-8 and, except for the result of
/// a large context, at most 1 MiB.
///
/// An error fails the operation and is not retried, unless it is [`SerdesUnavailable`](crate::serdes::SerdesUnavailable). A
/// record that can no longer be deserialized fails the execution, because the code took another path when it was
/// written.
///
/// # What serde loses
/// [`Json`](crate::serdes::Json) and other serdes built on [`serde`] record no more than the type's implementations of
/// `Serialize` and `Deserialize` do. These losses are serde's own, and silent:
/// - `Some(None)` and `Some(())` are written as `null`, as `None` is, and come back as `None`. The same holds for `Some` of
///   anything else that is written as `null`, such as a unit struct or `serde_json::Value::Null`. Use an enum of your own
///   where the difference matters.
/// - `NaN` and the infinities have no JSON and are written as `null`. As an `f64` that is an error when it is read back; as
///   an `Option<f64>` it becomes `None`.
/// - Fields with `#[serde(skip)]` come back as their default.
/// - An untagged enum comes back as the first variant that fits.
///
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

/// Serializes values for the service, or for another function: one half of a [`Serdes`].
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

/// Deserializes what the service recorded, or what another system sent: the other half of a [`Serdes`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not deserialize `{T}`",
    note = "implement `DeserializeValue<{T}>` for `{Self}`"
)]
pub trait DeserializeValue<T>: Send + Sync {
    /// Deserializes a value. An operation that was recorded without a result reads as `null`.
    fn deserialize(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send;

    /// Whether its text is always JSON, so that it can be embedded in other JSON, such as the record of a map. By default
    /// it is not, and is embedded as a string.
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
