//! What is recorded of an execution, out of one service and into another.

use axum::http::StatusCode;
use axum::response::Response;
use durable_service::{Event, Execution};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde::{Deserialize, Serialize};

use super::super::ApiError;
use super::super::serve::{Call, json, members};
use crate::lane::{LaneFailure, parse};
use crate::logs::LogEvent;
use crate::service::Service;
use crate::store::{ExecutionRow, StoreError};

/// Everything that is recorded of an execution.
#[derive(Deserialize, Serialize)]
struct Record {
    arn: String,
    input_digest: String,
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Import {
    record: Record,
    #[serde(default)]
    logs: Vec<LogEvent>,
}

/// Gives everything that is recorded of an execution.
pub(super) async fn export(service: &Service, arn: &DurableExecutionArn) -> Result<Response, ApiError> {
    let row = service.store.execution_by_arn(arn.as_str()).await.map_err(unread)?;
    let row = row.ok_or_else(|| ApiError::not_found(format!("Durable execution not found: {arn}")))?;
    let texts = service.store.events(&row.execution_id, 0).await.map_err(unread)?;
    let events = parse(&texts, &row.execution_id, 0).map_err(|failure| failure.to_service_error())?;
    json(&Record { arn: row.arn, input_digest: row.input_digest, events })
}

/// Takes in what another service has recorded. It is there to be looked at and never runs.
pub(super) async fn import(service: &Service, call: &Call) -> Result<Response, ApiError> {
    let Import { record, logs } = members(&call.body)?;
    let invalid =
        |problem: &dyn std::fmt::Display| ApiError::invalid(format!("the record cannot be used: {problem}"));
    let arn: DurableExecutionArn = record.arn.parse().map_err(|error| invalid(&error))?;
    let texts: Result<Vec<String>, _> = record.events.iter().map(serde_json::to_string).collect();
    let texts = texts.map_err(|error| ApiError::failed(&error))?;
    let execution = Execution::replay(record.events).map_err(|error| invalid(&error))?;
    if *execution.arn() != arn {
        return Err(invalid(&"its events belong to another execution"));
    }
    let row = ExecutionRow {
        execution_id: arn.execution_id().to_owned(),
        arn: arn.to_string(),
        function_name: arn.function_name().to_owned(),
        function_version: arn.version().to_owned(),
        execution_name: arn.execution_name().to_owned(),
        input_digest: record.input_digest,
        started_at: execution.start_timestamp(),
        status: execution.status().clone(),
        ended_at: execution.end_timestamp(),
        // It is looked at until somebody deletes it, however long ago it ended.
        expires_at: None,
    };
    service.store.import(row, texts).await.map_err(|error| match error {
        StoreError::AlreadyRecorded { .. } => {
            let message =
                format!("there is an execution {} of {} already", arn.execution_name(), arn.function_name());
            ServiceError::new(ServiceErrorKind::ResourceConflict, message).into()
        }
        error => unread(error),
    })?;
    logs.into_iter().for_each(|line| service.logs.write(line.into_line()));
    let mut response = json(&serde_json::json!({ "DurableExecutionArn": arn.as_str() }))?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn unread(error: StoreError) -> ApiError {
    LaneFailure::from(error).to_service_error().into()
}
