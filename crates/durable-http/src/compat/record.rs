//! Exports and imports of the records of executions.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::error::execution_not_found;
use durable_host::transfer::ImportError;
use durable_service::Event;
use durable_types::DurableExecutionArn;
use durable_types::api::ServiceError;
use serde::{Deserialize, Serialize};

use super::super::error::ApiError;
use super::super::json::{blocking, created, json, members};
use super::super::path::NamedExecution;
use super::super::whole_body::WholeBody;
use crate::log_event::LogEvent;
use crate::service::Service;

/// The record of an execution.
#[derive(Deserialize, Serialize)]
struct Record {
    arn: String,
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Import {
    record: Record,
    #[serde(default)]
    logs: Vec<LogEvent>,
}

/// Returns the record of an execution.
pub(super) async fn export(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
) -> Result<Response, ApiError> {
    let events = service.host.export(&arn).await?;
    let events = events.ok_or_else(|| execution_not_found(&arn))?;
    let record = Record { arn: arn.to_string(), events };
    blocking(move || json(&record)).await?
}

/// Stores an execution of another service, and adds the output of its functions to the log.
pub(super) async fn import(
    State(service): State<Arc<Service>>,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let Import { record, logs } = blocking(move || members::<Import>(&body)).await??;
    let arn: DurableExecutionArn = record.arn.parse().map_err(|error| invalid(&error))?;
    service.host.import(&arn, record.events).await.map_err(ServiceError::from)?;
    let lines = logs.into_iter().map(LogEvent::into_line).collect();
    service.host.logs().import(lines).await.map_err(|error| ApiError::failed(&error))?;
    created(&serde_json::json!({ "DurableExecutionArn": arn.as_str() }))
}

fn invalid(problem: &dyn std::fmt::Display) -> ServiceError {
    ImportError::Invalid(problem.to_string()).into()
}
