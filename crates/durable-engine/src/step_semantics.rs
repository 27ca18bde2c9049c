//! What happens to a step that was interrupted.

/// What happens to a step whose attempt was interrupted because the invocation ended while its body ran.
///
/// An interrupted attempt may or may not have taken effect. The two semantics that do not run it again record the start
/// of each attempt before its body runs, which costs an additional request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StepSemantics {
    /// At least once per retry: the attempt runs again. The body must be idempotent.
    #[default]
    AtLeastOncePerRetry,
    /// At most once per retry: the attempt counts as failed, and the retry strategy decides whether it is retried.
    ///
    /// The body runs at most once per attempt, but there may be several attempts.
    AtMostOncePerRetry,
    /// At most once overall: an attempt whose outcome is unknown is the last, whatever the retry strategy allows.
    ///
    /// The outcome is unknown if the attempt was interrupted, panicked or exceeded its timeout. An error that the body
    /// returned is a known outcome, after which the retry strategy decides.
    AtMostOnce,
}
