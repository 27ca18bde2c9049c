//! The checkpoints of an execution: how many there were, and the last one, in case its response was lost.

use std::time::Duration;

use durable_types::api::CheckpointRequest;
use durable_types::{Operation, Timestamp};

use crate::checkpoint_token::CheckpointToken;
use crate::digest::Digest;
use crate::event::Checkpointed;
use crate::records::Records;

/// The checkpoints of an execution: how many there were, and the last one.
///
/// A function has one checkpoint in flight, so that only the last one can come again.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Checkpoints {
    /// How many were accepted; part of the token.
    count: u64,
    /// The last one, if its repetition could be recognised.
    last: Option<LastCheckpoint>,
}

impl Checkpoints {
    /// How many were accepted.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Counts a checkpoint and forgets the one before.
    pub(crate) fn accept(&mut self) {
        self.count += 1;
        self.last = None;
    }

    /// Remembers the checkpoint that was accepted last, if its repetition can be recognised.
    pub(crate) fn remember(
        &mut self,
        checkpointed: Checkpointed,
        spent_token: Option<CheckpointToken>,
        next_token: Option<CheckpointToken>,
        records: &Records,
    ) {
        let Checkpointed { at, client_token, updates_digest } = checkpointed;
        let (Some(spent_token), Some(client_token), Some(updates_digest)) =
            (spent_token, client_token, updates_digest)
        else {
            return;
        };
        let delta = records.delta().map(|(position, operation)| (position, operation.clone()));
        let response =
            CachedResponse { token: next_token, since: records.watermark(), operations: delta.collect() };
        self.last = Some(LastCheckpoint { at, client_token, updates_digest, spent_token, response });
    }

    /// The answer to a request that was answered already.
    pub(super) fn cached_response(
        &self,
        request: &CheckpointRequest,
        window: Duration,
        now: Timestamp,
    ) -> Option<&CachedResponse> {
        let last = self.last.as_ref()?;
        let is_same = request.client_token.as_ref() == Some(&last.client_token)
            && last.spent_token.matches(&request.checkpoint_token)
            && now.saturating_since(last.at) < window
            && last.updates_digest == Digest::text_of(&request.updates);
        is_same.then_some(&last.response)
    }
}

/// A checkpoint that was accepted.
#[derive(Clone, PartialEq)]
struct LastCheckpoint {
    at: Timestamp,
    client_token: String,
    updates_digest: String,
    /// The token it came with.
    spent_token: CheckpointToken,
    response: CachedResponse,
}

/// What a checkpoint was answered with, not yet cut into pages.
#[derive(Clone, PartialEq)]
pub(super) struct CachedResponse {
    /// The token of the next one, unless it is withheld.
    pub(super) token: Option<CheckpointToken>,
    /// The sequence number after which everything is news.
    pub(super) since: u64,
    /// What was news, each operation with its place.
    pub(super) operations: Vec<(usize, Operation)>,
}
