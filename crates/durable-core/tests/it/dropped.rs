//! Futures of operations that are dropped at any point of their way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use durable_core::operation::{Operation, StepSemantics, UNNAMED};
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, result};

const KINDS: [&str; 13] = [
    "step",
    "at most once",
    "stuck",
    "wait",
    "child",
    "map",
    "flat",
    "callback",
    "answer",
    "call",
    "spawned wait",
    "spawned child",
    "spawned stuck",
];

/// Polls a future so many times, one turn of the driver after the other, and drops it.
async fn poll_and_drop(future: impl Future, times: u32) {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|cx| {
        if left == 0 || future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A body that never ends.
async fn stuck() -> Result<()> {
    std::future::pending().await
}

async fn begin_and_drop(kind: &str, times: u32, ctx: &DurableContext) {
    let minute = Duration::from_secs(60);
    let work = async |ctx: DurableContext| {
        ctx.step("inner", async |_| Ok(())).await?;
        ctx.wait("rest", minute).await
    };
    let step = ctx.step("it", async |_| {
        tokio::task::yield_now().await;
        Ok(())
    });
    match kind {
        "step" => poll_and_drop(step.into_future(), times).await,
        "at most once" => {
            let step = step.semantics(StepSemantics::AtMostOncePerRetry);
            poll_and_drop(step.into_future(), times).await;
        }
        "stuck" => poll_and_drop(ctx.step("it", async |_| stuck().await).into_future(), times).await,
        "spawned stuck" => poll_and_drop(ctx.step("it", |_| stuck()).spawn(), times).await,
        "spawned wait" => poll_and_drop(ctx.wait("it", minute).spawn(), times).await,
        "spawned child" => {
            let child = ctx.run_in_child_context("it", |ctx| async move {
                ctx.step("inner", async |_| Ok(())).await?;
                ctx.wait("rest", Duration::from_secs(60)).await
            });
            poll_and_drop(child.spawn(), times).await;
        }
        "wait" => poll_and_drop(ctx.wait("it", minute).into_future(), times).await,
        "child" => poll_and_drop(ctx.run_in_child_context("it", work).into_future(), times).await,
        "map" | "flat" => {
            let map = ctx.map("it", 0..3, async |ctx, _: i32, _| work(ctx).await);
            let map = if kind == "flat" { map.flat() } else { map };
            poll_and_drop(map.into_future(), times).await;
        }
        "callback" => {
            let created = async { ctx.create_callback::<()>("it").await?.await };
            poll_and_drop(created, times).await;
        }
        "answer" => {
            let answer = ctx.wait_for_callback::<(), _, _>(UNNAMED, async |_, _| Ok(()));
            poll_and_drop(answer.into_future(), times).await;
        }
        _ => poll_and_drop(ctx.invoke::<(), _>("it", "other", &()).into_future(), times).await,
    }
}

#[tokio::test]
async fn an_operation_dropped_at_any_point_leaves_the_execution_as_it_is() {
    for kind in KINDS {
        for times in 0..16 {
            let ledger = Ledger::new(&());
            let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
                begin_and_drop(kind, times, &ctx).await;
                let after = ctx.step("after", async |_| Ok(1)).await?;
                ctx.wait("pause", Duration::from_secs(1)).await?;
                Ok(after + ctx.step("end", async |_| Ok(10)).await?)
            };

            // The ledger refuses a token that it has seen before.
            assert_eq!(result(ledger.run(&handler).await), "11", "{kind} polled {times} times");
        }
    }
}
