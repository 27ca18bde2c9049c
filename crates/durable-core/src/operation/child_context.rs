//! Child contexts: operations in a scope of their own, with one result.

use std::sync::Arc;

use durable_engine::{Failure, NewOperation, Progress};
use durable_types::sub_type;

use super::OperationName;
use super::body::run_in;
use super::future::{OperationFuture, operation_future};
use super::handle::LiveHandle;
use crate::error::OperationError;
use crate::{ChildContextError, DurableContext, Json, Result, Serdes};

/// A child context to be awaited; made by [`DurableContext::run_in_child_context`].
#[must_use = "a child context does nothing until it is awaited"]
pub struct ChildContext<'c, F, S = Json> {
    context: &'c DurableContext,
    name: OperationName<'c>,
    body: F,
    serdes: S,
}

impl<'c, F> ChildContext<'c, F> {
    pub(crate) fn new(context: &'c DurableContext, name: OperationName<'c>, body: F) -> Self {
        Self { context, name, body, serdes: Json }
    }
}

impl<'c, F, S> ChildContext<'c, F, S> {
    /// Records the result with this serdes instead of as JSON.
    pub fn serdes<S2>(self, serdes: S2) -> ChildContext<'c, F, S2> {
        let Self { context, name, body, serdes: _ } = self;
        ChildContext { context, name, body, serdes }
    }
}

impl<'c, F, Fut, T, S> IntoFuture for ChildContext<'c, F, S>
where
    F: Fn(DurableContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Send + Sync + 'c,
    S: Serdes<T> + 'c,
{
    type Output = Result<T, ChildContextError>;
    type IntoFuture = ChildContextFuture<'c, T>;

    fn into_future(self) -> ChildContextFuture<'c, T> {
        let Self { context, name, body, serdes } = self;
        let new = NewOperation::Context { sub_type: sub_type::RUN_IN_CHILD_CONTEXT, index: None };
        let live = |name, handle, serdes| run(name, handle, body, serdes);
        ChildContextFuture(OperationFuture::claim(context, name, new, serdes, live))
    }
}

operation_future! {
    /// A child context that has begun.
    ChildContextFuture<T>, ChildContextError
}

/// Runs the body of a context that had not ended when this invocation came to it, or whose result is built again.
async fn run<F, Fut, T, S, E>(
    name: OperationName<'_>,
    handle: LiveHandle<'_>,
    body: F,
    serdes: S,
) -> Result<T, E>
where
    F: Fn(DurableContext) -> Fut,
    Fut: Future<Output = Result<T>>,
    S: Serdes<T>,
    E: OperationError,
{
    let mut value = None;
    loop {
        match handle.progress().await {
            Progress::Enter { context, .. } => {
                let context = DurableContext::new(Arc::clone(handle.shared), context);
                match run_in(context.scope(), body(context)).await {
                    Ok(result) => value = handle.succeed(result, &serdes).await,
                    Err(error) => handle.fail_body(&error, Failure::Permanent),
                }
            }
            Progress::Settled(settled) => return handle.settle(&name, settled, value, &serdes).await,
            Progress::Pending | Progress::Run { .. } | Progress::Created { .. } => {}
        }
    }
}
