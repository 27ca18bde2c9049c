//! A checkpoint in flight, as plugins observe it.

use durable_types::api::CheckpointRequest;
use durable_types::{OperationUpdate, Timestamp};

use crate::plugin::CheckpointEnd;
use crate::transport::TransportError;

/// A checkpoint in flight of whose end plugins will be notified.
pub(super) struct SentCheckpoint {
    updates: usize,
    bytes: usize,
    sent: Timestamp,
}

impl SentCheckpoint {
    pub(super) fn new(request: &CheckpointRequest, now: Timestamp) -> Self {
        let bytes = request.updates.iter().map(OperationUpdate::encoded_len_bound).sum();
        Self { updates: request.updates.len(), bytes, sent: now }
    }

    pub(super) fn end<'a>(&self, error: Option<&'a TransportError>, now: Timestamp) -> CheckpointEnd<'a> {
        let Self { updates, bytes, sent } = *self;
        CheckpointEnd { updates, bytes, elapsed: now.saturating_since(sent), error }
    }
}
