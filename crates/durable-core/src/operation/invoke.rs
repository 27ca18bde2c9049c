//! Invocations of other functions.

use std::pin::pin;

use durable_engine::NewOperation;
use durable_types::limits::MAX_OPERATION_PAYLOAD_BYTES;
use durable_types::{ChainedInvokeOptions, validate};
use futures_util::future::FutureExt as _;

use super::begin::begins;
use super::payload::IntoPayload;
use super::payload::Payload;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result, with_causes};
use crate::invoke_target::InvokeTarget;
use crate::live::{LiveHandle, OperationFuture};
use crate::name::OperationName;
use crate::serdes::{Ignored, PayloadKind, Reads, SerdesChoice, SerializeValue as _, ValueReader, work};

impl<S: SerdesChoice> DurableContext<S> {
    /// Invokes another Lambda function and returns its result; the execution can suspend until the result arrives.
    ///
    /// As in Lambda's Invoke API, the function is identified by name, partial ARN or ARN; a durable function needs a
    /// version or an alias. The payload may be borrowed or owned. It is sent as JSON, unless it is a
    /// [`Payload`](crate::operation::Payload) with a serdes of its own, and can be at most 1 MiB. The result is read as
    /// JSON, unless the context is [using](DurableContext::using) another serdes. Use
    /// [`ignore_result`](Invoke::ignore_result) if its value does not matter. With a [`Function`](crate::Function)
    /// instead of a name, the compiler checks the types of payload and result.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(cents: u64, ctx: DurableContext) -> Result<u64> {
    ///     let tax: u64 = ctx.invoke("tax", "tax-calculator:live", &cents).await?;
    ///     Ok(cents + tax)
    /// }
    /// ```
    pub fn invoke<'c, T, P>(
        &self,
        name: impl Into<OperationName<'c>>,
        function: impl InvokeTarget<P::Value, T>,
        payload: P,
    ) -> Invoke<'c, T, P::Value>
    where
        T: Send + 'c,
        P: IntoPayload<'c, Value: Send + Sync + 'c>,
        S: Reads<'c, T>,
    {
        let (payload, reader) = (payload.into_payload(), self.reader());
        Invoke::new(self.base(), name.into(), function.into_function_name(), payload, reader)
    }
}

/// The builder of an invocation of another function, returned by [`DurableContext::invoke`].
#[must_use = "a call does nothing until it is awaited"]
pub struct Invoke<'c, T, P> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    options: ChainedInvokeOptions,
    payload: Payload<'c, P>,
    reader: ValueReader<'c, T>,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

impl<'c, T: Send + 'c, P: Send + Sync + 'c> Invoke<'c, T, P> {
    pub(crate) fn new(
        context: DurableContext,
        name: OperationName<'c>,
        function_name: String,
        payload: Payload<'c, P>,
        reader: ValueReader<'c, T>,
    ) -> Self {
        let options = ChainedInvokeOptions::new(function_name);
        Self { context, name, options, payload, reader, begin }
    }
}

impl<P> Invoke<'_, (), P> {
    /// Accepts any result and discards it, so no result type has to be named.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(order: String, ctx: DurableContext) -> Result<()> {
    ///     ctx.invoke("archive", "archive:live", &order).ignore_result().await?;
    ///     ctx.step("go on", async |_| Ok(())).await
    /// }
    /// ```
    pub fn ignore_result(self) -> Self {
        Self { reader: ValueReader::own(Ignored), ..self }
    }
}

impl<T, P> Invoke<'_, T, P> {
    /// Sets the tenant to invoke the function for, 1 to 256 characters.
    pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
        self.options.tenant_id = Some(tenant_id.into());
        self
    }

    /// Sets the trace header that the function receives, at most 8,192 characters.
    pub fn trace_header(mut self, header: impl Into<String>) -> Self {
        self.options.x_amzn_trace_id = Some(header.into());
        self
    }
}

begins!(Invoke<'c, T, P> -> T);

fn begin<'c, T: Send + 'c, P: Send + Sync + 'c>(call: Invoke<'c, T, P>) -> OperationFuture<'c, T> {
    let Invoke { context, name, options, payload, reader, begin: _ } = call;
    if let Some(problem) = problem(&options) {
        return OperationFuture::invalid(OperationKind::Invoke, &name, problem);
    }
    let new = NewOperation::Invoke { options, input: None };
    let live = |name, handle: LiveHandle, reader| {
        // The call starts when its future is created rather than when it is polled, unless the payload is slow to
        // serialize.
        let written = handle.wants_input().then(|| write(&payload, &handle).now_or_never());
        run(name, handle, (payload, written.flatten()), reader)
    };
    OperationFuture::claim(&context, name, new, reader, live)
}

fn problem(options: &ChainedInvokeOptions) -> Option<String> {
    let tenant_id = options.tenant_id.as_deref().map_or(Ok(()), validate::tenant_id);
    let trace_header = options.x_amzn_trace_id.as_deref().map_or(Ok(()), validate::trace_header);
    let function_name = validate::function_name(&options.function_name);
    let violation = function_name.and(tenant_id).and(trace_header).err()?;
    Some(format!("its {} {}", violation.member, violation.problem))
}

/// Serializes the payload and passes it to the engine, or the reason why it cannot be sent.
async fn write<P: Sync>(payload: &Payload<'_, P>, handle: &LiveHandle) -> Result<(), String> {
    let Payload { value, writer } = payload;
    let context = handle.serdes_context().of_kind(PayloadKind::InvokePayload);
    let written = work(context.host(), pin!(async { writer.serialize(value, context).await })).await;
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

async fn run<T, P: Sync>(
    name: OperationName<'_>,
    handle: LiveHandle,
    (payload, written): (Payload<'_, P>, Option<Result<(), String>>),
    reader: ValueReader<'_, T>,
) -> Result<T> {
    let written = match written {
        Some(written) => written,
        None if handle.wants_input() => write(&payload, &handle).await,
        None => Ok(()),
    };
    if let Err(problem) = written {
        return Err(handle.subject(&name).invalid(problem));
    }
    handle.wait(&name, &reader).await
}
