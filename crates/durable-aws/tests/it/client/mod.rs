//! The typed client against a service that answers from a script.

mod callbacks;
mod credentials;
mod executions;
mod invocations;
mod model;
mod repeated;
mod results;
mod same_requests;
mod starts;

use std::time::Duration;

use durable_aws::client::ClientBuilder;
use durable_aws::{Client, Credentials};

use crate::fake_service::{Answer, FakeService};

pub(crate) const ARN: &str =
    "arn:aws:lambda:eu-central-1:123456789012:function:order:1/durable-execution/order-17/0b1c";

/// A client of a service, whose retries follow quickly.
pub(crate) fn client(service: &FakeService) -> Client {
    configured(service).build().unwrap()
}

pub(crate) fn configured(service: &FakeService) -> ClientBuilder {
    Client::builder("eu-central-1", Credentials::new("key", "secret"))
        .endpoint_url(service.url())
        .initial_backoff(Duration::from_millis(1))
}

/// The response to the start of an execution.
pub(crate) fn started() -> Answer {
    Answer::new(202, "").with_header("x-amz-durable-execution-arn", ARN)
}

/// The state of an execution, with further members.
pub(crate) fn state(status: &str, members: &str) -> Answer {
    Answer::ok(format!(
        r#"{{"DurableExecutionArn": "{ARN}", "DurableExecutionName": "order-17", "FunctionArn": "arn",
            "StartTimestamp": 1767323045.0, "Status": "{status}"{members}}}"#
    ))
}

pub(crate) fn throttled() -> Answer {
    Answer::error(429, "TooManyRequestsException", r#"{"message": "Rate exceeded"}"#)
}
