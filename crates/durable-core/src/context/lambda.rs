//! Information about the current invocation.

use std::time::Duration;

use super::context::DurableContext;
use crate::lambda::LambdaContext;

impl DurableContext {
    /// Returns Lambda's data about this invocation: request id, deadline, trace header, client context and function
    /// version.
    ///
    /// # Varies between invocations
    /// An execution runs in many invocations, each with values of its own. Use them for logs, traces and requests to
    /// other systems, but never to decide which operations to start, because a replay would decide differently. To use
    /// a value as data, return it from a step.
    ///
    /// ```
    /// # use durable_core::{DurableContext, Result};
    /// async fn handler(_: (), ctx: DurableContext) -> Result<String> {
    ///     let first_request = ctx.step("request", async |_| Ok(ctx.lambda_context().request_id.clone())).await?;
    ///     Ok(first_request)
    /// }
    /// ```
    pub fn lambda_context(&self) -> &LambdaContext {
        self.shared.lambda_context()
    }

    /// Returns the time left before this invocation times out.
    ///
    /// # Varies between invocations
    /// Like everything in the [Lambda context](Self::lambda_context). Use it to limit the work of a step: a step that
    /// returns in time is recorded, one that is cut off runs again. Waits need no such care, because the execution
    /// suspends.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use durable_core::{DurableContext, Result};
    /// # async fn copy(page: usize) -> std::io::Result<()> { Ok(()) }
    /// async fn handler(pages: usize, ctx: DurableContext) -> Result<usize> {
    ///     let mut copied = 0;
    ///     while copied < pages {
    ///         copied = ctx
    ///             .step("copy", async |_| {
    ///                 let mut next = copied;
    ///                 while next < pages && ctx.remaining_time() > Duration::from_secs(10) {
    ///                     copy(next).await?;
    ///                     next += 1;
    ///                 }
    ///                 Ok(next)
    ///             })
    ///             .await?;
    ///     }
    ///     Ok(copied)
    /// }
    /// ```
    pub fn remaining_time(&self) -> Duration {
        self.lambda_context().deadline.saturating_since(self.shared.clock().now())
    }
}
