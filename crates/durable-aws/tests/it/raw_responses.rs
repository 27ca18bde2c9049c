//! Responses byte by byte: framing that the scripted service does not use, and responses before the end of a request.

use durable_core::transport::{Transport, TransportError};
use durable_types::OperationUpdate;
use durable_types::api::CheckpointRequest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::either::{BOTH, Either, Settings};
use crate::fake_service::read_request;

/// Serves each connection with this function, which gets its number, and returns the URL.
async fn serve<F>(connection: impl Fn(usize, TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(connection(number, stream));
        }
    });
    url
}

/// Serves responses in which `{"CheckpointToken":"#"}` has the number of the connection.
async fn responding(response: &'static str, closes: bool) -> String {
    serve(move |number, mut stream| async move {
        while read_request(&mut stream, number).await.is_some() {
            let response = response.replace('#', &number.to_string());
            stream.write_all(response.as_bytes()).await.unwrap();
            if closes {
                return;
            }
        }
    })
    .await
}

async fn checkpoint(transport: &Either) -> Result<String, TransportError> {
    let request = CheckpointRequest::new("arn", "token", Vec::new());
    Ok(transport.checkpoint(request).await?.checkpoint_token.unwrap())
}

/// The connections that two requests in succession use.
async fn connections(response: &'static str, closes: bool) -> Vec<[String; 2]> {
    let mut all = Vec::new();
    for kind in BOTH {
        let transport = kind.to_url(&responding(response, closes).await, Settings::attempts(1));
        all.push([checkpoint(&transport).await.unwrap(), checkpoint(&transport).await.unwrap()]);
    }
    all
}

#[tokio::test]
async fn a_response_of_http_1_1_keeps_its_connection_however_it_is_framed() {
    let framings = [
        "HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"CheckpointToken\":\"#\"}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"Che\r\n12;x=y\r\nckpointToken\":\"#\"}\r\n0\r\nX-Sum: 1\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"CheckpointToken\":\"#\"}",
    ];

    for response in framings {
        for connections in connections(response, false).await {
            assert_eq!(connections, ["0", "0"], "{response}");
        }
    }
}

#[tokio::test]
async fn a_response_that_ends_its_connection_is_read_to_the_end_and_the_connection_not_used_again() {
    let announced =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 23\r\n\r\n{\"CheckpointToken\":\"#\"}";
    let until_the_end = "HTTP/1.1 200 OK\r\n\r\n{\"CheckpointToken\":\"#\"}";
    let old = "HTTP/1.0 200 OK\r\n\r\n{\"CheckpointToken\":\"#\"}";
    let old_with_length = "HTTP/1.0 200 OK\r\nContent-Length: 23\r\n\r\n{\"CheckpointToken\":\"#\"}";

    for (response, closes) in
        [(announced, false), (announced, true), (until_the_end, true), (old, true), (old_with_length, false)]
    {
        for connections in connections(response, closes).await {
            assert_eq!(connections, ["0", "1"], "{response}");
        }
    }
}

/// What the service does with the rest of a request that it refuses early.
#[derive(Clone, Copy, Debug)]
enum Rest {
    /// It reads it, so that the response arrives.
    Read,
    /// It closes the connection, which resets it.
    Discard,
}

async fn refusing_early(rest: Rest) -> String {
    const REFUSAL: &str = "HTTP/1.1 413 Payload Too Large\r\nx-amzn-errortype: RequestTooLargeException\r\n\
                           Connection: close\r\nContent-Length: 19\r\n\r\n{\"message\":\"large\"}";
    serve(move |_, mut stream| async move {
        stream.read_exact(&mut [0; 1_000]).await.unwrap();
        stream.write_all(REFUSAL.as_bytes()).await.unwrap();
        if matches!(rest, Rest::Read) {
            stream.shutdown().await.unwrap();
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_request_that_is_refused_before_it_has_arrived_completely_fails_the_execution() {
    let update =
        OperationUpdate::succeed("1", durable_types::OperationType::Step, Some("x".repeat(16_000_000)));
    for rest in [Rest::Read, Rest::Discard] {
        for kind in BOTH {
            let transport = kind.to_url(&refusing_early(rest).await, Settings::attempts(1));
            let request = CheckpointRequest::new("arn", "token", vec![update.clone()]);

            let error = transport.checkpoint(request).await.unwrap_err();

            assert!(error.fails_execution(), "{kind:?} {rest:?} {error:?}");
        }
    }
}
