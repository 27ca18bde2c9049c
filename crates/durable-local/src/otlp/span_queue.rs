//! Spans that wait to be exported.

use std::collections::VecDeque;
use std::sync::Arc;

use durable_timeline::trace::TraceSpan;

/// Spans that wait to be exported, with the name of their function, up to a maximum number.
#[derive(Debug)]
pub(super) struct SpanQueue {
    spans: VecDeque<(Arc<str>, TraceSpan)>,
    capacity: usize,
    dropped: u64,
}

impl SpanQueue {
    pub(super) fn new(capacity: usize) -> Self {
        Self { spans: VecDeque::new(), capacity, dropped: 0 }
    }

    /// Adds a span of a function. If there is no room, the oldest one is dropped.
    pub(super) fn push(&mut self, function_name: &Arc<str>, span: TraceSpan) {
        if self.spans.len() >= self.capacity && self.spans.pop_front().is_some() {
            self.dropped = self.dropped.saturating_add(1);
        }
        self.spans.push_back((Arc::clone(function_name), span));
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns at most `count` of the oldest spans that are of one function, and its name.
    pub(super) fn batch(&self, count: usize) -> Option<(Arc<str>, Vec<TraceSpan>)> {
        let (function_name, _) = self.spans.front()?;
        let of_function = self.spans.iter().take_while(|(name, _)| name == function_name);
        let spans = of_function.take(count).map(|(_, span)| span.clone()).collect();
        Some((Arc::clone(function_name), spans))
    }

    /// Removes this many of the oldest spans, which were exported.
    pub(super) fn remove(&mut self, count: usize) {
        self.spans.drain(..count.min(self.spans.len()));
    }

    /// Takes the number of spans that were dropped.
    pub(super) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use durable_timeline::trace::ExecutionTrace;
    use durable_trace::RemoteParent;
    use durable_types::Timestamp;
    use durable_types::history::{Event, EventDetails, ExecutionStartedDetails};

    use super::*;

    fn span(arn: &str) -> TraceSpan {
        let details = EventDetails::ExecutionStarted(ExecutionStartedDetails::new(None, 60));
        let event = Event::new(1, Timestamp::EPOCH, details);
        ExecutionTrace::new(arn, RemoteParent::default()).apply(&event).remove(0)
    }

    #[test]
    fn a_batch_is_of_one_function_and_stays_until_it_is_removed() {
        let (order, ship): (Arc<str>, Arc<str>) = ("order".into(), "ship".into());
        let mut queue = SpanQueue::new(9);
        for (name, arn) in [(&order, "a"), (&order, "b"), (&order, "c"), (&ship, "d"), (&order, "e")] {
            queue.push(name, span(arn));
        }

        assert_eq!(queue.batch(2), Some((Arc::clone(&order), vec![span("a"), span("b")])));
        queue.remove(2);
        assert_eq!(queue.batch(2), Some((Arc::clone(&order), vec![span("c")])));
        queue.remove(1);
        assert_eq!(queue.batch(2), Some((ship, vec![span("d")])));
        queue.remove(1);
        assert_eq!(queue.batch(2), Some((order, vec![span("e")])));
        queue.remove(1);
        assert_eq!(queue.batch(2), None);
    }

    #[test]
    fn the_oldest_spans_are_dropped_and_counted() {
        let order: Arc<str> = "order".into();
        let mut queue = SpanQueue::new(2);

        for arn in ["a", "b", "c"] {
            queue.push(&order, span(arn));
        }

        assert_eq!(queue.batch(9), Some((order, vec![span("b"), span("c")])));
        assert_eq!((queue.take_dropped(), queue.take_dropped()), (1, 0));
    }
}
