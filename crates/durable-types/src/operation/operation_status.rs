//! The status of an operation.

use crate::open_enum::open_enum;

open_enum! {
    /// The status of an operation ([`Status`] of an Operation).
    ///
    /// [`Status`]: https://docs.aws.amazon.com/lambda/latest/api/API_Operation.html
    pub enum OperationStatus {
        /// The operation has started and has not ended.
        Started = "STARTED",
        /// An attempt of a step failed, and the delay before the next one has not elapsed.
        Pending = "PENDING",
        /// The next attempt of a step may start.
        Ready = "READY",
        /// The operation succeeded.
        Succeeded = "SUCCEEDED",
        /// The operation failed.
        Failed = "FAILED",
        /// The operation was cancelled.
        Cancelled = "CANCELLED",
        /// The operation timed out.
        TimedOut = "TIMED_OUT",
        /// The operation was stopped.
        Stopped = "STOPPED",
    }
}

impl OperationStatus {
    /// Returns whether the operation has ended for good.
    ///
    /// An unknown status is not terminal, but the operation must not run either.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::Cancelled | Self::TimedOut | Self::Stopped => true,
            Self::Started | Self::Pending | Self::Ready | Self::Unknown(_) => false,
        }
    }
}
