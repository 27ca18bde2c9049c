//! An OpenTelemetry collector: receives spans over OTLP/HTTP and keeps them.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::otlp::decode;
use super::span::Span;
use crate::conformance::failure::Failure;

/// The content type of OTLP.
const PROTOBUF: &str = "application/x-protobuf";

/// A collector on a port of this machine, until it is dropped.
pub(crate) struct Collector {
    address: SocketAddr,
    received: Arc<Mutex<Received>>,
    server: JoinHandle<()>,
}

/// What a collector received.
#[derive(Debug, Default)]
struct Received {
    spans: Vec<Span>,
    /// Requests that contained no spans, and why not.
    rejected: Vec<String>,
}

impl Collector {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::of("the collector does not start", &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let received = Arc::default();
        let server = tokio::spawn(serve(listener, Arc::clone(&received)));
        Ok(Self { address, received, server })
    }

    /// The endpoint to configure exporters with.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans of the traces that some of these executions are part of.
    pub(crate) fn spans_of(&self, execution_arns: &[&str]) -> Vec<Span> {
        self.read(|received| {
            let is_of = |span: &&Span| span.execution_arn().is_some_and(|arn| execution_arns.contains(&arn));
            let traces: BTreeSet<_> =
                received.spans.iter().filter(is_of).map(|span| &span.id.trace).collect();
            received.spans.iter().filter(|span| traces.contains(&span.id.trace)).cloned().collect()
        })
    }

    /// The requests that were rejected, and why.
    pub(crate) fn rejected(&self) -> Vec<String> {
        self.read(|received| received.rejected.clone())
    }

    fn read<T>(&self, read: impl FnOnce(&Received) -> T) -> T {
        read(&self.received.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Accepts connections, each of which lasts as long as its client keeps it.
async fn serve(listener: TcpListener, received: Arc<Mutex<Received>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let received = Arc::clone(&received);
        let service = service_fn(move |request| {
            let received = Arc::clone(&received);
            async move { Ok::<_, Infallible>(response(request, &received).await) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn response(request: Request<Incoming>, received: &Mutex<Received>) -> Response<Full<Bytes>> {
    let request_line = format!("{} {}", request.method(), request.uri().path());
    let (status, text) = match receive(request).await {
        Ok(spans) => {
            received.lock().unwrap_or_else(PoisonError::into_inner).spans.extend(spans);
            (StatusCode::OK, String::new())
        }
        Err((status, problem)) => {
            let rejected = format!("{request_line}: {problem}");
            received.lock().unwrap_or_else(PoisonError::into_inner).rejected.push(rejected);
            (status, problem)
        }
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(PROTOBUF));
    response
}

/// The spans of a request, or why it has none.
async fn receive(request: Request<Incoming>) -> Result<Vec<Span>, (StatusCode, String)> {
    if request.method() != Method::POST || request.uri().path() != "/v1/traces" {
        return Err((StatusCode::NOT_FOUND, "only spans are received".to_owned()));
    }
    let content_type = request.headers().get(CONTENT_TYPE).cloned();
    if content_type.as_ref().is_none_or(|content_type| content_type != PROTOBUF) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the content type is {content_type:?}")));
    }
    let body = request.into_body().collect().await;
    let body = body.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?.to_bytes();
    decode(&body).map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
    use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span as Exported};
    use prost::Message;

    use super::*;
    use crate::conformance::http::client::Client;

    /// A request with a span in this trace, of an execution if one is given.
    fn request(trace: u8, span: u8, execution_arn: Option<&str>) -> Vec<u8> {
        let attribute = |arn: &str| KeyValue {
            key: "durable.execution.arn".to_owned(),
            value: Some(AnyValue { value: Some(any_value::Value::StringValue(arn.to_owned())) }),
            ..KeyValue::default()
        };
        let span = Exported {
            trace_id: vec![trace; 16],
            span_id: vec![span; 8],
            attributes: execution_arn.map(attribute).into_iter().collect(),
            ..Exported::default()
        };
        let scope_spans = vec![ScopeSpans { spans: vec![span], ..ScopeSpans::default() }];
        let resource_spans = vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }];
        ExportTraceServiceRequest { resource_spans }.encode_to_vec()
    }

    async fn post(collector: &Collector, path: &str, content_type: &str, body: Vec<u8>) -> bool {
        let client = Client(collector.address);
        client.send(Method::POST, path, &[("content-type", content_type)], body).await.is_ok()
    }

    #[tokio::test]
    async fn the_spans_of_an_execution_are_those_of_its_traces() {
        let collector = Collector::start().await.unwrap();
        for body in
            [request(1, 1, Some("a")), request(1, 2, None), request(2, 3, Some("b")), request(3, 4, None)]
        {
            assert!(post(&collector, "/v1/traces", PROTOBUF, body).await);
        }

        let spans_of = |arns: &[&str]| {
            let spans = collector.spans_of(arns);
            spans.into_iter().map(|span| span.id.span[..2].to_owned()).collect::<Vec<_>>()
        };

        assert_eq!(spans_of(&["a"]), ["01", "02"]);
        assert_eq!(spans_of(&["a", "b"]), ["01", "02", "03"]);
        assert_eq!(spans_of(&["c"]), [""; 0]);
        assert_eq!(collector.rejected(), [""; 0]);
    }

    #[tokio::test]
    async fn requests_without_spans_are_rejected_and_remembered() {
        let collector = Collector::start().await.unwrap();
        let body = request(1, 1, Some("a"));

        assert!(!post(&collector, "/v1/metrics", PROTOBUF, body.clone()).await);
        assert!(!post(&collector, "/v1/traces", "application/json", body).await);
        assert!(!post(&collector, "/v1/traces", PROTOBUF, b"no spans".to_vec()).await);

        assert_eq!(collector.rejected().len(), 3);
        assert_eq!(collector.spans_of(&["a"]), []);
    }
}
