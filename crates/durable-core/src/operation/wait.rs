//! Waits: time that passes while the execution is suspended.

use std::time::Duration;

use durable_engine::NewOperation;

use crate::context::DurableContext;
use crate::error::{OperationKind, Result};
use crate::live::{LiveHandle, OperationFuture};
use crate::name::OperationName;
use crate::serdes::{Json, SerdesChoice};

impl<S: SerdesChoice> DurableContext<S> {
    /// Waits for a duration, during which the execution can suspend.
    ///
    /// The duration is 1 second to 366 days; fractions of a second are rounded up. It counts from the start of the
    /// wait, not from the end of the invocation.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<()> {
    ///     ctx.wait("settle", Duration::from_hours(24)).await?;
    ///     Ok(())
    /// }
    /// ```
    pub fn wait<'c>(&self, name: impl Into<OperationName<'c>>, duration: Duration) -> Wait<'c> {
        Wait::new(self.base(), name.into(), duration)
    }
}

/// The builder of a wait, returned by [`DurableContext::wait`].
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<'c> {
    pub(super) context: DurableContext,
    pub(super) name: OperationName<'c>,
    duration: Duration,
}

impl<'c> Wait<'c> {
    pub(crate) fn new(context: DurableContext, name: OperationName<'c>, duration: Duration) -> Self {
        Self { context, name, duration }
    }
}

impl<'c> IntoFuture for Wait<'c> {
    type Output = Result<()>;
    type IntoFuture = OperationFuture<'c, ()>;

    fn into_future(self) -> OperationFuture<'c, ()> {
        let Self { context, name, duration } = self;
        let seconds = duration.as_secs().saturating_add(u64::from(duration.subsec_nanos() > 0));
        if let Err(violation) = durable_types::validate::wait_seconds(seconds) {
            let problem = format!("its duration in seconds {}", violation.problem);
            return OperationFuture::invalid(OperationKind::Wait, &name, problem);
        }
        let live = |name, handle: LiveHandle, json| async move { handle.wait(&name, &json).await };
        OperationFuture::claim(&context, name, NewOperation::Wait { seconds }, Json, live)
    }
}
