//! GetDurableExecutionHistory.

use axum::response::Response;
use durable_types::DurableExecutionArn;
use durable_types::api::{GetHistoryRequest, GetHistoryResponse};
use durable_types::limits::DEFAULT_PAGE_ITEMS;

use super::ApiError;
use super::call::Call;
use super::execution_data::left_out;
use super::get_execution::unknown;
use super::json::json;
use crate::service::Service;

/// Reads a page of what happened in an execution.
pub(super) async fn get_history(
    service: &Service,
    arn: &DurableExecutionArn,
    call: &Call,
) -> Result<Response, ApiError> {
    let mut request = GetHistoryRequest::new(arn.as_str());
    request.include_execution_data = call.query.flag("IncludeExecutionData")?;
    request.max_items = call.query.number("MaxItems")?;
    request.marker = call.query.text("Marker").filter(|marker| !marker.is_empty()).map(str::to_owned);
    request.reverse_order = call.query.flag("ReverseOrder")?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let place = request.marker.as_deref().map(str::parse).transpose();
    let place = place.map_err(|_| ApiError::invalid("Invalid marker"))?;
    let items = request.max_items.filter(|items| *items > 0).unwrap_or(DEFAULT_PAGE_ITEMS);
    let items = usize::try_from(items).unwrap_or(usize::MAX);
    let page = if request.reverse_order.unwrap_or(false) {
        service.host.history_before(arn, place, items).await
    } else {
        service.host.history_after(arn, place, items).await
    };
    let page = page?.ok_or_else(|| unknown(arn))?;
    let mut events = page.events;
    if !request.include_execution_data.unwrap_or(true) {
        events = events.into_iter().map(left_out).collect();
    }
    json(&GetHistoryResponse::new(events, page.next.map(|place| place.to_string())))
}
