//! The paths outside the Lambda API.

use std::sync::Arc;

use axum::Router;

use super::super::methods::{get, post, put};
use super::super::operation::Operation;
use super::{aws_services, health, lambda_endpoint, metrics, record, start_execution};
use crate::service::Service;

/// Returns the routes outside the Lambda API.
pub(crate) fn routes() -> Router<Arc<Service>> {
    let aws_services = post(Operation::new("AWS"), aws_services::answer);
    let start_execution = post(Operation::new("StartDurableExecution"), start_execution::start_execution);
    let lambda_endpoint = put(Operation::new("UpdateLambdaEndpoint"), lambda_endpoint::update);
    let health = get(Operation::new("Health"), health::health);
    let metrics = get(Operation::new("Metrics"), metrics::metrics);
    let import = post(Operation::IMPORT, record::import);
    let export = get(Operation::new("ExportDurableExecution"), record::export);
    Router::new()
        // A browser looks for a page there, which does not exist.
        .route("/", aws_services.into_exclusive_router())
        .route("/start-durable-execution", start_execution.into_router())
        .route("/lambda-endpoint", lambda_endpoint.into_router())
        .route("/health", health.into_router())
        .route("/metrics", metrics.into_router())
        .route("/durable/executions", import.into_router())
        .route("/durable/executions/{arn}/record", export.into_router())
}
