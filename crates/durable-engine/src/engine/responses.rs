//! Requests to the service, and the changes that its responses bring.

use durable_types::Timestamp;
use durable_types::api::{CheckpointResponse, GetStateResponse};

use super::{Engine, Phase};
use crate::checkpoint::{Answer, Delta};
use crate::fatal::Fatal;
use crate::identity::{IdMap, OperationId};
use crate::markers as marker;
use crate::operation_key::OperationKey;
use crate::output::Output;

impl Engine {
    /// Takes the next output, or `None` if there is nothing to do before something else happens.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<Output> {
        self.handle_time(now);
        if matches!(self.phase, Phase::Failed(_) | Phase::Withheld) {
            return None;
        }
        if let Some(key) = self.barrier.next_wake() {
            return Some(Output::Wake(key));
        }
        if let Some(page) = self.exchange.poll_page() {
            return Some(page);
        }
        // Updates that follow from results that can still be delivered belong in the same request.
        if matches!(self.phase, Phase::Running) && self.barrier.can_move() {
            return None;
        }
        let is_flushing = matches!(self.phase, Phase::Finishing(_));
        let barrier = &self.barrier;
        self.exchange.poll_checkpoint(now, is_flushing, |result| barrier.is_tied(result))
    }

    /// Handles the response to the checkpoint in flight.
    pub fn handle_checkpointed(&mut self, response: CheckpointResponse, now: Timestamp) {
        self.handle_time(now);
        self.barrier.handle_progress();
        let answer = self.exchange.handle_checkpointed(response, now);
        self.handle_answer(answer);
    }

    /// Handles a page of the journal.
    pub fn handle_state(&mut self, response: GetStateResponse) {
        let answer = self.exchange.handle_page(response);
        self.handle_answer(answer);
    }

    fn handle_answer(&mut self, answer: Answer) {
        match answer {
            Answer::Recorded(delta) if matches!(self.phase, Phase::Loading) => {
                self.barrier.journal_mut().extend(delta.arrived);
                self.phase = Phase::Running;
            }
            Answer::Recorded(delta) => self.merge(delta),
            // Nothing may be recorded after the end of the execution.
            Answer::Partial | Answer::ExecutionEnded => {}
            Answer::TokenWithheld => {
                if !matches!(self.phase, Phase::Failed(_)) {
                    self.phase = Phase::Withheld;
                }
            }
            Answer::Unexpected => {
                self.fail(Fatal::Bug("a response arrived for a request that is not in flight".to_owned()));
            }
        }
    }

    /// Merges the changes into the operations that waited for this response.
    fn merge(&mut self, delta: Delta) {
        let Delta { saved, arrived, is_later } = delta;
        if self.is_observed() {
            self.observe_recorded(&saved, &arrived);
        }
        if is_later {
            self.barrier.handle_complete();
        }
        if !saved.is_empty() || !arrived.is_empty() {
            self.exchange.reset_refresh();
        }
        let ends: IdMap<Timestamp> = arrived
            .iter()
            .filter_map(|recorded| Some((OperationId::parse(&recorded.id)?, recorded.end_timestamp?)))
            .collect();
        let mut moved = Vec::with_capacity(saved.len() + arrived.len());
        for (id, action) in saved {
            let Some(key) = self.operations.key(id) else { continue };
            let operation = self.operations.get_mut(key);
            if let Some(settled) = operation.and_then(|operation| operation.machine.handle_saved(&action)) {
                self.settle(key, settled.into(), ends.get(&id).copied());
            }
            moved.push(key);
        }
        for mut recorded in arrived {
            if marker::is_suspension(&recorded) && recorded.status.is_terminal() {
                self.deadline.handle_suspension_ended();
            }
            if let Some(placement) = self.barrier.handle_reported(&recorded) {
                self.record_order(&placement);
            }
            let key = OperationId::parse(&recorded.id).and_then(|id| self.operations.key(id));
            let Some(key) = key else { continue };
            let is_active = self.barrier.is_active(key);
            let Some(operation) = self.operations.get_mut(key) else { continue };
            if !is_active && !operation.machine.expects_answer() {
                continue;
            }
            let at =
                if recorded.status.is_terminal() { recorded.end_timestamp } else { recorded.start_timestamp };
            match operation.machine.handle_recorded(&mut recorded) {
                Ok(transition) => self.apply(key, transition, at),
                Err(fatal) => self.fail(fatal),
            }
            moved.push(key);
        }
        self.barrier.hold_newest(self.exchange.has_full_batch_of_results());
        moved.dedup();
        for key in moved {
            self.expect(key);
            self.wake_to_run(key);
        }
    }

    /// Notes whether the service can end an operation from now on.
    pub(super) fn expect(&mut self, key: OperationKey) {
        let Some(operation) = self.operations.get(key) else { return };
        let machine = &operation.machine;
        if machine.is_remote() && machine.is_parked() && self.barrier.is_active(key) {
            self.barrier.expect(key, machine.due());
        }
    }

    /// Wakes the future of an operation whose body may be due now.
    fn wake_to_run(&mut self, key: OperationKey) {
        let may_run = self.operations.get(key).is_some_and(|operation| operation.machine.may_run());
        if may_run && self.barrier.is_active(key) {
            self.barrier.wake(key);
        }
    }
}
