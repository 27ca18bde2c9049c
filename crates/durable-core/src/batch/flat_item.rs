//! An item of a flat batch: its body runs in a context that is not recorded.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use durable_types::ErrorObject;

use super::item_body::{Body, BodyFuture, Running};
use super::outcome::{Outcome, item_subject};
use crate::error::Result;
use crate::live::{BodyError, VirtualContext, poll_caught};
use crate::name::OperationName;
use crate::scope::Scope;
use crate::serdes::{Serdes, round_trip};

/// Ends with what became of an item of a flat batch.
///
/// A finished batch that is built again has all of its items in memory at once, so this is a machine that holds what the
/// body needs. An `async fn` would be five times as large.
pub(super) struct FlatItem<'b, 'c, T, S> {
    state: State<'b, 'c, T>,
    serdes: &'b S,
}

enum State<'b, 'c, T> {
    Body(Inner<'c>, BodyState<'c, T>),
    /// Its result takes the round trip.
    Ending(Running<'b, T>),
    Ended,
}

/// Where the body runs.
struct Inner<'c> {
    name: OperationName<'c>,
    scope: Option<Scope>,
    context: VirtualContext,
}

/// A body that is called when it is polled first, as an `async` block would do.
enum BodyState<'c, T> {
    New(Body<'c, T>),
    Running(BodyFuture<'c, T>),
    Called,
}

impl<'b, 'c, T, S> FlatItem<'b, 'c, T, S> {
    pub(super) fn new(
        context: VirtualContext,
        name: OperationName<'c>,
        body: Body<'c, T>,
        serdes: &'b S,
    ) -> Self {
        let inner = Inner { name, scope: Some(context.scope()), context };
        Self { state: State::Body(inner, BodyState::New(body)), serdes }
    }
}

// The futures in it are boxed.
impl<T, S> Unpin for FlatItem<'_, '_, T, S> {}

impl<'b, 'c: 'b, T: Send + Sync + 'c, S: Serdes<T>> Future for FlatItem<'b, 'c, T, S> {
    type Output = Outcome<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let ended = match &mut this.state {
            State::Body(inner, body) => ready!(inner.poll(body, cx)),
            State::Ending(ending) => return ending.as_mut().poll(cx),
            State::Ended => return Poll::Pending,
        };
        let State::Body(inner, _) = std::mem::replace(&mut this.state, State::Ended) else {
            return Poll::Pending;
        };
        match ended {
            Err(error) => Poll::Ready(inner.failed(error.to_error_object())),
            Ok(value) => {
                let mut ending: Running<'b, T> = Box::pin(inner.end(value, this.serdes));
                let polled = ending.as_mut().poll(cx);
                this.state = State::Ending(ending);
                polled
            }
        }
    }
}

impl<'c> Inner<'c> {
    fn poll<T>(&mut self, body: &mut BodyState<'c, T>, cx: &mut Context<'_>) -> Poll<Result<T, BodyError>> {
        let context = &self.context;
        let poll = || poll_caught(|| body.poll(context, cx));
        Scope::enter(&mut self.scope, poll)
    }

    /// The result as it is read back.
    async fn end<T: Send + Sync>(self, value: T, serdes: &impl Serdes<T>) -> Outcome<T> {
        match round_trip(serdes, &value, self.context.serdes_context(&self.name)).await {
            Ok((text, value)) => Outcome::succeeded(text, value),
            Err(error) => self.failed(error),
        }
    }

    fn failed<T>(&self, error: ErrorObject) -> Outcome<T> {
        Outcome::Failed(item_subject(self.context.id(), &self.name).failed(error))
    }
}

impl<T> BodyState<'_, T> {
    fn poll(&mut self, context: &VirtualContext, cx: &mut Context<'_>) -> Poll<Result<T>> {
        if matches!(self, Self::New(_))
            && let Self::New(body) = std::mem::replace(self, Self::Called)
        {
            *self = Self::Running(body(context.context()));
        }
        match self {
            Self::Running(body) => body.as_mut().poll(cx),
            Self::New(_) | Self::Called => Poll::Pending,
        }
    }
}
