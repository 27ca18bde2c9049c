//! The bodies of requests, up to a limit.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};

/// How much of a body that is too large is read nevertheless, so that its sender comes to read the answer.
const READ_IN_VAIN_BYTES: usize = 64 * 1024 * 1024;

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It holds more bytes than it may.
    TooLarge,
    /// The connection broke before its end.
    Broken,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(mut body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut read = BytesMut::new();
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            read.extend_from_slice(&data);
        } else if length > limit.saturating_add(READ_IN_VAIN_BYTES) {
            break;
        }
    }
    if length > limit { Err(BodyError::TooLarge) } else { Ok(read.freeze()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_may_reach_its_limit_and_not_pass_it() {
        assert_eq!(read(Body::from("12345"), 5).await, Ok(Bytes::from_static(b"12345")));
        assert_eq!(read(Body::from("123456"), 5).await, Err(BodyError::TooLarge));
    }
}
