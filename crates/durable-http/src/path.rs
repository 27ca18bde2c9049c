//! What the path of a request names.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use durable_types::DurableExecutionArn;

use super::error::ApiError;

/// The segment of a path that names a function or a callback, unescaped once.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // The last segment, because a program that embeds the API may mount it below segments of its own. A path without
        // one names nothing, which the validation of the operation rejects.
        match Path::<Vec<String>>::from_request_parts(parts, state).await {
            Ok(Path(mut segments)) => Ok(Self(segments.pop().unwrap_or_default())),
            Err(rejection) => {
                let problem = rejection.body_text();
                Err(ApiError::invalid(format!("the path `{}` is malformed: {problem}", parts.uri.path())))
            }
        }
    }
}

/// The execution that a path names by ARN.
pub(super) struct NamedExecution(pub(super) DurableExecutionArn);

impl<S: Send + Sync> FromRequestParts<S> for NamedExecution {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Named(arn) = Named::from_request_parts(parts, state).await?;
        let invalid = |error| ApiError::invalid(format!("DurableExecutionArn: `{arn}` is {error}"));
        arn.parse::<DurableExecutionArn>().map(Self).map_err(invalid)
    }
}
