//! GetDurableExecutionHistory.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_types::api::{GetHistoryRequest, GetHistoryResponse};
use durable_types::limits::DEFAULT_PAGE_ITEMS;

use super::error::ApiError;
use super::execution_data::without_data;
use super::get_execution::unknown;
use super::json::{blocking, json};
use super::path::NamedExecution;
use super::query::Query;
use super::service::Service;

/// Returns a page of the events of an execution.
pub(super) async fn get_history(
    State(service): State<Arc<Service>>,
    NamedExecution(arn): NamedExecution,
    query: Query,
) -> Result<Response, ApiError> {
    let mut request = GetHistoryRequest::new(arn.as_str());
    request.include_execution_data = query.flag("IncludeExecutionData")?;
    request.max_items = query.number("MaxItems")?;
    request.marker = query.text("Marker").filter(|marker| !marker.is_empty()).map(str::to_owned);
    request.reverse_order = query.flag("ReverseOrder")?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let position = request.marker.as_deref().map(str::parse).transpose();
    let position = position.map_err(|_| ApiError::invalid("Invalid marker"))?;
    let items = request.max_items.filter(|items| *items > 0).unwrap_or(DEFAULT_PAGE_ITEMS);
    let items = usize::try_from(items).unwrap_or(usize::MAX);
    let page = if request.reverse_order.unwrap_or(false) {
        service.host.history_before(&arn, position, items).await
    } else {
        service.host.history_after(&arn, position, items).await
    };
    let page = page?.ok_or_else(|| unknown(&arn))?;
    let mut events = page.events;
    if !request.include_execution_data.unwrap_or(true) {
        events = events.into_iter().map(without_data).collect();
    }
    let response = GetHistoryResponse::new(events, page.next.map(|position| position.to_string()));
    blocking(move || json(&response)).await?
}
