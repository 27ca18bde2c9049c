//! Calling other functions.

use std::marker::PhantomData;

use durable_engine::NewOperation;
use durable_types::limits::MAX_OPERATION_PAYLOAD_BYTES;
use durable_types::{ChainedInvokeOptions, validate};
use futures_util::future::FutureExt as _;

use super::OperationName;
use super::future::OperationFuture;
use super::handle::LiveHandle;
use super::payload::{PayloadSerdes, PayloadWriter};
use crate::context::DurableContext;
use crate::error::{OperationKind, Result, with_causes};
use crate::serdes::{Json, Serdes, work};

/// A call of another function to be awaited; made by [`DurableContext::invoke`].
#[must_use = "a call does nothing until it is awaited"]
pub struct Invoke<'c, T, P, S = Json, W = Json> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    payload: P,
    options: ChainedInvokeOptions,
    serdes: S,
    writer: W,
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
        Self { context, name, payload, options, serdes: Json, writer: Json, result: PhantomData }
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

    /// Reads the result with this serdes instead of as JSON.
    ///
    /// Another system wrote it: the serdes of a [context](DurableContext::with_serdes) is not asked.
    pub fn serdes<S2>(self, serdes: S2) -> Invoke<'c, T, P, S2, W> {
        let Self { context, name, payload, options, serdes: _, writer, result } = self;
        Invoke { context, name, payload, options, serdes, writer, result }
    }

    /// Writes the payload with this serdes instead of as JSON, for a function that reads something else.
    ///
    /// Payloads are borrowed and need not implement `Serialize` then. Without it they are JSON, whatever the serdes of the
    /// [context](DurableContext::with_serdes): most functions know nothing of that.
    ///
    /// ```
    /// use durable_core::{BoxError, DurableContext, Result, Serdes, SerdesContext};
    ///
    /// struct Order { id: u32 }
    ///
    /// /// Writes orders as a legacy function reads them.
    /// struct Legacy;
    ///
    /// impl Serdes<Order> for Legacy {
    ///     async fn serialize(&self, order: &Order, _: SerdesContext<'_>) -> Result<String, BoxError> {
    ///         Ok(format!("\"ORDER {:08}\"", order.id))
    ///     }
    ///
    ///     async fn deserialize(&self, text: &str, _: SerdesContext<'_>) -> Result<Order, BoxError> {
    ///         let id = text.trim_matches('"').trim_start_matches("ORDER ").parse()?;
    ///         Ok(Order { id })
    ///     }
    /// }
    ///
    /// async fn handler(id: u32, ctx: DurableContext) -> Result<String> {
    ///     ctx.invoke("print", "printer", &Order { id }).payload_serdes(Legacy).await
    /// }
    /// ```
    pub fn payload_serdes<W2>(self, serdes: W2) -> Invoke<'c, T, P, S, PayloadSerdes<W2>> {
        let Self { context, name, payload, options, serdes: result_serdes, writer: _, result } = self;
        let writer = PayloadSerdes::new(serdes);
        Invoke { context, name, payload, options, serdes: result_serdes, writer, result }
    }
}

impl<'c, T, P, S, W> IntoFuture for Invoke<'c, T, P, S, W>
where
    P: Send + Sync + 'c,
    T: Send + 'c,
    S: Serdes<T> + 'c,
    W: PayloadWriter<P> + 'c,
{
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'c, T>;

    fn into_future(self) -> OperationFuture<'c, T> {
        let Self { context, name, payload, options, serdes, writer, result: _ } = self;
        if let Some(problem) = problem(&options) {
            return OperationFuture::invalid(OperationKind::Invoke, &name, problem);
        }
        let new = NewOperation::Invoke { options, input: None };
        let live = |name, handle: LiveHandle, serdes| {
            // A call begins when its future is made, not when it is polled, unless its payload takes time to write.
            let written = handle.wants_input().then(|| write(&payload, &writer, &handle).now_or_never());
            run(name, handle, (payload, writer, written.flatten()), serdes)
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
async fn write<P>(payload: &P, writer: &impl PayloadWriter<P>, handle: &LiveHandle) -> Result<(), String> {
    let context = handle.serdes_context();
    let written = work(context, async { writer.write(payload, context).await }).await;
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

async fn run<T, P, W: PayloadWriter<P>, S: Serdes<T>>(
    name: OperationName<'_>,
    handle: LiveHandle,
    (payload, writer, written): (P, W, Option<Result<(), String>>),
    serdes: S,
) -> Result<T> {
    let written = match written {
        Some(written) => written,
        None if handle.wants_input() => write(&payload, &writer, &handle).await,
        None => Ok(()),
    };
    if let Err(problem) = written {
        return Err(handle.subject(&name).invalid(problem));
    }
    handle.wait(&name, &serdes).await
}
