//! Pauses an execution.

use durable_types::api::PauseRequest;

use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::requests;

const OPERATION: &str = "PauseDurableExecution";

impl<O> ExecutionHandle<O> {
    /// Pauses the execution: it is not invoked until it is [resumed](Self::resume).
    ///
    /// The invocation in flight, if there is one, ends at its next checkpoint. Meanwhile, waits elapse and callbacks are
    /// completed.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// let execution = client.execution::<u64>(arn);
    /// execution.pause().reason("the payment provider is down").await?;
    /// execution.resume().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn pause(&self) -> Pause {
        Pause { execution: self.clone().with_output(), request: PauseRequest::new(self.arn()) }
    }
}

/// The builder of a request to pause an execution, returned by [`ExecutionHandle::pause`].
#[must_use = "nothing is paused until the builder is awaited"]
pub struct Pause {
    execution: ExecutionHandle<()>,
    request: PauseRequest,
}

impl Pause {
    /// Sets the reason, at most 1,024 characters.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.request.reason = Some(reason.into());
        self
    }

    /// Sets whether the execution timeout is suspended during the pause; true by default.
    pub fn execution_timeout_paused(mut self, paused: bool) -> Self {
        self.request.execution_timeout_paused = Some(paused);
        self
    }

    async fn send(mut self) -> Result<(), ClientError> {
        let (client, subject) = (self.execution.client(), self.execution.subject());
        let id = client.request_id(&subject, OPERATION)?;
        self.request.client_token = Some(id.to_string());
        if let Err(violations) = self.request.validate() {
            return Err(ClientError::invalid(OPERATION, subject, violations));
        }
        let request =
            requests::pause(&self.request).map_err(|error| ClientError::serialize(subject.clone(), error))?;
        client.send_with_id(&subject, request, id).await.map(drop)
    }
}

impl IntoFuture for Pause {
    type Output = Result<(), ClientError>;
    type IntoFuture = ClientFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
