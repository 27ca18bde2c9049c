//! The client.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::client_error::ClientError;
use super::subject::Subject;
use crate::json;
use crate::lambda_api::api_client::ApiClient;
use crate::lambda_api::api_request::ApiRequest;

/// Starts executions of durable functions, follows them, and answers callbacks.
///
/// It sends requests to the Lambda API, or to a local service at its
/// [`endpoint_url`](super::ClientBuilder::endpoint_url), as [`LambdaTransport`](crate::LambdaTransport) does: with the
/// same configuration, timeouts and retries. Clones share their connections. It needs a tokio runtime with I/O and time.
///
/// ```no_run
/// use durable_aws::Client;
/// use durable_core::Function;
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize)] struct Order { id: String }
/// # #[derive(Deserialize)] struct Receipt { total: u64 }
///
/// const FULFIL: Function<Order, Receipt> = Function::new("orders-fulfil:live");
///
/// # async fn place(order: Order) -> Result<(), durable_aws::client::ClientError> {
/// let client = Client::from_env()?;
/// let execution = client.start(FULFIL, &order).execution_name(&order.id).await?;
/// let receipt = execution.result().await?;
/// println!("{} costs {}", execution.arn(), receipt.total);
/// # Ok(())
/// # }
/// ```
///
/// # Names of functions
/// Where a function is expected, pass its name, partial ARN or ARN, or a [`Function`](durable_core::Function), which has
/// the types of the input and the result. `#[durable::handler]` generates one: `fulfil::function("orders-fulfil:live")`.
///
/// # Retries
/// A request that fails is repeated if it may succeed later and if that is safe. A start without an execution name is
/// repeated only if the service has certainly not received it, or says that it did nothing; with a name, the service
/// returns the execution that exists.
#[derive(Clone, Debug)]
pub struct Client {
    api: Arc<ApiClient>,
}

impl Client {
    pub(super) fn new(api: ApiClient) -> Self {
        Self { api: Arc::new(api) }
    }

    /// Sends a request and returns the response, which is a success.
    pub(super) async fn send(
        &self,
        subject: &Subject,
        request: ApiRequest,
    ) -> Result<Response<Bytes>, ClientError> {
        let id = self.request_id(subject, request.operation)?;
        self.send_with_id(subject, request, id).await
    }

    pub(super) async fn send_with_id(
        &self,
        subject: &Subject,
        request: ApiRequest,
        id: Uuid,
    ) -> Result<Response<Bytes>, ClientError> {
        let sent = self.api.send(&request, id).await;
        sent.map_err(|failure| ClientError::failed(request.operation, subject.clone(), failure))
    }

    /// Sends a request and parses the response.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        subject: &Subject,
        request: ApiRequest,
    ) -> Result<T, ClientError> {
        let operation = request.operation;
        let response = self.send(subject, request).await?;
        json::parse(response.body())
            .map_err(|error| ClientError::unreadable(operation, subject.clone(), error))
    }

    /// Returns a random id for a request.
    pub(super) fn request_id(&self, subject: &Subject, operation: &'static str) -> Result<Uuid, ClientError> {
        let id = self.api.request_id();
        id.map_err(|error| ClientError::not_sent(operation, subject.clone(), error))
    }

    /// Returns a random fraction from 0 to below 1.
    pub(super) fn random_fraction(&self) -> f64 {
        self.api.random_fraction()
    }
}
