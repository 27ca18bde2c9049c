//! The plugin of one invocation.

use std::sync::{Arc, Mutex, PoisonError};

use durable_core::error::BoxError;
use durable_core::plugin::{
    AttemptEnd, ChainedInvokeStart, CodeLocation, InvocationEnd, InvocationInfo, OperationEnd,
    OperationStart, Plugin,
};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use serde_json::Value;

use crate::invocation_trace::InvocationTrace;
use crate::shared::Shared;

/// The plugin of one invocation, which [`Otel::plugin`](crate::Otel::plugin) creates.
pub struct OtelPlugin {
    shared: Arc<Shared>,
    trace: Mutex<InvocationTrace>,
}

impl OtelPlugin {
    pub(crate) fn new(shared: Arc<Shared>, invocation: &InvocationInfo<'_>) -> Self {
        let ambient = current_span();
        let trace = InvocationTrace::new(shared.settings.clone(), invocation, |trace_id| {
            if ambient.is_valid() { ambient.is_sampled() } else { shared.is_sampled(trace_id) }
        });
        Self { shared, trace: Mutex::new(trace) }
    }

    /// Changes the trace, and adds the spans that thereby ended to those that wait to be exported.
    fn advance(&self, change: impl FnOnce(&mut InvocationTrace)) {
        let ended = self.with(|trace| {
            change(trace);
            trace.take_ended()
        });
        self.shared.add(ended);
    }

    fn span_at(&self, location: &CodeLocation<'_>) -> SpanContext {
        self.with(|trace| trace.span_at(location))
    }

    fn with<R>(&self, f: impl FnOnce(&mut InvocationTrace) -> R) -> R {
        f(&mut self.trace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Plugin for OtelPlugin {
    async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
        self.advance(|trace| trace.invocation_ended(end));
        self.shared.flush().await;
        Ok(())
    }

    fn operation_started(&self, start: &OperationStart<'_>) -> Result<(), BoxError> {
        self.advance(|trace| trace.operation_started(start));
        Ok(())
    }

    fn operation_ended(&self, end: &OperationEnd<'_>) -> Result<(), BoxError> {
        self.advance(|trace| trace.operation_ended(end));
        Ok(())
    }

    fn attempt_ended(&self, end: &AttemptEnd<'_>) -> Result<(), BoxError> {
        self.advance(|trace| trace.attempt_ended(end));
        Ok(())
    }

    #[cfg(feature = "tracing")]
    fn span(&self, location: &CodeLocation<'_>) -> Option<tracing::Span> {
        Some(crate::location::location_span(&self.span_at(location)))
    }

    fn log_fields(&self, location: &CodeLocation<'_>) -> Vec<(&'static str, Value)> {
        let current = current_span();
        let span = if current.is_valid() { current } else { self.span_at(location) };
        vec![
            ("traceId", span.trace_id().to_string().into()),
            ("spanId", span.span_id().to_string().into()),
            ("traceSampled", span.is_sampled().into()),
        ]
    }

    fn trace_header(&self, invoke: &ChainedInvokeStart<'_>) -> Result<Option<String>, BoxError> {
        Ok(Some(self.with(|trace| trace.trace_header(invoke.operation_id))))
    }
}

/// Returns the current span of OpenTelemetry, such as one that the code has entered through `tracing`.
fn current_span() -> SpanContext {
    opentelemetry::Context::map_current(|context| context.span().span_context().clone())
}
