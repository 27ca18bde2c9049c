//! A start or an invocation of a function before it is sent.

use durable_types::api::{InvocationType, InvokeRequest};
use durable_types::validate;
use serde::Serialize;

use super::client::Client;
use super::client_error::ClientError;
use super::requests;
use super::subject::Subject;
use crate::lambda_api::api_request::ApiRequest;

const OPERATION: &str = "Invoke";

/// A call of a function by a client.
pub(super) struct FunctionCall {
    pub(super) client: Client,
    pub(super) request: InvokeRequest,
    pub(super) trace_header: Option<String>,
    input: Result<Vec<u8>, serde_json::Error>,
}

impl FunctionCall {
    pub(super) fn new(client: &Client, function_name: String, input: &(impl Serialize + ?Sized)) -> Self {
        Self {
            client: client.clone(),
            request: InvokeRequest::new(function_name),
            trace_header: None,
            input: serde_json::to_vec(input),
        }
    }

    pub(super) fn subject(&self) -> Subject {
        Subject::Function(self.request.function_name.clone())
    }

    /// Returns the request, if it is valid.
    pub(super) fn into_request(self, invocation_type: InvocationType) -> Result<ApiRequest, ClientError> {
        let subject = self.subject();
        let Self { mut request, trace_header, input, .. } = self;
        request.payload = Some(input.map_err(|error| ClientError::serialize(subject.clone(), error))?);
        request.invocation_type = Some(invocation_type);
        let trace = trace_header.as_deref().map_or(Ok(()), validate::trace_header);
        trace.map_err(|violation| ClientError::invalid(OPERATION, subject.clone(), violation))?;
        request.validate().map_err(|violations| ClientError::invalid(OPERATION, subject, violations))?;
        Ok(requests::invoke(request, trace_header))
    }
}

/// Declares the options of a builder that has `call: FunctionCall`.
macro_rules! call_options {
    () => {
        /// Names the execution, 1 to 64 letters, digits, `-` and `_`. A name makes the start idempotent: with the same
        /// name and the same input, the service returns the execution that exists, even if it has ended.
        pub fn execution_name(mut self, name: impl Into<String>) -> Self {
            self.call.request.durable_execution_name = Some(name.into());
            self
        }

        /// Sets the tenant to run the function for, 1 to 256 characters.
        pub fn tenant_id(mut self, tenant_id: impl Into<String>) -> Self {
            self.call.request.tenant_id = Some(tenant_id.into());
            self
        }

        /// Sets the trace header that the function receives, at most 8,192 characters, such as the one that
        /// `ctx.lambda_context()` contains.
        pub fn trace_header(mut self, header: impl Into<String>) -> Self {
            self.call.trace_header = Some(header.into());
            self
        }
    };
}

pub(super) use call_options;
