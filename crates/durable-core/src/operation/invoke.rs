//! Calling other functions.

use std::marker::PhantomData;

use durable_engine::{NewOperation, Progress};
use durable_types::{ChainedInvokeOptions, validate};
use serde::Serialize;

use super::OperationName;
use super::future::{OperationFuture, operation_future};
use super::handle::LiveHandle;
use crate::error::OperationError;
use crate::serdes::to_json;
use crate::{DurableContext, InvokeError, Json, Serdes};

/// A call of another function to be awaited; made by [`DurableContext::invoke`].
#[must_use = "a call does nothing until it is awaited"]
pub struct Invoke<'c, T, P: ?Sized, S = Json> {
    pub(super) context: DurableContext,
    name: OperationName<'c>,
    payload: &'c P,
    options: ChainedInvokeOptions,
    serdes: S,
    result: PhantomData<fn() -> T>,
}

impl<'c, T, P: ?Sized> Invoke<'c, T, P> {
    pub(crate) fn new(
        context: DurableContext,
        name: OperationName<'c>,
        function_name: String,
        payload: &'c P,
    ) -> Self {
        let options = ChainedInvokeOptions { function_name, tenant_id: None, x_amzn_trace_id: None };
        Self { context, name, payload, options, serdes: Json, result: PhantomData }
    }
}

impl<'c, T, P: ?Sized, S> Invoke<'c, T, P, S> {
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
    pub fn serdes<S2>(self, serdes: S2) -> Invoke<'c, T, P, S2> {
        let Self { context, name, payload, options, serdes: _, result } = self;
        Invoke { context, name, payload, options, serdes, result }
    }
}

impl<'c, T, P, S> IntoFuture for Invoke<'c, T, P, S>
where
    P: Serialize + ?Sized,
    T: Send + 'c,
    S: Serdes<T> + 'c,
{
    type Output = Result<T, InvokeError>;
    type IntoFuture = InvokeFuture<'c, T>;

    fn into_future(self) -> InvokeFuture<'c, T> {
        let Self { context, name, payload, options, serdes, result: _ } = self;
        let input = match (problem(&options), to_json(payload)) {
            (None, Ok(input)) => input,
            (Some(problem), _) => {
                return InvokeFuture(OperationFuture::invalid(InvokeError::invalid(
                    name.as_deref(),
                    problem,
                )));
            }
            (None, Err(error)) => {
                let problem = error.error_message.unwrap_or_default();
                return InvokeFuture(OperationFuture::invalid(InvokeError::invalid(
                    name.as_deref(),
                    problem,
                )));
            }
        };
        let new = NewOperation::Invoke { options, input: Some(input) };
        InvokeFuture(OperationFuture::claim(&context, name, new, serdes, run))
    }
}

operation_future! {
    /// A call of another function that has begun.
    InvokeFuture<T>, InvokeError
}

fn problem(options: &ChainedInvokeOptions) -> Option<String> {
    let tenant_id = options.tenant_id.as_deref().map_or(Ok(()), validate::tenant_id);
    let violation = validate::function_name(&options.function_name).and(tenant_id).err()?;
    Some(format!("its {} {}", violation.member, violation.problem))
}

async fn run<T, S: Serdes<T>>(
    name: OperationName<'_>,
    handle: LiveHandle,
    serdes: S,
) -> Result<T, InvokeError> {
    loop {
        if let Progress::Settled(settled) = handle.progress().await {
            return handle.settle(&name, settled, None, &serdes).await;
        }
    }
}
