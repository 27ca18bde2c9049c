//! The order of hooks within one invocation.

use std::sync::{Arc, Mutex};

use durable_core::error::BoxError;
use durable_core::plugin::{InvocationEnd, Plugin};
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use durable_types::limits::MAX_INVOCATION_OUTPUT_BYTES;

use super::recorder::Calls;

async fn calls<F, O>(handler: impl Fn((), DurableContext) -> F + Send + Sync) -> Vec<String>
where
    F: Future<Output = Result<O>> + Send,
    O: serde::Serialize + serde::de::DeserializeOwned + Send + Sync,
{
    let calls = Calls::default();
    let recorder = calls.clone();
    TestRunner::new(handler).plugin(move |_| recorder.recorder()).run(&()).await.unwrap();
    calls.take()
}

#[tokio::test(start_paused = true)]
async fn the_hooks_of_a_step_surround_its_body_and_precede_its_result() {
    let body = Calls::default();
    let recorder = body.clone();
    let handler = async |_: (), ctx: DurableContext| {
        let charged = ctx.step("charge", async |_| {
            body.write("body");
            Ok(7)
        });
        let charged = charged.await?;
        body.write("result");
        durable_core::Ok(charged)
    };

    TestRunner::new(handler).plugin(move |_| recorder.recorder()).run(&()).await.unwrap();

    assert_eq!(
        body.take(),
        [
            "invocation first operations=0 updated=[]",
            "start charge",
            "attempt charge 1",
            "body",
            "attempted charge SUCCEEDED",
            "changed charge SUCCEEDED",
            "end charge SUCCEEDED 7",
            "result",
            "SUCCEEDED",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_step_is_that_of_its_attempt_its_end_and_the_invocation() {
    let calls = calls(async |_, ctx| {
        let charge = ctx.step("charge", async |_| Err::<(), _>(Error::msg("declined")));
        charge.retry(RetryStrategy::none()).await
    });

    let calls = calls.await;
    assert!(
        calls.iter().any(|call| call.starts_with("attempted charge FAILED") && call.contains("declined"))
    );
    assert!(calls.iter().any(|call| call.starts_with("end charge FAILED") && call.contains("declined")));
    assert!(
        calls.last().is_some_and(|call| call.starts_with("FAILED") && call.contains("declined")),
        "{calls:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_context_starts_before_what_is_inside_and_ends_after_it() {
    let calls = calls(async |_, ctx| {
        let ship = ctx.run_in_child_context("ship", async |ctx| ctx.step("label", async |_| Ok(1)).await);
        ship.await
    });

    assert_eq!(
        calls.await[1..],
        [
            "start ship",
            "attempt ship",
            "start label",
            "attempt label 1",
            "attempted label SUCCEEDED",
            "changed ship STARTED, label SUCCEEDED",
            "end label SUCCEEDED 1",
            "attempted ship SUCCEEDED",
            "changed ship SUCCEEDED",
            "end ship SUCCEEDED 1",
            "SUCCEEDED",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn branches_have_hooks_of_their_own_inside_the_parallel() {
    let calls = calls(async |_, ctx| {
        let both = ctx.map("both", [1, 2], async |_, item, _| Ok(item));
        let both = both.max_concurrency(1).await?;
        Ok(both.into_values().sum::<i32>())
    });

    let calls = calls.await;
    let of_items: Vec<_> =
        calls.iter().filter(|call| call.contains("MapIteration") && !call.starts_with("changed")).collect();
    assert_eq!(
        of_items,
        [
            "start MapIteration",
            "attempt MapIteration",
            "attempted MapIteration SUCCEEDED",
            "end MapIteration SUCCEEDED 1",
            "start MapIteration",
            "attempt MapIteration",
            "attempted MapIteration SUCCEEDED",
            "end MapIteration SUCCEEDED 2",
        ]
    );
    assert_eq!(calls.last().map(String::as_str), Some("SUCCEEDED"));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_invocation_has_the_result_unless_it_is_too_large_for_the_output() {
    /// Keeps the length of the result.
    struct Length(Arc<Mutex<Option<Option<usize>>>>);

    impl Plugin for Length {
        async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
            *self.0.lock().unwrap() = Some(end.result.map(str::len));
            Ok(())
        }
    }

    for (size, expected) in [(10, Some(12)), (MAX_INVOCATION_OUTPUT_BYTES, None)] {
        let length = Arc::new(Mutex::new(None));
        let written = Arc::clone(&length);
        let handler = async |size: usize, _: DurableContext| durable_core::Ok("x".repeat(size));

        let runner = TestRunner::new(handler).plugin(move |_| Length(Arc::clone(&length)));
        let execution = runner.run(&size).await.unwrap();

        assert_eq!(execution.result::<String>().unwrap().len(), size);
        assert_eq!(written.lock().unwrap().take(), Some(expected));
    }
}
