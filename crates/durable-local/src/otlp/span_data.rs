//! Spans as OpenTelemetry's types.

use std::time::SystemTime;

use durable_timeline::trace::{AttributeValue, SpanOutcome, TraceSpan};
use durable_types::{ErrorObject, Timestamp};
use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

/// Converts a span, which is sampled.
pub(super) fn span_data(span: TraceSpan, scope: &InstrumentationScope) -> SpanData {
    let trace_id = TraceId::from_bytes(span.trace_id.to_bytes());
    let context = |id: durable_trace::SpanId| {
        let id = SpanId::from_bytes(id.to_bytes());
        SpanContext::new(trace_id, id, TraceFlags::SAMPLED, false, TraceState::NONE)
    };
    let end = time(span.end);
    let (status, error) = match span.outcome {
        SpanOutcome::Succeeded => (Status::Ok, None),
        SpanOutcome::Failed(error) => {
            let message = error.as_ref().and_then(|error| error.error_message.clone());
            (Status::error(message.unwrap_or_default()), error)
        }
        SpanOutcome::Unset => (Status::Unset, None),
    };
    let mut events = SpanEvents::default();
    events.events.extend(error.map(|error| exception(*error, end)));
    let mut links = SpanLinks::default();
    links.links.extend(span.link.map(|link| Link::with_context(context(link))));
    let parent = span.parent.map(|parent| SpanId::from_bytes(parent.id.to_bytes()));
    SpanData {
        span_context: context(span.id),
        parent_span_id: parent.unwrap_or(SpanId::INVALID),
        parent_span_is_remote: span.parent.is_some_and(|parent| parent.is_remote),
        span_kind: SpanKind::Internal,
        name: span.name,
        start_time: time(span.start),
        end_time: end,
        attributes: span.attributes.into_iter().map(|(key, value)| KeyValue::new(key, of(value))).collect(),
        dropped_attributes_count: 0,
        events,
        links,
        status,
        instrumentation_scope: scope.clone(),
    }
}

fn of(value: AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => text.into_string().into(),
        AttributeValue::Number(number) => number.into(),
        AttributeValue::Bool(value) => value.into(),
    }
}

/// Returns the event that records an error, as the semantic conventions define it.
fn exception(error: ErrorObject, at: SystemTime) -> Event {
    let member = |key, value: Option<String>| value.map(|value| KeyValue::new(key, value));
    let stack = error.stack_trace.map(|frames| frames.join("\n"));
    let attributes = [
        member("exception.type", error.error_type),
        member("exception.message", error.error_message),
        member("exception.stacktrace", stack),
    ];
    Event::new("exception", at, attributes.into_iter().flatten().collect(), 0)
}

fn time(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + at.saturating_since(Timestamp::EPOCH)
}
