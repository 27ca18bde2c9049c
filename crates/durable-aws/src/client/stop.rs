//! Stops an execution.

use durable_core::Error;
use durable_core::error::IntoError;
use durable_types::Timestamp;
use durable_types::api::{StopRequest, StopResponse};

use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::requests;

const OPERATION: &str = "StopDurableExecution";

impl<O> ExecutionHandle<O> {
    /// Stops the execution, and returns the time at which it ended. An execution that has ended stays as it is.
    ///
    /// The invocation in flight, if there is one, ends at its next checkpoint; executions that it invoked continue.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// client.execution::<u64>(arn).stop().error("the order was cancelled").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) -> Stop {
        let execution = self.clone().with_output();
        Stop { execution, error: None }
    }
}

/// The builder of a request to stop an execution, returned by [`ExecutionHandle::stop`].
#[must_use = "nothing is stopped until the builder is awaited"]
pub struct Stop {
    execution: ExecutionHandle<()>,
    error: Option<Error>,
}

impl Stop {
    /// Sets the error to record for the execution: a message, or any error type. One that derives
    /// [`DurableError`](durable_core::DurableError) is recorded in full.
    pub fn error(mut self, error: impl IntoError) -> Self {
        self.error = Some(error.into_error());
        self
    }

    async fn send(self) -> Result<Timestamp, ClientError> {
        let subject = self.execution.subject();
        let error = self.error.as_ref().map(Error::to_error_object);
        let request = StopRequest::new(self.execution.arn(), error);
        if let Err(violations) = request.validate() {
            return Err(ClientError::invalid(OPERATION, subject, violations));
        }
        let request =
            requests::stop(&request).map_err(|error| ClientError::serialize(subject.clone(), error))?;
        let response: StopResponse = self.execution.client().fetch(&subject, request).await?;
        Ok(response.stop_timestamp)
    }
}

impl IntoFuture for Stop {
    type Output = Result<Timestamp, ClientError>;
    type IntoFuture = ClientFuture<Timestamp>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
