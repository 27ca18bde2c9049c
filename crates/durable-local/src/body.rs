//! The bodies of requests, up to a limit.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use axum::http::HeaderMap;
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

/// A body, and the headers that came behind it.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    pub(crate) trailers: HeaderMap,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read(mut body: Body, limit: usize) -> Result<Received, BodyError> {
    let mut read = BytesMut::new();
    let mut trailers = HeaderMap::new();
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let data = match frame.map_err(|_| BodyError::Broken)?.into_data() {
            Ok(data) => data,
            Err(other) => {
                trailers.extend(other.into_trailers().unwrap_or_default());
                continue;
            }
        };
        length = length.saturating_add(data.len());
        if length <= limit {
            read.extend_from_slice(&data);
        } else if length > limit.saturating_add(READ_IN_VAIN_BYTES) {
            break;
        }
    }
    if length > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(Received { bytes: read.freeze(), trailers })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_may_reach_its_limit_and_not_pass_it() {
        let bytes = async |text| read(Body::from(text), 5).await.map(|received| received.bytes);

        assert_eq!(bytes("12345").await, Ok(Bytes::from_static(b"12345")));
        assert_eq!(bytes("123456").await, Err(BodyError::TooLarge));
    }
}
