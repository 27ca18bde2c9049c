//! What the invocations of a process share: the exporter, and the spans that wait for it.

use durable_trace::attribute::WORKFLOW;
use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanKind, TraceId};
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};
use tracing::warn;

use crate::buffer::SpanBuffer;
use crate::exporter::AnyExporter;
use crate::invocation_trace::TraceSettings;
use crate::span_draft::SpanDraft;

/// What the invocations of a process share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: TraceSettings,
    pub(crate) sampler: Sampler,
    pub(crate) scope: InstrumentationScope,
    pub(crate) buffer: SpanBuffer,
    pub(crate) exporter: Box<dyn AnyExporter>,
}

impl Shared {
    /// Decides whether a trace is sampled of which the caller says nothing.
    pub(crate) fn is_sampled(&self, trace_id: TraceId) -> bool {
        let result = self.sampler.should_sample(None, trace_id, WORKFLOW, &SpanKind::Internal, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    /// Adds spans that have ended.
    pub(crate) fn add(&self, spans: Vec<SpanDraft>) {
        for span in spans {
            self.buffer.push(span.into_span_data(&self.scope));
        }
    }

    /// Exports the spans that have ended.
    pub(crate) async fn flush(&self) {
        let (spans, dropped) = self.buffer.take();
        if dropped > 0 {
            warn!(target: "durable::otel", dropped, "spans were dropped, because too many ended before they were exported");
        }
        if spans.is_empty() {
            return;
        }
        let count = spans.len();
        if let Err(error) = self.exporter.export(spans).await {
            warn!(target: "durable::otel", count, %error, "spans were not exported");
        }
    }
}
