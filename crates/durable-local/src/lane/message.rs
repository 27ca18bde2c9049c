//! What a lane is asked.

use durable_service::{Command, Execution, InvocationEnd, Reply};
use durable_types::api::ServiceError;
use tokio::sync::oneshot;

use super::failure::LaneFailure;
use crate::service::OutputTail;

/// What a lane is asked, in the order in which it comes.
pub(super) enum Message {
    /// Do this and answer once it is recorded.
    Command { command: Command, answer: oneshot::Sender<Result<Reply, ServiceError>> },
    /// An invocation of the function ended.
    InvocationEnded { request_id: String, end: InvocationEnd, output: OutputTail },
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
            // The next lane counts the invocation as lost; who wants to look reads the record.
            Self::InvocationEnded { .. } | Self::Read(_) => {}
        }
    }
}
