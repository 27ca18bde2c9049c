//! Where functions are that nobody else tells the service of, as AWS's runner is told it.

use axum::response::Response;
use durable_host::endpoint::Endpoint;
use serde::Deserialize;
use serde_json::json;

use super::super::call::Call;
use super::super::host::OF_THIS_MACHINE;
use super::super::json::{json, members};
use super::super::{ApiError, Guard};
use crate::service::Service;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    endpoint_url: String,
    #[serde(default)]
    region_name: Option<String>,
}

/// Takes note of where functions are, for executions that are started from now on.
pub(super) fn update(service: &Service, guard: &Guard, call: &Call) -> Result<Response, ApiError> {
    let Request { endpoint_url, region_name } = members(&call.body)?;
    check_endpoint(guard, "EndpointUrl", &endpoint_url)?;
    if region_name.as_ref().is_some_and(|region| *region != service.account().region) {
        return Err(ApiError::invalid(format!(
            "RegionName must be {}, the region of this service",
            service.account().region
        )));
    }
    service.set_default_endpoint(&endpoint_url);
    json(&json!({ "message": "Lambda endpoint updated successfully" }))
}

/// Refuses what is no address of a service that functions can be invoked at, and those that the caller may not name.
pub(super) fn check_endpoint(guard: &Guard, member: &str, url: &str) -> Result<(), ApiError> {
    let endpoint =
        Endpoint::parse(url).map_err(|problem| ApiError::invalid(format!("{member} {problem}")))?;
    if guard.may_invoke_at(&endpoint) {
        return Ok(());
    }
    Err(ApiError::invalid(format!(
        "{member} must name the machine of this service, because others reach it: {OF_THIS_MACHINE}"
    )))
}
