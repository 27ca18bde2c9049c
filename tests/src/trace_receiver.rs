//! A receiver of traces over OTLP/HTTP, for tests that run the command as a process.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// A receiver of traces on a port of this machine, until it is dropped.
#[derive(Debug)]
pub struct TraceReceiver {
    address: SocketAddr,
    spans: Spans,
    _runtime: Runtime,
}

/// A span that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedSpan {
    /// The name of the service that it belongs to.
    pub service: String,
    /// The trace, in hexadecimal.
    pub trace_id: String,
    /// The id, in hexadecimal.
    pub id: String,
    /// The span that it belongs to, in hexadecimal; empty for the root.
    pub parent_id: String,
    /// The name.
    pub name: String,
    /// The ids of the spans that it is linked to.
    pub links: Vec<String>,
}

type Spans = Arc<Mutex<Vec<ReceivedSpan>>>;

impl TraceReceiver {
    /// Starts to receive.
    ///
    /// # Errors
    /// If it cannot listen.
    pub fn start() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_io().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let address = listener.local_addr()?;
        let spans = Spans::default();
        runtime.spawn(serve(listener, Arc::clone(&spans)));
        Ok(Self { address, spans, _runtime: runtime })
    }

    /// The endpoint to send traces to.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The spans that were received so far.
    pub fn spans(&self) -> Vec<ReceivedSpan> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first span of this service with this name, if it was received.
    pub fn find(&self, service: &str, name: &str) -> Option<ReceivedSpan> {
        self.spans().into_iter().find(|span| span.service == service && span.name == name)
    }

    /// The spans as a tree, one line each: siblings in the order of their names.
    pub fn tree(&self) -> Vec<String> {
        let mut spans = self.spans();
        spans.sort_by(|one, other| one.name.cmp(&other.name));
        let mut lines = Vec::new();
        let roots = spans.iter().filter(|span| !spans.iter().any(|parent| parent.id == span.parent_id));
        let mut stack: Vec<_> = roots.rev().map(|root| (0, root)).collect();
        while let Some((depth, span)) = stack.pop() {
            lines.push(format!("{}{}: {}", "  ".repeat(depth), span.service, span.name));
            let children = spans.iter().filter(|child| child.parent_id == span.id).rev();
            stack.extend(children.map(|child| (depth.saturating_add(1), child)));
        }
        lines
    }
}

async fn serve(listener: TcpListener, spans: Spans) {
    while let Ok((stream, _)) = listener.accept().await {
        let spans = Arc::clone(&spans);
        let service = service_fn(move |request| {
            let spans = Arc::clone(&spans);
            async move { Ok::<_, Infallible>(receive(request, &spans).await) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn receive(request: Request<Incoming>, spans: &Mutex<Vec<ReceivedSpan>>) -> Response<Full<Bytes>> {
    let is_for_traces = request.uri().path() == "/v1/traces";
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let mut response = Response::new(Full::default());
    match ExportTraceServiceRequest::decode(body) {
        Ok(export) if is_for_traces => {
            spans.lock().unwrap_or_else(PoisonError::into_inner).extend(read(export));
        }
        Ok(_) | Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

fn read(export: ExportTraceServiceRequest) -> impl Iterator<Item = ReceivedSpan> {
    export.resource_spans.into_iter().flat_map(|resource| {
        let service =
            resource.resource.map(|resource| service_name(&resource.attributes)).unwrap_or_default();
        let spans = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| read_span(span, &service))
    })
}

fn read_span(span: Span, service: &str) -> ReceivedSpan {
    ReceivedSpan {
        service: service.to_owned(),
        trace_id: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent_id: hex(&span.parent_span_id),
        name: span.name,
        links: span.links.iter().map(|link| hex(&link.span_id)).collect(),
    }
}

fn service_name(attributes: &[KeyValue]) -> String {
    let attribute = attributes.iter().find(|attribute| attribute.key == "service.name");
    match attribute.and_then(|attribute| attribute.value.as_ref()) {
        Some(AnyValue { value: Some(any_value::Value::StringValue(text)) }) => text.clone(),
        _ => String::new(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
