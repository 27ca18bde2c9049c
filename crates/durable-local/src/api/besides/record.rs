//! What is recorded of an execution, out of one service and into another.

use axum::response::Response;
use durable_service::{Event, Execution};
use durable_store_sqlite::{Append, ExecutionRow, StoreError};
use durable_types::DurableExecutionArn;
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde::{Deserialize, Serialize};

use super::super::ApiError;
use super::super::call::Call;
use super::super::json::{created, json, members};
use crate::api::log_event::LogEvent;
use crate::host::{RecordError, parse, row};
use crate::service::Service;

/// Everything that is recorded of an execution.
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

/// Gives everything that is recorded of an execution.
pub(super) async fn export(service: &Service, arn: &DurableExecutionArn) -> Result<Response, ApiError> {
    let row = service.store.execution_by_arn(arn.as_str()).await?;
    let row = row.ok_or_else(|| ApiError::not_found(format!("Durable execution not found: {arn}")))?;
    let texts = service.store.events(&row.execution_id, 0).await?;
    let events = parse(&texts, &row.execution_id, 0)?;
    json(&Record { arn: row.arn, events })
}

/// Takes in what another service has recorded. It is there to be looked at and never runs.
pub(super) async fn import(service: &Service, call: &Call) -> Result<Response, ApiError> {
    let body = call.body.clone();
    let (arn, append, logs) = beside(move || read(&body)).await??;
    service.store.append(append).await.map_err(|error| match error {
        StoreError::AlreadyRecorded { .. } => {
            let message =
                format!("there is an execution {} of {} already", arn.execution_name(), arn.function_name());
            ServiceError::new(ServiceErrorKind::ResourceConflict, message)
        }
        error => RecordError::from(error).into(),
    })?;
    let book = service.logs.clone();
    beside(move || logs.into_iter().for_each(|line| book.write(line.into_line()))).await?;
    created(&serde_json::json!({ "DurableExecutionArn": arn.as_str() }))
}

/// Does what takes long, or waits, where it keeps no other request waiting.
async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::failed(&error))
}

/// Reads what another service has recorded, and what is to be recorded of it here.
fn read(body: &[u8]) -> Result<(DurableExecutionArn, Append, Vec<LogEvent>), ApiError> {
    let Import { record, logs } = members(body)?;
    let invalid =
        |problem: &dyn std::fmt::Display| ApiError::invalid(format!("the record cannot be used: {problem}"));
    let arn: DurableExecutionArn = record.arn.parse().map_err(|error| invalid(&error))?;
    let texts: Result<Vec<String>, _> = record.events.iter().map(serde_json::to_string).collect();
    let texts = texts.map_err(|error| ApiError::failed(&error))?;
    let execution = Execution::replay(record.events).map_err(|error| invalid(&error))?;
    if *execution.arn() != arn {
        return Err(invalid(&"its events belong to another execution"));
    }
    let append = Append {
        execution_id: arn.execution_id().to_owned(),
        first_sequence: 1,
        events: texts,
        // It is looked at until somebody deletes it, however long ago it ended.
        created: Some(ExecutionRow { is_imported: true, ..row(&execution) }),
        status: None,
    };
    Ok((arn, append, logs))
}
