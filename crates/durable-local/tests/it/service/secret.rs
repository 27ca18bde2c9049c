//! A service that other machines reach, and the secret that they must know.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use durable_local::{LocalService, Settings, StartError};

use super::client::Call;
use super::guest::Host;

const SECRET: &str = "a-long-shared-secret";
const EVERYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

#[tokio::test]
async fn callers_must_know_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_with(folder.path(), |mut settings| {
        settings.address = EVERYWHERE;
        settings.secret = Some(SECRET.to_owned());
        settings
    })
    .await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, host.service().address().port()));
    let signed = |key: &str| {
        format!("AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/lambda/aws4_request, Signature=0")
    };

    for call in [Call::invoke("1"), Call::invoke("1").header("authorization", signed("local"))] {
        let (status, error_type, ..) = call.send(address).await.error();
        assert_eq!((status, error_type.as_str()), (403, "AccessDeniedException"));
    }
    assert_eq!(host.guest.invocations(), 0);
    for authorization in [format!("Bearer {SECRET}"), signed(SECRET)] {
        let call = Call::invoke("1").header("host", "other.machine").header("authorization", authorization);
        assert_ne!(call.send(address).await.status, 403);
    }
}

#[tokio::test]
async fn no_other_machine_reaches_a_service_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path());
    settings.address = EVERYWHERE;

    let refused = LocalService::start(settings.clone()).await.err().unwrap();

    assert!(matches!(refused, StartError::NoSecret(address) if address == EVERYWHERE), "{refused}");
    for unusable in ["", "short", "a secret with spaces"] {
        settings.secret = Some(unusable.to_owned());
        let refused = LocalService::start(settings.clone()).await.err().unwrap();
        assert!(matches!(refused, StartError::SecretUnusable), "{refused}");
    }
}
