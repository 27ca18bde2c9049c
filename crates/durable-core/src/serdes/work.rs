//! Pending work of a serdes, which keeps the invocation running.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use super::host::SerdesHost;
use super::unavailable::SerdesUnavailable;
use crate::error::BoxError;
use crate::panic::panicked;

/// Keeps the invocation from suspending while a serdes is pending; costs nothing if it is ready at once.
///
/// A panic of the serdes is an error of the value. If the serdes is unavailable, the invocation fails and this never
/// resolves.
pub(crate) fn work<R>(
    host: &dyn SerdesHost,
    mut serdes: Pin<&mut impl Future<Output = Result<R, BoxError>>>,
) -> impl Future<Output = Result<R, BoxError>> {
    let mut underway = None;
    poll_fn(move |cx| {
        // A serdes that panicked is not polled again, so its broken invariants cannot be observed.
        let polled = match catch_unwind(AssertUnwindSafe(|| serdes.as_mut().poll(cx))) {
            Ok(polled) => polled,
            Err(panic) => Poll::Ready(Err(panicked(panic.as_ref()).to_string().into())),
        };
        let polled = match polled {
            Poll::Ready(Err(error)) if error.is::<SerdesUnavailable>() => {
                host.interrupt(error);
                Poll::Pending
            }
            polled => polled,
        };
        if polled.is_pending() && underway.is_none() {
            underway = Some(Underway::begin(host));
        }
        polled
    })
}

/// Work in flight, which ends when this is dropped.
struct Underway<'a>(&'a dyn SerdesHost);

impl<'a> Underway<'a> {
    fn begin(host: &'a dyn SerdesHost) -> Self {
        host.handle_work_began();
        Self(host)
    }
}

impl Drop for Underway<'_> {
    fn drop(&mut self) {
        self.0.handle_work_ended();
    }
}
