//! Answers requests: finds the operation, runs it, and turns what comes of it into a response.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use bytes::Bytes;
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

use super::listen::{Limits, listen};
use super::{
    ApiError, Guard, Query, Route, callback, checkpoint, delete, functions, get_execution, get_history,
    get_state, invoke, list_executions, pause, resume, stop,
};
use crate::body::{self, BodyError};
use crate::service::Service;

/// Bytes of a body at most: the largest payload that there is, as JSON in JSON, and what is around it.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Connections at the same time, however many files the process may open.
const MAX_CONNECTIONS: usize = 8_192;
/// Connections at the same time, however few files the process may open.
const MIN_CONNECTIONS: usize = 64;

/// How long a client may take for the head of a request, again for its body, and to take some of the answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request, read whole.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) body: Bytes,
}

impl Call {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let Some(value) = self.headers.get(name) else { return Ok(None) };
        let text = value.to_str().map(Some);
        text.map_err(|_| {
            ApiError::invalid(format!("the header {name} holds other characters than those of ASCII"))
        })
    }
}

/// Serves the API until `stop` is over and the requests under way are answered.
pub(crate) async fn serve(
    listener: TcpListener,
    guard: Guard,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let limits = Limits { patience: PATIENCE, connections: max_connections() };
    let api = Arc::new(Api { service, guard, invocations: Semaphore::new(limits.connections / 2) });
    let router = Router::new().fallback(move |request| {
        let api = Arc::clone(&api);
        async move { api.answer(request).await }
    });
    // A checkpoint and its answer are small and wait for each other, which is what Nagle's algorithm is bad at.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection answers with delay");
        }
    });
    listen(listener, router, limits, stop).await;
}

/// How many connections may be open: half of the files that the system lets this process have.
fn max_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    files.map_or(MAX_CONNECTIONS, |files| (files / 2).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS))
}

/// What every request goes through.
struct Api {
    service: Arc<Service>,
    guard: Guard,
    /// Invocations may take long. So that executions can end, connections are kept free of them for checkpoints.
    invocations: Semaphore,
}

impl Api {
    async fn answer(&self, request: Request) -> Response {
        let mut response = self.run(request).await.unwrap_or_else(ApiError::into_response);
        if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
            response.headers_mut().insert("x-amzn-requestid", id);
        }
        response
    }

    async fn run(&self, request: Request) -> Result<Response, ApiError> {
        let (parts, body) = request.into_parts();
        self.guard.admit(&parts.uri, &parts.headers)?;
        let route = Route::find(&parts.method, parts.uri.path())?;
        let query = Query::parse(parts.uri.query().unwrap_or_default())?;
        check_encoding(&parts.headers)?;
        let body = read(body, PATIENCE, || refused(&route, &parts.headers)).await?;
        let call = Call { headers: parts.headers, query, body };
        let _permit = if matches!(route, Route::Invoke(_)) {
            Some(self.invocations.try_acquire().map_err(|_| too_many_invocations())?)
        } else {
            None
        };
        run(&self.service, route, call).await
    }
}

