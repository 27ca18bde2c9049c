//! An exporter that keeps spans, and text for comparing them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use durable_otel::{Otel, OtelBuilder};
use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// The spans that were exported.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exported {
    spans: Arc<Mutex<Vec<SpanData>>>,
    resource: Arc<Mutex<Option<Resource>>>,
    fails: bool,
}

impl SpanExporter for Exported {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        tokio::task::yield_now().await;
        if self.fails {
            return Err(opentelemetry_sdk::error::OTelSdkError::InternalFailure("no route".to_owned()));
        }
        self.spans.lock().unwrap().extend(batch);
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        *self.resource.lock().unwrap() = Some(resource.clone());
    }
}

impl Exported {
    pub(crate) fn failing() -> Self {
        Self { fails: true, ..Self::default() }
    }

    /// Builds an `Otel` that exports to this.
    pub(crate) fn otel(&self, build: impl FnOnce(OtelBuilder) -> OtelBuilder) -> Otel {
        build(Otel::builder().service_name("orders").exporter(self.clone())).build().unwrap()
    }

    pub(crate) fn spans(&self) -> Vec<SpanData> {
        self.spans.lock().unwrap().clone()
    }

    pub(crate) fn resource(&self) -> Resource {
        self.resource.lock().unwrap().clone().unwrap()
    }

    /// Returns the only span with this name.
    pub(crate) fn span(&self, name: &str) -> SpanData {
        let spans = self.spans();
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        let [span] = found[..] else { panic!("{} spans are called {name}", found.len()) };
        span.clone()
    }

    /// Returns the spans as a tree, one line each: siblings in the order of their starts and then of their export.
    pub(crate) fn tree(&self) -> Vec<String> {
        let spans = self.spans();
        let is_child = |span: &&SpanData, parent: SpanId| span.parent_span_id == parent;
        let is_known = |id: SpanId| spans.iter().any(|span| span.span_context.span_id() == id);
        let mut lines = Vec::new();
        let mut roots: Vec<&SpanData> = spans.iter().filter(|span| !is_known(span.parent_span_id)).collect();
        roots.sort_by_key(|span| span.start_time);
        let mut stack: Vec<(usize, &SpanData)> = roots.into_iter().rev().map(|root| (0, root)).collect();
        while let Some((depth, span)) = stack.pop() {
            lines.push(format!("{}{}", "  ".repeat(depth), line(span)));
            let mut children: Vec<_> =
                spans.iter().filter(|child| is_child(child, span.span_context.span_id())).collect();
            children.sort_by_key(|child| child.start_time);
            stack.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
        }
        lines
    }
}

/// Returns an attribute of a span as text.
pub(crate) fn attribute(span: &SpanData, key: &str) -> Option<String> {
    span.attributes
        .iter()
        .find(|attribute| attribute.key.as_str() == key)
        .map(|found| found.value.to_string())
}

/// Returns the attributes of a span as text, apart from the ARN of the execution.
pub(crate) fn attributes(span: &SpanData) -> BTreeMap<String, String> {
    let all =
        span.attributes.iter().map(|attribute| (attribute.key.to_string(), attribute.value.to_string()));
    all.filter(|(key, _)| key != "durable.execution.arn").collect()
}

fn line(span: &SpanData) -> String {
    let status = match &span.status {
        Status::Ok => "ok",
        Status::Error { .. } => "error",
        Status::Unset => "unset",
    };
    let says = [
        "durable.operation.status",
        "durable.invocation.status",
        "durable.execution.status",
        "durable.attempt.outcome",
    ];
    let says: Vec<String> = says.iter().filter_map(|key| attribute(span, key)).collect();
    format!("{} {status} {}", span.name, says.join(" ")).trim_end().to_owned()
}
