//! Spans that wait to be exported.

use std::sync::{Mutex, PoisonError};

use opentelemetry_sdk::trace::SpanData;

/// Spans that wait to be exported, up to a maximum number.
#[derive(Debug)]
pub(crate) struct SpanBuffer {
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    spans: Vec<SpanData>,
    dropped: usize,
}

impl SpanBuffer {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity }
    }

    /// Adds a span, or drops it if there is no room.
    pub(crate) fn push(&self, span: SpanData) {
        self.with(|state| {
            if state.spans.len() < self.capacity {
                state.spans.push(span);
            } else {
                state.dropped = state.dropped.saturating_add(1);
            }
        });
    }

    /// Takes all spans, and the number of those that were dropped.
    pub(crate) fn take(&self) -> (Vec<SpanData>, usize) {
        let State { spans, dropped } = self.with(std::mem::take);
        (spans, dropped)
    }

    fn with<R>(&self, f: impl FnOnce(&mut State) -> R) -> R {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
