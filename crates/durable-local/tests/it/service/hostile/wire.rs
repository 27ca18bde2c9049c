//! Sends what need not be HTTP, and reads what comes of it.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::request::Request;

/// What the service answered.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) error_type: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The answer to a request, unless the connection ended without one.
pub(super) async fn send(address: SocketAddr, request: &Request) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // What is refused need not be read to its end.
    let _ = stream.write_all(&request.bytes(address)).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Answer::parse(&bytes)
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let body = &bytes[end + 4..];
        match head.split(' ').nth(1)?.parse().ok()? {
            // It may go on with the body, and the answer follows.
            100 => Self::parse(body),
            status => {
                let error_type = head.lines().find_map(|line| line.strip_prefix("x-amzn-errortype: "));
                Some(Self { status, error_type: error_type.map(str::to_owned), body: body.to_vec() })
            }
        }
    }
}
