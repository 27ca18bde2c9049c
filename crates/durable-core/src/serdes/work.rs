//! Work of a serdes that takes time, which the invocation waits for.

use std::future::poll_fn;
use std::pin::pin;

use super::SerdesContext;
use crate::shared::Shared;

/// Keeps the invocation from suspending while a serdes is at work; free for one that is done at once.
pub(super) async fn work<R>(context: SerdesContext<'_>, serdes: impl Future<Output = R>) -> R {
    let mut serdes = pin!(serdes);
    let mut underway = None;
    poll_fn(|cx| {
        let polled = serdes.as_mut().poll(cx);
        if polled.is_pending() && underway.is_none() {
            underway = Some(Underway::begin(context.shared()));
        }
        polled
    })
    .await
}

/// Work that has begun, and ends when this is dropped.
struct Underway<'a>(&'a Shared);

impl<'a> Underway<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.with(|engine| engine.handle_work_began());
        Self(shared)
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.0.with(|engine| engine.handle_work_ended());
    }
}
