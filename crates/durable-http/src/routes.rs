//! The paths of the API, and the operation that answers each.

use std::sync::Arc;

use axum::Router;

use super::methods::{Methods, get, post};
use super::operation::Operation;
use super::service::Service;
use super::{
    callback, checkpoint, compat, delete, functions, get_execution, get_history, get_state, invoke,
    list_executions, pause, resume, stop,
};

/// Returns the routes of the API.
pub(super) fn routes() -> Router<Arc<Service>> {
    let lambda = functions().into_iter().chain(executions()).chain(callbacks());
    lambda.fold(compat::routes(), |router, (path, methods)| router.route(path, methods.into_router()))
}

fn functions() -> [(&'static str, Methods); 5] {
    [
        ("/2015-03-31/functions", get(Operation::new("ListFunctions"), functions::list_functions)),
        ("/2015-03-31/functions/{function}", get(Operation::new("GetFunction"), functions::get_function)),
        (
            "/2015-03-31/functions/{function}/configuration",
            get(Operation::new("GetFunctionConfiguration"), functions::get_function_configuration),
        ),
        ("/2015-03-31/functions/{function}/invocations", post(Operation::INVOKE, invoke::invoke)),
        (
            "/2025-12-01/functions/{function}/durable-executions",
            get(Operation::new("ListDurableExecutionsByFunction"), list_executions::list_executions),
        ),
    ]
}

fn executions() -> [(&'static str, Methods); 9] {
    [
        (
            "/2025-12-01/durable-executions",
            get(Operation::new("ListDurableExecutions"), list_executions::list_all_executions),
        ),
        // The path of one execution, whose ARN is missing.
        ("/2025-12-01/durable-executions/", execution()),
        ("/2025-12-01/durable-executions/{arn}", execution()),
        (
            "/2025-12-01/durable-executions/{arn}/history",
            get(Operation::new("GetDurableExecutionHistory"), get_history::get_history),
        ),
        (
            "/2025-12-01/durable-executions/{arn}/state",
            get(Operation::for_progress("GetDurableExecutionState"), get_state::get_state),
        ),
        (
            "/2025-12-01/durable-executions/{arn}/checkpoint",
            post(Operation::for_progress("CheckpointDurableExecution"), checkpoint::checkpoint),
        ),
        (
            "/2025-12-01/durable-executions/{arn}/stop",
            post(Operation::new("StopDurableExecution"), stop::stop),
        ),
        (
            "/2025-12-01/durable-executions/{arn}/pause",
            post(Operation::new("PauseDurableExecution"), pause::pause),
        ),
        (
            "/2025-12-01/durable-executions/{arn}/resume",
            post(Operation::new("ResumeDurableExecution"), resume::resume),
        ),
    ]
}

fn execution() -> Methods {
    get(Operation::new("GetDurableExecution"), get_execution::get_execution)
        .delete(Operation::new("DeleteDurableExecution"), delete::delete)
}

fn callbacks() -> [(&'static str, Methods); 3] {
    [
        (
            "/2025-12-01/durable-execution-callbacks/{id}/succeed",
            post(Operation::for_progress("SendDurableExecutionCallbackSuccess"), callback::succeed),
        ),
        (
            "/2025-12-01/durable-execution-callbacks/{id}/fail",
            post(Operation::for_progress("SendDurableExecutionCallbackFailure"), callback::fail),
        ),
        (
            "/2025-12-01/durable-execution-callbacks/{id}/heartbeat",
            post(Operation::for_progress("SendDurableExecutionCallbackHeartbeat"), callback::heartbeat),
        ),
    ]
}
