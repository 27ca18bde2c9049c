//! What hooks are called when an execution is resumed.

use std::time::Duration;

use durable_core::operation::Operation as _;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{CallbackAnswer, Fault, TestRunner};

use super::recorder::Calls;

#[tokio::test(start_paused = true)]
async fn an_operation_that_ended_between_invocations_ends_once_and_one_that_is_pending_starts_again() {
    let calls = Calls::default();
    let recorder = calls.clone();
    let handler = async |_: (), ctx: DurableContext| {
        ctx.step("before", async |_| Ok(())).await?;
        let short = ctx.wait("short", Duration::from_secs(2)).spawn();
        ctx.wait("long", Duration::from_secs(8)).await?;
        short.await
    };

    TestRunner::new(handler).plugin(move |_| recorder.recorder()).run(&()).await.unwrap();

    assert_eq!(
        calls.take_without(&["changed"]),
        [
            "invocation first operations=0 updated=[]",
            "start before",
            "attempt before 1",
            "attempted before SUCCEEDED",
            "end before SUCCEEDED null",
            "start short",
            "start long",
            "PENDING",
            "invocation operations=3 updated=[\"short\"]",
            "end short SUCCEEDED replay",
            "start long replay",
            "PENDING",
            "invocation operations=3 updated=[\"long\"]",
            "end long SUCCEEDED replay",
            "SUCCEEDED",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_retried_step_starts_again_with_its_next_attempt_and_ends_once() {
    let calls = Calls::default();
    let recorder = calls.clone();
    let handler = async |_: (), ctx: DurableContext| {
        let charge = ctx.step(
            "charge",
            async |step| {
                if step.attempt() == 1 { Err(Error::msg("busy")) } else { Ok(7) }
            },
        );
        charge.retry(RetryStrategy::fixed(Duration::from_secs(1))).await
    };

    TestRunner::new(handler).plugin(move |_| recorder.recorder()).run(&()).await.unwrap();

    let calls = calls.take_without(&["changed", "invocation"]);
    assert!(calls[2].starts_with("attempted charge FAILED"), "{calls:?}");
    assert_eq!(calls[..2], ["start charge", "attempt charge 1"]);
    assert_eq!(
        calls[3..],
        [
            "PENDING",
            "start charge replay",
            "attempt charge 2",
            "attempted charge SUCCEEDED",
            "end charge SUCCEEDED 7",
            "SUCCEEDED",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_context_that_suspends_is_incomplete_and_replays_its_operations() {
    let calls = Calls::default();
    let recorder = calls.clone();
    let handler = async |_: (), ctx: DurableContext| {
        let ship = ctx.run_in_child_context("ship", async |ctx| {
            ctx.step("pack", async |_| Ok(())).await?;
            ctx.wait("dry", Duration::from_secs(1)).await
        });
        ship.await
    };

    TestRunner::new(handler).plugin(move |_| recorder.recorder()).run(&()).await.unwrap();

    let of_ship: Vec<String> = calls
        .take()
        .into_iter()
        .filter(|call| call.contains("ship") && !call.starts_with("changed"))
        .collect();
    assert_eq!(
        of_ship,
        [
            "start ship",
            "attempt ship",
            "attempted ship INCOMPLETE",
            "start ship replay",
            "attempt ship replaying",
            "attempted ship SUCCEEDED",
            "end ship SUCCEEDED null",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_context_that_is_rebuilt_runs_its_body_and_does_not_end_again() {
    let calls = Calls::default();
    let recorder = calls.clone();
    let handler = async |_: (), ctx: DurableContext| {
        let large = ctx.run_in_child_context("large", async |ctx| {
            let text = ctx.step("text", async |_| Ok("x".repeat(300_000))).await?;
            Ok(text + "!")
        });
        let large: String = large.await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok::<_, Error>(large.len())
    };

    TestRunner::new(handler).plugin(move |_| recorder.recorder()).run(&()).await.unwrap();

    let of_large =
        calls.take().into_iter().filter(|call| call.contains("large") && !call.starts_with("changed"));
    let of_large: Vec<String> = of_large.map(|call| call.chars().take(40).collect()).collect();
    assert_eq!(
        of_large,
        [
            "start large",
            "attempt large",
            "attempted large SUCCEEDED",
            "end large SUCCEEDED ",
            "attempt large replaying",
            "attempted large SUCCEEDED",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_is_answered_while_the_invocation_runs_ends_in_it() {
    let calls = Calls::default();
    let recorder = calls.clone();
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        ctx.wait_for_callback("approve", async |_, _| Ok(())).await
    };
    let runner = TestRunner::new(handler).plugin(move |_| recorder.recorder());
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::from_secs(1)).await.unwrap();

    let id = execution.open_callbacks()[0].id.clone();
    execution.answer_callback(&id, CallbackAnswer::Succeeded(Some("5".to_owned()))).unwrap();
    execution.finish().await.unwrap();

    let calls = calls.take_without(&["changed"]);
    let answered: Vec<_> = calls.iter().filter(|call| call.starts_with("end Callback")).collect();
    assert_eq!(answered, ["end Callback SUCCEEDED 5 replay"], "{calls:?}");
    assert!(calls.contains(&"end approve SUCCEEDED 5".to_owned()), "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn an_invocation_that_fails_and_is_repeated_ends_as_retrying() {
    let calls = Calls::default();
    let recorder = calls.clone();
    let handler =
        async |_: (), ctx: DurableContext| -> Result<u32> { ctx.step("count", async |_| Ok(1)).await };

    let runner = TestRunner::new(handler).plugin(move |_| recorder.recorder()).fault(1, Fault::LostRequest);
    let execution = runner.run(&()).await.unwrap();

    assert_eq!(execution.invocations(), 2);
    let calls = calls.take_without(&["changed"]);
    assert_eq!(
        calls[..4],
        [
            "invocation first operations=0 updated=[]",
            "start count",
            "attempt count 1",
            "attempted count SUCCEEDED"
        ]
    );
    assert!(calls[4].starts_with("RETRYING InvocationError"), "{calls:?}");
    assert_eq!(calls.last().map(String::as_str), Some("SUCCEEDED"));
}
