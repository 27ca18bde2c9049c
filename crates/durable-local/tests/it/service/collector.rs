//! An OpenTelemetry collector that receives spans over HTTP.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use durable_local::otlp::OtlpEndpoint;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span as Exported;
use prost::Message;
use tokio::net::TcpListener;
use tokio::sync::Notify;

/// A span, as far as tests compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) service: String,
    pub(crate) trace_id: String,
    pub(crate) id: String,
    /// Empty for the root.
    pub(crate) parent: String,
    pub(crate) name: String,
    /// The status of the execution, the invocation or the operation.
    pub(crate) status: String,
}

/// A collector, whose server lasts as long as the runtime of the test.
#[derive(Clone)]
pub(crate) struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    rejected: Arc<Notify>,
}

#[derive(Default)]
struct Received {
    spans: Vec<Span>,
    /// The number of requests to reject.
    rejecting: usize,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let collector = Self { address, received: Arc::default(), rejected: Arc::default() };
        let router = Router::new().route("/v1/traces", post(receive)).with_state(collector.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        collector
    }

    pub(crate) fn endpoint(&self) -> OtlpEndpoint {
        format!("http://{}", self.address).parse().unwrap()
    }

    pub(crate) fn reject(&self, requests: usize) {
        self.received.lock().unwrap().rejecting = requests;
    }

    /// Waits until a request was rejected.
    pub(crate) async fn rejected(&self) {
        self.rejected.notified().await;
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        self.received.lock().unwrap().spans.clone()
    }

    /// Returns the only span with this name.
    pub(crate) fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        let [span] = found[..] else { panic!("{} spans are called {name}: {spans:#?}", found.len()) };
        span.clone()
    }

    /// Returns the spans as a tree, one line each: siblings in the order of their names and statuses.
    pub(crate) fn tree(&self) -> Vec<String> {
        let mut spans = self.spans();
        spans.sort_by(|one, other| (&one.name, &one.status).cmp(&(&other.name, &other.status)));
        let mut lines = Vec::new();
        let roots = spans.iter().filter(|span| !spans.iter().any(|parent| parent.id == span.parent));
        let mut stack: Vec<_> = roots.rev().map(|root| (0, root)).collect();
        while let Some((depth, span)) = stack.pop() {
            let Span { service, name, status, .. } = span;
            lines.push(format!("{}{service}: {name} {status}", "  ".repeat(depth)).trim_end().to_owned());
            let children = spans.iter().filter(|child| child.parent == span.id).rev();
            stack.extend(children.map(|child| (depth + 1, child)));
        }
        lines
    }
}

async fn receive(State(collector): State<Collector>, body: Bytes) -> StatusCode {
    let mut received = collector.received.lock().unwrap();
    if received.rejecting > 0 {
        received.rejecting -= 1;
        collector.rejected.notify_one();
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    for resource in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
        let service = text(&resource.resource.unwrap().attributes, "service.name");
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        received.spans.extend(spans.map(|span| read(&span, &service)));
    }
    StatusCode::OK
}

fn read(span: &Exported, service: &str) -> Span {
    let statuses = ["durable.execution.status", "durable.invocation.status", "durable.operation.status"];
    Span {
        service: service.to_owned(),
        trace_id: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        name: span.name.clone(),
        status: statuses.map(|status| text(&span.attributes, status)).concat(),
    }
}

/// Returns the text of an attribute, or nothing if there is none.
fn text(attributes: &[KeyValue], key: &str) -> String {
    let attribute = attributes.iter().find(|attribute| attribute.key == key);
    match attribute.and_then(|attribute| attribute.value.as_ref()) {
        Some(AnyValue { value: Some(any_value::Value::StringValue(text)) }) => text.clone(),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
