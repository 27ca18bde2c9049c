//! What all futures of operations with a result have in common.

use std::pin::Pin;
use std::task::{Context, Poll};

use durable_engine::{NewOperation, Settled};
use durable_types::{ErrorObject, OperationStatus};
use serde::de::DeserializeOwned;

use super::OperationName;
use super::handle::{Claim, LiveHandle};
use crate::error::OperationError;
use crate::{DurableContext, serdes};

/// An operation that has been claimed.
///
/// The future of one that is driven is boxed and erased: handlers hold it across awaits, and a future that named the
/// types of the user's closures could not be proven to be `Send` in some of them. One that has ended, as most are on
/// replay, costs no box.
pub(crate) struct OperationFuture<'c, T, E> {
    name: OperationName<'c>,
    state: State<'c, T, E>,
}

enum State<'c, T, E> {
    Settled(Settled),
    Live(LiveFuture<'c, T, E>),
    Invalid(E),
    /// It never moves: the execution ends, or its end was taken.
    Over,
}

type LiveFuture<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

impl<'c, T, E: OperationError> OperationFuture<'c, T, E> {
    /// Claims an operation; `live` makes its future if it has not ended.
    pub(crate) fn claim<F>(
        context: &'c DurableContext,
        name: OperationName<'c>,
        new: NewOperation,
        live: impl FnOnce(LiveHandle<'c>) -> F,
    ) -> Self
    where
        F: Future<Output = Result<T, E>> + Send + 'c,
    {
        let state = match name.problem() {
            Some(problem) => State::Invalid(E::invalid(name.as_deref(), problem)),
            None => match Claim::make(context, &name, new) {
                Claim::Settled(settled) => State::Settled(settled),
                Claim::Live(handle) => State::Live(Box::pin(live(handle))),
                Claim::Never => State::Over,
            },
        };
        Self { name, state }
    }

    /// An operation that is not even started, because of what the code asks for.
    pub(crate) fn invalid(name: OperationName<'c>, error: E) -> Self {
        Self { name, state: State::Invalid(error) }
    }
}

// The only future in it is boxed.
impl<T, E> Unpin for OperationFuture<'_, T, E> {}

impl<T: DeserializeOwned, E: OperationError> Future for OperationFuture<'_, T, E> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Live(live) = &mut this.state {
            return live.as_mut().poll(cx);
        }
        match std::mem::replace(&mut this.state, State::Over) {
            State::Settled(settled) => Poll::Ready(settle(&this.name, settled, None)),
            State::Invalid(error) => Poll::Ready(Err(error)),
            State::Live(_) | State::Over => Poll::Pending,
        }
    }
}

/// What an operation that ended gives its future; `value` is the result if this invocation made it.
pub(crate) fn settle<T: DeserializeOwned, E: OperationError>(
    name: &OperationName<'_>,
    settled: Settled,
    value: Option<T>,
) -> Result<T, E> {
    let failed = |status: OperationStatus, error: ErrorObject| E::recorded(name.as_deref(), status, error);
    match (settled, value) {
        (Settled::Succeeded(_), Some(value)) => Ok(value),
        (Settled::Succeeded(result), None) => {
            serdes::deserialize(result.as_deref()).map_err(|error| failed(OperationStatus::Failed, error))
        }
        (Settled::Failed { status, error }, _) => Err(failed(status, error)),
    }
}
