//! Starts and invocations.

use durable::aws::client::ClientError;
use durable::types::api::ServiceErrorKind;
use serde_json::{Value, json};

use crate::functions::{Declined, Receipt, fulfil_live, order, running};

fn receipt(total: u64) -> Receipt {
    Receipt { id: "order-17".to_owned(), total }
}

#[tokio::test]
async fn a_started_execution_has_a_typed_result() {
    let running = running().await;

    let execution = running.client.start(fulfil_live(), &order(100)).await.unwrap();

    assert_eq!(execution.result().await.unwrap(), receipt(101));
    let again = running.client.execution::<Receipt>(execution.arn());
    assert_eq!(again.result().await.unwrap(), receipt(101));
}

#[tokio::test]
async fn the_result_of_a_bare_name_is_json_or_of_the_type_that_is_set() {
    let running = running().await;

    let execution = running.client.start("fulfil:live", &order(100)).await.unwrap();
    let untyped: Value = execution.result().await.unwrap();
    let typed = execution.with_output::<Receipt>().result().await.unwrap();

    assert_eq!(untyped, json!({"id": "order-17", "total": 101}));
    assert_eq!(typed, receipt(101));
}

#[tokio::test]
async fn a_name_with_the_same_input_is_the_same_execution_and_with_another_one_an_error() {
    let running = running().await;
    let start = |cents| running.client.start(fulfil_live(), &order(cents)).execution_name("o-17");

    let first = start(100).await.unwrap();
    first.result().await.unwrap();
    let second = start(100).await.unwrap();
    let invoked = running.client.invoke(fulfil_live(), &order(100)).execution_name("o-17").await;
    let other = start(200).await.unwrap_err();

    assert_eq!(first.arn(), second.arn());
    assert_eq!(invoked.unwrap(), receipt(101));
    assert_eq!(other.refusal().unwrap().kind(), &ServiceErrorKind::DurableExecutionAlreadyStarted);
}

#[tokio::test]
async fn an_error_that_is_recorded_in_full_is_downcast_by_every_caller() {
    let running = running().await;

    let invoked = running.client.invoke(fulfil_live(), &order(0)).await.unwrap_err();
    let started = running.client.start(fulfil_live(), &order(0)).await.unwrap();
    let awaited = started.result().await.unwrap_err();

    for error in [invoked, awaited] {
        assert_eq!(error.downcast_ref(), Some(&Declined { code: 51 }));
        let recorded = error.execution_error().unwrap();
        assert!(recorded.message().contains("declined with code 51"), "{recorded}");
        // It keeps its type in a handler as well.
        let in_a_handler = durable::Error::from(error);
        assert_eq!(in_a_handler.error_type(), "client.Declined");
        assert_eq!(in_a_handler.downcast::<Declined>().unwrap(), Declined { code: 51 });
    }
}

#[tokio::test]
async fn a_plain_function_is_invoked_but_has_no_execution() {
    let running = running().await;

    let tax: u64 = running.client.invoke("tax", &9).await.unwrap();
    let error = running.client.start("tax", &9).await.unwrap_err();

    assert_eq!(tax, 19);
    assert!(matches!(error, ClientError::NotDurable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_function_that_does_not_exist_is_not_found() {
    let running = running().await;

    let error = running.client.start("archive:live", &()).await.unwrap_err();

    assert_eq!(error.refusal().unwrap().kind(), &ServiceErrorKind::ResourceNotFound);
}

#[tokio::test]
async fn the_trace_of_the_caller_is_that_of_the_execution() {
    let running = running().await;
    let trace = "Root=1-5759e988-bd862e3fe1be46a994272793";

    let execution = running.client.start(fulfil_live(), &order(1)).trace_header(trace).await.unwrap();

    let state = execution.describe().await.unwrap();
    assert_eq!(state.trace_header.unwrap().x_amzn_trace_id.as_deref(), Some(trace));
    assert_eq!(state.input_payload.as_deref(), Some(r#"{"id":"order-17","cents":1}"#));
}
