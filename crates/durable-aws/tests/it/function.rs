//! A function as Lambda runs it: a process that polls for invocations.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use serde_json::json;

use crate::fake_lambda::{CredentialsFrom, FakeLambda};

const FUNCTION: &str = "function::greets";

/// Not a test: the function that the tests start as a process of its own.
#[tokio::test]
#[ignore = "runs as a Lambda function, started by the other tests"]
async fn greets() {
    async fn greet(name: String, ctx: DurableContext) -> Result<String> {
        let greeting = ctx.step("greet", async |_| Ok(format!("Hello, {name}!"))).await?;
        Ok(greeting)
    }

    durable_aws::run(greet).await.unwrap();
}

/// Not a test, either.
#[tokio::test]
#[ignore = "runs as a Lambda function, started by the other tests"]
async fn describes_itself() {
    async fn describe(_: String, ctx: DurableContext) -> Result<Vec<String>> {
        let context = ctx.lambda_context().clone();
        let optional = [context.invoked_function_arn, context.function_name, context.function_version];
        let client = context.client_context.and_then(|client| client.custom.get("tenant").cloned());
        let deadline = context.deadline.as_millis().to_string();
        let is_far = ctx.remaining_time() > Duration::from_hours(24 * 365);
        let described = [context.request_id, deadline, is_far.to_string()];
        let optional = optional.into_iter().chain([context.trace_header, client]);
        Ok(described.into_iter().chain(optional.flatten()).collect())
    }

    durable_aws::run(describe).await.unwrap();
}

fn invocation() -> String {
    let execution = json!({"Id": "e", "Type": "EXECUTION", "Status": "STARTED",
        "ExecutionDetails": {"InputPayload": "\"Ada\""}});
    json!({"DurableExecutionArn": "arn:x/durable-execution/a/e", "CheckpointToken": "first",
        "InitialExecutionState": {"Operations": [execution], "NextMarker": ""}})
    .to_string()
}

#[test]
fn a_function_checkpoints_its_step_and_answers_with_its_result() {
    let accepted = json!({"CheckpointToken": "second", "NewExecutionState": {}}).to_string();
    let lambda = FakeLambda::start(FUNCTION, invocation(), (200, "", accepted));

    let checkpoint = lambda.posted();
    let answer = lambda.posted();

    assert!(checkpoint.path.starts_with("/2025-12-01/durable-executions/"), "{checkpoint:?}");
    assert!(checkpoint.user_agent.contains("lib/durable-sdk/"), "{checkpoint:?}");
    assert_eq!(checkpoint.body["CheckpointToken"], "first");
    assert_eq!(checkpoint.body["Updates"].as_array().unwrap().last().unwrap()["Payload"], "\"Hello, Ada!\"");
    assert_eq!(answer.path, "/2018-06-01/runtime/invocation/request-1/response");
    assert_eq!(answer.body, json!({"Status": "SUCCEEDED", "Result": "\"Hello, Ada!\""}));
}

#[test]
fn a_function_that_starts_from_a_snapshot_gets_its_credentials_from_an_endpoint() {
    let accepted = (200, "", json!({"CheckpointToken": "second"}).to_string());
    let lambda = FakeLambda::start_with(CredentialsFrom::Container, FUNCTION, invocation(), vec![accepted]);

    let checkpoint = lambda.posted();
    let answer = lambda.posted();

    assert!(checkpoint.authorization.contains(" Credential=key-0/"), "{checkpoint:?}");
    assert!(checkpoint.authorization.contains(";x-amz-security-token,"), "{checkpoint:?}");
    assert_eq!(answer.body["Status"], "SUCCEEDED");
}

#[test]
fn credentials_that_have_expired_are_fetched_again() {
    let expired = (403, "ExpiredTokenException", json!({"message": "expired"}).to_string());
    let accepted = (200, "", json!({"CheckpointToken": "second"}).to_string());
    let lambda =
        FakeLambda::start_with(CredentialsFrom::Container, FUNCTION, invocation(), vec![expired, accepted]);

    let [first, second, answer] = [lambda.posted(), lambda.posted(), lambda.posted()];

    assert!(first.authorization.contains(" Credential=key-0/"), "{first:?}");
    assert!(second.authorization.contains(" Credential=key-1/"), "{second:?}");
    assert_eq!(first.body, second.body);
    assert_eq!(answer.body["Status"], "SUCCEEDED");
}

#[test]
fn a_handler_reads_what_the_runtime_says_about_the_invocation() {
    let lambda = FakeLambda::start("function::describes_itself", invocation(), (200, "", "{}".to_owned()));

    let answer = lambda.posted();

    let described = r#"["request-1","4102444800000","true","arn","test","1","Root=1","t-1"]"#;
    assert_eq!(answer.body, json!({"Status": "SUCCEEDED", "Result": described}));
}

#[test]
fn an_event_without_the_durable_envelope_is_answered_with_an_error_that_says_what_to_do() {
    let lambda = FakeLambda::start(FUNCTION, r#"{"name": "Ada"}"#, (500, "", String::new()));

    let answer = lambda.posted();

    assert_eq!(answer.path, "/2018-06-01/runtime/invocation/request-1/error");
    assert_eq!(answer.body["errorType"], "InvalidInvocationError");
    let message = answer.body["errorMessage"].as_str().unwrap();
    assert!(message.contains("missing field `DurableExecutionArn`"), "{message}");
    assert!(message.contains("DurableConfig"), "{message}");
}

#[test]
fn a_stale_token_is_an_error_of_the_invocation_which_the_service_tries_again() {
    let stale = json!({"Type": "User", "message": "Invalid checkpoint token"}).to_string();
    let lambda = FakeLambda::start(FUNCTION, invocation(), (400, "InvalidParameterValueException", stale));

    lambda.posted();
    let answer = lambda.posted();

    assert_eq!(answer.path, "/2018-06-01/runtime/invocation/request-1/error");
    assert_eq!(answer.body["errorType"], "InvocationError");
    assert!(answer.body["errorMessage"].as_str().unwrap().contains("Invalid checkpoint token"), "{answer:?}");
}

#[test]
fn a_checkpoint_that_can_never_succeed_fails_the_execution() {
    let invalid = json!({"Type": "User", "message": "Invalid name"}).to_string();
    let lambda = FakeLambda::start(FUNCTION, invocation(), (400, "InvalidParameterValueException", invalid));

    lambda.posted();
    let answer = lambda.posted();

    assert_eq!(answer.path, "/2018-06-01/runtime/invocation/request-1/response");
    assert_eq!(answer.body["Status"], "FAILED");
    assert!(answer.body["Error"]["ErrorMessage"].as_str().unwrap().contains("Invalid name"), "{answer:?}");
}

#[tokio::test]
async fn a_program_that_lambda_did_not_start_ends_with_a_hint() {
    async fn handler(_: (), _: DurableContext) -> Result<()> {
        Ok(())
    }

    let error = durable_aws::run(handler).await.unwrap_err();

    assert!(error.to_string().contains("durable run"), "{error}");
}
