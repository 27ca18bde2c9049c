//! The `tracing` spans that stand for spans of a durable function.

use opentelemetry::trace::{SpanBuilder, SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use tracing::{Span, info_span};

/// The field of a location's span that holds the trace id, the span id and the flags in hexadecimal.
const LOCATION: &str = "durable.location";
const TARGET: &str = "durable::otel";

/// Returns the `tracing` span that stands for a span of the durable function.
pub(crate) fn location_span(context: &SpanContext) -> Span {
    let (trace, span, flags) = (context.trace_id(), context.span_id(), context.trace_flags().to_u8());
    info_span!(target: TARGET, parent: None, "durable", durable.location = format!("{trace}{span}{flags:02x}"))
}

/// Returns the span that a location's span stands for.
pub(crate) fn location(builder: &SpanBuilder) -> Option<SpanContext> {
    let attributes = builder.attributes.as_ref()?;
    let text = attributes.iter().find(|attribute| attribute.key.as_str() == LOCATION)?.value.as_str();
    let (trace, rest) = text.split_at_checked(32)?;
    let (span, flags) = rest.split_at_checked(16)?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    Some(SpanContext::new(trace, span, flags, false, TraceState::NONE))
}
