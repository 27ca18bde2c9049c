//! Answers callbacks.

use std::sync::Arc;

use durable_core::error::IntoError;
use durable_types::Violations;
use durable_types::api::{CallbackFailureRequest, CallbackHeartbeatRequest, CallbackSuccessRequest};
use serde::Serialize;

use super::client::Client;
use super::client_error::ClientError;
use super::requests;
use super::subject::Subject;
use crate::lambda_api::api_request::ApiRequest;

/// A callback that an execution waits for, returned by [`Client::callback`].
#[derive(Clone, Debug)]
#[must_use = "a callback is not answered until one of its methods is awaited"]
pub struct CallbackHandle {
    client: Client,
    id: Arc<str>,
}

impl Client {
    /// Refers to a callback by the id that the handler passed on.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, id: String, approved: bool) -> Result<(), ClientError> {
    /// let callback = client.callback(id);
    /// callback.heartbeat().await?;
    /// if approved {
    ///     callback.succeed(&"approved").await?;
    /// } else {
    ///     callback.fail("rejected by a person").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn callback(&self, id: impl Into<Arc<str>>) -> CallbackHandle {
        CallbackHandle { client: self.clone(), id: id.into() }
    }
}

impl CallbackHandle {
    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Completes the callback with a value, which the handler receives. It is sent as JSON of at most 1 MiB.
    ///
    /// # Errors
    /// The service refuses a callback that was completed before or has timed out. If the response to an earlier attempt
    /// of this request was lost, that attempt may have completed it; see
    /// [`Refusal::may_have_taken_effect`](super::Refusal::may_have_taken_effect).
    pub async fn succeed<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), ClientError> {
        let value = serde_json::to_vec(value);
        let value = value.map_err(|error| ClientError::serialize(self.subject(), error))?;
        let request = CallbackSuccessRequest::new(&*self.id, Some(value));
        let validity = request.validate();
        self.send(validity, requests::callback_success(request)).await
    }

    /// Fails the callback: the handler receives an error.
    ///
    /// The error is a message or any error type. One that derives [`DurableError`](durable_core::DurableError) is
    /// recorded in full, so that the handler can downcast it, as if a step had failed with it.
    ///
    /// # Errors
    /// As those of [`succeed`](Self::succeed).
    pub async fn fail(&self, error: impl IntoError) -> Result<(), ClientError> {
        let error = error.into_error().to_error_object();
        let request = CallbackFailureRequest::new(&*self.id, Some(error));
        let on_wire = requests::callback_failure(&request);
        let on_wire = on_wire.map_err(|error| ClientError::serialize(self.subject(), error))?;
        self.send(request.validate(), on_wire).await
    }

    /// Restarts the heartbeat timeout of the callback.
    ///
    /// # Errors
    /// As those of [`succeed`](Self::succeed).
    pub async fn heartbeat(&self) -> Result<(), ClientError> {
        let request = CallbackHeartbeatRequest::new(&*self.id);
        self.send(request.validate(), requests::callback_heartbeat(&request)).await
    }

    fn subject(&self) -> Subject {
        Subject::Callback(self.id.to_string())
    }

    async fn send(&self, validity: Result<(), Violations>, request: ApiRequest) -> Result<(), ClientError> {
        let subject = self.subject();
        if let Err(violations) = validity {
            return Err(ClientError::invalid(request.operation, subject, violations));
        }
        self.client.send(&subject, request).await.map(drop)
    }
}
