//! Recording a checkpoint, and the tokens that make it the right one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState, ServiceError,
};
use durable_types::{Timestamp, validate};

use super::batch::Batch;
use super::remembered::{Answer, Remembered};
use crate::digest::Digest;
use crate::event::{Checkpointed, Event};
use crate::execution::Execution;
use crate::operation::refuse;
use crate::outcome::{Outcome, Reply};
use crate::page::{PageLimits, page};
use crate::settings::Settings;
use crate::turn::Turn;

const INVALID_TOKEN: &str = "Invalid checkpoint token";

impl Execution {
    pub(crate) fn handle_checkpoint(
        &mut self,
        request: CheckpointRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        if let Some(answer) = self.checkpoints.repeated(&request, settings.client_token_window, now) {
            let reply = Reply::Checkpointed(self.response(answer, settings));
            return Ok(Outcome { events: Vec::new(), effects: Vec::new(), reply });
        }
        self.check_token(&request.checkpoint_token)?;
        if self.deadline() <= now {
            return refuse(INVALID_TOKEN);
        }
        if let Some(Err(violation)) = request.client_token.as_deref().map(validate::client_token) {
            return refuse(violation.to_string());
        }
        let verdict = Batch::new(self, settings, now).decide(&request.updates)?;

        let mut turn = Turn::new(self, settings, now);
        for changed in verdict.changes {
            turn.emit(Event::OperationChanged(changed));
        }
        turn.call_functions(request.updates.iter().map(|update| update.operation_id.as_str()));
        if let Some(end) = verdict.end {
            turn.end(end);
        }
        // What is due by now rides in this answer, so that an empty checkpoint is how a function polls.
        turn.elapse();
        let updates_digest = request.client_token.is_some().then(|| Digest::text_of(&request.updates));
        let client_token = request.client_token;
        turn.emit(Event::Checkpointed(Checkpointed { at: now, client_token, updates_digest }));

        let answer = turn.execution.checkpoints.last.as_ref().map(|last| &last.answer);
        let response = answer.map(|answer| turn.execution.response(answer, settings)).unwrap_or_default();
        turn.settle_pause();
        Ok(turn.checkpointed(response))
    }

    /// The token of the next checkpoint: the execution, its invocation, and how many checkpoints were accepted.
    pub(crate) fn token(&self) -> String {
        let id = self.arn().execution_id();
        STANDARD.encode(format!("{id}:{}:{}", self.invocations.count(), self.checkpoints.count))
    }

    /// Refuses a token that is not the one of the invocation in flight.
    pub(crate) fn check_token(&self, token: &str) -> Result<(), ServiceError> {
        let in_flight = self.invocations.in_flight();
        let is_open = !self.is_closed() && in_flight.is_some_and(|invocation| !invocation.is_revoked);
        if is_open && token == self.token() { Ok(()) } else { refuse(INVALID_TOKEN) }
    }

    /// Takes note of an accepted checkpoint: from now on the function has seen everything.
    ///
    /// While a pause is asked for, the function is told nothing, not even the next token. Nor is the checkpoint
    /// remembered: if its answer is lost, the function learns in another way that it can record nothing any more.
    pub(crate) fn remember_checkpoint(&mut self, checkpointed: Checkpointed) {
        let spent_token = self.token();
        self.checkpoints.count += 1;
        if self.pauses.is_wanted() && !self.is_closed() {
            self.checkpoints.last = None;
            self.invocations.revoke();
            return;
        }
        let answer = Answer {
            token: (!self.is_closed()).then(|| self.token()),
            since: self.records.seen(),
            operations: self.records.unseen().cloned().collect(),
        };
        self.records.see();
        self.checkpoints.last = Some(Remembered {
            at: checkpointed.at,
            client_token: checkpointed.client_token,
            updates_digest: checkpointed.updates_digest,
            spent_token,
            answer,
        });
    }

    fn response(&self, answer: &Answer, settings: &Settings) -> CheckpointResponse {
        let limits = PageLimits {
            items: settings.response_page_items,
            bytes: settings.response_page_bytes,
            may_be_empty: false,
        };
        let operations = answer.operations.iter();
        let operations =
            operations.filter_map(|operation| Some((self.records.place(&operation.id)?, operation)));
        let (operations, next_marker) = page(answer.since, operations, limits);
        // Nobody can read further pages without a token.
        let next_marker = next_marker.filter(|_| answer.token.is_some());
        CheckpointResponse {
            checkpoint_token: answer.token.clone(),
            new_execution_state: CheckpointUpdatedExecutionState { operations, next_marker },
        }
    }
}
