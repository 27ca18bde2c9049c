//! Reads bodies up to a limit.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;
use thiserror::Error;

/// The part of a body that is too large which is read and discarded, so that its sender gets to read the response.
const MAX_DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// A body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// It exceeds the limit.
    #[error("the body is too large")]
    TooLarge,
    /// The connection was closed before its end.
    #[error("the connection was closed before the end of the body")]
    Broken,
}

/// A body and its trailers.
#[derive(Debug, Default)]
pub struct Received {
    /// The body.
    pub bytes: Bytes,
    /// The trailers.
    pub trailers: HeaderMap,
}

/// Reads a body of at most `limit` bytes.
///
/// Of a body that is too large, up to 64 MB more are read and discarded: a client that is still sending when the server
/// closes the connection may never see the response.
pub async fn read<B: Body + Unpin>(mut body: B, limit: usize) -> Result<Received, BodyError> {
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
        length = length.saturating_add(data.remaining());
        if length <= limit {
            read.put(data);
        } else if length > limit.saturating_add(MAX_DISCARDED_BYTES) {
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
    use http_body_util::Full;

    use super::*;

    #[tokio::test]
    async fn a_body_may_reach_its_limit_but_not_exceed_it() {
        let bytes = async |text: &'static [u8]| {
            read(Full::new(Bytes::from_static(text)), 5).await.map(|received| received.bytes)
        };

        assert_eq!(bytes(b"12345").await, Ok(Bytes::from_static(b"12345")));
        assert_eq!(bytes(b"123456").await, Err(BodyError::TooLarge));
    }
}
