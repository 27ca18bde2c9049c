//! Callbacks: results that other systems deliver.

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
    /// Creates a callback: a result that another system delivers, to the id that comes back.
    ///
    /// Await the callback that comes back for the answer, which is JSON unless the context is [using](DurableContext::using)
    /// another serdes. An answer of no interest can be [ignored](CreateCallback::ignore_answer). How it ended shows there and not when it is created, so that the code in between is the same on
    /// replay. See [`wait_for_callback`](Self::wait_for_callback) for both in one.
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

/// A callback to be created; made by [`DurableContext::create_callback`].
#[must_use = "a callback is not created until this is awaited"]
pub struct CreateCallback<'c, T> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    options: CallbackOptions,
    reader: ValueReader<'c, T>,
    begin: fn(Self) -> OperationFuture<'c, Callback<'c, T>>,
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

impl<'c, T: Send + 'c> CreateCallback<'c, T> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, reader: ValueReader<'c, T>) -> Self {
        Self { context, name, options: CallbackOptions::default(), reader, begin }
    }
}

impl CreateCallback<'_, ()> {
    /// Accepts every answer and ignores it, so that its type need not be said.
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
