//! Requests that the Runtime API rejects, and its error responses.

use durable_functions::ByteBudget;
use durable_types::ErrorObject;
use serde_json::json;

use crate::fixture::{Host, guest};

#[tokio::test]
async fn what_is_out_of_place_is_refused_and_changes_nothing() {
    let host = Host::start(guest());

    let answers = host.ask(json!({ "do": "misbehave" })).await.unwrap();
    let twice = host.number_printed("Stdout twice ").await;

    let wrong_id = json!([400, { "errorMessage": "Invalid request ID", "errorType": "InvalidRequestID" }]);
    let wrong_phase = json!([
        403,
        { "errorMessage": "State transition is not allowed", "errorType": "InvalidStateTransition" }
    ]);
    assert_eq!(answers, json!([[wrong_id, wrong_phase, wrong_phase], 404]));
    assert_eq!(twice, 403);
}

#[tokio::test]
async fn an_error_behind_the_first_part_of_a_streamed_answer_fails_the_invocation() {
    let host = Host::start(guest());

    let error = host.ask_for_error(json!({ "do": "fail in the middle of a stream" })).await;
    let next = host.ask(json!({ "do": "echo" })).await.unwrap();

    assert_eq!(error, ErrorObject::new("Payment", "declined"));
    assert_eq!(next["last_status"], 202);
}

#[tokio::test]
async fn an_error_beyond_six_megabytes_is_refused_and_fails_the_invocation() {
    let host = Host::start(guest());

    let error = host.ask_for_error(json!({ "do": "report too much" })).await;
    let next = host.ask(json!({ "do": "echo" })).await.unwrap();

    assert_eq!(error.error_type.as_deref(), Some("Function.ResponseSizeTooLarge"));
    assert_eq!(next["last_status"], 413);
}

#[tokio::test]
async fn an_answer_beyond_six_megabytes_is_refused_and_fails_the_invocation() {
    let host = Host::start(guest());

    let error = host.ask_for_error(json!({ "do": "answer too much" })).await;
    let next = host.ask(json!({ "do": "echo" })).await.unwrap();

    assert_eq!(error.error_type.as_deref(), Some("Function.ResponseSizeTooLarge"));
    assert_eq!(
        error.error_message.as_deref(),
        Some("Response payload size exceeded maximum allowed payload size (6291556 bytes).")
    );
    assert_eq!(next["last_status"], 413);
}

#[tokio::test]
async fn a_web_page_that_finds_the_port_of_a_process_gets_nothing() {
    let host = Host::start(guest());

    let answers = host.ask(json!({ "do": "send what a web page would" })).await.unwrap();

    assert_eq!(answers, json!(vec![json!([403, "UnknownProcess"]); 6]));
}

#[tokio::test]
async fn an_answer_beyond_the_budget_is_refused_and_fails_the_invocation() {
    let budget = ByteBudget::new(0, 100_000);
    let host = Host::start_within(guest(), budget.clone());
    let mut held = budget.with_reserve().reservation();
    assert!(held.try_grow(100_000));

    let error = host.ask_for_error(json!({ "do": "echo" })).await;
    drop(held);
    let next = host.ask(json!({ "do": "echo" })).await.unwrap();

    assert_eq!(error.error_type.as_deref(), Some("Runtime.AnswersOverBudget"));
    assert_eq!(next["last_status"], 429);
}
