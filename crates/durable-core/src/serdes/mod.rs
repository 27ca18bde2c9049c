//! How values become what the service records.

mod any_value;
mod context;
mod context_serdes;
#[cfg(feature = "file-system")]
mod file_system;
mod json;
mod unavailable;
mod work;

use durable_types::ErrorObject;

pub use any_value::AnyValue;
pub use context::{SerdesContext, TextOrigin};
pub use context_serdes::ContextSerdes;
#[cfg(feature = "file-system")]
pub use file_system::FileSystemSerdes;
pub use json::Json;
pub(crate) use json::{from_json, to_json};
pub use unavailable::SerdesUnavailable;
pub(crate) use work::work;

use crate::BoxError;
use crate::error::with_causes;

/// Writes values for the service and reads them back; [`Json`] unless a context or an operation says otherwise.
///
/// A value that an operation returns has always been written and read once, so what is lost on the way is lost at once
/// and not only on replay. The text must be UTF-8 and, for everything but the result of a large context, at most 1 MiB.
///
/// An error fails the operation and is not tried again, unless it is [`SerdesUnavailable`]. A record that cannot be read
/// any more fails the execution: the code took another way when it was written.
///
/// ```
/// use durable_core::{BoxError, Serdes, SerdesContext};
///
/// /// Records numbers in base 16.
/// struct Hex;
///
/// impl Serdes<u64> for Hex {
///     async fn serialize(&self, value: &u64, _: SerdesContext<'_>) -> Result<String, BoxError> {
///         Ok(format!("{value:x}"))
///     }
///
///     async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<u64, BoxError> {
///         Ok(u64::from_str_radix(text, 16)?)
///     }
/// }
/// # use durable_core::{DurableContext, Result};
/// # async fn handler(_: (), ctx: DurableContext) -> Result<u64> {
/// let number = ctx.step("number", async |_| Ok(255)).serdes(Hex).await?;
/// # Ok(number)
/// # }
/// ```
pub trait Serdes<T>: Send + Sync {
    /// Writes a value.
    fn serialize(
        &self,
        value: &T,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<String, BoxError>> + Send;

    /// Reads what [`serialize`](Self::serialize) wrote. An operation without a result reads as `null`.
    fn deserialize(
        &self,
        text: &str,
        context: SerdesContext<'_>,
    ) -> impl Future<Output = Result<T, BoxError>> + Send;

    /// Whether what it writes is always JSON, so that it can stand inside other JSON as it is, such as the record of a
    /// map. If not, as by default, it stands there as a text.
    fn writes_json(&self) -> bool {
        false
    }
}

/// What a replay will see of a value: the value itself, written and read again.
pub(crate) async fn round_trip<T>(
    serdes: &impl Serdes<T>,
    value: &T,
    context: SerdesContext<'_>,
) -> Result<(String, T), ErrorObject> {
    let written = work(context, async { serdes.serialize(value, context).await }).await;
    let text = written.map_err(|error| serdes_error("the result cannot be written", error))?;
    let value = deserialize(serdes, Some(&text), context).await?;
    Ok((text, value))
}

/// The value of a recorded text.
pub(crate) async fn deserialize<T>(
    serdes: &impl Serdes<T>,
    text: Option<&str>,
    context: SerdesContext<'_>,
) -> Result<T, ErrorObject> {
    let text = text.unwrap_or("null");
    let read = work(context, async { serdes.deserialize(text, context).await }).await;
    read.map_err(|error| {
        let type_name = std::any::type_name::<T>();
        serdes_error(&format!("what is recorded cannot be read as {type_name}"), error)
    })
}

fn serdes_error(problem: &str, error: BoxError) -> ErrorObject {
    ErrorObject::new("SerdesError", format!("{problem}: {}", with_causes(error.as_ref())))
}
