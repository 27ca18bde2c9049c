//! SendDurableExecutionCallbackSuccess, SendDurableExecutionCallbackFailure, SendDurableExecutionCallbackHeartbeat.

use axum::response::Response;
use durable_service::CallbackAnswer;
use durable_types::Violations;
use durable_types::api::{
    CallbackFailureRequest, CallbackFailureResponse, CallbackHeartbeatRequest, CallbackHeartbeatResponse,
    CallbackSuccessRequest, CallbackSuccessResponse,
};

use super::ApiError;
use super::call::Call;
use super::json::{json, payload};
use crate::service::Service;

/// Answers a callback with a result, which is the body.
pub(super) async fn succeed(
    service: &Service,
    callback_id: String,
    call: Call,
) -> Result<Response, ApiError> {
    let result = (!call.body.is_empty()).then(|| call.body.to_vec());
    let request = CallbackSuccessRequest::new(callback_id, result);
    request.validate().map_err(|violations| invalid(&violations))?;
    let result = request.result.map(String::from_utf8).transpose();
    let result = result.map_err(|error| ApiError::invalid(format!("Result is not UTF-8: {error}")))?;
    answer(service, request.callback_id, CallbackAnswer::Succeeded(result)).await?;
    json(&CallbackSuccessResponse::default())
}

/// Answers a callback with an error, which is the body.
pub(super) async fn fail(service: &Service, callback_id: String, call: Call) -> Result<Response, ApiError> {
    let request = CallbackFailureRequest::new(callback_id, payload(&call.body)?);
    request.validate().map_err(|violations| invalid(&violations))?;
    answer(service, request.callback_id, CallbackAnswer::Failed(request.error)).await?;
    json(&CallbackFailureResponse::default())
}

/// Says that the answer to a callback is still on its way.
pub(super) async fn heartbeat(service: &Service, callback_id: String) -> Result<Response, ApiError> {
    let request = CallbackHeartbeatRequest::new(callback_id);
    request.validate().map_err(|violations| invalid(&violations))?;
    answer(service, request.callback_id, CallbackAnswer::Heartbeat).await?;
    json(&CallbackHeartbeatResponse::default())
}

async fn answer(service: &Service, callback_id: String, answer: CallbackAnswer) -> Result<(), ApiError> {
    let unknown = ApiError::not_found(format!("Callback not found: {callback_id}"));
    service.host.callback(callback_id, answer).await?.map(drop).ok_or(unknown)
}

fn invalid(violations: &Violations) -> ApiError {
    ApiError::invalid(violations.to_string())
}
