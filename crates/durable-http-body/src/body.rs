//! Reads bodies up to a limit and within a budget.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::HeaderMap;
use http_body::Body;
use thiserror::Error;

use crate::byte_budget::{ByteBudget, Reservation};

/// The number of bytes beyond the limit that are read and discarded, so that the sender gets to read the response.
const MAX_DISCARDED_BYTES: usize = 64 * 1024 * 1024;

/// A body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// It exceeds the limit.
    #[error("the body is too large")]
    TooLarge,
    /// The bodies of other requests hold so much of the budget that it does not fit.
    #[error("the bodies of other requests hold the memory that this one needs; retry it later")]
    OverBudget,
    /// The connection was closed before its end.
    #[error("the connection was closed before the end of the body")]
    Broken,
}

/// A body and its trailers.
#[derive(Debug, Default)]
pub struct Received {
    /// The body. Its bytes belong to the budget until the last clone and slice of them is dropped.
    pub bytes: Bytes,
    /// The trailers.
    pub trailers: HeaderMap,
}

/// Reads a body of at most `limit` bytes, which are reserved from the budget as they arrive.
///
/// Reserving the declared length instead would let clients that send nothing use up the budget. A body that no longer
/// fits releases its bytes at once.
///
/// Of a body that is rejected, the rest is read and discarded up to 64 MB beyond the limit: a client that is still
/// sending when the server closes the connection may never see the response.
pub async fn read<B: Body + Unpin>(
    mut body: B,
    limit: usize,
    budget: &ByteBudget,
) -> Result<Received, BodyError> {
    let mut content = Ok(Content { bytes: BytesMut::new(), reservation: budget.reservation() });
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
        if length > limit.saturating_add(MAX_DISCARDED_BYTES) {
            break;
        }
        content = match content {
            _ if length > limit => Err(BodyError::TooLarge),
            Ok(content) => content.with(data),
            Err(rejected) => Err(rejected),
        };
    }
    content.map(|content| Received { bytes: content.into_bytes(), trailers })
}

/// What was read of a body, and its part of the budget.
struct Content {
    bytes: BytesMut,
    reservation: Reservation,
}

impl Content {
    fn with(mut self, data: impl Buf) -> Result<Self, BodyError> {
        if !self.reservation.try_grow(data.remaining()) {
            return Err(BodyError::OverBudget);
        }
        self.bytes.put(data);
        Ok(self)
    }

    /// Returns the bytes, which release their part of the budget when the last clone of them is dropped.
    fn into_bytes(self) -> Bytes {
        if self.bytes.is_empty() {
            return Bytes::new();
        }
        Bytes::from_owner(Reserved { bytes: self.bytes, _reservation: self.reservation })
    }
}

/// Bytes that own their part of the budget.
struct Reserved {
    // Dropped first, so that the budget never counts less than what is held.
    bytes: BytesMut,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Reserved {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::task::{Context, Poll};

    use http_body::Frame;
    use http_body_util::Full;

    use super::*;

    /// A body that arrives in parts.
    struct Parts(VecDeque<&'static [u8]>);

    impl Body for Parts {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|part| Ok(Frame::data(Bytes::from_static(part)))))
        }
    }

    #[tokio::test]
    async fn a_body_may_reach_its_limit_but_not_exceed_it() {
        let budget = ByteBudget::new(100, 0);
        let bytes = async |text: &'static [u8]| {
            read(Full::new(Bytes::from_static(text)), 5, &budget).await.map(|received| received.bytes)
        };

        assert_eq!(bytes(b"12345").await, Ok(Bytes::from_static(b"12345")));
        assert_eq!(bytes(b"123456").await, Err(BodyError::TooLarge));
    }

    #[tokio::test]
    async fn a_body_that_exceeds_the_budget_is_rejected_and_holds_nothing() {
        let budget = ByteBudget::new(5, 0);
        let parts = Parts([b"123" as &[u8], b"456", b"7"].into());

        let rejected = read(parts, 100, &budget).await.unwrap_err();

        assert_eq!((rejected, budget.held()), (BodyError::OverBudget, 0));
    }

    #[tokio::test]
    async fn a_body_that_exceeds_its_limit_and_the_budget_is_too_large() {
        let parts = Parts([b"123" as &[u8], b"456", b"7"].into());

        let rejected = read(parts, 6, &ByteBudget::new(4, 0)).await.unwrap_err();

        assert_eq!(rejected, BodyError::TooLarge);
    }

    #[tokio::test]
    async fn bytes_hold_their_part_of_the_budget_until_the_last_clone_is_dropped() {
        let budget = ByteBudget::new(5, 0);
        let received = read(Parts([b"12" as &[u8], b"345"].into()), 5, &budget).await.unwrap();
        let clone = received.bytes.slice(1..2);

        drop(received);
        assert_eq!(budget.held(), 5);
        drop(clone);

        assert_eq!(budget.held(), 0);
    }
}
