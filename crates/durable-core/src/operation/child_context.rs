//! Child contexts: operations in a scope of their own, with one result.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use durable_engine::{Failure, NewOperation, Progress};
use durable_types::ErrorObject;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::OperationName;
use super::body::poll_caught;
use super::future::{OperationFuture, settle};
use super::handle::LiveHandle;
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
    F: Fn(DurableContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
    T: Serialize + DeserializeOwned + Send + 'c,
{
    type Output = Result<T, ChildContextError>;
    type IntoFuture = ChildContextFuture<'c, T>;

    fn into_future(self) -> ChildContextFuture<'c, T> {
        let Self { context, name, body } = self;
        let live_name = name.clone();
        let live = |handle| LiveChildContext { name: live_name, running: None, handle, body, value: None };
        ChildContextFuture(OperationFuture::claim(context, name, NewOperation::ChildContext, live))
    }
}

/// A child context that has begun.
#[must_use = "futures do nothing unless polled"]
pub struct ChildContextFuture<'c, T>(OperationFuture<'c, T, ChildContextError>);

impl<T: DeserializeOwned> Future for ChildContextFuture<'_, T> {
    type Output = Result<T, ChildContextError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// A child context whose body runs in this invocation.
struct LiveChildContext<'c, F, Fut, T> {
    name: OperationName<'c>,
    /// Declared before the handle: the operations inside are released before the context is.
    running: Option<Pin<Box<Fut>>>,
    handle: LiveHandle<'c>,
    body: F,
    /// The value of the body, until it is recorded.
    value: Option<T>,
}

// The only future in it is boxed.
impl<F, Fut, T> Unpin for LiveChildContext<'_, F, Fut, T> {}

impl<F, Fut, T> Future for LiveChildContext<'_, F, Fut, T>
where
    F: Fn(DurableContext) -> Fut,
    Fut: Future<Output = Result<T>>,
    T: Serialize + DeserializeOwned,
{
    type Output = Result<T, ChildContextError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            if let Some(running) = &mut this.running {
                let result = ready!(poll_caught(running.as_mut(), cx));
                this.running = None;
                this.value = report(&this.handle, result);
            }
            match this.handle.poll(cx) {
                Progress::Enter(key) => {
                    let context = DurableContext::new(Arc::clone(this.handle.shared), key);
                    this.running = Some(Box::pin((this.body)(context)));
                }
                Progress::Settled(settled) => {
                    return Poll::Ready(settle(&this.name, settled, this.value.take()));
                }
                Progress::Pending | Progress::Run { .. } => return Poll::Pending,
            }
        }
    }
}

/// Reports how the body ended; a result is what replay will see of it.
fn report<T: Serialize + DeserializeOwned>(
    handle: &LiveHandle<'_>,
    result: Result<T, ErrorObject>,
) -> Option<T> {
    match result.and_then(|value| serdes::round_trip(&value)) {
        Ok((text, value)) => {
            handle.shared.with(|engine| engine.handle_succeeded(handle.key, Some(text)));
            Some(value)
        }
        Err(error) => {
            handle.shared.with(|engine| engine.handle_failed(handle.key, error, Failure::Permanent));
            None
        }
    }
}
