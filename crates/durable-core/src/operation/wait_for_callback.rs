//! Waiting for a callback: creates one, tells somebody of it, and waits for the answer.

use std::marker::PhantomData;
use std::time::Duration;

use durable_engine::NewOperation;
use durable_types::{ErrorObject, sub_type};

use super::callback::CallbackOptions;
use super::future::OperationFuture;
use super::handle::LiveHandle;
use super::{OperationName, RetryPolicy, UNNAMED};
use crate::context::DurableContext;
use crate::error::{Cause, Error, OperationKind, Result};
use crate::serdes::{ContextSerdes, DeserializeValue, Serdes};
use crate::step_context::StepContext;

/// A callback to be waited for; made by [`DurableContext::wait_for_callback`].
#[must_use = "it does nothing until it is awaited"]
pub struct WaitForCallback<'c, T, F, S = ContextSerdes> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    submitter: F,
    options: CallbackOptions,
    retry: RetryPolicy<'c>,
    serdes: S,
    answer: PhantomData<fn() -> T>,
}

impl<'c, T, F> WaitForCallback<'c, T, F> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, submitter: F) -> Self {
        Self {
            serdes: context.serdes(),
            context,
            name,
            submitter,
            options: CallbackOptions::default(),
            retry: RetryPolicy::default(),
            answer: PhantomData,
        }
    }
}

impl<'c, T, F, S> WaitForCallback<'c, T, F, S> {
    /// How long it waits for the answer, counted from the creation of the callback; without end by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How long it waits for a heartbeat or the answer, counted from the last heartbeat.
    pub fn heartbeat_timeout(mut self, timeout: Duration) -> Self {
        self.options.heartbeat_timeout = Some(timeout);
        self
    }

    /// Sets when the submitter runs again after it failed; as for a [step](super::Step::retry).
    pub fn retry(mut self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        self.retry = policy.into();
        self
    }

    /// Reads the answer, and records it, with this serdes instead of the one of its context.
    pub fn serdes<S2>(self, serdes: S2) -> WaitForCallback<'c, T, F, S2> {
        let Self { context, name, submitter, options, retry, serdes: _, answer } = self;
        WaitForCallback { context, name, submitter, options, retry, serdes, answer }
    }
}

impl<'c, T, F, Fut, S> IntoFuture for WaitForCallback<'c, T, F, S>
where
    F: Fn(String, StepContext) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<()>> + Send + 'c,
    T: Send + Sync + 'c,
    S: Serdes<T> + Clone + 'c,
{
    type Output = Result<T>;
    type IntoFuture = OperationFuture<'c, T>;

    fn into_future(self) -> OperationFuture<'c, T> {
        let Self { context, name, submitter, options, retry, serdes, answer: _ } = self;
        if let Some(problem) = options.operation().err().or_else(|| retry.problem("its retry strategy")) {
            return OperationFuture::invalid(OperationKind::WaitForCallback, &name, problem);
        }
        let new = NewOperation::Context { sub_type: sub_type::WAIT_FOR_CALLBACK, index: None };
        let live = |name, handle, serdes| run(name, handle, Submission { submitter, options, retry }, serdes);
        OperationFuture::claim(&context, name, new, serdes, live)
    }
}

struct Submission<'c, F> {
    submitter: F,
    options: CallbackOptions,
    retry: RetryPolicy<'c>,
}

/// Runs the body of the context that records all of it.
async fn run<T, F, Fut, S>(
    name: OperationName<'_>,
    handle: LiveHandle,
    submission: Submission<'_, F>,
    serdes: S,
) -> Result<T>
where
    F: Fn(String, StepContext) -> Fut + Send + Sync,
    Fut: Future<Output = Result<()>> + Send,
    T: Send + Sync,
    S: Serdes<T> + Clone,
{
    let (own, written, submission) = (&handle, &serdes, &submission);
    let body = |context: DurableContext| async move {
        let answered = context.scope().run(submission.submit_and_wait(&context, written.clone())).await;
        own.finish(answered, written).await
    };
    handle.drive_context(&name, &serdes, body).await
}

impl<F> Submission<'_, F> {
    /// Errors of the callback are recorded as they came, so that the context fails with what the callback failed with.
    async fn submit_and_wait<T, Fut, S>(&self, ctx: &DurableContext, serdes: S) -> Result<T, ErrorObject>
    where
        F: Fn(String, StepContext) -> Fut + Send + Sync,
        Fut: Future<Output = Result<()>> + Send,
        T: Send + Sync,
        S: DeserializeValue<T>,
    {
        let of_callback = |error: Error| error.as_error_object().clone();
        let created = ctx.create_callback(UNNAMED).options(self.options).serdes(serdes).await;
        let callback = created.map_err(of_callback)?;
        let id = callback.id();
        let submit = ctx.step(UNNAMED, |step| (self.submitter)(id.to_owned(), step));
        let submitted = submit.retry(self.retry.clone()).await;
        submitted.map_err(|error| Cause::of_submitter(&error))?;
        callback.await.map_err(of_callback)
    }
}
