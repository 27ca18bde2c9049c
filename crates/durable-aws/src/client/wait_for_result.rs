//! Waits for the result of an execution.

use std::marker::PhantomData;
use std::time::Duration;

use durable_types::ExecutionStatus;
use durable_types::api::GetExecutionResponse;
use serde::de::DeserializeOwned;

use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::describe::recorded_error;
use super::execution_handle::ExecutionHandle;
use super::invoke::parse;
use super::poll_backoff::PollBackoff;

impl<O> ExecutionHandle<O> {
    /// Waits until the execution has ended and returns its result.
    ///
    /// The state of the execution is polled with exponential backoff: first after at most 200 milliseconds, later about
    /// every 5 seconds. Dropping the future does not affect the execution.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use durable_aws::{Client, client::ClientError};
    /// # async fn example(client: Client) -> Result<(), ClientError> {
    /// let execution = client.start("tax-calculator:live", &100).await?.with_output::<u64>();
    /// let tax = execution.result().timeout(Duration::from_secs(60)).await?;
    /// # let _ = tax;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ClientError::Execution`] if the execution failed, timed out or was stopped. Its error can be downcast like that
    /// of `ctx.invoke`. [`ClientError::NotEnded`] if the time limit has passed.
    pub fn result(&self) -> WaitForResult<O> {
        WaitForResult {
            execution: self.clone(),
            backoff: PollBackoff::default(),
            timeout: None,
            output: PhantomData,
        }
    }
}

/// The builder of a wait for the result of an execution, returned by [`ExecutionHandle::result`].
#[must_use = "nothing waits until the builder is awaited"]
pub struct WaitForResult<O> {
    execution: ExecutionHandle<O>,
    backoff: PollBackoff,
    timeout: Option<Duration>,
    output: PhantomData<fn() -> O>,
}

impl<O> WaitForResult<O> {
    /// Sets a time limit for the wait; none by default. The execution continues after it.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Sets the upper bound of the first delay between two polls, which doubles each time; 200 milliseconds by default.
    pub fn initial_delay(mut self, delay: Duration) -> Self {
        self.backoff.next = delay;
        self
    }

    /// Sets the upper bound of all delays between two polls; 5 seconds by default.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.backoff.max = delay;
        self
    }

    /// Polls the state until the execution has ended, and reads its data once.
    async fn ended(&mut self) -> Result<GetExecutionResponse, ClientError> {
        loop {
            let state = self.execution.describe().include_execution_data(false).await?;
            if state.status.is_terminal() {
                return self.execution.describe().await;
            }
            let delay = self.backoff.next_delay(self.execution.client().random_fraction());
            tokio::time::sleep(delay).await;
        }
    }
}

impl<O: DeserializeOwned> WaitForResult<O> {
    async fn result(mut self) -> Result<O, ClientError> {
        let state = match self.timeout {
            None => self.ended().await,
            Some(limit) => match tokio::time::timeout(limit, self.ended()).await {
                Ok(ended) => ended,
                Err(_) => Err(ClientError::NotEnded { arn: self.execution.arn().to_owned(), limit }),
            },
        }?;
        if state.status == ExecutionStatus::Succeeded {
            let result = state.result.unwrap_or_default();
            return parse(self.execution.subject(), result.as_bytes());
        }
        let arn = self.execution.arn().to_owned();
        Err(ClientError::Execution { arn, error: recorded_error(state) })
    }
}

impl<O: DeserializeOwned + 'static> IntoFuture for WaitForResult<O> {
    type Output = Result<O, ClientError>;
    type IntoFuture = ClientFuture<O>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.result())
    }
}
