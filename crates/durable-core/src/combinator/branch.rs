//! One of several futures, and its output.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Result;
use crate::live::awaited_again;
use crate::name::OperationName;

/// A boxed future, so that futures of different types can share a collection.
pub(super) type Boxed<'c, T> = Pin<Box<dyn Future<Output = T> + Send + 'c>>;

/// A future that detects being polled after completion.
pub(super) struct Once<'c, T> {
    future: Option<Boxed<'c, T>>,
    what: &'static str,
    name: OperationName<'c>,
}

impl<'c, T> Once<'c, T> {
    pub(super) fn new(what: &'static str, name: OperationName<'c>, future: Boxed<'c, T>) -> Self {
        Self { future: Some(future), what, name }
    }

    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<T> {
        let Some(future) = &mut self.future else { return awaited_again(self.what, &self.name) };
        let polled = future.as_mut().poll(cx);
        if polled.is_ready() {
            self.future = None;
        }
        polled
    }
}

/// A future that keeps its output until the others have ended as well.
pub(super) enum Branch<'c, T> {
    Running(Boxed<'c, T>),
    Ended(T),
    /// It no longer counts: its output was taken or is not wanted.
    Over,
}

impl<'c, T> Branch<'c, T> {
    /// Starts a future; an operation claims its id here.
    pub(super) fn begin(future: impl IntoFuture<Output = T, IntoFuture: Send + 'c>) -> Self {
        Self::Running(Box::pin(future.into_future()))
    }

    /// Polls the future. Returns true once it has ended.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        if let Self::Running(future) = self {
            match future.as_mut().poll(cx) {
                Poll::Ready(output) => *self = Self::Ended(output),
                Poll::Pending => return false,
            }
        }
        true
    }

    pub(super) fn take(&mut self) -> Option<T> {
        match std::mem::replace(self, Self::Over) {
            Self::Ended(output) => Some(output),
            Self::Running(_) | Self::Over => None,
        }
    }
}

impl<T> Branch<'_, Result<T>> {
    /// Polls a future that may fail. Returns true once it has succeeded; a failure that does not count is discarded.
    pub(super) fn poll_success(&mut self, counts: bool, cx: &mut Context<'_>) -> Result<bool> {
        if let Self::Running(_) = self
            && self.poll(cx)
            && let Self::Ended(Err(_)) = self
            && let Some(Err(error)) = self.take()
            && counts
        {
            return Err(error);
        }
        Ok(matches!(self, Self::Ended(_)))
    }
}
