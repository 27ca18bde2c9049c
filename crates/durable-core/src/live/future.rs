//! The future of an operation.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use durable_engine::{Fatal, NewOperation, OperationId, Settled};

use super::handle::{Claim, LiveHandle, Turn};
use super::read::{read, read_now};
use crate::context::DurableContext;
use crate::error::{OperationKind, Result, Subject};
use crate::name::OperationName;
use crate::scope::current;
use crate::serdes::{DeserializeValue, SerdesContext, TextOrigin};
use crate::shared::Shared;

/// The future of an operation, into which its builder is converted when it is awaited.
///
/// The operation has claimed its id. Dropping the future drops the operation.
#[must_use = "futures do nothing unless polled"]
pub struct OperationFuture<'c, T> {
    name: OperationName<'c>,
    state: State<'c, T>,
}

// The future of a live operation is boxed and type-erased: handlers hold it across awaits, and a future that named the
// types of the user's closures could not always be proven `Send`. An operation that has ended, as most have on replay,
// needs no box.
enum State<'c, T> {
    /// It has ended; its result is returned at its turn.
    Ended(Result<T>, Turn),
    Live(LiveFuture<'c, T>),
    /// It stays pending, because the execution is about to end.
    Never,
    /// It has returned its result.
    Returned,
}

type LiveFuture<'c, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'c>>;

impl<'c, T: Send + 'c> OperationFuture<'c, T> {
    /// Claims an operation whose result is deserialized with `serdes`; `live` creates its future if it has not ended.
    pub(crate) fn claim<S, F>(
        context: &DurableContext,
        name: OperationName<'c>,
        new: NewOperation,
        serdes: S,
        live: impl FnOnce(OperationName<'c>, LiveHandle, S) -> F,
    ) -> Self
    where
        S: DeserializeValue<T> + 'c,
        F: Future<Output = Result<T>> + Send + 'c,
    {
        let kind = OperationKind::of(&new);
        if let Some(problem) = name.problem() {
            return Self::invalid(kind, &name, problem);
        }
        match Claim::make(context, &name, new) {
            Claim::Settled(id, settled, origin, turn) => {
                Self::replayed(context.shared(), (kind, name), (id, origin, turn), settled, serdes)
            }
            Claim::Live(handle) => Self::live(name.clone(), live(name, handle, serdes)),
            Claim::Never => Self { name, state: State::Never },
        }
    }

    /// Creates the future of a live operation.
    pub(crate) fn live(name: OperationName<'c>, future: impl Future<Output = Result<T>> + Send + 'c) -> Self {
        Self { name, state: State::Live(Box::pin(future)) }
    }

    /// Creates the future of an operation that is not started because its arguments are invalid.
    pub(crate) fn invalid(kind: OperationKind, name: &OperationName<'c>, problem: String) -> Self {
        let error = Subject::new(kind, name.as_deref()).invalid(problem);
        Self::ended(name.clone(), Err(error), Turn::now())
    }

    fn ended(name: OperationName<'c>, result: Result<T>, turn: Turn) -> Self {
        Self { name, state: State::Ended(result, turn) }
    }

    /// Adds a function that is called if the operation fails.
    pub(crate) fn or_else(self, f: impl FnOnce() + Send + 'c) -> Self {
        let Self { name, state } = self;
        match state {
            State::Live(live) => Self::live(name, async move {
                let ended = live.await;
                if ended.is_err() {
                    f();
                }
                ended
            }),
            State::Ended(Err(error), turn) => {
                f();
                Self::ended(name, Err(error), turn)
            }
            state @ (State::Ended(Ok(_), _) | State::Never | State::Returned) => Self { name, state },
        }
    }

    fn replayed<S: DeserializeValue<T> + 'c>(
        shared: &Arc<Shared>,
        (kind, name): (OperationKind, OperationName<'c>),
        (id, origin, turn): (OperationId, TextOrigin, Turn),
        settled: Settled,
        serdes: S,
    ) -> Self {
        let text = match settled {
            Settled::Succeeded(text) => text,
            Settled::Failed { status, error } => {
                let subject = Subject::new(kind, name.as_deref()).with_id(id);
                let error = subject.ended(status, *error);
                return Self::ended(name, Err(error), turn);
            }
        };
        match read_now(
            &serdes,
            text.as_deref(),
            &name,
            SerdesContext::new(&**shared, id, origin).named(name.as_deref()),
        ) {
            Some(read) => {
                let subject = Subject::new(kind, name.as_deref()).with_id(id);
                let read = read.map_err(|error| subject.failed(error));
                Self::ended(name, read, turn)
            }
            None => {
                let shared = Arc::clone(shared);
                Self::live(name.clone(), async move {
                    turn.come().await;
                    let context = SerdesContext::new(&*shared, id, origin).named(name.as_deref());
                    let read = read(&serdes, text.as_deref(), &name, context).await;
                    read.map_err(|error| Subject::new(kind, name.as_deref()).with_id(id).failed(error))
                })
            }
        }
    }
}

// The only future in it is boxed.
impl<T> Unpin for OperationFuture<'_, T> {}

impl<T> Future for OperationFuture<'_, T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let polled = match &mut this.state {
            State::Live(live) => live.as_mut().poll(cx),
            State::Ended(_, turn) => {
                if turn.poll(cx).is_pending() {
                    return Poll::Pending;
                }
                let State::Ended(ended, _) = std::mem::replace(&mut this.state, State::Returned) else {
                    return Poll::Pending;
                };
                return Poll::Ready(ended);
            }
            State::Never => return Poll::Pending,
            State::Returned => return awaited_again("operation", &this.name),
        };
        if polled.is_ready() {
            this.state = State::Returned;
        }
        polled
    }
}

/// Fails the execution, live as on replay, because a future was polled again after it had returned its result.
pub(crate) fn awaited_again<T>(what: &str, name: &OperationName<'_>) -> Poll<T> {
    let name = name.as_deref().unwrap_or_default();
    if let Some(scope) = current() {
        scope.shared.fail(Fatal::Misuse(format!(
            "{what} `{name}` was awaited again after it had returned its result; keep the result, and guard branches of a \
             `select!` in a loop with `if`"
        )));
    }
    Poll::Pending
}
