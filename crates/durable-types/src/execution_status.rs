//! Where a durable execution stands.

use crate::open_enum::open_enum;

open_enum! {
    /// The status of a durable execution ([`ExecutionStatus`] of GetDurableExecution).
    ///
    /// [`ExecutionStatus`]: https://docs.aws.amazon.com/lambda/latest/api/API_GetDurableExecution.html
    pub enum ExecutionStatus {
        /// It runs or waits.
        Running = "RUNNING",
        /// Its handler returned a result.
        Succeeded = "SUCCEEDED",
        /// Its handler returned an error, or it broke a rule of the service.
        Failed = "FAILED",
        /// It took longer than its execution timeout.
        TimedOut = "TIMED_OUT",
        /// Somebody stopped it.
        Stopped = "STOPPED",
        /// It has ended and is being deleted.
        Deleting = "DELETING",
        /// A pause was asked for; the invocation under way has not reached its next checkpoint yet.
        Pausing = "PAUSING",
        /// It is not invoked until somebody resumes it.
        Paused = "PAUSED",
    }
}

impl ExecutionStatus {
    /// Whether the execution has ended. An unknown status counts as not ended.
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::TimedOut | Self::Stopped | Self::Deleting => true,
            Self::Running | Self::Pausing | Self::Paused | Self::Unknown(_) => false,
        }
    }
}
