//! The connection between an invocation and the service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use crate::error::BoxError;

/// Carries the two requests that an invocation makes to the service.
///
/// `durable-aws` implements it on the AWS SDK. Implement it to reach another service, or a service in the same process.
///
/// # Contract
/// - There is at most one request under way for an execution; answers must not be reordered.
/// - A checkpoint is recorded whole or not at all. An implementation that sends one twice, because the first answer
///   got lost, sends the same [client token](CheckpointRequest::client_token) both times; the driver sets none.
/// - The futures are not cancelled while the invocation goes on. They are dropped when it ends.
/// - Errors say whom they concern: see [`TransportError`].
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
///         Ok(CheckpointResponse { checkpoint_token, ..CheckpointResponse::default() })
///     }
///
///     async fn get_state(&self, _: GetStateRequest) -> Result<GetStateResponse, TransportError> {
///         Ok(GetStateResponse::default())
///     }
/// }
/// ```
pub trait Transport: Send + Sync {
    /// Records updates and learns what else changed (CheckpointDurableExecution).
    fn checkpoint(
        &self,
        request: CheckpointRequest,
    ) -> impl Future<Output = Result<CheckpointResponse, TransportError>> + Send;

    /// The service's time when an invocation begins: the system's clock, unless a test has a clock of its own.
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::EPOCH.saturating_add(since_epoch)
    }

    /// How exact the timestamps of records are: a millisecond, unless the service is another one than Lambda's. Zero if it
    /// never records two checkpoints at the same time.
    ///
    /// The order in which results are delivered follows from these timestamps. Where two results might be recorded in the
    /// same unit of time, the checkpoint of the second is delayed by up to one unit.
    fn timestamp_resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    /// Reads a page of what is recorded (GetDurableExecutionState).
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

/// Whom an error of the transport concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Execution,
    Invocation,
}

impl TransportError {
    /// The request would fail again, in any invocation: the execution fails. A request that the service rejects as
    /// wrong, or a key that it may not use.
    pub fn execution(source: impl Into<BoxError>) -> Self {
        Self { scope: Scope::Execution, source: source.into() }
    }

    /// This invocation cannot continue, but another one may: the service invokes the function again. Examples are
    /// throttling, an error of the service or the network, and a stale checkpoint token. When in doubt, use this.
    pub fn invocation(source: impl Into<BoxError>) -> Self {
        Self { scope: Scope::Invocation, source: source.into() }
    }

    /// Whether the whole execution fails because of it, not this invocation alone.
    pub fn fails_execution(&self) -> bool {
        self.scope == Scope::Execution
    }
}
