//! Counts the accepted checkpoints, and caches the last response in case the request is retried.

use std::time::Duration;

use durable_types::api::CheckpointRequest;
use durable_types::{Operation, Timestamp};

use crate::checkpoint_token::CheckpointToken;
use crate::digest::Digest;
use crate::event::Checkpointed;
use crate::records::Records;

/// The number of accepted checkpoints, and the last one.
///
/// A function has at most one checkpoint in flight, so only the last one can be retried.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Checkpoints {
    /// The number of accepted checkpoints, which is part of the next token.
    count: u64,
    /// The last checkpoint, if a retry of it can be recognized.
    last: Option<LastCheckpoint>,
}

impl Checkpoints {
    /// Returns the number of accepted checkpoints.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Counts a checkpoint and drops the previous one.
    pub(crate) fn accept(&mut self) {
        self.count += 1;
        self.last = None;
    }

    /// Caches the response to the last checkpoint, if a retry of it can be recognized.
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

    /// Returns the cached response if the request is a retry of the last checkpoint.
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

/// The last accepted checkpoint and its response.
#[derive(Clone, PartialEq)]
struct LastCheckpoint {
    at: Timestamp,
    client_token: String,
    updates_digest: String,
    /// The token of the request.
    spent_token: CheckpointToken,
    response: CachedResponse,
}

/// A response to a checkpoint, before it is split into pages.
#[derive(Clone, PartialEq)]
pub(super) struct CachedResponse {
    /// The token of the next checkpoint, unless it was withheld.
    pub(super) token: Option<CheckpointToken>,
    /// The watermark above which changes belong to the delta.
    pub(super) since: u64,
    /// The operations of the delta, each with its position.
    pub(super) operations: Vec<(usize, Operation)>,
}
