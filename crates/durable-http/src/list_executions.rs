//! ListDurableExecutionsByFunction, and the same for all functions.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::account::function_not_found;
use durable_host::store::{ExecutionFilter, ExecutionRow, PagePosition};
use durable_types::api::{ExecutionSummary, ListExecutionsRequest, ListExecutionsResponse};
use durable_types::limits::DEFAULT_PAGE_ITEMS;
use durable_types::{DurableExecutionArn, ExecutionStatus, Timestamp};

use super::error::ApiError;
use super::function_name::ListedFunction;
use super::json::json;
use super::path::Named;
use super::query::Query;
use super::service::Service;

/// The parameter for a prefix of names or ids. It is an extension of this service, and combines only with a function and
/// a number of items.
const PREFIX: &str = "NameOrIdPrefix";

/// Lists the executions of a function, page by page.
pub(super) async fn list_executions(
    State(service): State<Arc<Service>>,
    Named(function): Named,
    query: Query,
) -> Result<Response, ApiError> {
    let request = request(function, &query)?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    let function = ListedFunction::parse(&request.function_name, request.qualifier.as_deref(), &service)?;
    check_known(&service, function.name).await?;
    if let Some(prefix) = query.text(PREFIX) {
        return beginning_with(&service, &request, prefix, Some(function.name)).await;
    }
    let filter = ExecutionFilter {
        function_name: Some(function.name.to_owned()),
        function_version: function.version,
        ..ExecutionFilter::default()
    };
    page(&service, &request, filter).await
}

/// Lists the executions of all functions, page by page.
pub(super) async fn list_all_executions(
    State(service): State<Arc<Service>>,
    query: Query,
) -> Result<Response, ApiError> {
    // Validation requires the name of a function, which this request does not have.
    let request = request("all".to_owned(), &query)?;
    request.validate().map_err(|violations| ApiError::invalid(violations.to_string()))?;
    if let Some(prefix) = query.text(PREFIX) {
        return beginning_with(&service, &request, prefix, None).await;
    }
    let filter =
        ExecutionFilter { function_version: request.qualifier.clone(), ..ExecutionFilter::default() };
    page(&service, &request, filter).await
}

/// Responds with a page of the executions that match the filter and the rest of the request.
async fn page(
    service: &Service,
    request: &ListExecutionsRequest,
    filter: ExecutionFilter,
) -> Result<Response, ApiError> {
    let after = request.marker.as_deref().map(str::parse).transpose();
    let after: Option<PagePosition> = after.map_err(|_| ApiError::invalid("Invalid marker"))?;
    let filter = ExecutionFilter {
        execution_name: request.durable_execution_name.clone(),
        statuses: request.statuses.clone(),
        started_after: request.started_after,
        started_before: request.started_before,
        newest_first: !request.reverse_order.unwrap_or(false),
        after,
        ..filter
    };
    let page = service.host.list(filter, max_items(request)).await?;
    json(&ListExecutionsResponse::new(
        page.executions.into_iter().map(summary).collect(),
        page.next.map(|position| position.to_string()),
    ))
}

/// Responds with the executions whose names or ids begin with a prefix, up to the requested number.
async fn beginning_with(
    service: &Service,
    request: &ListExecutionsRequest,
    prefix: &str,
    function: Option<&str>,
) -> Result<Response, ApiError> {
    let found = service.host.beginning_with(prefix, function, max_items(request)).await?;
    json(&ListExecutionsResponse::new(found.into_iter().map(summary).collect(), None))
}

fn max_items(request: &ListExecutionsRequest) -> usize {
    let items = request.max_items.filter(|items| *items > 0).unwrap_or(DEFAULT_PAGE_ITEMS);
    usize::try_from(items).unwrap_or(usize::MAX)
}

fn request(function_name: String, query: &Query) -> Result<ListExecutionsRequest, ApiError> {
    let text = |name: &str| query.text(name).map(str::to_owned);
    let mut request = ListExecutionsRequest::new(function_name);
    request.qualifier = text("Qualifier");
    request.durable_execution_name = text("DurableExecutionName");
    request.statuses = query.texts("Statuses").map(ExecutionStatus::from).collect();
    request.started_after = timestamp(query, "StartedAfter")?;
    request.started_before = timestamp(query, "StartedBefore")?;
    request.reverse_order = query.flag("ReverseOrder")?;
    request.marker = text("Marker").filter(|marker| !marker.is_empty());
    request.max_items = query.number("MaxItems")?;
    Ok(request)
}

fn timestamp(query: &Query, name: &str) -> Result<Option<Timestamp>, ApiError> {
    let parse = |text: &str| {
        text.parse::<Timestamp>().map_err(|error| ApiError::invalid(format!("{name} is `{text}`, {error}")))
    };
    query.text(name).map(parse).transpose()
}

/// Rejects a function that the service does not have, unless executions of it are stored.
async fn check_known(service: &Service, name: &str) -> Result<(), ApiError> {
    if service.functions().find(name).is_some() {
        return Ok(());
    }
    let filter = ExecutionFilter { function_name: Some(name.to_owned()), ..ExecutionFilter::default() };
    let stored = service.host.list(filter, 1).await?;
    if stored.executions.is_empty() {
        return Err(function_not_found(&service.account().function_arn(name, "$LATEST")).into());
    }
    Ok(())
}

fn summary(row: ExecutionRow) -> ExecutionSummary {
    let arn = row.arn.parse::<DurableExecutionArn>();
    let function_arn = arn.map(|arn| arn.function_arn().to_owned()).unwrap_or_default();
    let mut summary =
        ExecutionSummary::new(row.arn, row.execution_name, function_arn, row.status, row.started_at);
    summary.end_timestamp = row.ended_at;
    summary
}
