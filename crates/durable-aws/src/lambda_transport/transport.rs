//! The default transport.

use std::fmt;
use std::sync::Arc;

use durable_core::transport::{Transport, TransportError};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use uuid::Uuid;

use crate::lambda_api::api_request::ApiRequest;
use crate::lambda_api::client::Client;

/// Sends the requests of durable executions to the Lambda service.
///
/// It retries transient errors and throttling; all attempts of a checkpoint have the same client token. Requests that
/// still fail are errors of the [execution](TransportError::execution) or of the
/// [invocation](TransportError::invocation). Clones share their connections. See the [crate](crate) for its
/// configuration.
#[derive(Clone)]
pub struct LambdaTransport {
    client: Arc<Client>,
}

impl LambdaTransport {
    pub(super) fn new(client: Client) -> Self {
        Self { client: Arc::new(client) }
    }

    fn request_id(&self) -> Result<Uuid, TransportError> {
        self.client.random.uuid().map_err(TransportError::invocation)
    }
}

impl Transport for LambdaTransport {
    async fn checkpoint(&self, mut request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        let id = self.request_id()?;
        // Without a token that all attempts share, a repeated checkpoint whose first response was lost would be stale.
        request.client_token.get_or_insert_with(|| id.to_string());
        let request = ApiRequest::checkpoint(&request).map_err(TransportError::execution)?;
        self.client.send(&request, id).await
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        self.client.send(&ApiRequest::get_state(&request), self.request_id()?).await
    }
}

impl fmt::Debug for LambdaTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LambdaTransport").field("endpoint", &self.client.endpoint).finish_non_exhaustive()
    }
}
