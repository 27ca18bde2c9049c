//! The error of one request to the Lambda API.

use durable_core::error::BoxError;

use crate::refusal::Refusal;

/// A request that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("{operation} got no answer that could be read")]
    Unanswered { operation: &'static str, source: BoxError },
    #[error("{}", refusal(operation, *status, code.as_deref(), message.as_deref(), request_id.as_deref()))]
    Refused {
        operation: &'static str,
        status: u16,
        code: Option<String>,
        message: Option<String>,
        request_id: Option<String>,
    },
}

impl RequestError {
    pub(crate) fn unanswered(operation: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Unanswered { operation, source: source.into() }
    }

    pub(crate) fn refused(operation: &'static str, refusal: Refusal<'_>) -> Self {
        let Refusal { status, code, message, request_id } = refusal;
        let [code, message, request_id] = [code, message, request_id].map(|text| text.map(str::to_owned));
        Self::Refused { operation, status, code, message, request_id }
    }
}

fn refusal(
    operation: &str,
    status: u16,
    code: Option<&str>,
    message: Option<&str>,
    request_id: Option<&str>,
) -> String {
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    let request = request_id.map(|id| format!(" (request {id})")).unwrap_or_default();
    let advice = if status == 403 {
        format!(
            "; the function's role needs lambda:{operation}, as in the managed policy \
             AWSLambdaBasicDurableExecutionRolePolicy"
        )
    } else {
        String::new()
    };
    format!("{operation} was refused with {status}{code}{message}{request}{advice}")
}
