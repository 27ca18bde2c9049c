//! Credentials of a provider.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use durable_aws::client::{ClientBuilder, ClientError};
use durable_aws::{Client, Credentials};

use super::{configured, started};
use crate::fake_service::{Answer, FakeService};

/// Provides other keys each time, which are valid for an hour.
fn rotating(builder: ClientBuilder) -> Client {
    let count = Arc::new(AtomicUsize::new(0));
    let provider = move || {
        let count = count.fetch_add(1, Ordering::Relaxed);
        async move {
            let expiration = SystemTime::now() + Duration::from_secs(3_600);
            Ok(Credentials::new(format!("key-{count}"), "secret").with_expiration(Some(expiration)))
        }
    };
    builder.credentials(provider).build().unwrap()
}

async fn keys(service: &FakeService) -> Vec<String> {
    let authorization = |request: &crate::fake_service::Request| request.headers["authorization"].clone();
    let key = |text: String| text.split(['=', '/']).nth(1).unwrap().to_owned();
    service.requests().iter().map(authorization).map(key).collect()
}

#[tokio::test]
async fn a_provider_is_asked_once_until_its_credentials_expire() {
    let expired = Answer::error(403, "ExpiredTokenException", r#"{"message": "expired"}"#);
    let service = FakeService::replying([started(), started(), expired, started()]).await;
    let client = rotating(configured(&service));

    for _ in 0..3 {
        client.start("order:live", &1).await.unwrap();
    }

    assert_eq!(keys(&service).await, ["key-0", "key-0", "key-0", "key-1"]);
}

#[tokio::test]
async fn a_provider_that_fails_is_asked_again() {
    let service = FakeService::replying([started()]).await;
    let count = AtomicUsize::new(0);
    let provider = move || {
        let is_first = count.fetch_add(1, Ordering::Relaxed) == 0;
        async move { if is_first { Err("not signed in".into()) } else { Ok(Credentials::new("key", "secret")) } }
    };
    let client = configured(&service).credentials(provider).build().unwrap();

    client.start("order:live", &1).await.unwrap();

    assert_eq!(service.requests().len(), 1);
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let service = FakeService::replying([started()]).await;
    let provider = || async { Err("not signed in".into()) };
    let client = configured(&service).credentials(provider).build().unwrap();

    let error = client.start("order:live", &1).await.unwrap_err();

    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(matches!(error, ClientError::NoResponse { may_have_taken_effect: false, .. }), "{error:?}");
    assert_eq!(source, "not signed in");
    assert_eq!(service.requests().len(), 0);
}

#[test]
fn a_client_that_cannot_be_configured_says_why() {
    let error = Client::builder("no region", Credentials::new("key", "secret")).build().unwrap_err();

    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("no region"), "{source}");
}
