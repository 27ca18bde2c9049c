//! Answers requests: finds the operation, runs it, and turns what comes of it into a response.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

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
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    ApiError, Guard, Query, Route, callback, checkpoint, delete, get_execution, get_history, get_state,
    invoke, list_executions, listen, pause, resume, stop,
};
use crate::service::Service;

/// Bytes of a body at most: the largest payload that there is, as JSON in JSON, and what is around it.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;

/// How long a client may take for the head of a request, and again for its body.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request, read whole.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) query: Query,
    pub(super) body: Bytes,
}

/// Serves the API until `stop` is over and the requests under way are answered.
pub(crate) async fn serve(
    listener: TcpListener,
    guard: Guard,
    service: Arc<Service>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let router = Router::new().fallback(move |request| answer(Arc::clone(&service), request));
    let guard = Arc::new(guard);
    let router = router.layer(from_fn(move |request: Request, next: Next| {
        let admitted = guard.admit(request.headers());
        async {
            match admitted {
                Ok(()) => next.run(request).await,
                Err(refusal) => refusal.into_response(),
            }
        }
    }));
    // A checkpoint and its answer are small and wait for each other, which is what Nagle's algorithm is bad at.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection answers with delay");
        }
    });
    listen::listen(listener, router, PATIENCE, stop).await;
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
    let body = read(body, PATIENCE, || refused(&route, &parts.headers)).await?;
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

/// Reads a body whole, unless it is too large or does not come.
async fn read(
    body: Body,
    patience: Duration,
    too_large: impl FnOnce() -> ApiError,
) -> Result<Bytes, ApiError> {
    match timeout(patience, to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(read) => read.map_err(|_| too_large()),
        Err(_) => Err(ApiError::SlowClient),
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
