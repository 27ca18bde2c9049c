//! What the client repeats by itself.

use std::time::Duration;

use aws_sdk_lambda::config::retry::RetryConfig;
use durable_core::transport::Transport;
use durable_types::api::CheckpointRequest;

use crate::shapes::{answer, replaying};

#[tokio::test]
async fn a_checkpoint_that_is_repeated_says_that_it_is_the_same() {
    let throttled =
        http::Response::builder().status(429).header("x-amzn-errortype", "TooManyRequestsException");
    let throttled = throttled.body(r#"{"message": "Rate exceeded"}"#.to_owned()).unwrap();
    let recorded = answer(r#"{"CheckpointToken": "next", "NewExecutionState": {"Operations": []}}"#);
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let (transport, requests) = replaying([throttled, recorded], retries);
    let request = CheckpointRequest::new("arn", "token", Vec::new());

    let response = transport.checkpoint(request).await.unwrap();

    let tokens: Vec<_> = requests
        .actual_requests()
        .map(|request| {
            let body: serde_json::Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            body["ClientToken"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(response.checkpoint_token.as_deref(), Some("next"));
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
}
