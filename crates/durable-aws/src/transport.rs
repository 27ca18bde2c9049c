//! The connection to the Lambda service, over the AWS SDK.

use aws_sdk_lambda::Client;
use durable_core::error::BoxError;
use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use crate::environment::Environment;
use crate::{client, failure, shape};

/// Carries the requests of durable executions to the Lambda service.
///
/// The client retries by itself what may succeed a moment later; what still fails is an error of the
/// [execution](TransportError::execution) or of the [invocation](TransportError::invocation). A copy shares the
/// client and its connections.
#[derive(Clone, Debug)]
pub struct LambdaTransport {
    client: Client,
}

impl LambdaTransport {
    /// A transport over a client that is configured elsewhere.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// A transport over a client that the environment variables configure; see the [crate](crate).
    ///
    /// # Errors
    /// If a variable that the client needs is missing or cannot be read.
    pub fn from_env() -> Result<Self, BoxError> {
        let environment = Environment::read(|name| std::env::var(name).ok())?;
        client::from_environment(environment).map(Self::new)
    }
}

impl Transport for LambdaTransport {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let request = shape::checkpoint::to_aws(request).map_err(TransportError::execution)?;
        match request.send_with(&self.client).await {
            Ok(response) => Ok(shape::checkpoint::from_aws(response)),
            Err(error) => Err(failure::of("CheckpointDurableExecution", error)),
        }
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        match shape::get_state::to_aws(request).send_with(&self.client).await {
            Ok(response) => Ok(shape::get_state::from_aws(response)),
            Err(error) => Err(failure::of("GetDurableExecutionState", error)),
        }
    }
}
