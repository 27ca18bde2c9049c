//! A span as assertions see it.

use std::fmt;

use serde_json::{Map, Value};

/// The attribute that names the execution of a span.
pub(crate) const EXECUTION_ARN: &str = "durable.execution.arn";

/// A span that a function exported.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) id: SpanId,
    /// The id of its parent within the same trace.
    pub(crate) parent_span_id: Option<String>,
    pub(crate) name: String,
    /// The kind in upper case, such as `INTERNAL`.
    pub(crate) kind: String,
    /// `UNSET`, `OK` or `ERROR`.
    pub(crate) status: String,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    /// Nanoseconds since 1970.
    pub(crate) end: u64,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) links: Vec<SpanId>,
    pub(crate) service_name: Option<String>,
}

/// What identifies a span, in hexadecimal digits. A span that is exported twice has the same id twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SpanId {
    pub(crate) trace: String,
    pub(crate) span: String,
}

impl Span {
    /// The property that a requirement calls by this name, if there is one. Links and times are compared in other ways.
    pub(crate) fn property(&self, name: &str) -> Option<Value> {
        let text = |text: &String| Value::String(text.clone());
        Some(match name {
            "trace_id" => text(&self.id.trace),
            "span_id" => text(&self.id.span),
            "parent_span_id" => self.parent_span_id.as_ref().map_or(Value::Null, text),
            "name" => text(&self.name),
            "kind" => text(&self.kind),
            "status" => text(&self.status),
            "service_name" => self.service_name.as_ref().map_or(Value::Null, text),
            "attributes" => Value::Object(self.attributes.clone()),
            _ => return None,
        })
    }

    /// The ARN of its execution, if it carries one.
    pub(crate) fn execution_arn(&self) -> Option<&str> {
        self.attributes.get(EXECUTION_ARN)?.as_str()
    }

    /// The id of its parent.
    pub(crate) fn parent(&self) -> Option<SpanId> {
        let span = self.parent_span_id.clone()?;
        Some(SpanId { trace: self.id.trace.clone(), span })
    }
}

/// The name and the id.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.id.span)
    }
}
