//! Answers to callbacks.

use durable_aws::client::ClientError;
use durable_core::DurableError;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::client;
use crate::fake_service::{Answer, FakeService};

#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("declined with code {code}")]
struct Declined {
    code: u32,
}

impl DurableError for Declined {
    const ERROR_TYPE: &'static str = "Declined";
}

#[tokio::test]
async fn a_callback_is_completed_with_a_value_or_an_error_and_kept_alive() {
    let service = FakeService::replying(vec![Answer::ok("{}"); 4]).await;
    let callback = client(&service).callback("a/b+c=");

    callback.succeed(&("approved", 7)).await.unwrap();
    callback.fail("rejected").await.unwrap();
    callback.fail(durable_core::Error::typed(Declined { code: 51 })).await.unwrap();
    callback.heartbeat().await.unwrap();

    let sent: Vec<_> = service
        .requests()
        .into_iter()
        .map(|request| (request.method + &request.path, request.body))
        .collect();
    let path = |word: &str| format!("POST/2025-12-01/durable-execution-callbacks/a%2Fb%2Bc%3D/{word}");
    assert_eq!(
        sent,
        [
            (path("succeed"), json!(["approved", 7])),
            (path("fail"), json!({"ErrorType": "Error", "ErrorMessage": "rejected"})),
            (
                path("fail"),
                json!({
                    "ErrorType": "Declined",
                    "ErrorMessage": "declined with code 51",
                    "ErrorData": "{\"code\":51}",
                })
            ),
            (path("heartbeat"), json!(null)),
        ]
    );
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_sent() {
    let service = FakeService::replying([Answer::ok("{}")]).await;
    let callback = client(&service).callback("callback");

    let value = callback.succeed(&"x".repeat(1_048_576)).await.unwrap_err();
    let error = callback.fail("x".repeat(1_048_577)).await.unwrap_err();

    for error in [value, error] {
        assert!(matches!(error, ClientError::InvalidRequest { .. }), "{error:?}");
    }
    assert_eq!(service.requests().len(), 0);
}
