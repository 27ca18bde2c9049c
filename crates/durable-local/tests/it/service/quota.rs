//! Executions that use up a quota, over HTTP.

use serde_json::json;

use super::client::Call;
use super::guest::Host;

#[tokio::test]
async fn an_execution_that_wants_more_than_its_quota_fails_and_records_no_more() {
    let cases = [
        (3, usize::MAX, "The execution has more than 3 operations.", 3),
        // The input has 9 bytes, each result one.
        (usize::MAX, 11, "The execution has written more than 11 bytes.", 2),
    ];
    for (operations, bytes, message, steps) in cases {
        let folder = tempfile::tempdir().unwrap();
        let host = Host::start_with(folder.path(), |mut settings| {
            (settings.rules.max_operations, settings.rules.max_data_bytes) = (operations, bytes);
            settings
        })
        .await;

        let answer = host.call(Call::invoke("\"steps 8\"")).await;

        assert_eq!(answer.header("x-amz-function-error"), Some("Unhandled"));
        assert_eq!(answer.json()["errorType"], json!("ServiceQuotaExceededException"));
        assert_eq!(answer.json()["errorMessage"], json!(message));
        let history = host.call(Call::on("GET", &answer.arn(), "/history")).await.json();
        let events = history["Events"].as_array().unwrap();
        let is_step = |event: &&serde_json::Value| event["EventType"] == json!("StepSucceeded");
        assert_eq!(events.iter().filter(is_step).count(), steps);
    }
}

#[tokio::test]
async fn a_quota_that_is_just_enough_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_with(folder.path(), |mut settings| {
        (settings.rules.max_operations, settings.rules.max_data_bytes) = (8, 17);
        settings
    })
    .await;

    let answer = host.call(Call::invoke("\"steps 8\"")).await;

    assert_eq!((answer.header("x-amz-function-error"), answer.json()), (None, json!(8)));
}
