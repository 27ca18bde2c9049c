//! Waits for the result of an execution.

use std::time::Duration;

use durable_aws::client::ClientError;
use tokio::time::Instant;

use super::{ARN, client, state};
use crate::fake_service::FakeService;

#[tokio::test(start_paused = true)]
async fn the_state_is_polled_until_the_execution_has_ended_and_its_data_read_once() {
    let service = FakeService::replying([
        state("RUNNING", ""),
        state("PAUSED", ""),
        state("SUCCEEDED", ""),
        state("SUCCEEDED", r#", "Result": "119""#),
    ])
    .await;

    let result = client(&service).execution::<u64>(ARN).result().await.unwrap();

    let queries: Vec<_> = service.requests().into_iter().map(|request| request.query).collect();
    let without_data = "IncludeExecutionData=false";
    assert_eq!(result, 119);
    assert_eq!(queries, [without_data, without_data, without_data, ""]);
}

#[tokio::test(start_paused = true)]
async fn delays_between_polls_grow_up_to_their_limit() {
    let polls = vec![state("RUNNING", ""); 60];
    let service = FakeService::replying(polls).await;
    let result = client(&service).execution::<u64>(ARN).result();
    let result = result.initial_delay(Duration::from_secs(1)).max_delay(Duration::from_secs(8));

    let error = result.timeout(Duration::from_secs(60)).await.unwrap_err();

    // The delays are at least 0.5, 1, 2, 4, 4, .. and at most 1, 2, 4, 8, 8, .. seconds.
    assert!(matches!(error, ClientError::NotEnded { .. }), "{error:?}");
    let polls = service.requests().len();
    assert!((9..=17).contains(&polls), "{polls}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_time_limit_and_the_execution_does_not() {
    let service = FakeService::replying(vec![state("RUNNING", ""); 60]).await;
    let begun = Instant::now();

    let execution = client(&service).execution::<u64>(ARN);
    let error = execution.result().timeout(Duration::from_secs(30)).await.unwrap_err();

    assert_eq!(begun.elapsed(), Duration::from_secs(30));
    assert_eq!(
        error.to_string(),
        format!("the execution `{ARN}` has not ended within 30s; it continues to run")
    );
    assert!(service.requests().iter().all(|request| request.method == "GET"));
}

#[tokio::test]
async fn an_execution_without_a_result_is_an_error_with_what_was_recorded() {
    let error = r#", "Error": {"ErrorType": "PaymentError", "ErrorMessage": "declined"}"#;
    let service = FakeService::replying([state("FAILED", ""), state("FAILED", error)]).await;

    let error = client(&service).execution::<u64>(ARN).result().await.unwrap_err();

    let recorded = error.execution_error().unwrap();
    assert_eq!((recorded.error_type(), recorded.message()), ("PaymentError", "declined"));
    assert_eq!(recorded.operation_name(), Some("order-17"));
}
