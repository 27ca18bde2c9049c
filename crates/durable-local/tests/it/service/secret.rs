//! A service that other machines reach, and the secret that they must know.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use durable_local::{LocalService, Settings, StartError};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::Call;
use super::guest::Host;

const SECRET: &str = "a-long-shared-secret";
const EVERYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// A service that other machines reach, and where this one does.
async fn start(folder: &Path) -> (Host, SocketAddr) {
    let host = Host::start_with(folder, |mut settings| {
        settings.address = Some(EVERYWHERE);
        settings.secret = Some(SECRET.to_owned());
        settings
    });
    let host = host.await;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, host.service().address().unwrap().port()));
    (host, address)
}

#[tokio::test]
async fn callers_must_know_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (host, address) = start(folder.path()).await;
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
async fn strangers_hold_no_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (_host, address) = start(folder.path()).await;
    let mut stranger = TcpStream::connect(address).await.unwrap();
    stranger.write_all(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();

    let mut answer = String::new();
    timeout(Duration::from_secs(20), stranger.read_to_string(&mut answer)).await.unwrap().unwrap();

    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn callers_cannot_have_the_service_ask_other_machines() {
    let folder = tempfile::tempdir().unwrap();
    let (_host, address) = start(folder.path()).await;
    let bearer = format!("Bearer {SECRET}");
    let start = async |endpoint: &str| {
        let body = json!({ "FunctionName": "nobody", "Input": "1", "LambdaEndpoint": endpoint });
        let call = Call::post("/start-durable-execution").body(body.to_string());
        call.header("authorization", &bearer).send(address).await
    };
    let tell = async |endpoint: &str| {
        let call = Call::new("PUT", "/lambda-endpoint").body(json!({ "EndpointUrl": endpoint }).to_string());
        call.header("authorization", &bearer).send(address).await
    };

    for host in
        ["169.254.169.254", "10.0.0.1:80", "db.internal", "0.0.0.0:1", "localhost.evil.example", "[::]:1"]
    {
        let endpoint = format!("http://{host}");
        for refused in [start(&endpoint).await, tell(&endpoint).await] {
            let (status, error_type, _, message) = refused.error();
            assert_eq!((status, error_type.as_str()), (400, "InvalidParameterValueException"), "{host}");
            assert!(message.contains("host.docker.internal"), "{message}");
        }
    }
    for host in
        ["localhost:1", "127.0.0.1:1", "[::1]:1", "host.docker.internal:1", "host.containers.internal:1"]
    {
        let endpoint = format!("http://{host}");
        assert_eq!((start(&endpoint).await.status, tell(&endpoint).await.status), (201, 200), "{host}");
    }
}

#[tokio::test]
async fn no_other_machine_reaches_a_service_without_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(folder.path());
    settings.address = Some(EVERYWHERE);

    let refused = LocalService::start(settings.clone()).await.err().unwrap();

    assert!(matches!(refused, StartError::NoSecret(address) if address == EVERYWHERE), "{refused}");
    for unusable in ["", "short", "a secret with spaces"] {
        settings.secret = Some(unusable.to_owned());
        let refused = LocalService::start(settings.clone()).await.err().unwrap();
        assert!(matches!(refused, StartError::SecretUnusable), "{refused}");
    }
}
