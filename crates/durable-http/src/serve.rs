//! Answers requests: finds the operation, runs it, and turns what comes of it into a response.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use durable_host::Host;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::call::parsed;
use super::listen::{Limits, listen};
use super::{
    ApiError, Call, Guard, Route, callback, checkpoint, delete, functions, get_execution, get_history,
    get_state, invoke, list_executions, pause, resume, stop,
};
use crate::service::Service;

/// Connections at the same time, however many files the process may open.
const MAX_CONNECTIONS: usize = 8_192;
/// Connections at the same time, however few files the process may open.
const MIN_CONNECTIONS: usize = 64;

/// How long a client may take for the head of a request, again for its body, and to take some of the answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// Serves the API until `stop` is over and the requests under way are answered.
pub async fn serve(
    listener: TcpListener,
    guard: Guard,
    host: Host,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let limits = Limits {
        patience: PATIENCE,
        connections: max_connections(),
        is_clock_usable: durable_host::clock::is_usable,
    };
    let service = Service::new(host);
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
    service: Service,
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
        self.guard.admit(request.uri(), request.headers())?;
        let route = Route::find(request.method(), request.uri().path())?;
        let call = Call::read(request, &route).await?;
        let _permit = if matches!(route, Route::Invoke(_)) {
            Some(self.invocations.try_acquire().map_err(|_| too_many_invocations())?)
        } else {
            None
        };
        run(&self.service, &self.guard, route, call).await
    }
}

async fn run(service: &Service, guard: &Guard, route: Route, call: Call) -> Result<Response, ApiError> {
    match route {
        Route::Invoke(function) => invoke::invoke(service, function, call).await,
        Route::CompatRoute(compat) => compat.answer(service, guard, &call).await,
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

fn too_many_invocations() -> ApiError {
    let message = "as many invocations are under way as this service takes; try again when some have ended, or invoke \
                   with the type Event";
    ApiError::TooMany { reason: "ConcurrentInvocationLimitExceeded", message: message.to_owned() }
}
