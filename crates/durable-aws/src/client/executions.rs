//! Lists executions.

use durable_types::api::{ExecutionSummary, ListExecutionsRequest, ListExecutionsResponse};
use durable_types::{ExecutionStatus, Timestamp};

use super::client::Client;
use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::next_page::NextPage;
use super::requests;
use super::subject::Subject;

impl Client {
    /// Lists executions of a function, newest first: all when it is awaited, or page by page.
    ///
    /// The function is a name, an ARN or a [`Function`](durable_core::Function). Without a version or an alias, the
    /// executions of all versions are listed.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # use durable_core::types::ExecutionStatus;
    /// # async fn example(client: Client) -> Result<(), ClientError> {
    /// let mut running = client.executions("tax-calculator").status(ExecutionStatus::Running);
    /// while let Some(executions) = running.next_page().await? {
    ///     for execution in executions {
    ///         client.execution::<u64>(execution.durable_execution_arn).stop().await?;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn executions(&self, function: impl Into<String>) -> Executions {
        Executions {
            client: self.clone(),
            request: ListExecutionsRequest::new(function),
            next: NextPage::First,
        }
    }
}

/// A list of executions, returned by [`Client::executions`].
#[must_use = "nothing is listed until the list is awaited, or a page of it"]
pub struct Executions {
    client: Client,
    request: ListExecutionsRequest,
    next: NextPage,
}

impl Executions {
    /// Selects executions with this status, in addition to those selected before; at most 10.
    pub fn status(mut self, status: ExecutionStatus) -> Self {
        self.request.statuses.push(status);
        self
    }

    /// Selects the execution of this name.
    pub fn execution_name(mut self, name: impl Into<String>) -> Self {
        self.request.durable_execution_name = Some(name.into());
        self
    }

    /// Selects executions of this version or alias.
    pub fn qualifier(mut self, qualifier: impl Into<String>) -> Self {
        self.request.qualifier = Some(qualifier.into());
        self
    }

    /// Selects executions that started after this time.
    pub fn started_after(mut self, time: Timestamp) -> Self {
        self.request.started_after = Some(time);
        self
    }

    /// Selects executions that started before this time.
    pub fn started_before(mut self, time: Timestamp) -> Self {
        self.request.started_before = Some(time);
        self
    }

    /// Sets whether the oldest execution is first; false by default.
    pub fn reverse_order(mut self, reverse: bool) -> Self {
        self.request.reverse_order = Some(reverse);
        self
    }

    /// Sets the maximum number of executions per page, at most 1,000; 100 by default.
    pub fn max_items(mut self, items: u32) -> Self {
        self.request.max_items = Some(items);
        self
    }

    /// Reads the next page, or returns `None` after the last one. If it fails, it can be called again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<ExecutionSummary>>, ClientError> {
        if self.next == NextPage::None {
            return Ok(None);
        }
        self.request.marker = self.next.marker();
        let subject = Subject::Function(self.request.function_name.clone());
        let request = requests::list_executions(&self.request);
        if let Err(violations) = self.request.validate() {
            return Err(ClientError::invalid(request.operation, subject, violations));
        }
        let page: ListExecutionsResponse = self.client.fetch(&subject, request).await?;
        self.next = NextPage::after(page.next_marker);
        Ok(Some(page.durable_executions))
    }

    async fn all(mut self) -> Result<Vec<ExecutionSummary>, ClientError> {
        let mut executions = Vec::new();
        while let Some(page) = self.next_page().await? {
            executions.extend(page);
        }
        Ok(executions)
    }
}

impl IntoFuture for Executions {
    type Output = Result<Vec<ExecutionSummary>, ClientError>;
    type IntoFuture = ClientFuture<Vec<ExecutionSummary>>;

    /// Reads all pages that have not been read yet.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.all())
    }
}
