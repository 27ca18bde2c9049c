//! Invokes functions and waits for their results.

use std::marker::PhantomData;

use bytes::Bytes;
use durable_core::Error;
use durable_core::error::execution_error;
use durable_core::operation::InvokeTarget;
use durable_types::api::{DURABLE_EXECUTION_ARN_HEADER, FUNCTION_ERROR_HEADER, InvocationType};
use durable_types::{ErrorObject, OperationStatus};
use http::Response;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::client_error::ClientError;
use super::client_future::ClientFuture;
use super::describe::fetch_error;
use super::function_call::{FunctionCall, call_options};
use super::subject::Subject;
use crate::json;

impl Client {
    /// Invokes a function and returns its result, which arrives on the same connection.
    ///
    /// Lambda waits for at most 15 minutes. [Start](Self::start) an execution that may take longer, and wait for its
    /// [result](super::ExecutionHandle::result). Input and result are JSON of at most 6 MiB. The function need not be
    /// durable.
    ///
    /// ```no_run
    /// # use durable_aws::{Client, client::ClientError};
    /// # use durable_core::Function;
    /// const TAX: Function<u64, u64> = Function::new("tax-calculator:live");
    ///
    /// # async fn example(client: Client) -> Result<(), ClientError> {
    /// let tax = client.invoke(TAX, &100).await?;
    /// let by_name: u64 = client.invoke("tax-calculator:live", &100).await?;
    /// assert_eq!(tax, by_name);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The error of the handler is [`ClientError::Execution`], and can be downcast:
    ///
    /// ```no_run
    /// # use durable_aws::Client;
    /// # use durable_core::{DurableError, Function};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Debug, Serialize, Deserialize, thiserror::Error)]
    /// # #[error("declined")]
    /// # struct Declined { code: u32 }
    /// # impl DurableError for Declined { const ERROR_TYPE: &'static str = "Declined"; }
    /// # const CHARGE: Function<u64, String> = Function::new("charge:live");
    /// # async fn example(client: Client) {
    /// match client.invoke(CHARGE, &100).await {
    ///     Ok(receipt) => println!("{receipt}"),
    ///     Err(error) => match error.downcast_ref::<Declined>() {
    ///         Some(Declined { code }) => println!("declined: {code}"),
    ///         None => println!("{error}"),
    ///     },
    /// }
    /// # }
    /// ```
    pub fn invoke<O, P>(&self, function: impl InvokeTarget<P, O>, input: &P) -> Invoke<O>
    where
        P: Serialize + ?Sized,
    {
        Invoke { call: FunctionCall::new(self, function.into_function_name(), input), output: PhantomData }
    }
}

/// The builder of an invocation, returned by [`Client::invoke`].
#[must_use = "nothing is invoked until the builder is awaited"]
pub struct Invoke<O> {
    call: FunctionCall,
    output: PhantomData<fn() -> O>,
}

impl<O> Invoke<O> {
    call_options!();
}

impl<O: DeserializeOwned> Invoke<O> {
    async fn send(self) -> Result<O, ClientError> {
        let (client, subject) = (self.call.client.clone(), self.call.subject());
        let name = self.call.request.function_name.clone();
        let response =
            client.send(&subject, self.call.into_request(InvocationType::RequestResponse)?).await?;
        if response.headers().contains_key(FUNCTION_ERROR_HEADER) {
            return Err(failure(&client, name, response).await);
        }
        parse(subject, response.body())
    }
}

impl<O: DeserializeOwned + 'static> IntoFuture for Invoke<O> {
    type Output = Result<O, ClientError>;
    type IntoFuture = ClientFuture<O>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Parses a result. An empty one is `null`.
pub(super) fn parse<O: DeserializeOwned>(subject: Subject, result: &[u8]) -> Result<O, ClientError> {
    let result = if result.is_empty() { b"null" } else { result };
    json::parse(result).map_err(|error| ClientError::deserialize::<O>(subject, error))
}

/// Returns the error of a function that failed.
async fn failure(client: &Client, name: String, response: Response<Bytes>) -> ClientError {
    let arn = response.headers().get(DURABLE_EXECUTION_ARN_HEADER).and_then(|arn| arn.to_str().ok());
    let error = function_error(response.body());
    let Some(arn) = arn else {
        let error = execution_error(&name, OperationStatus::Failed, error);
        return ClientError::Function { name, error };
    };
    // The response may lack the data of the error, and says nothing about its status.
    let recorded = fetch_error(client, arn).await;
    let error: Error = recorded.unwrap_or_else(|| execution_error(arn, OperationStatus::Failed, error));
    ClientError::Execution { arn: arn.to_owned(), error }
}

/// Parses the payload of a function error, in Lambda's format.
fn function_error(payload: &[u8]) -> ErrorObject {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct FunctionError {
        error_message: Option<String>,
        error_type: Option<String>,
        error_data: Option<String>,
    }

    let parsed: FunctionError = serde_json::from_slice(payload).unwrap_or_default();
    let mut error = ErrorObject::default();
    error.error_message = parsed.error_message;
    error.error_type = parsed.error_type;
    error.error_data = parsed.error_data;
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_function_is_read_whatever_its_runtime_adds() {
        let payload = br#"{"errorMessage": "declined", "errorType": "Declined", "stackTrace": [["a", 1]], "trace": []}"#;

        assert_eq!(function_error(payload), ErrorObject::new("Declined", "declined"));
        assert_eq!(function_error(b"<html>"), ErrorObject::default());
    }

    #[test]
    fn an_empty_result_is_null() {
        let parsed: Option<u32> = parse(Subject::Function("tax".to_owned()), b"").unwrap();

        assert_eq!(parsed, None);
    }
}
