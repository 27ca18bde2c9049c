//! The transport on a client of the AWS SDK.

use aws_sdk_lambda::Client;
use durable_core::error::BoxError;
use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};

use super::sdk_error::classify;
use super::{client, shape};
use crate::environment::Environment;
use crate::lambda_api::random::Random;

/// Sends the requests of durable executions to the Lambda service with a client of the AWS SDK.
///
/// It supports everything that can be configured there, such as credentials providers, proxies and interceptors, for
/// about five times the processor time of [`LambdaTransport`](crate::LambdaTransport).
///
/// The client retries transient errors and throttling. Requests that still fail are errors of the
/// [execution](TransportError::execution) or of the [invocation](TransportError::invocation). Clones share the client
/// and its connections.
///
/// ```no_run
/// # use durable_core::{DurableContext, Result};
/// # async fn greet(name: String, ctx: DurableContext) -> Result<String> { Ok(name) }
/// use durable_aws::aws_sdk_lambda::config::{BehaviorVersion, Region};
/// use durable_aws::aws_sdk_lambda::{Client, Config};
/// use durable_aws::{AwsSdkTransport, run};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let config = Config::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("eu-central-1"));
/// let client = Client::from_conf(config.build()); // with credentials, an HTTP client, ...
/// run(greet).transport(AwsSdkTransport::new(client)).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AwsSdkTransport {
    client: Client,
}

impl AwsSdkTransport {
    /// Creates a transport on a client that is configured elsewhere.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Creates a transport on a client that environment variables configure; see the [crate](crate). Of the sources of
    /// credentials it supports keys alone.
    ///
    /// # Errors
    /// If a variable that the client needs is missing or cannot be read.
    pub fn from_env() -> Result<Self, BoxError> {
        let environment = Environment::read(|name| std::env::var(name).ok())?;
        client::from_environment(environment).map(Self::new)
    }
}

impl Transport for AwsSdkTransport {
    async fn checkpoint(&self, mut request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        if request.client_token.is_none() {
            // The client's own generator repeats itself in environments that are restored from one snapshot.
            let token = Random::new().uuid().map_err(TransportError::invocation)?;
            request.client_token = Some(token.to_string());
        }
        let request = shape::checkpoint::to_aws(request).map_err(TransportError::execution)?;
        match request.send_with(&self.client).await {
            Ok(response) => Ok(shape::checkpoint::from_aws(response)),
            Err(error) => Err(classify("CheckpointDurableExecution", error)),
        }
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        match shape::get_state::to_aws(request).send_with(&self.client).await {
            Ok(response) => Ok(shape::get_state::from_aws(response)),
            Err(error) => Err(classify("GetDurableExecutionState", error)),
        }
    }
}
