//! The default endpoint of functions, in the form of AWS's local runner.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_host::endpoint::Endpoint;
use serde::Deserialize;
use serde_json::json;

use super::super::error::ApiError;
use super::super::guard::Guard;
use super::super::host::OF_THIS_MACHINE;
use super::super::json::{Members, json};
use crate::service::Service;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    endpoint_url: String,
    #[serde(default)]
    region_name: Option<String>,
}

/// Sets the endpoint of functions that the service does not have, for executions that start from now on.
pub(super) async fn update(
    State(service): State<Arc<Service>>,
    Members(request): Members<Request>,
) -> Result<Response, ApiError> {
    let Request { endpoint_url, region_name } = request;
    check_endpoint(&service.guard, "EndpointUrl", &endpoint_url)?;
    if region_name.as_ref().is_some_and(|region| *region != service.account().region) {
        return Err(ApiError::invalid(format!(
            "RegionName must be {}, the region of this service",
            service.account().region
        )));
    }
    service.set_default_endpoint(&endpoint_url);
    json(&json!({ "message": "Lambda endpoint updated successfully" }))
}

/// Rejects a URL that is not an endpoint, and endpoints that the caller may not name.
pub(super) fn check_endpoint(guard: &Guard, member: &str, url: &str) -> Result<(), ApiError> {
    let endpoint =
        Endpoint::parse(url).map_err(|problem| ApiError::invalid(format!("{member} {problem}")))?;
    if guard.may_invoke_at(&endpoint) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "{member} must be on the machine of this service, because other machines can reach it: {OF_THIS_MACHINE}"
    )))
}
