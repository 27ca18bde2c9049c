//! Recording a checkpoint, and what it is answered with.

use durable_types::api::{
    CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState, ServiceError,
};
use durable_types::{Operation, Timestamp, validate};

use super::batch::Batch;
use super::checkpoints::Answer;
use crate::checkpoint_token::{CheckpointToken, INVALID_CHECKPOINT_TOKEN};
use crate::digest::Digest;
use crate::environment::Environment;
use crate::event::{Checkpointed, Event};
use crate::execution::Execution;
use crate::operation::refuse;
use crate::outcome::{Outcome, Reply};
use crate::page::{PageLimits, page};
use crate::settings::Settings;
use crate::turn::Turn;

impl Execution {
    pub(crate) fn handle_checkpoint(
        &mut self,
        request: CheckpointRequest,
        environment: Environment<'_>,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let settings = environment.settings;
        if let Some(answer) = self.checkpoints.repeated(&request, settings.client_token_window, now) {
            let reply = Reply::Checkpointed(repeated(answer, settings));
            return Ok(Outcome { events: Vec::new(), effects: Vec::new(), reply });
        }
        self.check_token(&request.checkpoint_token)?;
        if self.deadline() <= now {
            return refuse(INVALID_CHECKPOINT_TOKEN);
        }
        if let Some(Err(violation)) = request.client_token.as_deref().map(validate::client_token) {
            return refuse(violation.to_string());
        }
        let updates_digest = request.client_token.is_some().then(|| Digest::text_of(&request.updates));
        let verdict = Batch::new(self, environment, now).decide(request.updates)?;

        let mut turn = Turn::new(self, settings, now);
        for changed in verdict.changes {
            turn.emit(Event::OperationChanged(changed));
        }
        turn.call_functions();
        if let Some(end) = verdict.end {
            turn.end(end);
        }
        // What is due by now rides in this answer, so that an empty checkpoint is how a function polls.
        turn.elapse();
        let news = turn.execution.news(settings);
        let client_token = request.client_token;
        turn.emit(Event::Checkpointed(Checkpointed { at: now, client_token, updates_digest }));

        let response = response(turn.execution.token().map(CheckpointToken::as_str), news);
        turn.settle_pause();
        Ok(turn.checkpointed(response))
    }

    /// What an answer to the invocation in flight tells now.
    fn news(&self, settings: &Settings) -> CheckpointUpdatedExecutionState {
        if self.interrupts_checkpoints() {
            return CheckpointUpdatedExecutionState::default();
        }
        state(self.records.seen(), self.records.unseen(), settings)
    }
}

/// The answer that a checkpoint was given already.
fn repeated(answer: &Answer, settings: &Settings) -> CheckpointResponse {
    let operations = answer.operations.iter().map(|(place, operation)| (*place, operation));
    response(answer.token.as_ref().map(CheckpointToken::as_str), state(answer.since, operations, settings))
}

fn response(token: Option<&str>, mut state: CheckpointUpdatedExecutionState) -> CheckpointResponse {
    // Nobody can read further pages without a token.
    state.next_marker = state.next_marker.filter(|_| token.is_some());
    let mut response = CheckpointResponse::new(token.map(str::to_owned));
    response.new_execution_state = state;
    response
}

/// The first page of what changed after a sequence number.
fn state<'a>(
    since: u64,
    operations: impl Iterator<Item = (usize, &'a Operation)>,
    settings: &Settings,
) -> CheckpointUpdatedExecutionState {
    let limits = PageLimits { items: settings.response_page_items, bytes: settings.response_page_bytes };
    let (operations, next_marker) = page(since, operations, limits);
    CheckpointUpdatedExecutionState::new(operations, next_marker)
}
