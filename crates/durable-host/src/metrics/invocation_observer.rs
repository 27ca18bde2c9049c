//! Observes one invocation from the time at which it is queued.

use std::sync::{Arc, OnceLock};

use tokio::time::Instant;
use tracing::Span;

use super::function_metrics::FunctionMetrics;
use crate::invocation_outcome::InvocationOutcome;
use crate::milliseconds::milliseconds;

/// Observes one invocation until its end, or until this is dropped because the invocation was aborted.
#[derive(Debug)]
pub(crate) struct InvocationObserver {
    metrics: Arc<FunctionMetrics>,
    span: Span,
    queued: Instant,
    delivered: OnceLock<Instant>,
    outcome: Option<InvocationOutcome>,
}

impl InvocationObserver {
    /// Begins to observe an invocation that waits for the capacity of its function.
    pub(crate) fn queued(metrics: Arc<FunctionMetrics>, span: Span) -> Self {
        metrics.queued.inc();
        Self { metrics, span, queued: Instant::now(), delivered: OnceLock::new(), outcome: None }
    }

    /// Reports that the function receives the invocation now.
    pub(crate) fn handle_delivered(&self) {
        if self.delivered.set(Instant::now()).is_ok() {
            self.metrics.queued.dec();
            self.metrics.in_flight.inc();
            self.metrics.queue_duration.observe(self.queued.elapsed().as_secs_f64());
        }
    }

    /// Reports the end of the invocation.
    pub(crate) fn handle_ended(mut self, outcome: InvocationOutcome) {
        self.outcome = Some(outcome);
    }
}

impl Drop for InvocationObserver {
    fn drop(&mut self) {
        let delivered = self.delivered.get();
        match delivered {
            Some(delivered) => {
                self.metrics.in_flight.dec();
                self.metrics.duration.observe(delivered.elapsed().as_secs_f64());
            }
            None => drop(self.metrics.queued.dec()),
        }
        let outcome = self.outcome.unwrap_or(match delivered {
            Some(_) => InvocationOutcome::Aborted,
            None => InvocationOutcome::Withdrawn,
        });
        self.metrics.invocations.count(outcome);
        if !self.span.is_disabled() {
            let began = delivered.unwrap_or(&self.queued);
            self.span.record("outcome", outcome.name());
            self.span.record("queued_ms", milliseconds(began.duration_since(self.queued)));
            self.span.record("duration_ms", milliseconds(began.elapsed()));
        }
    }
}
