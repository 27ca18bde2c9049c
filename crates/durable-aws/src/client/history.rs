//! Reads the history of an execution.

use durable_types::api::{GetHistoryRequest, GetHistoryResponse};
use durable_types::history::Event;

use super::client::Client;
use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::next_page::NextPage;
use super::requests;
use super::subject::Subject;

impl<O> ExecutionHandle<O> {
    /// Reads the history of the execution: all events when it is awaited, or page by page.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client, arn: String) -> Result<(), ClientError> {
    /// let execution = client.execution::<u64>(arn);
    /// let all = execution.history().await?;
    /// println!("{} events", all.len());
    ///
    /// let mut newest_first = execution.history().reverse_order(true).include_execution_data(false);
    /// while let Some(events) = newest_first.next_page().await? {
    ///     println!("{events:?}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn history(&self) -> History {
        History {
            client: self.client().clone(),
            request: GetHistoryRequest::new(self.arn()),
            next: NextPage::First,
        }
    }
}

/// The history of an execution, returned by [`ExecutionHandle::history`].
#[must_use = "nothing is read until the history is awaited, or a page of it"]
pub struct History {
    client: Client,
    request: GetHistoryRequest,
    next: NextPage,
}

impl History {
    /// Sets whether the newest event is first; false by default.
    pub fn reverse_order(mut self, reverse: bool) -> Self {
        self.request.reverse_order = Some(reverse);
        self
    }

    /// Sets whether to read the inputs, the results and the errors; true by default.
    pub fn include_execution_data(mut self, include: bool) -> Self {
        self.request.include_execution_data = Some(include);
        self
    }

    /// Sets the maximum number of events per page, at most 1,000; 100 by default.
    pub fn max_items(mut self, items: u32) -> Self {
        self.request.max_items = Some(items);
        self
    }

    /// Reads the next page, or returns `None` after the last one. If it fails, it can be called again.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Event>>, ClientError> {
        if self.next == NextPage::None {
            return Ok(None);
        }
        self.request.marker = self.next.marker();
        let subject = Subject::Execution(self.request.durable_execution_arn.clone());
        let request = requests::get_history(&self.request);
        if let Err(violations) = self.request.validate() {
            return Err(ClientError::invalid(request.operation, subject, violations));
        }
        let page: GetHistoryResponse = self.client.fetch(&subject, request).await?;
        self.next = NextPage::after(page.next_marker);
        Ok(Some(page.events))
    }

    async fn all(mut self) -> Result<Vec<Event>, ClientError> {
        let mut events = Vec::new();
        while let Some(page) = self.next_page().await? {
            events.extend(page);
        }
        Ok(events)
    }
}

impl IntoFuture for History {
    type Output = Result<Vec<Event>, ClientError>;
    type IntoFuture = ClientFuture<Vec<Event>>;

    /// Reads all pages that have not been read yet.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.all())
    }
}
