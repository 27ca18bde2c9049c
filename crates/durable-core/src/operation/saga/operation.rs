//! The operation around a saga: a context that records its result or its error.

use durable_engine::NewOperation;
use durable_types::sub_type;

use super::context::SagaContext;
use crate::context::DurableContext;
use crate::error::{Cause, OperationKind, Result};
use crate::live::{LiveHandle, OperationFuture, run_in};
use crate::name::OperationName;
use crate::operation::begin::begins;
use crate::retry::RetryPolicy;
use crate::serdes::{OperationSerdes, Records, SerdesChoice, round_trip};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs steps that are undone, newest first, if the saga fails, and records the result of the saga.
    ///
    /// The body receives a context of its own and a [`SagaContext`](crate::operation::SagaContext), whose steps have
    /// [compensations](crate::operation::SagaStep::compensate). If the body returns an error or panics, the
    /// compensations of the steps that succeeded run, and no others. Each compensation is a step: it is retried if it
    /// fails, and does not run again once its result is recorded. A compensation that fails for good does not prevent
    /// the others from running. The [`Error`](crate::Error) contains the error of the body and those of the failed
    /// compensations.
    ///
    /// A step that is dropped while it runs is not undone, because its outcome is unknown.
    /// [`try_join!`](crate::try_join!) drops the remaining steps when one fails; use [`join!`](crate::join!) to wait
    /// for all of them.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// # async fn book(what: &str, city: &str) -> std::io::Result<u32> { Ok(7) }
    /// # async fn cancel(what: &str, booking: u32) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(city: String, ctx: DurableContext) -> Result<(u32, u32)> {
    ///     let trip = ctx
    ///         .saga("trip", async |ctx, saga| {
    ///             let hotel = saga
    ///                 .step("hotel", async |_| Ok(book("hotel", &city).await?))
    ///                 .compensate(async |hotel, _| Ok(cancel("hotel", hotel).await?))
    ///                 .await?;
    ///             let car = saga
    ///                 .step("car", async |_| Ok(book("car", &city).await?))
    ///                 .compensate(async |car, _| Ok(cancel("car", car).await?))
    ///                 .await?;
    ///             let is_approved: bool = ctx.wait_for_callback("approval", async |_, _| Ok(())).await?;
    ///             if is_approved { Ok((hotel, car)) } else { Err(durable_core::Error::msg("not approved")) }
    ///         })
    ///         .await?;
    ///     Ok(trip)
    /// }
    /// ```
    pub fn saga<'c, T, F, Fut>(&self, name: impl Into<OperationName<'c>>, body: F) -> Saga<'c, T, F>
    where
        T: Send + Sync + 'c,
        F: Fn(DurableContext, SagaContext<'c>) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
        S: Records<'c, T>,
    {
        Saga::new(self.base(), name.into(), self.operation_serdes(), body)
    }
}

/// The builder of a saga, returned by [`DurableContext::saga`].
#[must_use = "a saga does nothing until it is awaited"]
pub struct Saga<'c, T, F> {
    pub(in crate::operation) context: DurableContext,
    pub(in crate::operation) name: OperationName<'c>,
    body: F,
    serdes: OperationSerdes<'c, T>,
    compensation_retry: RetryPolicy<'c>,
    begin: fn(Self) -> OperationFuture<'c, T>,
}

impl<'c, T: Send + Sync + 'c, F> Saga<'c, T, F> {
    pub(crate) fn new<Fut>(
        context: DurableContext,
        name: OperationName<'c>,
        serdes: OperationSerdes<'c, T>,
        body: F,
    ) -> Self
    where
        F: Fn(DurableContext, SagaContext<'c>) -> Fut + Send + Sync + 'c,
        Fut: Future<Output = Result<T>> + Send + 'c,
    {
        Self { context, name, body, serdes, compensation_retry: RetryPolicy::default(), begin }
    }
}

impl<'c, T, F> Saga<'c, T, F> {
    /// Sets the retry policy of compensations that have none of their own; defaults to 6 attempts within about two
    /// minutes.
    pub fn compensation_retry(mut self, policy: impl Into<RetryPolicy<'c>>) -> Self {
        self.compensation_retry = policy.into();
        self
    }
}

begins!(Saga<'c, T, F> -> T);

fn begin<'c, T, F, Fut>(saga: Saga<'c, T, F>) -> OperationFuture<'c, T>
where
    T: Send + Sync + 'c,
    F: Fn(DurableContext, SagaContext<'c>) -> Fut + Send + Sync + 'c,
    Fut: Future<Output = Result<T>> + Send + 'c,
{
    let Saga { context, name, body, serdes, compensation_retry, begin: _ } = saga;
    if let Some(problem) = compensation_retry.problem("the retry strategy of its compensations") {
        return OperationFuture::invalid(OperationKind::Saga, &name, problem);
    }
    let new = NewOperation::Context { sub_type: sub_type::SAGA, index: None };
    let live = |name, handle, serdes| run(name, handle, body, serdes, compensation_retry);
    OperationFuture::claim(&context, name, new, serdes, live)
}

/// Drives a saga that had not ended when this invocation reached it, or whose result is being rebuilt.
async fn run<'c, T, F, Fut>(
    name: OperationName<'_>,
    handle: LiveHandle,
    body: F,
    serdes: OperationSerdes<'_, T>,
    compensation_retry: RetryPolicy<'c>,
) -> Result<T>
where
    T: Sync,
    F: Fn(DurableContext, SagaContext<'c>) -> Fut,
    Fut: Future<Output = Result<T>>,
{
    let (own, written) = (&handle, &serdes);
    let body = |context: DurableContext| async move {
        let saga = SagaContext::new(context.clone(), compensation_retry);
        let compensations = saga.compensations();
        // The body is dropped before the first compensation, so no part of it runs concurrently with them.
        let ended = match run_in(context.scope(), async { body(context, saga).await }).await {
            Ok(result) => round_trip(written, &result, own.serdes_context()).await,
            Err(error) => Err(error.to_error_object()),
        };
        match ended {
            Ok((text, result)) => {
                own.succeed_text(text);
                Some(result)
            }
            Err(failure) => {
                let failed = compensations.run().await;
                own.fail(Cause::of_saga(failure, &failed));
                None
            }
        }
    };
    handle.drive_context(&name, &serdes, body).await
}
