//! Spans for the tests of assertions.

use serde_json::{Map, Value, json};

use super::selector::Selector;
use super::span::{EXECUTION_ARN, Span, SpanId};

/// The execution of the spans.
pub(crate) const ARN: &str = "arn:aws:lambda:execution";

/// A successful span of the execution, from 10 to 20, without a parent. Its id is its name.
pub(crate) fn span(name: &str) -> Span {
    Span {
        id: SpanId { trace: "trace".to_owned(), span: name.to_owned() },
        parent_span_id: None,
        name: name.to_owned(),
        kind: "INTERNAL".to_owned(),
        status: "OK".to_owned(),
        start: 10,
        end: 20,
        attributes: Map::from_iter([(EXECUTION_ARN.to_owned(), json!(ARN))]),
        links: Vec::new(),
        service_name: Some("suite".to_owned()),
    }
}

/// A selector as a requirement has it.
pub(crate) fn selector(value: Value) -> Selector {
    serde_json::from_value(value).unwrap()
}

impl Span {
    pub(crate) fn with_id(mut self, id: &str) -> Self {
        self.id.span = id.to_owned();
        self
    }

    pub(crate) fn in_trace(mut self, trace: &str) -> Self {
        self.id.trace = trace.to_owned();
        self
    }

    pub(crate) fn with_status(mut self, status: &str) -> Self {
        self.status = status.to_owned();
        self
    }

    pub(crate) fn with_attribute(mut self, name: &str, value: Value) -> Self {
        self.attributes.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn without_attribute(mut self, name: &str) -> Self {
        self.attributes.remove(name);
        self
    }

    pub(crate) fn lasting(mut self, start: u64, end: u64) -> Self {
        (self.start, self.end) = (start, end);
        self
    }

    pub(crate) fn child_of(mut self, parent: &Self) -> Self {
        self.parent_span_id = Some(parent.id.span.clone());
        self
    }

    pub(crate) fn linked_to(mut self, span: &Self) -> Self {
        self.links.push(span.id.clone());
        self
    }
}
