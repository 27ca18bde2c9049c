//! The faults injected in a test, and the random choices where the order is open.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::fault::Fault;

/// The faults to inject, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disturbances {
    /// The faults by request number.
    pub(crate) faults: Vec<(usize, Fault)>,
    /// The numbers of the invocations that are delivered twice.
    pub(crate) twice: Vec<usize>,
    /// The source of random choices, if choices are random.
    pub(crate) dice: Option<Dice>,
}

impl Disturbances {
    /// Returns the fault at the request with this number.
    pub(crate) fn fault(&self, request: usize) -> Option<Fault> {
        self.faults.iter().find(|(number, _)| *number == request).map(|(_, fault)| *fault)
    }

    /// Returns a random number below `limit`, or 0 if choices are not random.
    pub(crate) fn throw(&mut self, limit: usize) -> usize {
        self.dice.as_mut().map_or(0, |dice| dice.throw(limit))
    }
}

/// Pseudo-random numbers, determined by a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number below `limit`, computed with SplitMix64.
    fn throw(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let limit = u64::try_from(limit).unwrap_or(u64::MAX);
        mixed.checked_rem(limit).and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
    }
}

/// Yields to all other tasks this many times.
pub(crate) async fn give_way(mut turns: usize) {
    std::future::poll_fn(|cx| match turns {
        0 => Poll::Ready(()),
        _ => {
            turns -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    })
    .await;
}

/// Runs two futures concurrently and returns their outputs in the order in which they ended.
///
/// Before each turn, `second_first` decides whether the second future is polled first.
pub(crate) async fn both<R>(
    first: impl Future<Output = R>,
    second: impl Future<Output = R>,
    second_first: impl Fn() -> bool,
) -> Vec<R> {
    let (mut first, mut second) = (Some(pin!(first)), Some(pin!(second)));
    let mut ended = Vec::new();
    std::future::poll_fn(|cx| {
        if second_first() {
            ended.extend(poll(&mut second, cx));
            ended.extend(poll(&mut first, cx));
        } else {
            ended.extend(poll(&mut first, cx));
            ended.extend(poll(&mut second, cx));
        }
        match (&first, &second) {
            (None, None) => Poll::Ready(std::mem::take(&mut ended)),
            _ => Poll::Pending,
        }
    })
    .await
}

/// Polls a future unless it has ended.
fn poll<F: Future>(future: &mut Option<Pin<&mut F>>, cx: &mut Context<'_>) -> Option<F::Output> {
    match future.as_mut()?.as_mut().poll(cx) {
        Poll::Pending => None,
        Poll::Ready(output) => {
            *future = None;
            Some(output)
        }
    }
}
