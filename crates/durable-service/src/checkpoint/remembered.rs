//! The last checkpoint, in case its response was lost and the request comes again.

use std::time::Duration;

use durable_types::api::CheckpointRequest;
use durable_types::{Operation, Timestamp};

use crate::checkpoint_token::CheckpointToken;
use crate::digest::Digest;

/// The checkpoints of an execution: how many there were, and the last one.
///
/// A function has one checkpoint in flight, so that only the last one can come again.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Checkpoints {
    /// How many were accepted; part of the token.
    pub(crate) count: u64,
    /// The last one, if its repetition could be recognised.
    pub(crate) last: Option<Remembered>,
}

/// A checkpoint that was accepted.
#[derive(Clone, PartialEq)]
pub(crate) struct Remembered {
    pub(crate) at: Timestamp,
    pub(crate) client_token: String,
    pub(crate) updates_digest: String,
    /// The token it came with.
    pub(crate) spent_token: CheckpointToken,
    pub(crate) answer: Answer,
}

/// What a checkpoint was answered with, not yet cut into pages.
#[derive(Clone, PartialEq)]
pub(crate) struct Answer {
    /// The token of the next one, unless it is withheld.
    pub(crate) token: Option<CheckpointToken>,
    /// The sequence number after which everything is news.
    pub(crate) since: u64,
    /// What was news, each operation with its place.
    pub(crate) operations: Vec<(usize, Operation)>,
}

impl Checkpoints {
    /// The answer to a request that was answered already.
    pub(crate) fn repeated(
        &self,
        request: &CheckpointRequest,
        window: Duration,
        now: Timestamp,
    ) -> Option<&Answer> {
        let last = self.last.as_ref()?;
        let is_same = request.client_token.as_ref() == Some(&last.client_token)
            && last.spent_token.matches(&request.checkpoint_token)
            && now.saturating_since(last.at) < window
            && last.updates_digest == Digest::text_of(&request.updates);
        is_same.then_some(&last.answer)
    }
}
