//! Simulates the crash of a function's process within the process of the test.

use std::cell::Cell;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use durable_types::ErrorObject;

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Elsewhere) };
}

/// The state of the invocation that this thread polls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No test is polling an invocation.
    Elsewhere,
    Alive,
    Dead,
}

/// Ends the invocation that awaits this as if its process had crashed: no more of its code runs.
///
/// The service then invokes the function again. Outside of a [`TestRunner`](crate::TestRunner) this has no effect, so a
/// function that runs in a process of its own can then exit that process.
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

/// Runs an invocation to its end. Returns `None` if its process crashed first.
pub(crate) async fn survive<R>(invocation: impl Future<Output = R>) -> Option<R> {
    let mut invocation = pin!(invocation);
    std::future::poll_fn(|cx| poll(invocation.as_mut(), cx)).await
}

/// Returns Lambda's error for an invocation whose process crashed.
pub(crate) fn died(request_id: &str) -> ErrorObject {
    let message = format!("RequestId: {request_id} Error: Runtime exited with error: exit status 1");
    ErrorObject::new("Runtime.ExitError", message)
}

/// Returns Lambda's error for an invocation that exceeded its time limit.
pub(crate) fn timed_out(request_id: &str) -> ErrorObject {
    ErrorObject::new("Sandbox.Timedout", format!("RequestId: {request_id} Error: Task timed out"))
}

fn poll<F: Future>(invocation: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<Option<F::Output>> {
    let outer = STATE.replace(State::Alive);
    let polled = invocation.poll(cx);
    match STATE.replace(outer) {
        State::Dead => Poll::Ready(None),
        State::Elsewhere | State::Alive => polled.map(Some),
    }
}