async fn run(service: &Service, route: Route, call: Call) -> Result<Response, ApiError> {
    match route {
        Route::Invoke(function) => invoke::invoke(service, function, call).await,
        Route::Besides(besides) => besides.answer(service, &call).await,
        Route::GetFunction(function) => functions::get_function(service, &function, &call),
        Route::GetFunctionConfiguration(function) => {
            functions::get_function_configuration(service, &function, &call)
        }
        Route::ListFunctions => functions::list_functions(service),
        Route::ListDurableExecutions => list_executions::list_all_executions(service, &call).await,
        Route::ListDurableExecutionsByFunction(function) => {
            list_executions::list_executions(service, function, &call).await
        }
        Route::GetDurableExecution(arn) => get_execution::get_execution(service, &parsed(&arn)?, &call).await,
        Route::GetDurableExecutionHistory(arn) => {
            get_history::get_history(service, &parsed(&arn)?, &call).await
        }
        Route::CheckpointDurableExecution(arn) => {
            checkpoint::checkpoint(service, &parsed(&arn)?, &call).await
        }
        Route::GetDurableExecutionState(arn) => get_state::get_state(service, &parsed(&arn)?, &call).await,
        Route::StopDurableExecution(arn) => stop::stop(service, &parsed(&arn)?, &call).await,
        Route::DeleteDurableExecution(arn) => delete::delete(service, &parsed(&arn)?).await,
        Route::PauseDurableExecution(arn) => pause::pause(service, &parsed(&arn)?, &call).await,
        Route::ResumeDurableExecution(arn) => resume::resume(service, &parsed(&arn)?, &call).await,
        Route::SendDurableExecutionCallbackSuccess(id) => callback::succeed(service, id, call).await,
        Route::SendDurableExecutionCallbackFailure(id) => callback::fail(service, id, call).await,
        Route::SendDurableExecutionCallbackHeartbeat(id) => callback::heartbeat(service, id).await,
    }
}

/// Refuses a body that would have to be decoded first.
fn check_encoding(headers: &HeaderMap) -> Result<(), ApiError> {
    let encoding =
        headers.get(header::CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()));
    match encoding {
        Some(encoding) if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") => {
            Err(ApiError::EncodedBody(encoding.into_owned()))
        }
        Some(_) | None => Ok(()),
    }
}

/// Reads a body whole, unless it is too large or does not come.
async fn read(
    body: Body,
    patience: Duration,
    too_large: impl FnOnce() -> ApiError,
) -> Result<Bytes, ApiError> {
    match timeout(patience, body::read(body, MAX_BODY_BYTES)).await {
        Ok(Ok(body)) => Ok(body.bytes),
        Ok(Err(BodyError::TooLarge)) => Err(too_large()),
        Ok(Err(BodyError::Broken)) => {
            Err(ApiError::Serialization("the body of the request ends before its end".to_owned()))
        }
        Err(_) => Err(ApiError::SlowClient),
    }
}

/// A body that is too large to be read.
fn refused(route: &Route, headers: &HeaderMap) -> ApiError {
    let is_invoke = matches!(route, Route::Invoke(_));
    let max_bytes = if is_invoke { invoke::max_bytes(headers) } else { MAX_BODY_BYTES };
    too_large(max_bytes, route.operation())
}

fn too_many_invocations() -> ApiError {
    let message = "as many invocations are under way as this service takes; try again when some have ended, or invoke \
                   with the type Event";
    ApiError::TooMany { reason: "ConcurrentInvocationLimitExceeded", message: message.to_owned() }
}

/// A body that is larger than it may be, as the service words it for Invoke.
pub(super) fn too_large(max_bytes: usize, operation: &str) -> ApiError {
    let message = format!("Request must be smaller than {max_bytes} bytes for the {operation} operation");
    ApiError::Service(ServiceError::new(ServiceErrorKind::RequestTooLarge, message))
}

/// The ARN of an execution, as it stands in a path.
pub(super) fn parsed(arn: &str) -> Result<DurableExecutionArn, ApiError> {
    arn.parse().map_err(|error| ApiError::invalid(format!("DurableExecutionArn: `{arn}` is {error}")))
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::{Body as HttpBody, Frame};

    use super::*;

    /// A body that never comes.
    struct Silence;

    impl HttpBody for Silence {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let patience = Duration::from_millis(10);
        let refusal =
            read(Body::new(Silence), patience, || ApiError::invalid("too large")).await.unwrap_err();

        assert_eq!(refusal, ApiError::SlowClient);
    }

    #[tokio::test]
    async fn a_body_is_bounded() {
        let body = Body::from(vec![b' '; MAX_BODY_BYTES + 1]);

        let refusal = read(body, PATIENCE, || ApiError::invalid("too large")).await.unwrap_err();

        assert_eq!(refusal, ApiError::invalid("too large"));
    }
}
