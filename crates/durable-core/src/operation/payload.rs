//! The payload that an invoked function receives.

use std::sync::Arc;

use serde::Serialize;

use crate::serdes::{SerializeValue, ValueWriter};

/// A payload with a serdes of its own, for invoking a function that does not read JSON.
///
/// Payloads are only serialized, so [`SerializeValue`] is enough, and the value need not implement `Serialize`.
///
/// ```
/// use durable_core::{DurableContext, Result};
/// use durable_core::error::BoxError;
/// use durable_core::operation::Payload;
/// use durable_core::serdes::{SerdesContext, SerializeValue};
///
/// struct Order { id: u32 }
///
/// /// Writes orders in the format of a legacy function.
/// struct Legacy;
///
/// impl SerializeValue<Order> for Legacy {
///     async fn serialize(&self, order: &Order, _: SerdesContext<'_>) -> Result<String, BoxError> {
///         Ok(format!("\"ORDER {:08}\"", order.id))
///     }
/// }
///
/// async fn handler(id: u32, ctx: DurableContext) -> Result<String> {
///     ctx.invoke("print", "printer", Payload::with_serdes(Order { id }, Legacy)).await
/// }
/// ```
///
/// A serdes for both owned and borrowed payloads can be implemented once, through [`Borrow`](std::borrow::Borrow):
///
/// ```
/// # use std::borrow::Borrow;
/// # use durable_core::{DurableContext, Result};
/// # use durable_core::error::BoxError;
/// # use durable_core::operation::Payload;
/// # use durable_core::serdes::{SerdesContext, SerializeValue};
/// # struct Order { id: u32 }
/// # struct Legacy;
/// impl<O: Borrow<Order> + Sync> SerializeValue<O> for Legacy {
///     async fn serialize(&self, order: &O, _: SerdesContext<'_>) -> Result<String, BoxError> {
///         Ok(format!("\"ORDER {:08}\"", order.borrow().id))
///     }
/// }
/// # async fn handler(id: u32, ctx: DurableContext) -> Result<String> {
/// #     let order = Order { id };
/// #     let printed: String = ctx.invoke("print", "printer", Payload::with_serdes(&order, Legacy)).await?;
/// #     ctx.invoke("print", "printer", Payload::with_serdes(order, Legacy)).await
/// # }
/// ```
pub struct Payload<'c, P> {
    pub(super) value: P,
    pub(super) writer: ValueWriter<'c, P>,
}

impl<'c, P: Sync> Payload<'c, P> {
    /// Creates a payload that is serialized with this serdes.
    pub fn with_serdes(value: P, serdes: impl SerializeValue<P> + 'c) -> Self {
        Self { value, writer: ValueWriter::Own(Arc::new(serdes)) }
    }
}

/// Values that can be the payload of an invocation: those that implement `Serialize`, and [`Payload`]s.
pub trait IntoPayload<'c> {
    /// The type of the value.
    type Value;

    #[doc(hidden)]
    fn into_payload(self) -> Payload<'c, Self::Value>;
}

impl<'c, P: Serialize> IntoPayload<'c> for P {
    type Value = P;

    fn into_payload(self) -> Payload<'c, P> {
        // The serdes of the context does not apply to payloads: most functions do not know its format.
        Payload { value: self, writer: ValueWriter::of_context(Default::default()) }
    }
}

impl<'c, P> IntoPayload<'c> for Payload<'c, P> {
    type Value = P;

    fn into_payload(self) -> Self {
        self
    }
}
