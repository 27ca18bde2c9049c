//! Functions that the service does not run itself, such as those in containers. They are invoked over HTTP like Lambda
//! functions.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Request, Response, header};
use bytes::Bytes;
use durable_host::clock::Clock;
use durable_host::endpoint::Endpoint;
use durable_types::ErrorObject;
use durable_types::api::{CLIENT_CONTEXT_HEADER, FUNCTION_ERROR_HEADER, TENANT_ID_HEADER, TRACE_ID_HEADER};
use durable_types::limits::MAX_INVOCATION_SECONDS;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::error_object::error_object;
use super::invocation::{Invocation, InvocationFailure, MAX_ANSWER_BYTES};

/// The header by which AWS's runner marks the invocation of a handler for an execution that has already been
/// started.
const HANDLER_INVOKE_HEADER: &str = "x-dex-handler-invoke";
/// The maximum time to establish a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The idle time after which TCP keep-alive probes check the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// The number of bytes of an unsuccessful response that the error message includes.
const EXCERPT_BYTES: usize = 1_000;

/// The settings of a function that is invoked over HTTP.
#[derive(Clone, Debug)]
pub struct RemoteSettings {
    /// The URL to invoke.
    pub endpoint: Endpoint,
    /// The timeout of an invocation.
    pub timeout: Duration,
    /// The maximum number of concurrent invocations. Further invocations wait.
    pub concurrency: usize,
}

impl RemoteSettings {
    /// Creates settings with Lambda's maximum timeout and a concurrency of 1, because a container with the runtime
    /// interface emulator handles one invocation at a time.
    pub fn new(endpoint: Endpoint) -> Self {
        Self { endpoint, timeout: Duration::from_secs(MAX_INVOCATION_SECONDS), concurrency: 1 }
    }
}

/// A function that is invoked over HTTP.
pub(crate) struct RemoteFunction {
    settings: RemoteSettings,
    clock: Arc<dyn Clock>,
    permits: Semaphore,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl RemoteFunction {
    pub(crate) fn new(settings: RemoteSettings, clock: Arc<dyn Clock>) -> Self {
        let permits = Semaphore::new(settings.concurrency.clamp(1, Semaphore::MAX_PERMITS));
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_keepalive(Some(KEEP_ALIVE));
        Self { settings, clock, permits, client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// Invokes the function and returns its response, unless `deliver` returns `false` once the function has capacity.
    pub(crate) async fn invoke_if(
        &self,
        invocation: Invocation,
        deliver: impl FnOnce() -> bool,
    ) -> Result<Bytes, InvocationFailure> {
        let _permit = self.permits.acquire().await.map_err(|_| InvocationFailure::Stopping)?;
        if !deliver() {
            return Err(InvocationFailure::Stopping);
        }
        let limit = self.settings.timeout;
        let request_id = invocation.request_id.clone();
        match timeout(limit, self.exchange(invocation)).await {
            Ok(answer) => answer,
            Err(_) => Err(InvocationFailure::timed_out(&request_id, limit, self.clock.now())),
        }
    }

    async fn exchange(&self, invocation: Invocation) -> Result<Bytes, InvocationFailure> {
        let endpoint = &self.settings.endpoint;
        let request = request(endpoint, invocation).map_err(|error| unreachable(endpoint, &error))?;
        let response = self.client.request(request).await.map_err(|error| unreachable(endpoint, &error))?;
        let (parts, body) = Response::<Incoming>::into_parts(response);
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => InvocationFailure::too_large(),
            None => unreachable(endpoint, error.as_ref()),
        })?;
        let body = body.to_bytes();
        if !parts.status.is_success() {
            let excerpt = String::from_utf8_lossy(body.get(..EXCERPT_BYTES).unwrap_or(&body));
            let message = format!("{endpoint} responded with {}: {excerpt}", parts.status);
            return Err(InvocationFailure::Process(ErrorObject::new("Runtime.Unavailable", message)));
        }
        if is_error(&parts.headers, &body) {
            return Err(InvocationFailure::Handler(error_object(None, &body)));
        }
        Ok(body)
    }
}

fn request(endpoint: &Endpoint, invocation: Invocation) -> Result<Request<Full<Bytes>>, axum::http::Error> {
    let mut request = Request::post(endpoint.to_string())
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(invocation.event))?;
    // Prevents an endpoint that emulates Lambda from starting another execution.
    let handler_invoke = invocation.execution_arn.map(|_| "true".to_owned());
    let headers = [
        (TRACE_ID_HEADER, invocation.trace_id),
        (TENANT_ID_HEADER, invocation.tenant_id),
        (CLIENT_CONTEXT_HEADER, invocation.client_context),
        (HANDLER_INVOKE_HEADER, handler_invoke),
    ];
    for (name, value) in headers {
        // Values that are not valid in a header are omitted. Validated values always are valid.
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            let name = axum::http::HeaderName::from_bytes(name.as_bytes())?;
            request.headers_mut().insert(name, value);
        }
    }
    Ok(request)
}

/// Returns whether a response is an error of the function. Unlike Lambda, emulators of the runtime do not set a header.
fn is_error(headers: &HeaderMap, body: &Bytes) -> bool {
    if headers.contains_key(FUNCTION_ERROR_HEADER) {
        return true;
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return false };
    let is_of_error = |name: &String| {
        matches!(name.as_str(), "errorType" | "errorMessage" | "stackTrace" | "requestId" | "trace")
    };
    members.contains_key("errorType") && members.keys().all(is_of_error)
}

fn unreachable(endpoint: &Endpoint, error: &(dyn std::error::Error + 'static)) -> InvocationFailure {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    let message = format!("{endpoint} did not respond: {}", causes.join(": "));
    InvocationFailure::Process(ErrorObject::new("Runtime.Unavailable", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_by_its_header_or_by_what_it_holds() {
        let marked: HeaderMap =
            [(FUNCTION_ERROR_HEADER.parse().unwrap(), HeaderValue::from_static("Unhandled"))]
                .into_iter()
                .collect();
        let is_error_response =
            |headers: &HeaderMap, body: &'static str| is_error(headers, &Bytes::from_static(body.as_bytes()));

        assert!(is_error_response(&marked, "{}"));
        assert!(is_error_response(
            &HeaderMap::new(),
            r#"{"errorMessage":"no","errorType":"Error","trace":[]}"#
        ));
        assert!(!is_error_response(&HeaderMap::new(), r#"{"Status":"FAILED","errorType":"Error"}"#));
        assert!(!is_error_response(&HeaderMap::new(), "[1]"));
    }
}
