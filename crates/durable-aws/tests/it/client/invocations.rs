//! Invocations that wait for a result.

use std::time::Duration;

use durable_aws::client::ClientError;
use durable_core::{DurableError, Function};
use serde::{Deserialize, Serialize};

use super::{ARN, client, configured, state};
use crate::fake_service::{Answer, FakeService, Reply};

const TAX: Function<u64, u64> = Function::new("tax:live");

#[derive(Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("declined with code {code}")]
struct Declined {
    code: u32,
}

impl DurableError for Declined {
    const ERROR_TYPE: &'static str = "Declined";
}

/// The response of a durable function that failed, without the data of its error.
fn failed() -> Answer {
    Answer::ok(r#"{"errorMessage": "declined with code 51", "errorType": "Declined"}"#)
        .with_header("x-amz-function-error", "Unhandled")
        .with_header("x-amz-durable-execution-arn", ARN)
}

#[tokio::test]
async fn the_result_of_an_invocation_is_typed() {
    let service = FakeService::replying([Answer::ok("19"), Answer::ok("19"), Answer::ok("")]).await;
    let client = client(&service);

    let described = client.invoke(TAX, &100).await.unwrap();
    let named: u64 = client.invoke("tax:live", &100).await.unwrap();
    let (): () = client.invoke("tax:live", &100).await.unwrap();

    assert_eq!((described, named), (19, 19));
    assert_eq!(service.requests()[0].headers["x-amz-invocation-type"], "RequestResponse");
}

#[tokio::test]
async fn a_result_of_another_type_is_an_error_that_names_it() {
    let service = FakeService::replying([Answer::ok(r#""much""#)]).await;

    let error = client(&service).invoke(TAX, &100).await.unwrap_err();

    assert_eq!(error.to_string(), "the result of the function `tax:live` cannot be deserialized as `u64`");
}

#[tokio::test]
async fn the_error_of_a_durable_function_is_read_in_full_from_its_execution() {
    let error = r#", "Error": {"ErrorType": "Declined", "ErrorMessage": "declined with code 51",
        "ErrorData": "{\"code\": 51}"}"#;
    let service = FakeService::replying([failed(), state("FAILED", error)]).await;

    let error = client(&service).invoke(TAX, &100).await.unwrap_err();

    assert_eq!(error.downcast_ref(), Some(&Declined { code: 51 }));
    assert_eq!(error.to_string(), format!("the execution `{ARN}` ended without a result"));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "execution `order-17` failed: declined with code 51");
}

#[tokio::test]
async fn an_execution_that_was_stopped_or_timed_out_says_so() {
    for (status, is_stopped, is_timeout) in [("STOPPED", true, false), ("TIMED_OUT", false, true)] {
        let service = FakeService::replying([failed(), state(status, "")]).await;

        let error = client(&service).invoke(TAX, &100).await.unwrap_err();

        let error = error.execution_error().unwrap();
        assert_eq!((error.is_stopped(), error.is_timeout()), (is_stopped, is_timeout));
    }
}

#[tokio::test]
async fn an_error_whose_execution_cannot_be_read_is_that_of_the_response() {
    let denied = Answer::error(403, "AccessDeniedException", r#"{"Message": "no"}"#);
    let service = FakeService::replying([failed(), denied]).await;

    let error = client(&service).invoke(TAX, &100).await.unwrap_err();

    assert_eq!(error.execution_error().unwrap().error_type(), "Declined");
    assert_eq!(error.downcast_ref::<Declined>(), None);
}

#[tokio::test]
async fn the_error_of_a_plain_function_names_the_function() {
    let failed = Answer::ok(r#"{"errorMessage": "out of paper", "errorType": "Error", "trace": []}"#)
        .with_header("x-amz-function-error", "Unhandled");
    let service = FakeService::replying([failed]).await;

    let error = client(&service).invoke(TAX, &100).await.unwrap_err();

    assert!(matches!(&error, ClientError::Function { name, .. } if name == "tax:live"), "{error:?}");
    assert_eq!(error.execution_error().unwrap().message(), "out of paper");
}

#[tokio::test(start_paused = true)]
async fn an_invocation_has_a_time_limit_of_its_own() {
    let service = FakeService::replying([Reply::AnswerLate(Answer::ok("19")), Reply::Silence]).await;
    let client = configured(&service)
        .response_timeout(Duration::from_millis(1))
        .invoke_timeout(Duration::from_secs(60))
        .build()
        .unwrap();

    assert_eq!(client.invoke(TAX, &100).await.unwrap(), 19);
    let error = client.invoke(TAX, &100).await.unwrap_err();

    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "no response within 60s");
}
