//! The exchange with the service: the token, the queue, and the one request in flight.

use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_types::limits::MAX_PAGE_ITEMS;
use durable_types::{Operation, OperationAction, OperationType, Timestamp};

use super::queue::{Pace, Queue};
use super::queued_update::QueuedUpdate;
use super::refresh::Refresh;
use crate::barrier::{Expectation, Resolution};
use crate::identity::OperationId;
use crate::output::Output;

/// Owns the checkpoint token and everything on its way to the service.
///
/// # Invariants
/// - At most one request is in flight.
/// - Updates are sent in the order in which they were queued.
/// - A checkpoint takes effect only when the last page of its response has arrived.
#[derive(Debug)]
pub(crate) struct Exchange {
    execution_arn: String,
    token: String,
    queue: Queue,
    refresh: Refresh,
    request: Request,
    answered_at: Timestamp,
    resolution: Resolution,
}

/// The request in flight, or the next page to read.
#[derive(Debug, Default)]
enum Request {
    #[default]
    None,
    /// A page of the journal, starting at this marker.
    Page {
        marker: String,
        is_sent: bool,
        delta: Delta,
    },
    Checkpoint {
        delta: Delta,
        ends_execution: bool,
    },
}

/// The operation and action of an update that was sent.
pub(crate) type Saved = (OperationId, OperationAction);

/// The changes that a checkpoint brought.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Delta {
    /// The updates that were acknowledged.
    pub(crate) saved: Vec<Saved>,
    /// The operations that changed, as the service reports them.
    pub(crate) arrived: Vec<Operation>,
    /// Whether the request was sent in a later unit of time than everything read before.
    pub(crate) is_later: bool,
}

/// The meaning of a response.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// The checkpoint is recorded.
    Recorded(Delta),
    /// Another page must be read first.
    Partial,
    /// The service accepts no more checkpoints from this invocation.
    TokenWithheld,
    /// The checkpoint ended the execution.
    ExecutionEnded,
    /// No matching request was in flight.
    Unexpected,
}

impl Exchange {
    pub(crate) fn new(execution_arn: String, token: String, now: Timestamp, resolution: Resolution) -> Self {
        Self {
            execution_arn,
            token,
            queue: Queue::default(),
            refresh: Refresh::default(),
            request: Request::None,
            answered_at: now,
            resolution,
        }
    }

    pub(crate) fn execution_arn(&self) -> &str {
        &self.execution_arn
    }

    pub(crate) fn push(&mut self, update: QueuedUpdate) {
        self.queue.push(update);
    }

    /// Queues updates ahead of all others.
    pub(crate) fn push_first(&mut self, updates: Vec<QueuedUpdate>) {
        self.queue.push_first(updates);
    }

    /// Holds back everything queued from now on until the service has been asked what else it recorded.
    pub(crate) fn fence(&mut self) {
        self.queue.fence();
    }

    /// Plans to read the journal from a marker on. Returns whether there is a marker, and so more to read.
    pub(crate) fn read_from(&mut self, marker: Option<String>) -> bool {
        self.read_on(marker, Delta::default()).is_none()
    }

    /// Returns whether a request is in flight or a page has to be read.
    pub(crate) fn is_busy(&self) -> bool {
        !matches!(self.request, Request::None)
    }

    /// Returns whether no update is waiting to be sent.
    pub(crate) fn is_drained(&self) -> bool {
        self.queue.is_empty()
    }

    /// Returns whether a full batch that records results is to be sent next.
    pub(crate) fn has_full_batch_of_results(&self) -> bool {
        self.queue.is_batch_full() && self.queue.results().next().is_some()
    }

    /// Returns until when the queue is held back.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.queue.deadline()
    }

    /// Takes the page request to send, if one is planned.
    pub(crate) fn poll_page(&mut self) -> Option<Output> {
        let Request::Page { marker, is_sent, .. } = &mut self.request else { return None };
        if std::mem::replace(is_sent, true) {
            return None;
        }
        let mut request = GetStateRequest::new(self.execution_arn.clone(), self.token.clone());
        request.marker = Some(marker.clone());
        request.max_items = Some(MAX_PAGE_ITEMS);
        Some(Output::GetState(request))
    }

    /// Takes the next checkpoint to send: a batch, or an empty one if a refresh is due.
    ///
    /// `is_tied` returns whether a result that would be recorded now could tie with one that was delivered.
    pub(crate) fn poll_checkpoint(
        &mut self,
        now: Timestamp,
        is_flushing: bool,
        is_tied: impl Fn(Expectation) -> bool,
    ) -> Option<Output> {
        if self.is_busy() {
            return None;
        }
        let later_at = self.answered_at.saturating_add(self.resolution.as_duration());
        let is_later = now >= later_at;
        let is_tied = !is_later && self.queue.results().any(is_tied);
        let pace = Pace { now, is_flushing, later_at, is_tied };
        let batch = match self.queue.poll(pace) {
            Some(batch) => batch,
            None if self.queue.is_empty() && self.refresh.is_due(now) => Vec::new(),
            None => return None,
        };
        let last = batch.last().map(|queued| &queued.update.operation_type);
        let ends_execution = last == Some(&OperationType::Execution);
        let saved = batch.iter().filter_map(|queued| Some((queued.id?, queued.update.action.clone())));
        let delta = Delta { saved: saved.collect(), arrived: Vec::new(), is_later };
        self.request = Request::Checkpoint { delta, ends_execution };
        Some(Output::Checkpoint(CheckpointRequest::new(
            self.execution_arn.clone(),
            self.token.clone(),
            batch.into_iter().map(|queued| queued.update).collect(),
        )))
    }

    pub(crate) fn handle_checkpointed(&mut self, response: CheckpointResponse, now: Timestamp) -> Answer {
        let Request::Checkpoint { mut delta, ends_execution } = std::mem::take(&mut self.request) else {
            return Answer::Unexpected;
        };
        self.answered_at = now;
        match response.checkpoint_token.filter(|token| !token.is_empty()) {
            Some(token) => self.token = token,
            None if ends_execution => return Answer::ExecutionEnded,
            None => return Answer::TokenWithheld,
        }
        let state = response.new_execution_state;
        delta.arrived = state.operations;
        self.read_on(state.next_marker, delta).map_or(Answer::Partial, Answer::Recorded)
    }

    /// Handles a page of a response, or of the initial state.
    pub(crate) fn handle_page(&mut self, response: GetStateResponse) -> Answer {
        let Request::Page { mut delta, .. } = std::mem::take(&mut self.request) else {
            return Answer::Unexpected;
        };
        delta.arrived.extend(response.operations);
        self.read_on(response.next_marker, delta).map_or(Answer::Partial, Answer::Recorded)
    }

    /// Plans when to ask the service for changes; `due` is the time of the first operation that is due, if known.
    pub(crate) fn plan_refresh(&mut self, due: Option<Timestamp>, now: Timestamp) -> Timestamp {
        self.refresh.plan(due, now)
    }

    /// Discards a planned refresh, because something changed.
    pub(crate) fn reset_refresh(&mut self) {
        self.refresh.reset();
    }

    /// Plans to read the next page, or returns the complete delta. The last page may have an empty marker.
    fn read_on(&mut self, marker: Option<String>, delta: Delta) -> Option<Delta> {
        match marker.filter(|marker| !marker.is_empty()) {
            Some(marker) => {
                self.request = Request::Page { marker, is_sent: false, delta };
                None
            }
            None => {
                if delta.is_later {
                    self.queue.open_fence();
                }
                Some(delta)
            }
        }
    }
}
