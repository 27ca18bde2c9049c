//! The service as a server of HTTP: what of it clients may use, and what comes of the rest.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::client::{Answer, Call};
use super::guest::Host;

const INVOKE: &str = "POST /2015-03-31/functions/order:$LATEST/invocations HTTP/1.1\r\nhost: localhost\r\n";

/// Everything that is answered to these bytes, until the service closes the connection.
async fn answers(host: &Host, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(host.service().address().unwrap()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answers = Vec::new();
    timeout(Duration::from_secs(20), stream.read_to_end(&mut answers)).await.unwrap().unwrap();
    String::from_utf8(answers).unwrap()
}

fn kind(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("x-amzn-errortype").unwrap_or_default())
}

#[tokio::test]
async fn a_body_may_come_in_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let request = format!(
        "{INVOKE}connection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n"
    );

    assert!(answers(&host, request.as_bytes()).await.ends_with("\r\n\r\n[1]"));
}

#[tokio::test]
async fn chunks_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let request = format!("{INVOKE}transfer-encoding: chunked\r\n\r\nzz\r\n[1\r\n");

    assert!(answers(&host, request.as_bytes()).await.starts_with("HTTP/1.1 400"));
    assert_eq!(host.guest.invocations(), 0);
}

#[tokio::test]
async fn a_client_may_ask_whether_to_send_its_body() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let mut stream = TcpStream::connect(host.service().address().unwrap()).await.unwrap();
    let head = format!("{INVOKE}connection: close\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();

    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).await.unwrap();
    stream.write_all(b"[1]").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert_eq!(go_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("[1]"), "{answer}");
}

#[tokio::test]
async fn requests_that_are_sent_at_once_are_answered_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let request = |body: &str, more: &str| format!("{INVOKE}{more}content-length: 3\r\n\r\n{body}");

    let all = [request("[1]", ""), request("[2]", ""), request("[3]", "connection: close\r\n")].concat();
    let answers = answers(&host, all.as_bytes()).await;

    let bodies: Vec<&str> = answers.split("\r\n\r\n").skip(1).map(|rest| &rest[..3]).collect();
    assert_eq!(bodies, ["[1]", "[2]", "[3]"]);
}

#[tokio::test]
async fn a_body_that_would_have_to_be_decoded_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for encoding in ["gzip", "aws-chunked", "deflate, br"] {
        let answer = host.call(Call::invoke("[1]").header("content-encoding", encoding)).await;
        assert_eq!(kind(&answer), (415, "UnsupportedMediaTypeException"));
        assert!(answer.error().3.contains(encoding));
    }
    assert_eq!(host.call(Call::invoke("[1]").header("content-encoding", "identity")).await.status, 200);
}

#[tokio::test]
async fn a_header_that_cannot_be_read_is_not_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    for header in [
        "x-amz-durable-execution-name",
        "x-amz-invocation-type",
        "x-amz-tenant-id",
        "x-amz-log-type",
        "x-amz-client-context",
    ] {
        let answer = host.call(Call::invoke("[1]").header(header, "\u{e9}")).await;
        assert_eq!(kind(&answer), (400, "InvalidParameterValueException"), "{header}");
    }
    assert_eq!(host.guest.invocations(), 0);
}

#[tokio::test]
async fn a_client_reads_that_its_body_is_too_large_however_large_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;

    let answer = host.call(Call::invoke(vec![b'1'; 40 << 20])).await;

    assert_eq!(kind(&answer), (413, "RequestTooLargeException"));
}

#[tokio::test]
async fn requests_that_a_web_page_can_cause_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start(folder.path()).await;
    let simple = || Call::invoke("[1]").header("content-type", "text/plain");

    for call in [
        simple().header("host", "evil.example"),
        simple().header("host", "localhost").header("host", "evil.example"),
        simple().header("origin", "https://evil.example"),
        simple().header("origin", "null"),
        simple().header("sec-fetch-site", "cross-site"),
        Call::get("/health").header("sec-fetch-site", "cross-site"),
        Call::post("http://evil.example/2015-03-31/functions/order/invocations?Qualifier=1").body("[1]"),
    ] {
        let answer = host.call(call).await;
        assert_eq!(kind(&answer), (403, "AccessDeniedException"));
        // A page is not shown an answer that does not say that it may be.
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    assert_eq!(host.guest.invocations(), 0);
    for host_name in ["localhost:1", "[::1]:1", "127.0.0.2", "host.docker.internal:9014"] {
        assert_eq!(host.call(Call::invoke("[1]").header("host", host_name)).await.json(), json!([1]));
    }
}

#[tokio::test]
async fn a_service_on_another_loopback_address_answers_there() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::start_with(folder.path(), |mut settings| {
        settings.address = Some("127.0.0.2:0".parse().unwrap());
        settings
    })
    .await;

    assert_eq!(host.call(Call::invoke("[1]")).await.json(), json!([1]));
}
