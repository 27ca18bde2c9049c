//! Spans before they are exported.

use std::borrow::Cow;
use std::time::SystemTime;

use durable_types::{ErrorObject, Timestamp};
use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::convert;

/// A span that has ended.
pub(crate) struct SpanDraft {
    pub(crate) context: SpanContext,
    /// The parent, and whether it is a span of another process.
    pub(crate) parent: Option<(durable_trace::SpanId, bool)>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) attributes: Vec<KeyValue>,
    pub(crate) link: Option<SpanContext>,
    pub(crate) outcome: Outcome,
}

/// How the work of a span ended.
pub(crate) enum Outcome {
    Succeeded,
    /// It failed, with the error if it is known.
    Failed(Option<ErrorObject>),
    /// It has not ended, or how it ended says nothing about success.
    Unset,
}

impl SpanDraft {
    pub(crate) fn into_span_data(self, scope: &InstrumentationScope) -> SpanData {
        let end = time(self.end.max(self.start));
        let (status, error) = match self.outcome {
            Outcome::Succeeded => (Status::Ok, None),
            Outcome::Failed(error) => {
                let message =
                    error.as_ref().and_then(|error| error.error_message.clone()).unwrap_or_default();
                (Status::error(message), error)
            }
            Outcome::Unset => (Status::Unset, None),
        };
        let mut events = SpanEvents::default();
        events.events.extend(error.map(|error| exception(error, end)));
        let mut links = SpanLinks::default();
        links.links.extend(self.link.map(Link::with_context));
        let (parent_span_id, parent_span_is_remote) = match self.parent {
            Some((id, is_remote)) => (convert::span_id(id), is_remote),
            None => (SpanId::INVALID, false),
        };
        SpanData {
            span_context: self.context,
            parent_span_id,
            parent_span_is_remote,
            span_kind: SpanKind::Internal,
            name: self.name,
            start_time: time(self.start),
            end_time: end,
            attributes: self.attributes,
            dropped_attributes_count: 0,
            events,
            links,
            status,
            instrumentation_scope: scope.clone(),
        }
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
