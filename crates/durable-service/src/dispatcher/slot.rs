//! The in-memory slot of an active execution.

use durable_types::DurableExecutionArn;

use super::after_deletion::AfterDeletion;
use super::resident::Resident;
use crate::callback_answer::CallbackAnswer;
use crate::command::Command;

/// An active execution: in memory, being loaded, or being deleted.
#[derive(Debug)]
pub(super) enum Slot<T> {
    /// It is in memory.
    Resident(Box<Resident<T>>),
    /// It is being loaded; these requests wait for it.
    Loading(Vec<Waiting<T>>),
    /// It is being deleted; these actions follow.
    Deleting(Vec<AfterDeletion<T>>),
}

/// A request for an execution that is being loaded.
#[derive(Debug)]
pub(super) enum Waiting<T> {
    Command(DurableExecutionArn, Command, T),
    Callback(String, CallbackAnswer, T),
    /// This function was repaired in the meantime.
    Repaired(String),
}

impl<T> Waiting<T> {
    pub(super) fn into_token(self) -> Option<T> {
        match self {
            Self::Command(_, _, token) | Self::Callback(_, _, token) => Some(token),
            Self::Repaired(_) => None,
        }
    }
}
