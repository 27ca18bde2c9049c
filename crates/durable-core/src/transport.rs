//! The connection between an invocation and the service.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use crate::error::BoxError;

/// Sends an invocation's requests to the service.
///
/// `durable-aws` implements it with the AWS SDK. Implement it to connect to another service, or to a service in the
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

    /// Returns whether the error fails the whole execution rather than this invocation alone.
    pub fn fails_execution(&self) -> bool {
        self.scope == Scope::Execution
    }
}
