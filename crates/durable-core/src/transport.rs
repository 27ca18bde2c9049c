//! The connection between an invocation and the service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};

use crate::error::BoxError;

/// The beginning of the message that rejects a stale checkpoint token, in lowercase.
const STALE_TOKEN: &str = "invalid checkpoint token";

/// Sends an invocation's requests to the service.
///
/// `durable-aws` implements it for Lambda. Implement it to connect to another service, or to a service in the
/// same process.
///
/// # Contract
/// - At most one request per execution is in flight; responses must not be reordered.
/// - A checkpoint is recorded completely or not at all. If an implementation retries one because the first response was
///   lost, it sends the same [client token](CheckpointRequest::client_token) both times; the driver sets none.
/// - The futures are not cancelled while the invocation is running. They are dropped when it ends.
/// - Errors state whether they concern the execution or the invocation; see [`TransportError`].
///
/// ```
/// use durable_core::types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
/// use durable_core::transport::{Transport, TransportError};
///
/// /// Records nothing: every execution runs in one go.
/// struct Forgetful;
///
/// impl Transport for Forgetful {
///     async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
///         let checkpoint_token = Some(request.checkpoint_token);
///         Ok(CheckpointResponse::new(checkpoint_token))
///     }
///
///     async fn get_state(&self, _: GetStateRequest) -> Result<GetStateResponse, TransportError> {
///         Ok(GetStateResponse::default())
///     }
/// }
/// ```
pub trait Transport: Send + Sync {
    /// Records updates and returns other changes of the execution (CheckpointDurableExecution).
    fn checkpoint(
        &self,
        request: CheckpointRequest,
    ) -> impl Future<Output = Result<CheckpointResponse, TransportError>> + Send;

    /// Returns the service's time at the start of an invocation; defaults to the system clock. Tests can have a clock
    /// of their own.
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH.saturating_add(since_epoch)
    }

    /// Returns the resolution of the timestamps in records; defaults to a millisecond, as on Lambda.
    ///
    /// Zero means that the service never records two checkpoints at the same time. The order in which results are
    /// delivered follows from these timestamps. If two results could be recorded in the same unit of time, the
    /// checkpoint of the second is delayed by up to one unit.
    fn timestamp_resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    /// Reads a page of the journal (GetDurableExecutionState).
    fn get_state(
        &self,
        request: GetStateRequest,
    ) -> impl Future<Output = Result<GetStateResponse, TransportError>> + Send;
}

/// A request that the service did not carry out.
#[derive(Debug, thiserror::Error)]
#[error("the service did not carry out a request of the durable execution")]
pub struct TransportError {
    pub(crate) scope: Scope,
    source: BoxError,
}

/// Whether an error of the transport concerns the execution or only the invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Execution,
    Invocation,
}

impl TransportError {
    /// Creates an error that fails the execution, because the request would fail again in any invocation.
    ///
    /// Examples are a request that the service rejects as invalid, and a key that it may not use.
    pub fn execution(source: impl Into<BoxError>) -> Self {
        Self { scope: Scope::Execution, source: source.into() }
    }

    /// Creates an error that fails only this invocation; the service invokes the function again.
    ///
    /// Examples are throttling, an error of the service or the network, and a stale checkpoint token. When in doubt,
    /// use this.
    pub fn invocation(source: impl Into<BoxError>) -> Self {
        Self { scope: Scope::Invocation, source: source.into() }
    }

    /// Creates an error for a request that the service rejected: with an HTTP status and, if the response contained
    /// them, the code and message of the error.
    ///
    /// It fails the execution if any other invocation would be rejected as well: a status from 400 to 499 apart from 429,
    /// or a problem with an encryption key (a code that begins with `KMS`). A stale checkpoint token fails only the
    /// invocation, because another one has taken over.
    pub fn rejected(
        status: u16,
        code: Option<&str>,
        message: Option<&str>,
        source: impl Into<BoxError>,
    ) -> Self {
        if fails_execution(status, code, message) {
            Self::execution(source)
        } else {
            Self::invocation(source)
        }
    }

    /// Returns whether the error fails the whole execution rather than this invocation alone.
    pub fn fails_execution(&self) -> bool {
        self.scope == Scope::Execution
    }
}

impl From<ServiceError> for TransportError {
    fn from(error: ServiceError) -> Self {
        let (status, code, message) = (error.kind.http_status(), error.kind.as_str(), error.message.as_str());
        let fails_execution = fails_execution(status, Some(code), Some(message));
        if fails_execution { Self::execution(error) } else { Self::invocation(error) }
    }
}

fn fails_execution(status: u16, code: Option<&str>, message: Option<&str>) -> bool {
    if is_stale_token(code, message) {
        return false;
    }
    // Problems with an encryption key have the status 502, although a retry does not help.
    let is_key_problem = code.is_some_and(|code| code.starts_with("KMS"));
    is_key_problem || ((400..500).contains(&status) && status != 429)
}

fn is_stale_token(code: Option<&str>, message: Option<&str>) -> bool {
    let begins = |message: &str| {
        message.get(..STALE_TOKEN.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(STALE_TOKEN))
    };
    code.is_none_or(|code| code == "InvalidParameterValueException") && message.is_some_and(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejections_are_classified_by_status_code_and_message() {
        let execution = true;
        let invocation = false;
        let table = [
            (400, Some("InvalidParameterValueException"), Some("Invalid checkpoint token"), invocation),
            (400, Some("InvalidParameterValueException"), Some("Invalid Checkpoint Token: used"), invocation),
            (400, None, Some("INVALID CHECKPOINT TOKEN"), invocation),
            (400, Some("InvalidParameterValueException"), Some("The checkpoint token is invalid"), execution),
            (400, Some("InvalidParameterValueException"), Some("Ungültiger"), execution),
            (400, Some("InvalidParameterValueException"), None, execution),
            (400, Some("InvalidRequestContentException"), Some("Invalid checkpoint token"), execution),
            (400, Some("ValidationException"), Some("too long"), execution),
            (403, Some("AccessDeniedException"), Some("not authorized"), execution),
            (404, Some("ResourceNotFoundException"), None, execution),
            (409, Some("ResourceConflictException"), None, execution),
            (413, Some("RequestTooLargeException"), None, execution),
            (499, None, None, execution),
            (429, Some("TooManyRequestsException"), Some("Rate exceeded"), invocation),
            (429, None, None, invocation),
            (500, Some("ServiceException"), None, invocation),
            (502, None, None, invocation),
            (502, Some("KMSAccessDeniedException"), None, execution),
            (502, Some("KMSDisabledException"), None, execution),
            (502, Some("KMSInvalidStateException"), None, execution),
            (502, Some("KMSNotFoundException"), None, execution),
            (503, Some("SomethingNewException"), None, invocation),
            (302, None, None, invocation),
        ];

        for (status, code, message, expected) in table {
            let error = TransportError::rejected(status, code, message, "rejected");
            assert_eq!(error.fails_execution(), expected, "{status} {code:?} {message:?}");
        }
    }
}
