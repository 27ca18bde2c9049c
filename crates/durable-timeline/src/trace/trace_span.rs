//! A span of a trace.

use std::borrow::Cow;

use durable_trace::{SpanId, TraceId};
use durable_types::{ErrorObject, Timestamp};

use super::attributes::AttributeValue;

/// A span of a trace that has ended.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TraceSpan {
    /// The trace.
    pub trace_id: TraceId,
    /// The id of the span.
    pub id: SpanId,
    /// The span that it belongs to; `None` for the root of the trace.
    pub parent: Option<ParentSpan>,
    /// The name.
    pub name: Cow<'static, str>,
    /// The start time.
    pub start: Timestamp,
    /// The end time, not before the start.
    pub end: Timestamp,
    /// The attributes.
    pub attributes: Vec<(&'static str, AttributeValue)>,
    /// The span of the invocation with which it ended, if it is an operation or an attempt and the invocation is known.
    pub link: Option<SpanId>,
    /// How its work ended.
    pub outcome: SpanOutcome,
}

/// The span that another one belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParentSpan {
    /// The id.
    pub id: SpanId,
    /// Whether it is the caller's span, which is not part of the execution.
    pub is_remote: bool,
}

/// How the work of a span ended.
#[derive(Clone, Debug, PartialEq)]
pub enum SpanOutcome {
    /// It succeeded.
    Succeeded,
    /// It failed, with the error if it is known.
    Failed(Option<Box<ErrorObject>>),
    /// It has not ended, or how it ended says nothing about success.
    Unset,
}

impl TraceSpan {
    /// Returns the value of an attribute.
    ///
    /// ```
    /// # use durable_timeline::trace::{AttributeValue, ExecutionTrace};
    /// # use durable_trace::RemoteParent;
    /// # use durable_types::Timestamp;
    /// # use durable_types::history::{Event, EventDetails, ExecutionStartedDetails};
    /// # let details = EventDetails::ExecutionStarted(ExecutionStartedDetails::new(None, 60));
    /// # let event = Event::new(1, Timestamp::EPOCH, details);
    /// let root = ExecutionTrace::new("arn", RemoteParent::default()).apply(&event).remove(0);
    ///
    /// assert_eq!(root.attribute("durable.execution.synthetic_root"), Some(&AttributeValue::Bool(true)));
    /// ```
    pub fn attribute(&self, name: &str) -> Option<&AttributeValue> {
        self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}
