//! The way to a lane.

use durable_service::{Command, Execution, Reply};
use durable_types::api::{ServiceError, ServiceErrorKind};
use tokio::sync::mpsc::error::SendError;
use tokio::sync::{mpsc, oneshot, watch};

use super::invocation::EndedInvocation;
use super::message::Message;
use super::progress::{Progress, Standing};

/// Where messages for a lane are put. Each is boxed, because a channel has room for many from its beginning on.
pub(super) type Inbox = mpsc::Sender<Box<Message>>;

/// The way to the lane of a live execution. It is cheap to clone.
#[derive(Clone)]
pub(crate) struct LaneHandle {
    inbox: Inbox,
    progress: watch::Receiver<Progress>,
}

/// The lane is no more: the execution ended, or its lane failed. It has not seen the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct LaneGone;

impl LaneHandle {
    pub(super) fn new(inbox: Inbox, progress: watch::Receiver<Progress>) -> Self {
        Self { inbox, progress }
    }

    /// Sends a command; once it returns, what came of it is on disk. A lane that is gone gives the command back.
    pub(super) async fn command(&self, command: Command) -> Result<Result<Reply, ServiceError>, Command> {
        let (answer, answered) = oneshot::channel();
        match self.inbox.send(Box::new(Message::Command { command, answer })).await {
            Ok(()) => Ok(answered.await.unwrap_or_else(|_| Err(stopping()))),
            Err(SendError(message)) => match *message {
                Message::Command { command, .. } => Err(command),
                Message::InvocationEnded { .. } | Message::Read(_) => Ok(Err(stopping())),
            },
        }
    }

    /// Looks at the execution.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Execution) -> T + Send + 'static,
    ) -> Result<T, LaneGone> {
        let (answer, answered) = oneshot::channel();
        let look = Box::new(move |execution: &Execution| {
            // Whoever asked and went away needs no answer.
            let _ = answer.send(look(execution));
        });
        self.send(Message::Read(look)).await?;
        answered.await.map_err(|_| LaneGone)
    }

    /// What the lane has recorded so far, and how it goes on.
    pub(crate) fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Why the lane is gone.
    pub(super) fn lost(&self) -> ServiceError {
        match &self.progress.borrow().standing {
            Standing::Failed(failure) => failure.clone().into(),
            Standing::Open | Standing::Closed(_) => stopping(),
        }
    }

    /// Reports the end of an invocation; once it returns, that is on disk.
    pub(super) async fn invocation_ended(&self, ended: EndedInvocation) -> Result<(), LaneGone> {
        let (recorded, is_recorded) = oneshot::channel();
        self.send(Message::InvocationEnded { ended, recorded }).await?;
        is_recorded.await.map_err(|_| LaneGone)
    }

    async fn send(&self, message: Message) -> Result<(), LaneGone> {
        self.inbox.send(Box::new(message)).await.map_err(|_| LaneGone)
    }
}

/// What those are told who ask a service that is being stopped.
pub(super) fn stopping() -> ServiceError {
    ServiceError::new(ServiceErrorKind::Service, "the service is being stopped")
}
