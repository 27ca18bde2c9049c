//! SendDurableExecutionCallbackSuccess, SendDurableExecutionCallbackFailure, SendDurableExecutionCallbackHeartbeat.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use durable_service::CallbackAnswer;
use durable_types::api::{
    CallbackFailureRequest, CallbackFailureResponse, CallbackHeartbeatRequest, CallbackHeartbeatResponse,
    CallbackSuccessRequest, CallbackSuccessResponse,
};
use durable_types::{ErrorObject, Violations};

use super::error::ApiError;
use super::json::{Payload, json};
use super::path::Named;
use super::service::Service;
use super::whole_body::WholeBody;

/// Completes a callback with a result, which is the body.
pub(super) async fn succeed(
    State(service): State<Arc<Service>>,
    Named(callback_id): Named,
    WholeBody(body): WholeBody,
) -> Result<Response, ApiError> {
    let result = (!body.is_empty()).then(|| body.to_vec());
    let request = CallbackSuccessRequest::new(callback_id, result);
    request.validate().map_err(|violations| invalid(&violations))?;
    let result = request.result.map(String::from_utf8).transpose();
    let result = result.map_err(|error| ApiError::invalid(format!("Result is not UTF-8: {error}")))?;
    answer(&service, request.callback_id, CallbackAnswer::Succeeded(result)).await?;
    json(&CallbackSuccessResponse::default())
}

/// Completes a callback with an error, which is the body.
pub(super) async fn fail(
    State(service): State<Arc<Service>>,
    Named(callback_id): Named,
    Payload(error): Payload<ErrorObject>,
) -> Result<Response, ApiError> {
    let request = CallbackFailureRequest::new(callback_id, error);
    request.validate().map_err(|violations| invalid(&violations))?;
    answer(&service, request.callback_id, CallbackAnswer::Failed(request.error)).await?;
    json(&CallbackFailureResponse::default())
}

/// Restarts the heartbeat timeout of a callback.
pub(super) async fn heartbeat(
    State(service): State<Arc<Service>>,
    Named(callback_id): Named,
) -> Result<Response, ApiError> {
    let request = CallbackHeartbeatRequest::new(callback_id);
    request.validate().map_err(|violations| invalid(&violations))?;
    answer(&service, request.callback_id, CallbackAnswer::Heartbeat).await?;
    json(&CallbackHeartbeatResponse::default())
}

async fn answer(service: &Service, callback_id: String, answer: CallbackAnswer) -> Result<(), ApiError> {
    let unknown = ApiError::not_found(format!("Callback not found: {callback_id}"));
    service.host.callback(callback_id, answer).await?.map(drop).ok_or(unknown)
}

fn invalid(violations: &Violations) -> ApiError {
    ApiError::invalid(violations.to_string())
}
