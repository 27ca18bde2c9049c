//! The requests that the transports retry.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{BehaviorVersion, Config, Credentials, Region};
use durable_aws::{AwsSdkTransport, aws_sdk_lambda};
use durable_core::transport::Transport;
use durable_types::api::{CheckpointRequest, GetStateRequest};

use crate::either::{BOTH, Kind, Settings};
use crate::fake_service::{Answer, FakeService, Reply, Request};

const RECORDED: &str = r#"{"CheckpointToken": "next", "NewExecutionState": {"Operations": []}}"#;

fn throttled() -> Answer {
    Answer::error(429, "TooManyRequestsException", r#"{"message": "Rate exceeded"}"#)
}

fn failed(status: u16) -> Answer {
    Answer::error(status, "ServiceException", r#"{"Message": "try again"}"#)
}

fn request() -> CheckpointRequest {
    CheckpointRequest::new("arn", "token", Vec::new())
}

#[tokio::test]
async fn a_checkpoint_that_is_repeated_says_that_it_is_the_same() {
    for answer in
        [throttled(), failed(500), failed(502), failed(503), failed(504), Answer::new(503, "<html>")]
    {
        for kind in BOTH {
            let service = FakeService::replying([answer.clone(), Answer::ok(RECORDED)]).await;
            let transport = kind.to(&service, Settings::default());

            let response = transport.checkpoint(request()).await.unwrap();

            let [first, second] = service.requests().try_into().unwrap();
            assert_eq!(response.checkpoint_token.as_deref(), Some("next"));
            assert_eq!(first.client_token(), second.client_token());
            assert_eq!(first.body, second.body);
            assert_eq!(first.client_token().len(), 36);
        }
    }
}

#[tokio::test]
async fn two_checkpoints_have_different_client_tokens() {
    for kind in BOTH {
        let service = FakeService::replying([Answer::ok(RECORDED), Answer::ok(RECORDED)]).await;
        let transport = kind.to(&service, Settings::default());

        transport.checkpoint(request()).await.unwrap();
        transport.checkpoint(request()).await.unwrap();

        let [first, second] = service.requests().try_into().unwrap();
        assert_ne!(first.client_token(), second.client_token());
    }
}

#[tokio::test]
async fn the_token_generator_of_the_aws_sdk_which_repeats_itself_after_a_restore_is_not_used() {
    let service = FakeService::replying([Answer::ok(RECORDED)]).await;
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
        .endpoint_url(service.url())
        .idempotency_token_provider("repeated")
        .http_client(aws_smithy_http_client::Builder::new().build_http());

    AwsSdkTransport::new(Client::from_conf(config.build())).checkpoint(request()).await.unwrap();

    let [sent] = service.requests().try_into().unwrap();
    assert_eq!(sent.client_token().len(), 36);
}

#[tokio::test]
async fn attempts_are_counted_and_limited() {
    for kind in BOTH {
        let service = FakeService::replying(vec![failed(500); 9]).await;
        let transport = kind.to(&service, Settings::attempts(4));

        let error = transport.get_state(GetStateRequest::new("arn", "token")).await.unwrap_err();

        let requests = service.requests();
        let attempts: Vec<_> =
            requests.iter().map(|request| request.headers["amz-sdk-request"].as_str()).collect();
        assert!(!error.fails_execution());
        assert_eq!(attempts.len(), 4);
        for (attempt, number) in attempts.iter().zip(1..) {
            assert!(attempt.ends_with(&format!("attempt={number}; max=4")), "{attempt}");
        }
        let ids: Vec<_> = requests.iter().map(|request| &request.headers["amz-sdk-invocation-id"]).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }
}

#[tokio::test]
async fn a_request_that_cannot_succeed_is_not_repeated() {
    let invalid = Answer::error(400, "InvalidParameterValueException", r#"{"message": "Invalid name"}"#);
    let expired = Answer::error(403, "ExpiredTokenException", r#"{"message": "expired"}"#);
    for answer in [invalid, expired, Answer::ok("<html>")] {
        for kind in BOTH {
            let service = FakeService::replying([answer.clone(), Answer::ok(RECORDED)]).await;
            let transport = kind.to(&service, Settings::default());

            transport.checkpoint(request()).await.unwrap_err();

            assert_eq!(service.requests().len(), 1, "{kind:?} {answer:?}");
        }
    }
}

#[tokio::test]
async fn keys_that_have_expired_end_the_invocation_alone() {
    let expired = Answer::error(403, "ExpiredTokenException", r#"{"message": "expired"}"#);
    for kind in BOTH {
        let service = FakeService::replying([expired.clone()]).await;
        let transport = kind.to(&service, Settings::default());

        let error = transport.checkpoint(request()).await.unwrap_err();

        assert!(!error.fails_execution());
    }
}

/// Refuses signatures as a service does at whose clock it is 2026-01-02, 03:04:05.
fn at_another_time(request: &Request) -> Reply {
    if request.headers["x-amz-date"].starts_with("20260102T0304") {
        return Answer::ok(RECORDED).into();
    }
    Answer::error(403, "InvalidSignatureException", r#"{"message": "Signature expired"}"#)
        .with_header("date", "Fri, 02 Jan 2026 03:04:05 GMT")
        .into()
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_by_that_of_the_service() {
    let service = FakeService::start(0, Box::new(at_another_time)).await;
    let transport = Kind::Lean.to(&service, Settings::default());

    transport.checkpoint(request()).await.unwrap();
    transport.checkpoint(request()).await.unwrap();

    let [first, second, third] = service.requests().try_into().unwrap();
    assert_eq!(first.body, second.body);
    assert_ne!(second.client_token(), third.client_token());
}

#[tokio::test]
async fn a_signature_that_is_wrong_at_the_right_time_ends_the_invocation_alone() {
    let refused = Answer::error(403, "InvalidSignatureException", r#"{"message": "does not match"}"#);
    for kind in BOTH {
        let service = FakeService::replying([refused.clone()]).await;
        let transport = kind.to(&service, Settings::default());

        let error = transport.checkpoint(request()).await.unwrap_err();

        assert!(!error.fails_execution());
        assert_eq!(service.requests().len(), 1);
    }
}
