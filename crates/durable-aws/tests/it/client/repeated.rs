//! Which requests are repeated, and when.

use durable_aws::Client;
use durable_aws::client::ClientError;
use durable_core::types::api::ServiceErrorKind;

use super::{ARN, client, started, state, throttled};
use crate::fake_service::{Answer, FakeService, Reply, Request};

/// What leaves it open whether the request took effect.
fn lost() -> Vec<Reply> {
    let mut replies = vec![Reply::Reset, Reply::HalfOfHead(started()), Reply::HalfOf(Answer::ok("{ }"))];
    replies.extend(
        [500, 502, 503, 504]
            .map(|status| Answer::error(status, "ServiceException", r#"{"Message": "try again"}"#).into()),
    );
    replies
}

#[tokio::test]
async fn a_start_with_a_name_is_repeated_with_the_same_name() {
    for fault in lost() {
        let service = FakeService::replying([fault.clone(), started().into()]).await;

        client(&service).start("order:live", &1).execution_name("order-17").await.unwrap();

        let [first, second] = service.requests().try_into().unwrap();
        assert_eq!(first.body, second.body, "{fault:?}");
        assert_eq!(second.headers["x-amz-durable-execution-name"], "order-17", "{fault:?}");
        assert_eq!(first.headers["amz-sdk-invocation-id"], second.headers["amz-sdk-invocation-id"]);
    }
}

#[tokio::test]
async fn a_start_without_a_name_is_not_repeated_once_it_may_have_taken_effect() {
    for fault in lost() {
        let service = FakeService::replying([fault.clone(), started().into()]).await;

        let error = client(&service).start("order:live", &1).await.unwrap_err();

        assert_eq!(service.requests().len(), 1, "{fault:?}");
        match error {
            ClientError::NoResponse { may_have_taken_effect, .. } => assert!(may_have_taken_effect),
            ClientError::Refused(refusal) => assert!(refusal.status() >= 500),
            error => panic!("{error:?}"),
        }
    }
}

#[tokio::test]
async fn an_invocation_without_a_name_is_not_repeated_either() {
    let service = FakeService::replying([Reply::Reset, Answer::ok("1").into()]).await;

    let error = client(&service).invoke::<u32, _>("order:live", &1).await.unwrap_err();

    assert_eq!(service.requests().len(), 1);
    assert_eq!(
        error.to_string(),
        "Invoke of the function `order:live` got no response, but may have taken effect; a start with an execution name \
         can be repeated safely"
    );
}

/// Refuses signatures as a service does at whose clock it is 2026-01-02, 03:04:05.
fn at_another_time(request: &Request) -> Reply {
    if request.headers["x-amz-date"].starts_with("20260102T0304") {
        return started().into();
    }
    Answer::error(403, "InvalidSignatureException", r#"{"message": "Signature expired"}"#)
        .with_header("date", "Fri, 02 Jan 2026 03:04:05 GMT")
        .into()
}

#[tokio::test]
async fn a_start_that_the_service_did_not_carry_out_is_repeated_without_a_name() {
    let throttling = FakeService::replying([throttled(), started()]).await;
    let skewed = FakeService::start(0, Box::new(at_another_time)).await;

    for service in [throttling, skewed] {
        client(&service).start("order:live", &1).await.unwrap();

        assert_eq!(service.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_has_received_nothing() {
    let service = FakeService::replying([started()]).await;
    let unreachable = Client::builder("eu-central-1", durable_aws::Credentials::new("key", "secret"))
        .endpoint_url("http://127.0.0.1:1")
        .initial_backoff(std::time::Duration::from_millis(1))
        .build()
        .unwrap();

    let error = unreachable.start("order:live", &1).await.unwrap_err();

    assert!(matches!(error, ClientError::NoResponse { may_have_taken_effect: false, .. }), "{error:?}");
    drop(service);
}

#[tokio::test]
async fn reads_and_answers_to_callbacks_are_always_repeated() {
    for fault in lost() {
        let service = FakeService::replying([
            fault.clone(),
            state("RUNNING", "").into(),
            fault.clone(),
            Answer::ok("{}").into(),
            fault.clone(),
            Answer::ok("{}").into(),
        ])
        .await;
        let client = client(&service);

        client.execution::<()>(ARN).describe().await.unwrap();
        client.callback("callback").succeed(&1).await.unwrap();
        client.callback("callback").heartbeat().await.unwrap();

        assert_eq!(service.requests().len(), 6, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_after_a_lost_response_says_that_the_request_may_have_taken_effect() {
    let completed = Answer::error(400, "CallbackTimeoutException", r#"{"Message": "Completed"}"#);
    let service = FakeService::replying([Reply::Reset, completed.clone().into(), completed.into()]).await;
    let client = client(&service);

    let after_a_loss = client.callback("callback").succeed(&1).await.unwrap_err();
    let at_once = client.callback("callback").succeed(&1).await.unwrap_err();

    for (error, may_have_taken_effect) in [(after_a_loss, true), (at_once, false)] {
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.kind(), &ServiceErrorKind::CallbackTimeout);
        assert_eq!(refusal.may_have_taken_effect(), may_have_taken_effect);
    }
}

#[tokio::test]
async fn attempts_are_limited() {
    let service = FakeService::replying(vec![throttled(); 9]).await;
    let client = super::configured(&service).max_attempts(4).build().unwrap();

    let error = client.start("order:live", &1).await.unwrap_err();

    assert_eq!(error.refusal().unwrap().kind(), &ServiceErrorKind::TooManyRequests);
    assert_eq!(service.requests().len(), 4);
}
