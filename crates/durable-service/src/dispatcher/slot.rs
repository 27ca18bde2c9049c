//! Where an execution stands to which something happens.

use durable_types::DurableExecutionArn;

use super::after_deletion::AfterDeletion;
use super::resident::Resident;
use crate::callback_answer::CallbackAnswer;
use crate::command::Command;

/// An execution to which something happens.
#[derive(Debug)]
pub(super) enum Slot<T> {
    /// It is in memory.
    Resident(Box<Resident<T>>),
    /// It is being read; these requests wait for it.
    Loading(Vec<Waiting<T>>),
    /// It is being deleted; this follows.
    Deleting(Vec<AfterDeletion<T>>),
}

/// A request for an execution that is being read.
#[derive(Debug)]
pub(super) enum Waiting<T> {
    Command(DurableExecutionArn, Command, T),
    Callback(String, CallbackAnswer, T),
    /// This function was repaired meanwhile.
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
