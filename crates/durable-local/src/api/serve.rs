//! Answers requests: finds the operation, runs it, and turns what comes of it into a response.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use bytes::Bytes;
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{
    ApiError, Query, Route, callback, checkpoint, delete, get_execution, get_history, get_state, host,
    invoke, list_executions, pause, resume, stop,
};
use crate::service::Service;

/// Bytes of a body at most: the largest payload that there is, as JSON in JSON, and what is around it.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A request, read whole.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) body: Bytes,
}

/// Serves the API until `stop` is over and the requests under way are answered.
pub(crate) async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let router = Router::new().fallback(move |request| answer(Arc::clone(&service), request));
    let router = if address.ip().is_loopback() { router.layer(from_fn(refuse_foreign)) } else { router };
    // A checkpoint and its answer are small and wait for each other, which is what Nagle's algorithm is bad at.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection answers with delay");
        }
    });
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "the service no longer listens");
    }
}

/// Refuses requests that a web page may have made a browser send.
async fn refuse_foreign(request: Request, next: Next) -> Response {
    match host::foreign(request.headers()) {
        Some(host) => ApiError::ForeignHost(host).into_response(),
        None => next.run(request).await,
    }
}

async fn answer(service: Arc<Service>, request: Request) -> Response {
    let mut response = run(&service, request).await.unwrap_or_else(ApiError::into_response);
    if let Ok(id) = HeaderValue::from_str(&Uuid::new_v4().to_string()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

async fn run(service: &Service, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let route = Route::find(&parts.method, parts.uri.path())?;
    let query = Query::parse(parts.uri.query().unwrap_or_default())?;
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| refused(&route, &parts.headers))?;
    let call = Call { headers: parts.headers, query, body };
    match route {
        Route::Invoke(function) => invoke::invoke(service, function, call).await,
        Route::Besides(besides) => besides.answer(service, &call).await,
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

/// A body that is too large to be read.
fn refused(route: &Route, headers: &HeaderMap) -> ApiError {
    let max_bytes = match route {
        Route::Invoke(_) => invoke::max_bytes(headers),
        Route::Besides(_)
        | Route::ListDurableExecutions
        | Route::ListDurableExecutionsByFunction(_)
        | Route::GetDurableExecution(_)
        | Route::GetDurableExecutionHistory(_)
        | Route::CheckpointDurableExecution(_)
        | Route::GetDurableExecutionState(_)
        | Route::StopDurableExecution(_)
        | Route::DeleteDurableExecution(_)
        | Route::PauseDurableExecution(_)
        | Route::ResumeDurableExecution(_)
        | Route::SendDurableExecutionCallbackSuccess(_)
        | Route::SendDurableExecutionCallbackFailure(_)
        | Route::SendDurableExecutionCallbackHeartbeat(_) => MAX_BODY_BYTES,
    };
    too_large(max_bytes, route.operation())
}

/// A body that is larger than it may be, as the service words it for Invoke.
pub(super) fn too_large(max_bytes: usize, operation: &str) -> ApiError {
    let message = format!("Request must be smaller than {max_bytes} bytes for the {operation} operation");
    ApiError::Service(ServiceError::new(ServiceErrorKind::RequestTooLarge, message))
}

/// An answer with a body.
pub(super) fn json(value: &impl Serialize) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(|error| {
        ServiceError::new(ServiceErrorKind::Service, format!("the answer cannot be written as JSON: {error}"))
    })?;
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// An answer that says that something was begun.
pub(super) fn accepted(value: &impl Serialize) -> Result<Response, ApiError> {
    let mut response = json(value)?;
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// The members of a request that stand in its body; an empty body has none.
pub(super) fn members<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Syntax | Category::Eof | Category::Io => {
            ApiError::Serialization(format!("the body is not JSON: {error}"))
        }
        Category::Data => ApiError::Serialization(format!("the body is not the operation's: {error}")),
    })
}

pub(super) fn parsed(arn: &str) -> Result<DurableExecutionArn, ApiError> {
    arn.parse().map_err(|error| ApiError::invalid(format!("DurableExecutionArn: `{arn}` is {error}")))
}
