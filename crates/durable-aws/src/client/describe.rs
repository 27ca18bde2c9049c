//! Reads the state of an execution.

use durable_core::Error;
use durable_core::error::execution_error;
use durable_types::api::{GetExecutionRequest, GetExecutionResponse};
use durable_types::{ExecutionStatus, OperationStatus};

use super::client::Client;
use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::requests;
use super::subject::Subject;

impl<O> ExecutionHandle<O> {
    /// Reads the state of the execution: its status, its times, and its input, result or error as recorded.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// let state = client.execution::<u64>(arn).describe().include_execution_data(false).await?;
    /// println!("{} is {}", state.durable_execution_name, state.status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn describe(&self) -> Describe {
        Describe { client: self.client().clone(), request: GetExecutionRequest::new(self.arn()) }
    }
}

/// The builder of a request for the state of an execution, returned by [`ExecutionHandle::describe`].
#[must_use = "nothing is read until the builder is awaited"]
pub struct Describe {
    client: Client,
    request: GetExecutionRequest,
}

impl Describe {
    /// Sets whether to read the input, the result and the error; true by default.
    pub fn include_execution_data(mut self, include: bool) -> Self {
        self.request.include_execution_data = Some(include);
        self
    }

    async fn send(self) -> Result<GetExecutionResponse, ClientError> {
        let subject = Subject::Execution(self.request.durable_execution_arn.clone());
        let request = requests::get_execution(&self.request);
        if let Err(violations) = self.request.validate() {
            return Err(ClientError::invalid(request.operation, subject, violations));
        }
        self.client.fetch(&subject, request).await
    }
}

impl IntoFuture for Describe {
    type Output = Result<GetExecutionResponse, ClientError>;
    type IntoFuture = ClientFuture<GetExecutionResponse>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Reads the error of an execution that has ended, if the service returns it.
pub(super) async fn fetch_error(client: &Client, arn: &str) -> Option<Error> {
    let state = client.execution::<()>(arn).describe().await.ok()?;
    state.status.is_terminal().then(|| recorded_error(state))
}

/// Returns the error of an execution that has ended without a result.
pub(super) fn recorded_error(state: GetExecutionResponse) -> Error {
    let status = match state.status {
        ExecutionStatus::TimedOut => OperationStatus::TimedOut,
        ExecutionStatus::Stopped => OperationStatus::Stopped,
        ExecutionStatus::Failed
        | ExecutionStatus::Succeeded
        | ExecutionStatus::Running
        | ExecutionStatus::Deleting
        | ExecutionStatus::Pausing
        | ExecutionStatus::Paused
        | ExecutionStatus::Unknown(_) => OperationStatus::Failed,
    };
    execution_error(&state.durable_execution_name, status, state.error.unwrap_or_default())
}
