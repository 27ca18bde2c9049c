//! A failed attempt of an operation, about which a retry policy decides.

use durable_engine::OperationId;

use crate::error::Subject;
use crate::live::BodyError;

/// A failed attempt.
pub(crate) struct FailedAttempt<'a> {
    pub(crate) execution_arn: &'a str,
    pub(crate) operation: OperationId,
    /// The attempt number, starting at 1.
    pub(crate) attempt: u32,
    pub(crate) error: &'a BodyError,
    pub(crate) subject: Subject<'a>,
}
