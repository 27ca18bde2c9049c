//! Requests to the service, one at a time, and what their answers change.

use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_types::limits::MAX_PAGE_ITEMS;
use durable_types::{Operation, OperationType, OperationUpdate, Timestamp};

use super::{Engine, Exchange, Phase, Saved};
use crate::{OperationId, Output};

impl Engine {
    /// Takes the next piece of work; none if there is nothing to do before something else happens.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<Output> {
        if matches!(self.phase, Phase::Failed(_) | Phase::Withheld) {
            return None;
        }
        if let Some(key) = self.wakes.pop_front() {
            return Some(Output::Wake(key));
        }
        if let Exchange::Page { marker, is_sent, .. } = &mut self.exchange {
            if std::mem::replace(is_sent, true) {
                return None;
            }
            return Some(Output::GetState(GetStateRequest {
                durable_execution_arn: self.execution_arn.clone(),
                checkpoint_token: self.token.clone(),
                marker: Some(marker.clone()),
                max_items: Some(MAX_PAGE_ITEMS),
            }));
        }
        let Exchange::None = self.exchange else { return None };
        let is_finishing = matches!(self.phase, Phase::Finishing(_));
        let updates = match self.queue.poll(now, is_finishing) {
            Some(updates) => updates,
            None if self.queue.is_empty() && self.refresh.is_due(now) => Vec::new(),
            None => return None,
        };
        Some(Output::Checkpoint(self.checkpoint(updates)))
    }

    /// The service recorded the checkpoint.
    pub fn handle_checkpointed(&mut self, response: CheckpointResponse) {
        let Exchange::Checkpoint { saved, ends_execution } = std::mem::take(&mut self.exchange) else {
            return;
        };
        self.stalled_since = None;
        match response.checkpoint_token.filter(|token| !token.is_empty()) {
            Some(token) => self.token = token,
            // Its last update ended the execution: nothing is to be recorded after it.
            None if ends_execution => return,
            None => {
                if !matches!(self.phase, Phase::Failed(_)) {
                    self.phase = Phase::Withheld;
                }
                return;
            }
        }
        let arrived = response.new_execution_state.operations;
        match page_after(response.new_execution_state.next_marker) {
            Some(marker) => self.exchange = Exchange::Page { marker, is_sent: false, arrived, saved },
            None => self.merge(saved, arrived),
        }
    }

    /// The service answered with a page of what is recorded.
    pub fn handle_state(&mut self, response: GetStateResponse) {
        let Exchange::Page { mut arrived, saved, .. } = std::mem::take(&mut self.exchange) else { return };
        if matches!(self.phase, Phase::Loading) {
            self.journal.extend(response.operations);
            self.load_from(response.next_marker);
            return;
        }
        arrived.extend(response.operations);
        match page_after(response.next_marker) {
            Some(marker) => self.exchange = Exchange::Page { marker, is_sent: false, arrived, saved },
            None => self.merge(saved, arrived),
        }
    }

    pub(super) fn load_from(&mut self, marker: Option<String>) {
        match page_after(marker) {
            Some(marker) => {
                self.exchange =
                    Exchange::Page { marker, is_sent: false, arrived: Vec::new(), saved: Vec::new() };
            }
            None => self.phase = Phase::Running,
        }
    }

    fn checkpoint(&mut self, updates: Vec<OperationUpdate>) -> CheckpointRequest {
        let ends_execution =
            updates.last().is_some_and(|update| update.operation_type == OperationType::Execution);
        let saved = |update: &OperationUpdate| -> Option<Saved> {
            Some((OperationId::parse(&update.operation_id)?, update.action.clone()))
        };
        let saved = updates.iter().filter_map(saved).collect();
        self.exchange = Exchange::Checkpoint { saved, ends_execution };
        CheckpointRequest {
            durable_execution_arn: self.execution_arn.clone(),
            checkpoint_token: self.token.clone(),
            updates,
            client_token: None,
        }
    }

    /// Moves the operations that were waiting for this answer.
    fn merge(&mut self, saved: Vec<Saved>, arrived: Vec<Operation>) {
        if !saved.is_empty() || !arrived.is_empty() {
            self.refresh.reset();
        }
        for (id, action) in saved {
            let Some(key) = self.slots.key(id) else { continue };
            if let Some(slot) = self.slots.of_mut(key)
                && let Some(settled) = slot.machine.handle_saved(&action)
            {
                self.settle(key, settled);
            }
            self.wake(key);
        }
        for recorded in arrived {
            let Some(key) = OperationId::parse(&recorded.id).and_then(|id| self.slots.key(id)) else {
                continue;
            };
            let Some(slot) = self.slots.of_mut(key) else { continue };
            if slot.settled.is_some() || slot.held.is_some() || slot.is_done {
                continue;
            }
            match slot.machine.handle_recorded(recorded, &slot.head) {
                Ok(moved) => self.moved(key, moved),
                Err(fatal) => self.fail(fatal),
            }
            self.wake(key);
        }
    }
}

/// Where the next page begins; none after the last one, which may also say so with an empty marker.
fn page_after(marker: Option<String>) -> Option<String> {
    marker.filter(|marker| !marker.is_empty())
}
