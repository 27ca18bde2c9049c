//! The plugin that measures an invocation.

use std::sync::{Mutex, PoisonError};

use durable_core::error::BoxError;
use durable_core::plugin::{AttemptEnd, CheckpointEnd, InvocationEnd, InvocationInfo, OperationEnd, Plugin};

use super::invocation_metrics::InvocationMetrics;

/// Receives what an invocation measured.
pub(super) trait MetricsSink: Send + Sync + 'static {
    /// Reports what an invocation measured.
    fn report(
        &self,
        end: &InvocationEnd<'_>,
        metrics: InvocationMetrics,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// Measures an invocation.
pub(super) struct MetricsPlugin<S> {
    sink: S,
    metrics: Mutex<InvocationMetrics>,
}

impl<S> MetricsPlugin<S> {
    pub(super) fn new(sink: S, invocation: &InvocationInfo<'_>) -> Self {
        Self { sink, metrics: Mutex::new(InvocationMetrics::new(invocation)) }
    }

    fn with<R>(&self, f: impl FnOnce(&mut InvocationMetrics) -> R) -> R {
        f(&mut self.metrics.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<S: MetricsSink> Plugin for MetricsPlugin<S> {
    async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
        let metrics = self.with(|metrics| {
            metrics.invocation_ended(end);
            std::mem::take(metrics)
        });
        self.sink.report(end, metrics).await
    }

    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        self.with(|metrics| metrics.operation_ended(end));
        Ok(())
    }

    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        self.with(|metrics| metrics.attempt_ended(end));
        Ok(())
    }

    fn checkpoint_ended(&self, end: &CheckpointEnd<'_>) -> Result<(), BoxError> {
        self.with(|metrics| metrics.checkpoint_ended(end));
        Ok(())
    }
}
