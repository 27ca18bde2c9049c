//! Our errors of the service as AWS's client understands them.

use std::fmt::Debug;

use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use durable_types::api::{ServiceError, ServiceErrorKind};
use serde_json::json;

use crate::client::{Answer, Memory, block_on};

const MESSAGE: &str = "there is no such thing";

/// An error as it stands on the wire, with another text under the key that is not its own.
fn memory(kind: &ServiceErrorKind) -> Memory {
    let fault = if kind.is_client_fault() { "User" } else { "Service" };
    let mut body = json!({"Type": fault, "message": "another", "Message": "another"});
    body[kind.message_key()] = MESSAGE.into();
    Memory::new(Answer {
        status: kind.http_status(),
        headers: vec![("x-amzn-errortype", kind.to_string())],
        body: body.to_string(),
    })
}

/// Checks the code, and the message as the typed error shows it, which prefers its own key.
fn assert_understood<E, R>(kind: &ServiceErrorKind, answer: Result<impl Debug, SdkError<E, R>>)
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: Debug,
{
    let error = answer.unwrap_err();
    let service_error = error.as_service_error().unwrap();

    assert_eq!(service_error.code(), Some(kind.as_str()));
    let shown = std::error::Error::source(service_error).map_or_else(String::new, ToString::to_string);
    assert!(shown.ends_with(MESSAGE), "{kind}: {shown}");
}

#[test]
fn errors_of_invoke_are_understood() {
    for kind in ServiceErrorKind::KNOWN {
        let is_modelled = !matches!(kind, ServiceErrorKind::CallbackTimeout | ServiceErrorKind::AccessDenied);
        if is_modelled {
            assert_understood(kind, block_on(memory(kind).client().invoke().function_name("order").send()));
        }
    }
}

#[test]
fn a_callback_that_came_too_late_is_understood() {
    let kind = ServiceErrorKind::CallbackTimeout;
    let client = memory(&kind).client();

    let call = client.send_durable_execution_callback_success().callback_id("Y2I=");

    assert_understood(&kind, block_on(call.send()));
}

#[test]
fn an_error_shows_its_kind_and_its_message() {
    let error = ServiceError::new(ServiceErrorKind::ResourceNotFound, MESSAGE);

    assert_eq!(error.to_string(), "ResourceNotFoundException: there is no such thing");
}
