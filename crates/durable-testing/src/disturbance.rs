//! What is to go wrong in a test, and the dice for what is left open.

use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use crate::Fault;

/// What is to go wrong, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disturbances {
    /// What goes wrong at which request.
    pub(crate) faults: Vec<(usize, Fault)>,
    /// Which invocations are delivered twice.
    pub(crate) twice: Vec<usize>,
    /// Whether what is left open is left to chance.
    pub(crate) dice: Option<Dice>,
}

impl Disturbances {
    /// What goes wrong at the request with this number.
    pub(crate) fn fault(&self, request: usize) -> Option<Fault> {
        self.faults.iter().find(|(number, _)| *number == request).map(|(_, fault)| *fault)
    }

    /// A number below `limit`; the first if nothing is left to chance.
    pub(crate) fn throw(&mut self, limit: usize) -> usize {
        self.dice.as_mut().map_or(0, |dice| dice.throw(limit))
    }
}

/// Numbers that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `limit`, by SplitMix64.
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

/// Lets everybody else have a turn, so many times.
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

/// Runs two futures side by side; what they come to is told in the order of their ends. `second_first` says before each
/// turn which of them is polled first.
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
