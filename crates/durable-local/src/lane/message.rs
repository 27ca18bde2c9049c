//! What a lane is asked.

use durable_service::{Command, Execution, Reply};
use durable_types::api::ServiceError;
use tokio::sync::oneshot;

use super::failure::LaneFailure;
use super::invocation::EndedInvocation;

/// What a lane is asked, in the order in which it comes.
pub(super) enum Message {
    /// Do this and answer once it is recorded.
    Command { command: Command, answer: oneshot::Sender<Result<Reply, ServiceError>> },
    /// An invocation of the function ended; answer once it is recorded.
    InvocationEnded { ended: EndedInvocation, recorded: oneshot::Sender<()> },
    /// Let somebody look at the execution.
    Read(Look),
}

/// Takes what it wants to know from an execution, and answers whoever asked.
pub(super) type Look = Box<dyn FnOnce(&Execution) + Send>;

impl Message {
    /// Answers that the lane has failed.
    pub(super) fn refuse(self, failure: &LaneFailure) {
        match self {
            Self::Command { answer, .. } => {
                let _ = answer.send(Err(failure.clone().into()));
            }
            // The end of the invocation is reported to the next lane; who wants to look reads the record.
            Self::InvocationEnded { .. } | Self::Read(_) => {}
        }
    }
}
