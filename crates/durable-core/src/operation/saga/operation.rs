//! The operation around a saga: a context that is recorded with its result, or with what it failed with.

use durable_engine::NewOperation;
use durable_types::sub_type;

use super::SagaContext;
use crate::context::DurableContext;
use crate::error::{Cause, OperationKind, Result};
use crate::operation::begin::begins;
use crate::operation::{LiveHandle, OperationFuture, OperationName, RetryPolicy, run_in};
use crate::serdes::{OperationSerdes, round_trip};

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
