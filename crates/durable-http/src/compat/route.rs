//! Which of these requests it is.

use axum::http::Method;
use axum::response::Response;

use super::super::call::{Call, parsed};
use super::super::json::json;
use super::super::{ApiError, Guard};
use super::{filter_log_events, lambda_endpoint, record, stack, start_execution};
use crate::service::Service;

/// A request that is not one of the Lambda API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CompatRoute {
    /// A request of another AWS service, whose operation does not stand in the path.
    OtherService,
    /// Starts an execution as the emulator does that the SAM command line runs.
    StartExecution,
    /// Says where functions are that nobody else tells the service of.
    LambdaEndpoint,
    /// Whether the service is there.
    Health,
    /// Everything that is recorded of an execution.
    Record(String),
    /// Takes in what another service has recorded.
    Import,
}

impl CompatRoute {
    /// The request at this path, and the method it is asked with. A page that is looked for at `/` is none.
    pub(crate) fn find(segments: &[&str], method: &Method) -> Option<(Self, &'static str)> {
        match segments {
            [""] if *method == Method::POST => Some((Self::OtherService, "POST")),
            ["start-durable-execution"] => Some((Self::StartExecution, "POST")),
            ["lambda-endpoint"] => Some((Self::LambdaEndpoint, "PUT")),
            ["health"] => Some((Self::Health, "GET")),
            ["durable", "executions", arn, "record"] => Some((Self::Record((*arn).to_owned()), "GET")),
            ["durable", "executions"] => Some((Self::Import, "POST")),
            _ => None,
        }
    }

    /// What errors call it.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::OtherService => "AWS",
            Self::StartExecution => "StartDurableExecution",
            Self::LambdaEndpoint => "UpdateLambdaEndpoint",
            Self::Health => "Health",
            Self::Record(_) => "ExportDurableExecution",
            Self::Import => "ImportDurableExecution",
        }
    }

    /// Answers it.
    pub(crate) async fn answer(
        self,
        service: &Service,
        guard: &Guard,
        call: &Call,
    ) -> Result<Response, ApiError> {
        match self {
            Self::OtherService => match call.headers.get("x-amz-target") {
                Some(target) if target == "Logs_20140328.FilterLogEvents" => {
                    filter_log_events::filter_log_events(service, call).await
                }
                Some(target) => {
                    Err(ApiError::UnknownOperation(String::from_utf8_lossy(target.as_bytes()).into_owned()))
                }
                None => stack::answer(service, call),
            },
            Self::StartExecution => start_execution::start_execution(service, guard, call).await,
            Self::LambdaEndpoint => lambda_endpoint::update(service, guard, call),
            Self::Health => json(&serde_json::json!({ "status": "healthy" })),
            Self::Record(arn) => record::export(service, &parsed(&arn)?).await,
            Self::Import => record::import(service, call).await,
        }
    }
}
