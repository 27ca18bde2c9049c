//! Waiting for a callback: creates one, passes its id on, and waits for the answer.

use std::time::Duration;

use durable_engine::NewOperation;
use durable_types::{ErrorObject, sub_type};

use super::begin::begins;
use super::callback::{CallbackOptions, CreateCallback};
use crate::context::DurableContext;
use crate::error::{Cause, Error, OperationKind, Result};
use crate::live::{LiveHandle, OperationFuture};
use crate::name::{OperationName, UNNAMED};
use crate::retry::RetryPolicy;
use crate::serdes::{Ignored, OperationSerdes, Records, SerdesChoice, ValueReader};
use crate::step_context::StepContext;

impl<S: SerdesChoice> DurableContext<S> {
    /// Creates a callback, runs a submitter that passes its id to an external system, and waits for the answer.
    ///
    /// All of this is recorded as one context. The submitter is a step: it runs at least once, and is retried according
    /// to its [retry policy](WaitForCallback::retry). Use [`ignore_answer`](WaitForCallback::ignore_answer) if the
    /// value of the answer does not matter.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn mail(text: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<bool> {
    ///     ctx
    ///         .wait_for_callback("approval", async |id, _| Ok(mail(&id).await?))
    ///         .timeout(Duration::from_hours(24))
    ///         .await
    /// }
    /// ```
    pub fn wait_for_callback<'c, T, F, Fut>(
        &self,
        name: impl Into<OperationName<'c>>,
        submitter: F,
    ) -> WaitForCallback<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(String, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
        S: Records<'c, T>,
    {
        WaitForCallback::new(self.base(), name.into(), self.operation_serdes(), submitter)
    }
}

/// The builder of a callback with its submitter, returned by [`DurableContext::wait_for_callback`].
#[must_use = "it does nothing until it is awaited"]
pub struct WaitForCallback<'c, T, F> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    submission: Submission<'c, F>,
    serdes: OperationSerdes<'c, T>,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

impl<'c, T: Send + Sync + 'c, F> WaitForCallback<'c, T, F> {
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
        submitter: F,
    ) -> Self
    where
        F: Fn(String, StepContext) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<()>> + Send + 'c,
    {
        let (options, retry) = (CallbackOptions::default(), RetryPolicy::default());
        Self { context, name, submission: Submission { submitter, options, retry }, serdes, begin }
    }
}

impl<F> WaitForCallback<'_, (), F> {
    /// Accepts any answer and discards it, so no result type has to be named.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn mail(text: &str) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    ///     ctx.wait_for_callback("seen", async |id, _| Ok(mail(&id).await?)).ignore_answer().await?;
    ///     ctx.step("go on", async |_| Ok(())).await
    /// }
    /// ```
    pub fn ignore_answer(self) -> Self {
        Self { serdes: self.serdes.read_by(|_| ValueReader::own(Ignored)), ..self }
    }
}

impl<'c, T, F> WaitForCallback<'c, T, F> {
    /// Sets the time to wait for the answer, counted from the creation of the callback; defaults to no limit.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.submission.options.timeout = Some(timeout);
        self
    }

    /// Sets the time to wait for a heartbeat or the answer, counted from the last heartbeat; defaults to no limit.
    pub fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.submission.options.heartbeat_timeout = Some(timeout);
        self
    }

    /// Sets the retry policy of the submitter; see [`Step::retry`](super::Step::retry).
    pub fn retry(mut self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        self.submission.retry = policy.into();
        self
    }
}

begins!(WaitForCallback<'c, T, F> -> T);

fn begin<'c, T, F, Fut>(wait: WaitForCallback<'c, T, F>) -> OperationFuture<'c, T>
where
    T: Send + Sync + 'c,
    F: Fn(String, StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<()>> + Send + 'c,
{
    let WaitForCallback { context, name, submission, serdes, begin: _ } = wait;
    let problem = || submission.retry.problem("its retry strategy");
    if let Some(problem) = submission.options.operation().err().or_else(problem) {
        return OperationFuture::invalid(OperationKind::WaitForCallback, &name, problem);
    }
    let new = NewOperation::Context { sub_type: sub_type::WAIT_FOR_CALLBACK, index: None };
    let live = |name, handle, serdes| run(name, handle, submission, serdes);
    OperationFuture::claim(&context, name, new, serdes, live)
}

/// The submitter and the options of the callback whose id it passes on.
struct Submission<'c, F> {
    submitter: F,
    options: CallbackOptions,
    retry: RetryPolicy<'c>,
}

/// Runs the body of the surrounding context.
async fn run<T, F, Fut>(
    name: OperationName<'_>,
    handle: LiveHandle,
    submission: Submission<'_, F>,
    serdes: OperationSerdes<'_, T>,
) -> Result<T>
where
    T: Send + Sync,
    F: Fn(String, StepContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<()>> + Send,
{
    let (own, written, submission) = (&handle, &serdes, &submission);
    let body = |context: DurableContext| async move {
        let answered = submission.submit_and_wait(&context, written.reader().clone());
        own.finish(context.scope().run(answered).await, written).await
    };
    handle.drive_context(&name, &serdes, body).await
}

impl<F> Submission<'_, F> {
    /// Returns errors of the callback unchanged, so that the context fails with the error of the callback.
    async fn submit_and_wait<T, Fut>(
        &self,
        ctx: &DurableContext,
        reader: ValueReader<'_, T>,
    ) -> Result<T, ErrorObject>
    where
        T: Send + Sync,
        F: Fn(String, StepContext) -> Fut + Send + Sync,
        Fut: Future<Output = Result<()>> + Send,
    {
        let of_callback = |error: Error| error.as_error_object().clone();
        let created = CreateCallback::new(ctx.clone(), UNNAMED, reader).options(self.options).await;
        let callback = created.map_err(of_callback)?;
        let id = callback.id();
        let submit = ctx.step(UNNAMED, |step| (self.submitter)(id.to_owned(), step));
        let submitted = submit.retry(self.retry.clone()).await;
        submitted.map_err(|error| Cause::of_submitter(&error))?;
        callback.await.map_err(of_callback)
    }
}
