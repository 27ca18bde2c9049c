//! Callbacks: results that external systems deliver.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use durable_engine::NewOperation;

use super::begin::begins;
use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::live::{Claim, OperationFuture};
use crate::name::OperationName;
use crate::serdes::{Ignored, Reads, SerdesChoice, ValueReader};

impl<S: SerdesChoice> DurableContext<S> {
    /// Creates a callback, whose result an external system delivers.
    ///
    /// Creating it returns a [`Callback`](crate::operation::Callback). Pass its id to the external system, then await
    /// the callback for the answer. Creation succeeds whatever the outcome of the callback, which only awaiting the
    /// callback reveals, so the code in between is the same on replay.
    ///
    /// The answer is read as JSON, unless the context is [using](DurableContext::using) another serdes. Use
    /// [`ignore_answer`](CreateCallback::ignore_answer) if its value does not matter.
    /// [`wait_for_callback`](Self::wait_for_callback) combines creating the callback, passing its id on and awaiting
    /// it.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn mail(text: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<bool> {
    ///     let approval = ctx.create_callback("approval").timeout(Duration::from_hours(24)).await?;
    ///     ctx.step("ask", async |_| Ok(mail(approval.id()).await?)).await?;
    ///     approval.await
    /// }
    /// ```
    pub fn create_callback<'c, T>(&self, name: impl Into<OperationName<'c>>) -> CreateCallback<'c, T>
    where
        T: Send + 'c,
        S: Reads<'c, T>,
    {
        CreateCallback::new(self.base(), name.into(), self.reader())
    }
}

/// The builder of a callback, returned by [`DurableContext::create_callback`].
#[must_use = "a callback is not created until this is awaited"]
pub struct CreateCallback<'c, T> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    options: CallbackOptions,
    reader: ValueReader<'c, T>,
    begin: fn(Self) -> OperationFuture<'c, Callback<'c, T>>,
}

/// The timeouts of a callback.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CallbackOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) heartbeat_timeout: Option<Duration>,
}

impl CallbackOptions {
    /// Returns the operation, or what is wrong with the options.
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

impl<'c, T: Send + 'c> CreateCallback<'c, T> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, reader: ValueReader<'c, T>) -> Self {
        Self { context, name, options: CallbackOptions::default(), reader, begin }
    }
}

impl CreateCallback<'_, ()> {
    /// Accepts any answer and discards it, so no result type has to be named.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn mail(text: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    ///     let seen = ctx.create_callback("seen").ignore_answer().await?;
    ///     ctx.step("ask", async |_| Ok(mail(seen.id()).await?)).await?;
    ///     seen.await
    /// }
    /// ```
    pub fn ignore_answer(self) -> Self {
        Self { reader: ValueReader::own(Ignored), ..self }
    }
}

impl<T> CreateCallback<'_, T> {
    /// Sets the time to wait for the answer, counted from the creation of the callback; defaults to no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Sets the time to wait for a heartbeat or the answer, counted from the last heartbeat; defaults to no limit.
    pub fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.options.heartbeat_timeout = Some(timeout);
        self
    }

    pub(super) fn options(mut self, options: CallbackOptions) -> Self {
        self.options = options;
        self
    }
}

begins!(CreateCallback<'c, T> -> Callback<'c, T>);

fn begin<'c, T: Send + 'c>(callback: CreateCallback<'c, T>) -> OperationFuture<'c, Callback<'c, T>> {
    let CreateCallback { context, name, options, reader, begin: _ } = callback;
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
        let answer = OperationFuture::live(name.clone(), async move { handle.wait(&name, &reader).await });
        Ok(Callback { id, answer: Mutex::new(answer) })
    })
}

/// A callback that has been created; a future of its answer.
///
/// On replay, creating it again succeeds with the same id whatever its outcome, which only awaiting it reveals.
#[must_use = "await it for the answer"]
pub struct Callback<'c, T> {
    id: String,
    /// Never locked: the mutex makes the callback `Sync`, so that step bodies can borrow it for its id.
    answer: Mutex<OperationFuture<'c, T>>,
}

impl<T> Callback<'_, T> {
    /// Returns the id by which the external system answers, with SendDurableExecutionCallbackSuccess, -Failure or
    /// -Heartbeat.
    ///
    /// Anyone who has the id can answer, so treat it as a secret.
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
