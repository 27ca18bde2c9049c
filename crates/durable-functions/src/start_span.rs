//! The `tracing` span of the start of a process. Its name, target and fields are documented in docs/local.md.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use durable_host::milliseconds;
use tracing::Span;
use tracing::field::Empty;

/// The span of the start of a process, until the process is ready or has exited.
#[derive(Debug)]
pub(super) struct StartSpan(Mutex<Option<Span>>);

impl StartSpan {
    /// Begins the start of a process, within the current span, which is the invocation that waits for it.
    pub(super) fn begin(function: &str, log_stream: &str) -> Self {
        let span = tracing::debug_span!(
            target: "durable::process",
            "process_start",
            function,
            log_stream,
            pid = Empty,
            outcome = Empty,
            duration_ms = Empty,
        );
        Self(Mutex::new((!span.is_disabled()).then_some(span)))
    }

    /// Records the operating system's process id.
    pub(super) fn record_pid(&self, pid: u32) {
        if let Some(span) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            span.record("pid", pid);
        }
    }

    /// Ends the start, unless it has ended.
    pub(super) fn end(&self, outcome: &'static str, duration: Duration) {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(span) = ended else { return };
        span.record("outcome", outcome);
        span.record("duration_ms", milliseconds(duration));
        // A subscriber that is set for one thread must end the span on this one, or its parent would never end.
        if let Some(subscriber) = span.with_subscriber(|(_, subscriber)| subscriber.clone()) {
            tracing::dispatcher::with_default(&subscriber, || drop(span));
        }
    }
}
