//! An execution that a client refers to.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::client::Client;
use super::subject::Subject;

/// An execution, by its ARN, with the type of its result.
///
/// A handle sends nothing until one of its methods is awaited. It can be stored as its [ARN](Self::arn) and
/// [created](Client::execution) again elsewhere.
pub struct ExecutionHandle<O> {
    client: Client,
    arn: Arc<str>,
    output: PhantomData<fn() -> O>,
}

impl Client {
    /// Refers to an execution by its ARN, as a [start](Self::start) or a [list](Self::executions) returns it.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// let tax = client.execution::<u64>(arn).result().await?;
    /// # let _ = tax;
    /// # Ok(())
    /// # }
    /// ```
    pub fn execution<O>(&self, arn: impl Into<Arc<str>>) -> ExecutionHandle<O> {
        ExecutionHandle { client: self.clone(), arn: arn.into(), output: PhantomData }
    }
}

impl<O> ExecutionHandle<O> {
    /// Returns the ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Sets the type of the result.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client) -> Result<(), ClientError> {
    /// let execution = client.start("tax-calculator:live", &100).await?.with_output::<u64>();
    /// let tax = execution.result().await?;
    /// # let _ = tax;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_output<T>(self) -> ExecutionHandle<T> {
        ExecutionHandle { client: self.client, arn: self.arn, output: PhantomData }
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Execution(self.arn.to_string())
    }
}

impl<O> Clone for ExecutionHandle<O> {
    fn clone(&self) -> Self {
        Self { client: self.client.clone(), arn: Arc::clone(&self.arn), output: PhantomData }
    }
}

impl<O> fmt::Debug for ExecutionHandle<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExecutionHandle").field("arn", &self.arn).finish_non_exhaustive()
    }
}
