//! Operations that start in the body of another one, but not in the context of that body.

use std::ops::ControlFlow;
use std::time::Duration;

use durable::{DurableContext, Error, Result, handler, race};

const SECOND: Duration = Duration::from_secs(1);

#[handler]
async fn steps(order: String, ctx: DurableContext) -> Result<()> {
    ctx.step("pay", async |_| {
        ctx.wait("settle", SECOND).await?;
        Ok(ctx.uuid("key").to_string())
    })
    .await?;
    ctx.using(durable::serdes::Json)
        .step("blocks", |_| async {
            for _ in 0..2 {
                let outer = &ctx;
                outer.step("again", async |_| Ok(order.len())).await?;
            }
            Ok(())
        })
        .await
}

#[handler]
async fn other_recorded_bodies(_event: (), ctx: DurableContext) -> Result<()> {
    ctx.wait_for_callback("answer", async |_, _| ctx.wait("settle", SECOND).await).ignore_answer().await?;
    ctx.wait_for_condition("ready", (), async |(), _| {
        Ok(ControlFlow::Break(ctx.step("check", async |_| Ok(1)).await?))
    })
    .await?;
    ctx.saga("trip", async |_, saga| {
        saga.step("book", async |_| Ok(1)).compensate(async |_, _| ctx.wait("settle", SECOND).await).await?;
        saga.compensate("by hand", async |_| ctx.step("undo", async |_| Ok(())).await);
        saga.compensate_with("with a value", 1, async |_, _| ctx.step("undo", async |_| Ok(())).await);
        Ok(())
    })
    .await
}

#[handler]
async fn contexts(items: Vec<u32>, ctx: DurableContext) -> Result<()> {
    ctx.run_in_child_context("unnamed", async |_| ctx.wait("settle", SECOND).await).await?;
    ctx.run_in_child_context("unused", async |_child| ctx.wait("settle", SECOND).await).await?;
    ctx.run_in_child_context("typed", async |child: DurableContext| {
        child.wait("pause", SECOND).await?;
        ctx.wait("settle", SECOND).await
    })
    .await?;
    ctx.map("map", items, async |item_ctx, item, _| {
        item_ctx.run_in_child_context("nested", async |_| {
            item_ctx.wait("settle", SECOND).await?;
            ctx.step("label", async |_| Ok(item)).await
        })
        .await
    })
    .await?;
    ctx.with_retry("retried", async |_, attempt| ctx.step("try", async |_| Ok(attempt)).await).await?;
    ctx.saga("saga", async |inner, _| {
        inner.wait("pause", SECOND).await?;
        ctx.wait("settle", SECOND).await
    })
    .await
}

#[handler]
async fn branches(_event: (), ctx: DurableContext) -> Result<()> {
    ctx.parallel("both")
        .branch("left", async |ctx| ctx.wait("settle", SECOND).await)
        .branch("right", async |_| ctx.wait("settle", SECOND).await)
        .max_concurrency(1)
        .await?;
    let mut open = ctx.open_parallel("open");
    let branch = open.branch("first", async |_| ctx.wait("settle", SECOND).await);
    branch.await?;
    open.close().await?;
    Ok(())
}

#[handler]
async fn combinators(_event: (), ctx: DurableContext) -> Result<u32> {
    ctx.run_in_child_context("race", async |child| {
        race!(ctx, "first", child.step("one", async |_| Ok(1)), async { Err(Error::msg("no")) }).await?;
        let joined = durable::join!(ctx.step("one", async |_| Ok(1)), child.step("two", async |_| Ok(2))).await;
        joined.0
    })
    .await
}

fn main() {}
