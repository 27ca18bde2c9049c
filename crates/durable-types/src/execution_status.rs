//! The status of a durable execution.

use crate::open_enum::open_enum;

open_enum! {
    /// The status of a durable execution ([`ExecutionStatus`] of GetDurableExecution).
    ///
    /// [`ExecutionStatus`]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecution.html
    pub enum ExecutionStatus {
        /// The execution is running or waiting.
        Running = "RUNNING",
        /// The handler returned a result.
        Succeeded = "SUCCEEDED",
        /// The handler returned an error, or the execution violated a rule of the service.
        Failed = "FAILED",
        /// The execution exceeded its timeout.
        TimedOut = "TIMED_OUT",
        /// The execution was stopped.
        Stopped = "STOPPED",
        /// The execution has ended and is being deleted.
        Deleting = "DELETING",
        /// A pause was requested, and the invocation in flight has not reached its next checkpoint.
        Pausing = "PAUSING",
        /// The execution is not invoked until it is resumed.
        Paused = "PAUSED",
    }
}

impl ExecutionStatus {
    /// Returns whether the execution has ended. An unknown status counts as not ended.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::TimedOut | Self::Stopped | Self::Deleting => true,
            Self::Running | Self::Pausing | Self::Paused | Self::Unknown(_) => false,
        }
    }
}
