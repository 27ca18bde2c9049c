//! Resumes a paused execution.

use durable_types::api::ResumeRequest;

use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::requests;

const OPERATION: &str = "ResumeDurableExecution";

impl<O> ExecutionHandle<O> {
    /// Resumes the execution after a [pause](Self::pause).
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// client.execution::<u64>(arn).resume().reason("the payment provider is back").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(&self) -> Resume {
        Resume { execution: self.clone().with_output(), request: ResumeRequest::new(self.arn()) }
    }
}

/// The builder of a request to resume an execution, returned by [`ExecutionHandle::resume`].
#[must_use = "nothing is resumed until the builder is awaited"]
pub struct Resume {
    execution: ExecutionHandle<()>,
    request: ResumeRequest,
}

impl Resume {
    /// Sets the reason, at most 1,024 characters.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.request.reason = Some(reason.into());
        self
    }

    async fn send(mut self) -> Result<(), ClientError> {
        let (client, subject) = (self.execution.client(), self.execution.subject());
        let id = client.request_id(&subject, OPERATION)?;
        self.request.client_token = Some(id.to_string());
        if let Err(violations) = self.request.validate() {
            return Err(ClientError::invalid(OPERATION, subject, violations));
        }
        let request = requests::resume(&self.request)
            .map_err(|error| ClientError::serialize(subject.clone(), error))?;
        client.send_with_id(&subject, request, id).await.map(drop)
    }
}

impl IntoFuture for Resume {
    type Output = Result<(), ClientError>;
    type IntoFuture = ClientFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
