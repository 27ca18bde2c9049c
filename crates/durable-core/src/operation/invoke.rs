//! Calling other functions.

use std::marker::PhantomData;

use durable_engine::NewOperation;
use durable_types::limits::MAX_OPERATION_PAYLOAD_BYTES;
use durable_types::{ChainedInvokeOptions, validate};
use futures_util::future::FutureExt as _;

use super::OperationName;
use super::future::OperationFuture;
use super::handle::LiveHandle;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result, with_causes};
use crate::serdes::{DeserializeValue, Json, PayloadKind, SerializeValue, work};

/// A call of another function to be awaited; made by [`DurableContext::invoke`].
#[must_use = "a call does nothing until it is awaited"]
pub struct Invoke<'c, T, P, S = Json, W = Json> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    payload: P,
    options: ChainedInvokeOptions,
    serdes: S,
    payload_serdes: W,
    result: PhantomData<fn() -> T>,
}

impl<'c, T, P> Invoke<'c, T, P> {
    pub(crate) fn new(
        context: DurableContext,
        name: OperationName<'c>,
        function_name: String,
        payload: P,
    ) -> Self {
        let options = ChainedInvokeOptions { function_name, tenant_id: None, x_amzn_trace_id: None };
        Self { context, name, payload, options, serdes: Json, payload_serdes: Json, result: PhantomData }
    }
}

impl<'c, T, P, S, W> Invoke<'c, T, P, S, W> {
    /// The tenant that the function is called for, 1 to 256 characters.
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.options.tenant_id = Some(tenant_id.into());
        self
    }

    /// The trace header that the function receives, at most 8,192 characters.
    pub fn trace_header(mut self, header: impl Into<String>) -> Self {
        self.options.x_amzn_trace_id = Some(header.into());
        self
    }

    /// Deserializes the result with this serdes instead of as JSON.
    ///
    /// It never serializes, so [`DeserializeValue`] is enough. The serdes of the [context](DurableContext::with_serdes) does
    /// not apply to results of other functions: most do not know it.
    pub fn serdes<S2: DeserializeValue<T>>(self, serdes: S2) -> Invoke<'c, T, P, S2, W> {
        let Self { context, name, payload, options, serdes: _, payload_serdes, result } = self;
        Invoke { context, name, payload, options, serdes, payload_serdes, result }
    }

    /// Serializes the payload with this serdes instead of as JSON, for a function that reads another format.
    ///
    /// It never deserializes, so [`SerializeValue`] is enough, and the payload need not implement `Serialize`. The serdes of
    /// the [context](DurableContext::with_serdes) does not apply to payloads: most functions do not know it.
    ///
    /// ```
    /// use durable_core::{BoxError, DurableContext, Result, SerdesContext, SerializeValue};
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
    ///     ctx.invoke("print", "printer", Order { id }).payload_serdes(Legacy).await
    /// }
    /// ```
    ///
    /// A serdes for payloads that are given away or lent implements it for both through [`Borrow`](std::borrow::Borrow):
    ///
    /// ```
    /// # use std::borrow::Borrow;
    /// # use durable_core::{BoxError, DurableContext, Result, SerdesContext, SerializeValue};
    /// # struct Order { id: u32 }
    /// # struct Legacy;
    /// impl<O: Borrow<Order> + Sync> SerializeValue<O> for Legacy {
    ///     async fn serialize(&self, order: &O, _: SerdesContext<'_>) -> Result<String, BoxError> {
    ///         Ok(format!("\"ORDER {:08}\"", order.borrow().id))
    ///     }
    /// }
    /// # async fn handler(id: u32, ctx: DurableContext) -> Result<String> {
    /// #     let order = Order { id };
    /// #     let printed: String = ctx.invoke("print", "printer", &order).payload_serdes(Legacy).await?;
    /// #     ctx.invoke("print", "printer", order).payload_serdes(Legacy).await
    /// # }
    /// ```
    pub fn payload_serdes<W2: SerializeValue<P>>(self, serdes: W2) -> Invoke<'c, T, P, S, W2> {
        let Self { context, name, payload, options, serdes: result_serdes, payload_serdes: _, result } = self;
        Invoke { context, name, payload, options, serdes: result_serdes, payload_serdes: serdes, result }
    }
}

impl<'c, T, P, S, W> IntoFuture for Invoke<'c, T, P, S, W>
where
    P: Send + Sync + 'c,
    T: Send + 'c,
    S: DeserializeValue<T> + 'c,
    W: SerializeValue<P> + 'c,
{
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'c, T>;

    fn into_future(self) -> OperationFuture<'c, T> {
        let Self { context, name, payload, options, serdes, payload_serdes, result: _ } = self;
        if let Some(problem) = problem(&options) {
            return OperationFuture::invalid(OperationKind::Invoke, &name, problem);
        }
        let new = NewOperation::Invoke { options, input: None };
        let live = |name, handle: LiveHandle, serdes| {
            // A call begins when its future is made, not when it is polled, unless its payload takes time to write.
            let written =
                handle.wants_input().then(|| write(&payload, &payload_serdes, &handle).now_or_never());
            run(name, handle, (payload, payload_serdes, written.flatten()), serdes)
        };
        OperationFuture::claim(&context, name, new, serdes, live)
    }
}

fn problem(options: &ChainedInvokeOptions) -> Option<String> {
    let tenant_id = options.tenant_id.as_deref().map_or(Ok(()), validate::tenant_id);
    let trace_header = options.x_amzn_trace_id.as_deref().map_or(Ok(()), validate::trace_header);
    let function_name = validate::function_name(&options.function_name);
    let violation = function_name.and(tenant_id).and(trace_header).err()?;
    Some(format!("its {} {}", violation.member, violation.problem))
}

/// Tells the engine what the function receives, or what is wrong with it.
async fn write<P>(payload: &P, serdes: &impl SerializeValue<P>, handle: &LiveHandle) -> Result<(), String> {
    let context = handle.serdes_context().of_kind(PayloadKind::InvokePayload);
    let written = work(context, async { serdes.serialize(payload, context).await }).await;
    let checked = match written {
        Ok(text) if text.len() > MAX_OPERATION_PAYLOAD_BYTES => Err(format!(
            "it has {} bytes, more than the {MAX_OPERATION_PAYLOAD_BYTES} that can be sent",
            text.len()
        )),
        Ok(text) => Ok(text),
        Err(error) => Err(with_causes(error.as_ref())),
    };
    checked.map(|text| handle.give_input(text)).map_err(|problem| {
        handle.refuse_input();
        format!("its payload cannot be written: {problem}")
    })
}

async fn run<T, P, W: SerializeValue<P>, S: DeserializeValue<T>>(
    name: OperationName<'_>,
    handle: LiveHandle,
    (payload, payload_serdes, written): (P, W, Option<Result<(), String>>),
    serdes: S,
) -> Result<T> {
    let written = match written {
        Some(written) => written,
        None if handle.wants_input() => write(&payload, &payload_serdes, &handle).await,
        None => Ok(()),
    };
    if let Err(problem) = written {
        return Err(handle.subject(&name).invalid(problem));
    }
    handle.wait(&name, &serdes).await
}
