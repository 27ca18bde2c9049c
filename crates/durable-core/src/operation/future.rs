//! What all futures of operations have in common.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use durable_engine::{NewOperation, OperationId, Settled};
use durable_types::OperationStatus;

use super::OperationName;
use super::handle::{Claim, LiveHandle, Turn};
use super::read::{read, read_now};
use crate::error::OperationError;
use crate::serdes::{Serdes, SerdesContext, TextOrigin};
use crate::shared::Shared;
use crate::{DurableContext, Json};

/// An operation that has been claimed.
///
/// The future of one that is driven is boxed and erased: handlers hold it across awaits, and a future that named the
/// types of the user's closures could not be proven to be `Send` in some of them. One that has ended, as most are on
/// replay, costs no box.
pub(crate) struct OperationFuture<'c, T, E>(State<'c, T, E>);

enum State<'c, T, E> {
    /// It has ended, and its result is returned when its turn has come.
    Ended(Result<T, E>, Turn),
    Live(LiveFuture<'c, T, E>),
    /// It never moves: the execution ends, or its end was taken.
    Over,
}

type LiveFuture<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;

impl<'c, T: Send + 'c, E: OperationError> OperationFuture<'c, T, E> {
    /// Claims an operation whose result is read with a serdes; `live` makes its future if it has not ended.
    pub(crate) fn claim<S, F>(
        context: &DurableContext,
        name: OperationName<'c>,
        new: NewOperation,
        serdes: S,
        live: impl FnOnce(OperationName<'c>, LiveHandle, S) -> F,
    ) -> Self
    where
        S: Serdes<T> + 'c,
        F: Future<Output = Result<T, E>> + Send + 'c,
    {
        if let Some(problem) = name.problem() {
            return Self::invalid(E::invalid(name.as_deref(), problem));
        }
        match Claim::make(context, &name, new) {
            Claim::Settled(id, settled, origin, turn) => {
                Self::replayed(context.shared(), name, (id, origin, turn), settled, serdes)
            }
            Claim::Live(handle) => Self(State::Live(Box::pin(live(name, handle, serdes)))),
            Claim::Never => Self(State::Over),
        }
    }

    /// An operation that is not recorded.
    pub(crate) fn live(future: impl Future<Output = Result<T, E>> + Send + 'c) -> Self {
        Self(State::Live(Box::pin(future)))
    }

    /// An operation that is not even started, because of what the code asks for.
    pub(crate) fn invalid(error: E) -> Self {
        Self(State::Ended(Err(error), Turn::Now))
    }

    fn replayed<S: Serdes<T> + 'c>(
        shared: &Arc<Shared>,
        name: OperationName<'c>,
        (id, origin, turn): (OperationId, TextOrigin, Turn),
        settled: Settled,
        serdes: S,
    ) -> Self {
        let text = match settled {
            Settled::Succeeded(text) => text,
            Settled::Failed { status, error } => {
                return Self(State::Ended(Err(E::recorded(name.as_deref(), status, error)), turn));
            }
        };
        let unread = move |name: &OperationName<'_>, error| {
            E::recorded(name.as_deref(), OperationStatus::Failed, error)
        };
        match read_now(&serdes, text.as_deref(), &name, SerdesContext::new(shared, id, origin)) {
            Some(read) => Self(State::Ended(read.map_err(|error| unread(&name, error)), turn)),
            None => {
                let shared = Arc::clone(shared);
                Self(State::Live(Box::pin(async move {
                    turn.come().await;
                    let context = SerdesContext::new(&shared, id, origin);
                    read(&serdes, text.as_deref(), &name, context).await.map_err(|error| unread(&name, error))
                })))
            }
        }
    }
}

impl<'c, E: OperationError> OperationFuture<'c, (), E> {
    /// Claims an operation without a result.
    pub(crate) fn claim_unit<F>(
        context: &DurableContext,
        name: OperationName<'c>,
        new: NewOperation,
        live: impl FnOnce(OperationName<'c>, LiveHandle) -> F,
    ) -> Self
    where
        F: Future<Output = Result<(), E>> + Send + 'c,
    {
        Self::claim(context, name, new, Json, |name, handle, Json| live(name, handle))
    }
}

// The only future in it is boxed.
impl<T, E> Unpin for OperationFuture<'_, T, E> {}

impl<T, E> Future for OperationFuture<'_, T, E> {
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match &mut this.0 {
            State::Live(live) => return live.as_mut().poll(cx),
            State::Ended(_, turn) => {
                if turn.poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
            State::Over => {}
        }
        match std::mem::replace(&mut this.0, State::Over) {
            State::Ended(ended, _) => Poll::Ready(ended),
            State::Live(_) | State::Over => Poll::Pending,
        }
    }
}

/// Declares the public future of an operation, and how its builder becomes it.
macro_rules! operation_future {
    ($(#[$meta:meta])* $name:ident<T>, $error:ty) => {
        $(#[$meta])*
        #[must_use = "futures do nothing unless polled"]
        pub struct $name<'c, T>(OperationFuture<'c, T, $error>);

        impl<T> Future for $name<'_, T> {
            type Output = Result<T, $error>;

            fn poll(
                mut self: std::pin::Pin<&mut Self>,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Self::Output> {
                std::pin::Pin::new(&mut self.0).poll(cx)
            }
        }
    };
}

pub(crate) use operation_future;
