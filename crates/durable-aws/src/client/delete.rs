//! Deletes an execution.

use durable_types::api::DeleteRequest;

use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::requests;

impl<O> ExecutionHandle<O> {
    /// Deletes the execution, which must have ended, with its history and its data. This frees its name.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// client.execution::<u64>(arn).delete().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete(&self) -> Delete {
        Delete { execution: self.clone().with_output() }
    }
}

/// A request to delete an execution, returned by [`ExecutionHandle::delete`].
#[must_use = "nothing is deleted until it is awaited"]
pub struct Delete {
    execution: ExecutionHandle<()>,
}

impl Delete {
    async fn send(self) -> Result<(), ClientError> {
        let subject = self.execution.subject();
        let request = DeleteRequest::new(self.execution.arn());
        let on_wire = requests::delete(&request);
        if let Err(violations) = request.validate() {
            return Err(ClientError::invalid(on_wire.operation, subject, violations));
        }
        self.execution.client().send(&subject, on_wire).await.map(drop)
    }
}

impl IntoFuture for Delete {
    type Output = Result<(), ClientError>;
    type IntoFuture = ClientFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
