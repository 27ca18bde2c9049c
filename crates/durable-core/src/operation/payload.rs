//! What a called function receives.

use std::sync::Arc;

use serde::Serialize;

use crate::serdes::{SerializeValue, ValueWriter};

/// The payload of a call with a serdes of its own, for a function that does not read JSON.
///
/// The serdes never deserializes, so [`SerializeValue`] is enough, and the value need not implement `Serialize`.
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
/// A serdes for owned and borrowed payloads implements it for both through [`Borrow`](std::borrow::Borrow):
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
    /// A payload that this serdes writes.
    pub fn with_serdes(value: P, serdes: impl SerializeValue<P> + 'c) -> Self {
        Self { value, writer: ValueWriter::Own(Arc::new(serdes)) }
    }
}

/// What a function can be called with: a value that implements `Serialize`, or a [`Payload`].
pub trait IntoPayload<'c> {
    /// The value itself.
    type Value;

    #[doc(hidden)]
    fn into_payload(self) -> Payload<'c, Self::Value>;
}

impl<'c, P: Serialize> IntoPayload<'c> for P {
    type Value = P;

    fn into_payload(self) -> Payload<'c, P> {
        // The serdes of a context does not apply to payloads: most functions do not know it.
        Payload { value: self, writer: ValueWriter::of_context(Default::default()) }
    }
}

impl<'c, P> IntoPayload<'c> for Payload<'c, P> {
    type Value = P;

    fn into_payload(self) -> Self {
        self
    }
}
