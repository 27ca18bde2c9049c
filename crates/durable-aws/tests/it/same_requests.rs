//! The requests of the lean transport beside those of the AWS SDK.

use std::collections::BTreeSet;

use durable_core::transport::Transport;
use durable_types::api::{CheckpointRequest, GetStateRequest};

use crate::either::{BOTH, Either, Settings};
use crate::fake_service::{Answer, FakeService, Request};
use crate::shapes::{ARN, every_kind_of_update};

/// What both transports send, the lean one first.
async fn sent(send: impl AsyncFn(&Either)) -> [Request; 2] {
    let mut requests = Vec::new();
    for kind in BOTH {
        let service = FakeService::replying([Answer::ok("{}")]).await;
        let transport = kind.to(&service, Settings::attempts(1));
        send(&transport).await;
        requests.extend(service.requests());
    }
    requests.try_into().unwrap()
}

fn header_names(request: &Request) -> BTreeSet<&str> {
    request.headers.keys().map(String::as_str).collect()
}

fn assert_same(lean: &Request, aws_sdk: &Request) {
    assert_eq!(lean.method, aws_sdk.method);
    assert_eq!(lean.path, aws_sdk.path);
    assert_eq!(lean.query, aws_sdk.query);
    // The AWS SDK sends its user agent twice.
    let mut expected = header_names(aws_sdk);
    expected.remove("x-amz-user-agent");
    assert_eq!(header_names(lean), expected);
    assert_eq!(lean.headers.get("content-type"), aws_sdk.headers.get("content-type"));
    assert_eq!(lean.headers["amz-sdk-request"], aws_sdk.headers["amz-sdk-request"]);
}

const ARNS: &[&str] = &[
    ARN,
    "arn:aws:lambda:eu-central-1:123456789012:function:order:$LATEST/durable-execution/a b/~!*'();@&=+,?#[]%",
    "arn/\u{fc}\u{1f980}\"<>\\^`{|}-._~",
];

#[tokio::test]
async fn checkpoints_are_what_the_aws_sdk_sends() {
    for arn in ARNS {
        for updates in [every_kind_of_update(), Vec::new()] {
            let request = CheckpointRequest::new(*arn, "token", updates);

            let [lean, aws_sdk] = sent(async |transport| {
                transport.checkpoint(request.clone()).await.unwrap();
            })
            .await;

            assert_same(&lean, &aws_sdk);
            let [mut lean_body, mut aws_body] = [lean.body, aws_sdk.body];
            // Each makes a token of its own.
            let [lean_token, aws_token] =
                [&mut lean_body, &mut aws_body].map(|body| body["ClientToken"].take());
            assert_eq!(lean_body, aws_body);
            assert_eq!(lean_token.as_str().map(str::len), aws_token.as_str().map(str::len));
        }
    }
}

#[tokio::test]
async fn pages_are_requested_as_by_the_aws_sdk() {
    for arn in ARNS {
        for (marker, max_items) in [(None, None), (Some("a b+/=\u{fc}~"), Some(1_000)), (Some(""), Some(0))] {
            let mut request = GetStateRequest::new(*arn, "token+/=");
            request.marker = marker.map(str::to_owned);
            request.max_items = max_items;

            let [lean, aws_sdk] = sent(async |transport| {
                transport.get_state(request.clone()).await.unwrap();
            })
            .await;

            assert_same(&lean, &aws_sdk);
        }
    }
}
