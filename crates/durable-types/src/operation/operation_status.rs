//! Where an operation stands.

use crate::open_enum::open_enum;

open_enum! {
    /// The status of an operation ([`Status`] of an Operation).
    ///
    /// [`Status`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
    pub enum OperationStatus {
        /// It began and has not ended.
        Started = "STARTED",
        /// A step failed and waits for its next attempt.
        Pending = "PENDING",
        /// A step may make its next attempt.
        Ready = "READY",
        /// It ended with a result.
        Succeeded = "SUCCEEDED",
        /// It ended with an error.
        Failed = "FAILED",
        /// It was cancelled.
        Cancelled = "CANCELLED",
        /// It took too long.
        TimedOut = "TIMED_OUT",
        /// It was stopped from outside.
        Stopped = "STOPPED",
    }
}

impl OperationStatus {
    /// Whether the operation has ended and never runs again.
    ///
    /// An unknown status is not terminal, but no code may be run for it either.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Cancelled | Self::TimedOut | Self::Stopped => true,
            Self::Started | Self::Pending | Self::Ready | Self::Unknown(_) => false,
        }
    }
}
