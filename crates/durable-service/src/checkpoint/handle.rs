//! Records a checkpoint and builds its response.

use std::collections::BTreeMap;

use durable_types::api::{
    CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState, ServiceError,
};
use durable_types::{Operation, Timestamp, validate};

use super::batch::Batch;
use super::checkpoints::CachedResponse;
use crate::checkpoint_token::{CheckpointToken, INVALID_CHECKPOINT_TOKEN};
use crate::digest::Digest;
use crate::environment::Environment;
use crate::event::{Checkpointed, Event};
use crate::execution::Execution;
use crate::operation::reject;
use crate::outcome::{Outcome, Reply};
use crate::page::{PageLimits, page};
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    pub(crate) fn handle_checkpoint(
        &mut self,
        request: CheckpointRequest,
        environment: Environment<'_>,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let settings = environment.settings;
        if let Some(cached) = self.checkpoints.cached_response(&request, settings.client_token_window, now) {
            let reply = Reply::Checkpointed(cached_response(cached, settings));
            return Ok(Outcome { events: Vec::new(), replaced: BTreeMap::new(), effects: Vec::new(), reply });
        }
        self.check_token(&request.checkpoint_token)?;
        if self.deadline() <= now {
            return reject(INVALID_CHECKPOINT_TOKEN);
        }
        if let Some(Err(violation)) = request.client_token.as_deref().map(validate::client_token) {
            return reject(violation.to_string());
        }
        let updates_digest = request.client_token.is_some().then(|| Digest::text_of(&request.updates));
        let accepted = Batch::new(self, environment, now).decide(request.updates)?;

        let mut transition = Transition::new(self, settings, now);
        for changed in accepted.changes {
            transition.emit(Event::OperationChanged(changed));
        }
        transition.call_functions();
        if let Some(end) = accepted.end {
            transition.end(end);
        }
        // Timers that have elapsed are part of this response, so a function can poll with empty checkpoints.
        transition.elapse();
        let delta = transition.execution.delta(settings);
        let client_token = request.client_token;
        transition.emit(Event::Checkpointed(Checkpointed { at: now, client_token, updates_digest }));

        let response = response(transition.execution.token().map(CheckpointToken::as_str), delta);
        transition.settle_pause();
        Ok(transition.checkpointed(response))
    }

    /// Returns the delta for the invocation in flight, which is empty while a pause interrupts it.
    fn delta(&self, settings: &Settings) -> CheckpointUpdatedExecutionState {
        if self.interrupts_checkpoints() {
            return CheckpointUpdatedExecutionState::default();
        }
        state(self.records.watermark(), self.records.delta(), settings)
    }
}

/// Rebuilds the response to a retried checkpoint.
fn cached_response(cached: &CachedResponse, settings: &Settings) -> CheckpointResponse {
    let operations = cached.operations.iter().map(|(position, operation)| (*position, operation));
    response(cached.token.as_ref().map(CheckpointToken::as_str), state(cached.since, operations, settings))
}

fn response(token: Option<&str>, mut state: CheckpointUpdatedExecutionState) -> CheckpointResponse {
    // Further pages cannot be read without a token.
    state.next_marker = state.next_marker.filter(|_| token.is_some());
    let mut response = CheckpointResponse::new(token.map(str::to_owned));
    response.new_execution_state = state;
    response
}

/// Returns the first page of the changes after a sequence number.
fn state<'a>(
    since: u64,
    operations: impl Iterator<Item = (usize, &'a Operation)>,
    settings: &Settings,
) -> CheckpointUpdatedExecutionState {
    let limits = PageLimits { items: settings.response_page_items, bytes: settings.response_page_bytes };
    let (operations, next_marker) = page(since, operations, limits);
    CheckpointUpdatedExecutionState::new(operations, next_marker)
}
