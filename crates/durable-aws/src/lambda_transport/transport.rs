//! The default transport.

use std::sync::Arc;

use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::requests;
use crate::failure;
use crate::json;
use crate::lambda_api::api_client::ApiClient;
use crate::lambda_api::api_request::ApiRequest;
use crate::lambda_api::attempt_error::AttemptError;

/// Sends the requests of durable executions to the Lambda service.
///
/// It retries transient errors and throttling; all attempts of a checkpoint have the same client token. Requests that
/// still fail are errors of the [execution](TransportError::execution) or of the
/// [invocation](TransportError::invocation). Clones share their connections. See the [crate](crate) for its
/// configuration.
#[derive(Clone, Debug)]
pub struct LambdaTransport {
    client: Arc<ApiClient>,
}

impl LambdaTransport {
    pub(super) fn new(client: ApiClient) -> Self {
        Self { client: Arc::new(client) }
    }

    fn request_id(&self) -> Result<Uuid, TransportError> {
        self.client.request_id().map_err(TransportError::invocation)
    }

    /// Sends a request and parses the response. A response that cannot be read is not requested again, as by the AWS
    /// SDK.
    async fn send<T: DeserializeOwned>(&self, request: &ApiRequest, id: Uuid) -> Result<T, TransportError> {
        let operation = request.operation;
        match self.client.send(request, id).await {
            Ok(response) => {
                json::parse(response.body()).map_err(|error| failure::unanswered(operation, error))
            }
            Err(failure) => Err(classify(operation, failure.error)),
        }
    }
}

impl Transport for LambdaTransport {
    async fn checkpoint(&self, mut request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let id = self.request_id()?;
        // Without a token that all attempts share, a repeated checkpoint whose first response was lost would be stale.
        request.client_token.get_or_insert_with(|| id.to_string());
        let request = requests::checkpoint(&request).map_err(TransportError::execution)?;
        self.send(&request, id).await
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        self.send(&requests::get_state(&request), self.request_id()?).await
    }
}

/// Classifies the failure of the last attempt.
fn classify(operation: &'static str, error: AttemptError) -> TransportError {
    match error {
        AttemptError::Credentials(error) => failure::unanswered(operation, error),
        AttemptError::Header(error) => failure::unanswered(operation, error),
        AttemptError::Http(error) => failure::unanswered(operation, error),
        AttemptError::Refused { response, .. } => failure::refused(operation, response),
    }
}
