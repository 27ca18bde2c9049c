//! The invocation in which a serdes works, as far as serdes affect it.

use durable_engine::Fatal;

use crate::error::BoxError;

/// The invocation whose values are serialized and deserialized.
pub(crate) trait SerdesHost: Send + Sync {
    /// Returns the ARN of the execution.
    fn execution_arn(&self) -> &str;

    /// Keeps the invocation from suspending, because a serdes is pending.
    fn handle_work_began(&self);

    /// Lets the invocation suspend again, because that serdes is ready or was dropped.
    fn handle_work_ended(&self);

    /// Makes the invocation fail, because a serdes is unavailable; the first reason counts.
    fn interrupt(&self, reason: BoxError);

    /// Ends the execution as failed, because what it recorded cannot be read.
    fn fail(&self, fatal: Fatal);
}
