//! GetDurableExecutionHistory.

use axum::response::Response;
use durable_service::history;
use durable_types::DurableExecutionArn;
use durable_types::api::{GetHistoryRequest, GetHistoryResponse};
use durable_types::history::Event;
use durable_types::limits::DEFAULT_PAGE_ITEMS;

use super::ApiError;
use super::execution_data::left_out;
use super::get_execution::unknown;
use super::serve::{Call, json};
use crate::lane::{LaneFailure, parse};
use crate::service::Service;

/// Reads a page of what happened in an execution.
pub(super) async fn get_history(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let request = GetHistoryRequest {
        durable_execution_arn: arn.to_string(),
        include_execution_data: call.query.flag("IncludeExecutionData")?,
        max_items: call.query.number("MaxItems")?,
        marker: call.query.text("Marker").filter(|marker| !marker.is_empty()).map(str::to_owned),
        reverse_order: call.query.flag("ReverseOrder")?,
    };
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let events = read(service, arn).await.map_err(|failure| failure.to_service_error())?;
    let events = events.ok_or_else(|| unknown(arn))?;
    json(&page(events, &request)?)
}

/// The whole history; none if there is no such execution.
async fn read(service: &Service, arn: &DurableExecutionArn) -> Result<Option<Vec<Event>>, LaneFailure> {
    let Some(row) = service.store.execution_by_arn(arn.as_str()).await? else { return Ok(None) };
    let texts = service.store.events(&row.execution_id, 0).await?;
    Ok(Some(history(&parse(&texts, &row.execution_id, 0)?)))
}

/// The page that a request asks for. A marker is the id of the first event of its page.
fn page(mut events: Vec<Event>, request: &GetHistoryRequest) -> Result<GetHistoryResponse, ApiError> {
    let newest_first = request.reverse_order.unwrap_or(false);
    if newest_first {
        events.reverse();
    }
    if let Some(marker) = &request.marker {
        let first: u64 = marker.parse().map_err(|_| ApiError::invalid("Invalid marker"))?;
        let is_before =
            |event: &Event| if newest_first { event.event_id > first } else { event.event_id < first };
        let skipped = events.iter().take_while(|event| is_before(event)).count();
        events.drain(..skipped);
    }
    let items = match request.max_items {
        None | Some(0) => DEFAULT_PAGE_ITEMS,
        Some(items) => items,
    };
    let items = usize::try_from(items).unwrap_or(usize::MAX);
    let next_marker = events.get(items).map(|event| event.event_id.to_string());
    events.truncate(items);
    if !request.include_execution_data.unwrap_or(true) {
        events = events.into_iter().map(left_out).collect();
    }
    Ok(GetHistoryResponse { events, next_marker })
}
