//! A future with its index.

use std::pin::Pin;
use std::task::{Context, Poll};

/// A future with its place. An `async` block would hold the future twice.
pub(super) struct Indexed<F> {
    pub(super) index: usize,
    pub(super) item: F,
}

impl<F: Future + Unpin> Future for Indexed<F> {
    type Output = (usize, F::Output);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.item).poll(cx).map(|output| (self.index, output))
    }
}
