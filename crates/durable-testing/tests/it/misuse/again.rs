//! Operations that are awaited again after they have ended.

use std::ops::ControlFlow::Break;
use std::pin::Pin;

use durable_core::operation::Operation;
use durable_core::{DurableContext, Error, Result};
use futures_util::FutureExt;

use super::{Problems, SECOND, message, run};

/// When an operation is awaited for the second time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    AtOnce,
    /// In an invocation to which its result is replayed.
    OnReplay,
}

/// Awaits a future, and awaits it again.
async fn await_again<F, T, E>(future: F, again: Again, ctx: &DurableContext) -> Result<()>
where
    F: Future<Output = std::result::Result<T, E>>,
    E: Into<Error>,
{
    let mut future: Pin<Box<F>> = Box::pin(future);
    (&mut future).await.map_err(Into::into)?;
    if again == Again::OnReplay {
        ctx.wait("pause", SECOND).await?;
    }
    future.await.map(drop).map_err(Into::into)
}

async fn each(kind: &str, again: Again, ctx: DurableContext) -> Result<()> {
    let one = async |_: DurableContext| Ok(1);
    match kind {
        "step" => await_again(ctx.step("it", async |_| Ok(1)).into_future(), again, &ctx).await,
        "wait" => await_again(ctx.wait("it", SECOND).into_future(), again, &ctx).await,
        "child" => await_again(ctx.run_in_child_context("it", one).into_future(), again, &ctx).await,
        "virtual child" => {
            let child =
                ctx.run_in_child_context("it", async |ctx| Ok(ctx.step("inside", async |_| Ok(1)).await?));
            await_again(child.virtual_context().into_future(), again, &ctx).await
        }
        "creation of a callback" => {
            await_again(ctx.create_callback::<usize>("it").into_future(), again, &ctx).await
        }
        "callback" => {
            let callback = ctx.create_callback::<usize>("it").await?;
            await_again(callback.into_future(), again, &ctx).await
        }
        "submitted callback" => {
            let callback = ctx.wait_for_callback::<usize, _, _>("it", async |_, _| Ok(()));
            await_again(callback.into_future(), again, &ctx).await
        }
        "call" => await_again(ctx.invoke::<usize, _>("it", "add", 1_usize).into_future(), again, &ctx).await,
        "condition" => {
            let condition = ctx.wait_for_condition("it", (), async |(), _| Ok(Break(())));
            await_again(condition.into_future(), again, &ctx).await
        }
        "map" => {
            let map = ctx.map("it", 0..2, async |_, item: usize, _| Ok(item));
            await_again(map.into_future(), again, &ctx).await
        }
        "parallel" => {
            let parallel = ctx.parallel("it").branch("a", one);
            await_again(parallel.into_future(), again, &ctx).await
        }
        "block" => {
            let block = ctx.with_retry("it", async |ctx, _| Ok(ctx.step("inside", async |_| Ok(1)).await?));
            await_again(block.into_future(), again, &ctx).await
        }
        "saga" => await_again(ctx.saga("it", async |_, _| Ok(1)).into_future(), again, &ctx).await,
        "race" => await_again(ctx.race("it", vec![async { Ok(1) }]), again, &ctx).await,
        "join" => await_again(ctx.try_join("it", vec![async { Ok(1) }]), again, &ctx).await,
        "spawned" => await_again(ctx.step("it", async |_| Ok(1)).spawn(), again, &ctx).await,
        _ => Err(Error::msg(format!("there is no {kind}"))),
    }
}

const KINDS: [&str; 16] = [
    "step",
    "wait",
    "child",
    "virtual child",
    "creation of a callback",
    "callback",
    "submitted callback",
    "call",
    "condition",
    "map",
    "parallel",
    "block",
    "saga",
    "race",
    "join",
    "spawned",
];

#[tokio::test(start_paused = true)]
async fn awaiting_an_operation_again_is_an_error_live_as_on_replay() {
    let mut problems = Problems::default();
    for kind in KINDS {
        for again in [Again::AtOnce, Again::OnReplay] {
            let label = format!("{kind}, {again:?}");

            let ended = run(|(), ctx| each(kind, again, ctx)).await;

            problems.expect_failure(&label, ended.as_ref(), &["`it`"]);
            if ended.is_some_and(|execution| message(&execution).contains("resumed after completion")) {
                problems.add(&label, "it panicked");
            }
        }
    }
    problems.assert_none();
}

/// Polls a step again and again beside a wait.
async fn unguarded_loop(_: (), ctx: DurableContext) -> Result<u32> {
    let mut work = Box::pin(ctx.step("work", async |_| Ok(1)).into_future());
    let mut nap = Box::pin(ctx.wait("nap", SECOND).into_future());
    let mut count = 0;
    loop {
        tokio::select! {
            worked = &mut work => count += worked?,
            rested = &mut nap => {
                rested?;
                return Ok(count);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_loop_of_selects_that_polls_what_has_ended_is_rejected() {
    let ended = run(unguarded_loop).await;

    let mut problems = Problems::default();
    problems.expect_rejection("loop", ended.as_ref(), &["`work`"]);
    problems.assert_none();
}

/// The same with futures that may be polled again.
async fn fused_loop(_: (), ctx: DurableContext) -> Result<u32> {
    let mut work = ctx.step("work", async |_| Ok(1)).into_future().boxed().fuse();
    let mut nap = ctx.wait("nap", SECOND).into_future().boxed().fuse();
    let mut count = 0;
    loop {
        tokio::select! {
            worked = &mut work => count += worked?,
            rested = &mut nap => {
                rested?;
                break;
            }
        }
    }
    ctx.step("after", async |_| Ok(())).await?;
    Ok(count)
}

#[tokio::test(start_paused = true)]
async fn a_loop_of_selects_over_fused_futures_completes() {
    let execution = run(fused_loop).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 1);
}
