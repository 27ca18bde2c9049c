//! The kinds of commands that executions handle, as metrics and spans name them.

use durable_service::Command;

/// A kind of command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandKind {
    Start,
    Checkpoint,
    InvocationEnded,
    Callback,
    ChainedInvokeEnded,
    Stop,
    Pause,
    Resume,
    Delete,
    FunctionRepaired,
    Timer,
}

impl CommandKind {
    /// Returns the name in labels and fields.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Checkpoint => "checkpoint",
            Self::InvocationEnded => "invocation_ended",
            Self::Callback => "callback",
            Self::ChainedInvokeEnded => "chained_invoke_ended",
            Self::Stop => "stop",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Delete => "delete",
            Self::FunctionRepaired => "function_repaired",
            Self::Timer => "timer",
        }
    }
}

impl From<&Command> for CommandKind {
    fn from(command: &Command) -> Self {
        match command {
            Command::Checkpoint(_) => Self::Checkpoint,
            Command::InvocationEnded { .. } => Self::InvocationEnded,
            Command::Callback { .. } => Self::Callback,
            Command::ChainedInvokeEnded { .. } => Self::ChainedInvokeEnded,
            Command::Stop { .. } => Self::Stop,
            Command::Pause(_) => Self::Pause,
            Command::Resume(_) => Self::Resume,
            Command::Delete => Self::Delete,
            Command::FunctionRepaired => Self::FunctionRepaired,
            Command::TimerDue => Self::Timer,
        }
    }
}
