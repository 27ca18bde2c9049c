//! The operation around a saga: a context that is recorded with its result, or with what it failed with.

use durable_engine::NewOperation;
use durable_types::sub_type;

use super::SagaContext;
use crate::context::DurableContext;
use crate::error::{Cause, OperationKind, Result};
use crate::live::{LiveHandle, OperationFuture, run_in};
use crate::name::OperationName;
use crate::operation::begin::begins;
use crate::retry::RetryPolicy;
use crate::serdes::{OperationSerdes, Records, SerdesChoice, round_trip};

impl<S: SerdesChoice> DurableContext<S> {
    /// Runs steps that are undone, newest first, if the whole fails, and records the result of the whole.
    ///
    /// The body gets a context of its own and a [`SagaContext`](crate::operation::SagaContext), whose steps say how they are
    /// [undone](crate::operation::SagaStep::compensate). If the body returns an error or panics, the compensations of exactly those
    /// steps run that succeeded, each a step of its own: tried again if it fails, not run again once it is recorded. One
    /// that fails for good does not keep the others from running. The [`Error`](crate::Error) tells what the body
    /// failed with, and which compensations failed.
    ///
    /// A step that was dropped while it ran, as [`try_join!`](crate::try_join!) does with the others when one fails, is
    /// not undone: nobody knows how far it came. Wait for all of them with [`join!`](crate::join!) instead.
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

/// A saga to be awaited; made by [`DurableContext::saga`].
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
    /// Sets when a failed attempt at a compensation is followed by another, unless the compensation has a policy of its
    /// own: 6 attempts within about two minutes by default.
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

/// Drives a saga that had not ended when this invocation came to it, or whose result is built again.
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
        // The body is dropped before the first compensation: nothing of it runs beside them.
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
