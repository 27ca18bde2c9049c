//! The error of one request to the Lambda API.

use durable_core::error::BoxError;

use crate::error_response::ErrorResponse;

/// A request that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("{operation} got no readable response")]
    Unanswered { operation: &'static str, source: BoxError },
    #[error("{}", refusal(operation, response))]
    Refused { operation: &'static str, response: ErrorResponse },
}

fn refusal(operation: &str, response: &ErrorResponse) -> String {
    let ErrorResponse { status, code, message, request_id, .. } = response;
    let code = code.as_ref().map(|code| format!(" {code}")).unwrap_or_default();
    let message = message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    let request = request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default();
    let advice = if *status == 403 {
        format!(
            "; the function's role needs lambda:{operation}, as in the managed policy \
             AWSLambdaBasicDurableExecutionRolePolicy"
        )
    } else {
        String::new()
    };
    format!("{operation} was refused with {status}{code}{message}{request}{advice}")
}
