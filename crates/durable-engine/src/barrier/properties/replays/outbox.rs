//! The updates on their way to the toy service: when they are sent, and which are in flight.

use std::collections::VecDeque;

use durable_types::Operation;

use super::chance::Chance;
use super::service::{Service, Update};
use crate::barrier::Expectation;

/// How long the starts of steps are held back for other updates, in microseconds.
const LINGER: u64 = 5_000;
/// The unit of time of the service, in microseconds.
const UNIT: u64 = 1_000;

/// The queue of an invocation and its request in flight.
pub(super) struct Outbox {
    queue: VecDeque<Queued>,
    /// The number of leading updates that follow only from results whose place is certain; `None` if all do.
    fence: Option<usize>,
    request: Option<Request>,
    answered_at: u64,
    linger_ends: Option<u64>,
    /// The maximum number of updates in one request.
    batch_size: usize,
}

struct Queued {
    update: Update,
    is_awaited: bool,
    result: Option<Expectation>,
}

/// A request that was sent and whose response has not been received.
struct Request {
    batch: Vec<Update>,
    arrives: u64,
    response: Option<Vec<Operation>>,
    returns: u64,
    is_later: bool,
}

/// The outcome of a request.
pub(super) struct Answer {
    pub(super) batch: Vec<Update>,
    pub(super) reported: Vec<Operation>,
    /// Whether the request was sent in a later unit of time than everything read before.
    pub(super) is_later: bool,
}

/// What to do with the queue.
pub(super) enum Outgoing {
    Nothing,
    HeldUntil(u64),
    Send(Vec<Update>),
}

impl Outbox {
    pub(super) fn new(now: u64, batch_size: usize) -> Self {
        let (queue, fence, request, linger_ends) = Default::default();
        Self { queue, fence, request, answered_at: now, linger_ends, batch_size }
    }

    pub(super) fn push(&mut self, update: Update, is_awaited: bool, result: Option<Expectation>) {
        self.queue.push_back(Queued { update, is_awaited, result });
    }

    /// Queues the place of a result, ahead of everything else.
    pub(super) fn push_place(&mut self, update: Update) {
        self.queue.push_front(Queued { update, is_awaited: false, result: None });
        self.fence = self.fence.map(|fence| fence + 1);
    }

    /// Holds back everything queued from now on until the service has been asked what else it recorded.
    pub(super) fn fence(&mut self) {
        self.fence.get_or_insert(self.queue.len());
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.is_empty() && self.request.is_none()
    }

    /// Returns whether a full batch that records results is to be sent next.
    pub(super) fn has_full_batch_of_results(&self) -> bool {
        self.fence.unwrap_or(self.queue.len()) >= self.batch_size && self.results().next().is_some()
    }

    fn results(&self) -> impl Iterator<Item = Expectation> {
        self.queue.iter().take(self.batch_size).filter_map(|queued| queued.result)
    }

    /// Takes the updates that may be sent now.
    pub(super) fn poll(
        &mut self,
        now: u64,
        is_finishing: bool,
        is_tied: impl Fn(Expectation) -> bool,
    ) -> Outgoing {
        if self.request.is_some() || self.queue.is_empty() {
            return Outgoing::Nothing;
        }
        if !is_finishing && !self.queue.iter().any(|queued| queued.is_awaited) {
            let linger_ends = *self.linger_ends.get_or_insert(now + LINGER);
            if now < linger_ends {
                return Outgoing::HeldUntil(linger_ends);
            }
        }
        let is_tied = self.results().any(is_tied);
        if !self.is_later(now) && (self.fence == Some(0) || is_tied) {
            return Outgoing::HeldUntil(self.answered_at + UNIT);
        }
        self.linger_ends = None;
        let updates = self.fence.unwrap_or(usize::MAX).min(self.batch_size).min(self.queue.len());
        self.fence = self.fence.map(|fence| fence - updates);
        Outgoing::Send(self.queue.drain(..updates).map(|queued| queued.update).collect())
    }

    pub(super) fn send(&mut self, now: u64, batch: Vec<Update>, chance: &mut Chance) {
        // Often several requests are recorded in the same millisecond.
        let latency = if chance.percent(80) { 150 } else { 1_500 };
        let arrives = now + 20 + chance.below(latency);
        let returns = arrives + 20 + chance.below(latency);
        let is_later = self.is_later(now);
        self.request = Some(Request { batch, arrives, response: None, returns, is_later });
    }

    /// Returns when the next event of the request in flight happens.
    pub(super) fn next_event(&self) -> Option<u64> {
        self.request.as_ref().map(|request| match request.response {
            None => request.arrives,
            Some(_) => request.returns,
        })
    }

    /// Lets the request arrive at the service, or its response return.
    pub(super) fn handle_event(&mut self, now: u64, service: &mut Service) -> Option<Answer> {
        let request = self.request.as_mut()?;
        if request.response.is_none() && request.arrives <= now {
            request.response = Some(service.checkpoint(request.arrives, request.batch.clone()));
        }
        let Request { batch, response, is_later, .. } =
            self.request.take_if(|request| request.returns <= now)?;
        if is_later {
            self.fence = None;
        }
        self.answered_at = now;
        Some(Answer { batch, reported: response?, is_later })
    }

    fn is_later(&self, now: u64) -> bool {
        now >= self.answered_at + UNIT
    }
}
