//! What a handler can learn about the invocation it runs in.

use std::time::Duration;

use super::context::DurableContext;
use crate::lambda::LambdaContext;

impl DurableContext {
    /// What Lambda says about this invocation: its request id, deadline, trace header, client context and function version.
    ///
    /// # Varies between invocations
    /// An execution runs in many invocations, and each has values of its own. They are good for log lines, traces and
    /// requests to other systems; never decide by them which operations to start, because a replay would decide otherwise.
    /// To use one as data, return it from a step.
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

    /// How much time is left before this invocation times out.
    ///
    /// # Varies between invocations
    /// As all of the [Lambda context](Self::lambda_context) does. It is good for limiting what a step does: a step that
    /// returns in time is recorded, one that is cut off runs again. Waits need no such care, because they end the
    /// invocation.
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
