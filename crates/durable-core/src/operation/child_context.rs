//! Child contexts: operations in a scope of their own, with one result.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use durable_engine::{Failure, NewOperation, Progress, Settled};
use durable_types::{ErrorObject, OperationStatus};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OperationName;
use super::body::poll_caught;
use super::handle::Handle;
use crate::{ChildContextError, DurableContext, Result, serdes};

/// A child context to be awaited; made by [`DurableContext::run_in_child_context`].
#[must_use = "a child context does nothing until it is awaited"]
pub struct ChildContext<'c, F> {
    context: &'c DurableContext,
    name: OperationName<'c>,
    body: F,
}

impl<'c, F> ChildContext<'c, F> {
    pub(crate) fn new(context: &'c DurableContext, name: OperationName<'c>, body: F) -> Self {
        Self { context, name, body }
    }
}

impl<'c, F, Fut, T> IntoFuture for ChildContext<'c, F>
where
    F: Fn(DurableContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
    T: Serialize + DeserializeOwned + Send,
{
    type Output = Result<T, ChildContextError>;
    type IntoFuture = ChildContextFuture<'c, F, Fut, T>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { context, name, body } = self;
        let handle = match name.problem() {
            None => Ok(Handle::claim(context, &name, NewOperation::ChildContext)),
            Some(problem) => Err(ChildContextError::invalid(name.as_deref(), problem)),
        };
        ChildContextFuture { name, running: None, handle, body, value: None }
    }
}

/// A child context that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct ChildContextFuture<'c, F, Fut, T> {
    name: OperationName<'c>,
    /// Declared before the handle: the operations inside are released before the context is.
    running: Option<Pin<Box<Fut>>>,
    handle: Result<Handle<'c>, ChildContextError>,
    body: F,
    /// The value of the body, until it is recorded.
    value: Option<T>,
}

// The only future in it is boxed.
impl<F, Fut, T> Unpin for ChildContextFuture<'_, F, Fut, T> {}

impl<F, Fut, T> Future for ChildContextFuture<'_, F, Fut, T>
where
    F: Fn(DurableContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<T>> + Send,
    T: Serialize + DeserializeOwned + Send,
{
    type Output = Result<T, ChildContextError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            let handle = match &mut this.handle {
                Ok(handle) => handle,
                Err(invalid) => return Poll::Ready(Err(invalid.clone())),
            };
            if let Some(running) = &mut this.running {
                let result = ready!(poll_caught(running.as_mut(), cx));
                this.running = None;
                this.value = report(handle, result);
            }
            match handle.poll(cx) {
                Progress::Enter(key) => {
                    let context = DurableContext::new(Arc::clone(handle.shared()), key);
                    this.running = Some(Box::pin((this.body)(context)));
                }
                Progress::Settled(settled) => return Poll::Ready(this.settle(settled)),
                Progress::Pending | Progress::Run { .. } => return Poll::Pending,
            }
        }
    }
}

impl<F, Fut, T: DeserializeOwned> ChildContextFuture<'_, F, Fut, T> {
    fn settle(&mut self, settled: Settled) -> Result<T, ChildContextError> {
        let (status, error) = match (settled, self.value.take()) {
            (Settled::Succeeded(_), Some(value)) => return Ok(value),
            (Settled::Succeeded(result), None) => match serdes::deserialize(result.as_deref()) {
                Ok(value) => return Ok(value),
                Err(error) => (OperationStatus::Failed, error),
            },
            (Settled::Failed { status, error }, _) => (status, error),
        };
        Err(ChildContextError::new(self.name.as_deref(), status, error))
    }
}

/// Reports how the body ended; a result is what replay will see of it.
fn report<T: Serialize + DeserializeOwned>(handle: &Handle<'_>, result: Result<T, ErrorObject>) -> Option<T> {
    let (_, key) = handle.live()?;
    match result.and_then(|value| serdes::round_trip(&value)) {
        Ok((text, value)) => {
            handle.shared().with(|engine| engine.handle_succeeded(key, Some(text)));
            Some(value)
        }
        Err(error) => {
            handle.shared().with(|engine| engine.handle_failed(key, error, Failure::Permanent));
            None
        }
    }
}
