//! Starts executions without waiting for them.

use std::marker::PhantomData;

use durable_types::api::{DURABLE_EXECUTION_ARN_HEADER, InvocationType};
use serde::Serialize;

use super::client::Client;
use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::execution_handle::ExecutionHandle;
use super::function_call::{FunctionCall, call_options};
use super::start_target::StartTarget;

impl Client {
    /// Starts an execution of a durable function and returns once the service has accepted it.
    ///
    /// The input is sent as JSON, and can be at most 1 MiB. The handle has the result type of the
    /// [`Function`](durable_core::Function); with a bare name it is any JSON, unless
    /// [`with_output`](ExecutionHandle::with_output) says otherwise.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # use durable_core::Function;
    /// const TAX: Function<u64, u64> = Function::new("tax-calculator:live");
    ///
    /// # async fn example(client: Client) -> Result<(), ClientError> {
    /// let execution = client.start(TAX, &100).execution_name("invoice-17").await?;
    /// println!("{}", execution.arn());
    ///
    /// let by_name = client.start("tax-calculator:live", &100).await?;
    /// println!("{}", by_name.arn());
    /// # Ok(())
    /// # }
    /// ```
    pub fn start<T, P>(&self, function: T, input: &P) -> Start<T::Output>
    where
        T: StartTarget<P>,
        P: Serialize + ?Sized,
    {
        Start { call: FunctionCall::new(self, function.into_function_name(), input), output: PhantomData }
    }
}

/// The builder of a start, returned by [`Client::start`].
#[must_use = "nothing is started until the builder is awaited"]
pub struct Start<O> {
    call: FunctionCall,
    output: PhantomData<fn() -> O>,
}

impl<O> Start<O> {
    call_options!();

    async fn send(self) -> Result<ExecutionHandle<O>, ClientError> {
        let (client, subject) = (self.call.client.clone(), self.call.subject());
        let name = self.call.request.function_name.clone();
        let response = client.send(&subject, self.call.into_request(InvocationType::Event)?).await?;
        let arn = response.headers().get(DURABLE_EXECUTION_ARN_HEADER).and_then(|arn| arn.to_str().ok());
        let arn = arn.ok_or(ClientError::NotDurable { name })?;
        Ok(client.execution(arn))
    }
}

impl<O: 'static> IntoFuture for Start<O> {
    type Output = Result<ExecutionHandle<O>, ClientError>;
    type IntoFuture = ClientFuture<ExecutionHandle<O>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
