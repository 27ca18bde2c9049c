//! Serves the API: finds the operation of each request, runs it, and responds with its outcome.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use durable_host::Host;
use durable_http_body::ByteBudget;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::call::{PATIENCE, parsed};
use super::listen::{Limits, listen};
use super::settings::HttpSettings;
use super::{
    ApiError, Call, Guard, Route, callback, checkpoint, delete, functions, get_execution, get_history,
    get_state, invoke, list_executions, pause, resume, stop,
};
use crate::service::Service;

/// Serves the API until `stop` completes and the requests in progress are answered.
///
/// It closes connections whose clients are slow: those that take longer than a minute to send a head or a body, or to
/// take any bytes of a response. A connection beyond the limit replaces the one that has been idle for the longest time;
/// if none is idle, it is rejected with 429.
pub async fn serve(
    listener: TcpListener,
    host: Host,
    settings: HttpSettings,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let limits = Limits {
        patience: PATIENCE,
        connections: settings.connections,
        is_clock_usable: durable_host::clock::is_usable,
    };
    let router = router(host, settings);
    // A checkpoint and its answer are small and wait for each other, which is what Nagle's algorithm is bad at.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection answers with delay");
        }
    });
    listen(listener, router, limits, stop).await;
}

/// Returns a router that answers the requests of the API, to be mounted in the server of another program.
///
/// It answers every path, those that belong to no operation with a typed 404. The server has to bound connections and
/// the time for heads, as [`serve`] does.
///
/// ```
/// use axum::Router;
/// use axum::routing::get;
/// use durable_host::Host;
/// use durable_http::{Guard, HttpSettings};
///
/// fn app(host: Host) -> Router {
///     let guard = Guard::new(([127, 0, 0, 1], 9800).into(), None);
///     let api = durable_http::router(host, HttpSettings::new(guard));
///     Router::new().route("/dashboard", get(async || "All is well.")).fallback_service(api)
/// }
/// ```
pub fn router(host: Host, settings: HttpSettings) -> Router {
    let HttpSettings { guard, bodies, connections } = settings;
    let invocations = Semaphore::new((connections / 2).clamp(1, Semaphore::MAX_PERMITS));
    let api = Arc::new(Api { service: Service::new(host), guard, bodies, invocations });
    Router::new().fallback(move |request| {
        let api = Arc::clone(&api);
        async move { api.answer(request).await }
    })
}

/// What every request goes through.
struct Api {
    service: Service,
    guard: Guard,
    bodies: ByteBudget,
    /// Limits invocations, which may take long, so that connections remain for the checkpoints that end executions.
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
        let rules = route.body_rules(request.headers(), &self.bodies);
        let call = Call::read(request, &rules).await?;
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
    let message = "the limit on invocations in progress is reached; retry when some have ended, or invoke with the type \
                   Event";
    ApiError::TooMany { reason: "ConcurrentInvocationLimitExceeded", message: message.to_owned() }
}
