//! The requirements of an operation on its future.

use durable_types::ErrorObject;

use crate::context::ContextKey;
use crate::settled::Settled;

/// What an operation requires of its future.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Nothing; the future will be woken.
    Pending,
    /// Run the body of a step, or the check of a condition.
    Run {
        /// The attempt number, starting at 1.
        attempt: u32,
        /// What the previous attempt left: the state of a condition.
        carried: Option<String>,
    },
    /// Report an attempt that an earlier invocation did not finish as failed, with the decision whether to retry it.
    ///
    /// Only steps with [`StepSemantics::AtMostOncePerRetry`](crate::StepSemantics::AtMostOncePerRetry) require this.
    Interrupted {
        /// The attempt number, starting at 1.
        attempt: u32,
        /// The error of the attempt.
        error: ErrorObject,
    },
    /// Run the body of a context.
    Enter {
        /// The context in which it runs.
        context: ContextKey,
        /// What was recorded in place of a result that was too large, if the body runs to rebuild that result.
        summary: Option<String>,
    },
    /// The callback has been created; its answer follows.
    Created {
        /// The id by which the external system answers.
        callback_id: String,
    },
    /// The operation has ended.
    Settled(Settled),
    /// The operation will never end, because its context ended first.
    Orphaned,
}
