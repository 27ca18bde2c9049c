//! The death of a function's process, played in the process of the test.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Elsewhere) };
}

/// What the invocation that this thread polls has come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No test polls an invocation.
    Elsewhere,
    Alive,
    Dead,
}

/// Ends the invocation that awaits it as the death of its process would: nothing of it runs any more.
///
/// The service then invokes the function again. Outside of a [`TestRunner`](crate::TestRunner) it does nothing, so
/// that a function that runs as a process of its own can go on to end that process.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use durable_core::{DurableContext, Result};
/// use durable_core::operation::StepSemantics;
/// use durable_testing::{TestRunner, crash};
///
/// static CHARGED: AtomicU32 = AtomicU32::new(0);
///
/// async fn pay(_: (), ctx: DurableContext) -> Result<bool> {
///     let charge = async |_| {
///         CHARGED.fetch_add(1, Ordering::SeqCst);
///         crash().await;
///         Ok(())
///     };
///     let paid = ctx
///         .step("charge", charge)
///         .semantics(StepSemantics::AtMostOnce)
///         .await;
///     Ok(paid.is_err_and(|error| error.is_interrupted()))
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let execution = TestRunner::new(pay).run(&()).await.unwrap();
///
/// assert!(execution.result::<bool>().unwrap());
/// assert_eq!(CHARGED.load(Ordering::SeqCst), 1);
/// # }
/// ```
pub async fn crash() {
    std::future::poll_fn(|_| match STATE.get() {
        State::Elsewhere => Poll::Ready(()),
        State::Alive | State::Dead => {
            STATE.set(State::Dead);
            Poll::Pending
        }
    })
    .await;
}

/// Runs an invocation to its end; none if its process died before.
pub(crate) async fn survive<R>(invocation: impl Future<Output = R>) -> Option<R> {
    let mut invocation = pin!(invocation);
    std::future::poll_fn(|cx| poll(invocation.as_mut(), cx)).await
}

fn poll<F: Future>(invocation: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
    let outer = STATE.replace(State::Alive);
    let polled = invocation.poll(cx);
    match STATE.replace(outer) {
        State::Dead => Poll::Ready(None),
        State::Elsewhere | State::Alive => polled.map(Some),
    }
}
