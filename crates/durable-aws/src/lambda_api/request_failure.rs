//! A request that failed in spite of all attempts.

use super::attempt_error::AttemptError;

/// Why the last attempt of a request failed.
#[derive(Debug)]
pub(crate) struct RequestFailure {
    pub(crate) error: AttemptError,
    /// Whether an earlier attempt, whose response was lost, may have taken effect.
    pub(crate) may_have_taken_effect: bool,
}
