//! Callbacks: results that other systems deliver.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use durable_engine::NewOperation;

use super::OperationName;
use super::future::OperationFuture;
use super::handle::Claim;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::serdes::{DeserializeValue, Json};

/// A callback to be created; made by [`DurableContext::create_callback`].
#[must_use = "a callback is not created until this is awaited"]
pub struct CreateCallback<'c, T, S = Json> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    options: CallbackOptions,
    serdes: S,
    answer: PhantomData<fn() -> T>,
}

/// How long a callback waits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CallbackOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) heartbeat_timeout: Option<Duration>,
}

impl CallbackOptions {
    /// The operation, or what is wrong with the options.
    pub(super) fn operation(self) -> Result<NewOperation, String> {
        let seconds = |which: &'static str| {
            move |duration: Duration| {
                let seconds = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
                match durable_types::validate::callback_timeout_seconds(seconds) {
                    Ok(()) if seconds > 0 => Ok(seconds),
                    Ok(()) => Err(format!("its {which} is zero, in which nobody can answer")),
                    Err(violation) => Err(format!("its {which} in seconds {}", violation.problem)),
                }
            }
        };
        Ok(NewOperation::Callback {
            timeout_seconds: self.timeout.map(seconds("timeout")).transpose()?,
            heartbeat_timeout_seconds: self
                .heartbeat_timeout
                .map(seconds("heartbeat timeout"))
                .transpose()?,
        })
    }
}

impl<'c, T> CreateCallback<'c, T> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>) -> Self {
        Self { context, name, options: CallbackOptions::default(), serdes: Json, answer: PhantomData }
    }
}

impl<'c, T, S> CreateCallback<'c, T, S> {
    /// How long the callback waits for its answer, counted from its creation; without end by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How long the callback waits for a heartbeat or its answer, counted from the last heartbeat.
    pub fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.options.heartbeat_timeout = Some(timeout);
        self
    }

    /// Deserializes the answer with this serdes instead of as JSON. It never serializes, so [`DeserializeValue`] is enough.
    pub fn serdes<S2: DeserializeValue<T>>(self, serdes: S2) -> CreateCallback<'c, T, S2> {
        let Self { context, name, options, serdes: _, answer } = self;
        CreateCallback { context, name, options, serdes, answer }
    }

    pub(super) fn options(mut self, options: CallbackOptions) -> Self {
        self.options = options;
        self
    }
}

impl<'c, T, S> IntoFuture for CreateCallback<'c, T, S>
where
    T: Send + 'c,
    S: DeserializeValue<T> + 'c,
{
    type Output = Result<Callback<'c, T>>;
    type IntoFuture = OperationFuture<'c, Callback<'c, T>>;

    fn into_future(self) -> OperationFuture<'c, Callback<'c, T>> {
        let Self { context, name, options, serdes, answer: _ } = self;
        let new = match (name.problem(), options.operation()) {
            (None, Ok(new)) => new,
            (Some(problem), _) | (None, Err(problem)) => {
                return OperationFuture::invalid(OperationKind::Callback, &name, problem);
            }
        };
        let claim = Claim::make(&context, &name, new);
        OperationFuture::live(name.clone(), async move {
            let Claim::Live(handle) = claim else { return std::future::pending().await };
            let id = handle.created().await;
            let answer =
                OperationFuture::live(name.clone(), async move { handle.wait(&name, &serdes).await });
            Ok(Callback { id, answer: Mutex::new(answer) })
        })
    }
}

/// A callback that exists. Await it for the answer.
///
/// Whatever became of it, creating it again on replay succeeds with the same id; how it ended shows when it is awaited.
#[must_use = "await it for the answer"]
pub struct Callback<'c, T> {
    id: String,
    /// Never locked: it makes the callback `Sync`, so that bodies of steps can borrow it for its id.
    answer: Mutex<OperationFuture<'c, T>>,
}

impl<T> Callback<'_, T> {
    /// What the other system answers to, with SendDurableExecutionCallbackSuccess or one of its siblings.
    ///
    /// Who knows it can answer: treat it as a secret.
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl<T> Future for Callback<'_, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(self.answer.get_mut().unwrap_or_else(PoisonError::into_inner)).poll(cx)
    }
}
