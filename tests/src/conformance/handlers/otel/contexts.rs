//! Scenarios of child contexts, parallels and maps.

use durable::prelude::*;

pub(super) async fn child_context(ctx: &DurableContext) -> Result<()> {
    ctx.run_in_child_context("otel-child-context", async |ctx| {
        ctx.step("otel-child-step", async |_| Ok(())).await
    })
    .await
}

pub(super) async fn child_context_failure(ctx: &DurableContext) -> Result<()> {
    ctx.run_in_child_context("otel-failed-child-context", async |_| Err(Error::msg("it fails"))).await
}

pub(super) async fn virtual_child_context(ctx: &DurableContext) -> Result<()> {
    ctx.run_in_child_context("otel-virtual-child-context", async |ctx| {
        ctx.step("otel-virtual-child-step", async |_| Ok(())).await
    })
    .virtual_context()
    .await
}

pub(super) async fn parallel_hierarchy(ctx: &DurableContext) -> Result<()> {
    let branches = ctx
        .parallel("otel-parallel")
        .branch("otel-parallel-branch-a", async |ctx| {
            ctx.step("otel-parallel-step-a", async |_| Ok(())).await
        })
        .branch("otel-parallel-branch-b", async |ctx| {
            ctx.step("otel-parallel-step-b", async |_| Ok(())).await
        })
        .max_concurrency(1)
        .await?;
    branches.into_result().map(drop)
}

pub(super) async fn parallel_failure(ctx: &DurableContext) -> Result<()> {
    let branches = ctx
        .parallel("otel-failed-parallel")
        .branch("otel-failed-parallel-branch", async |_| Err::<(), _>(Error::msg("it fails")))
        .await?;
    branches.into_result().map(drop)
}

pub(super) async fn map_hierarchy(ctx: &DurableContext) -> Result<()> {
    let items = ctx
        .map("otel-map", 0..2, async |ctx, item, _| {
            ctx.step(format!("otel-map-step-{item}"), async |_| Ok(())).await
        })
        .item_names(|item, _| format!("otel-map-iteration-{item}"))
        .max_concurrency(1)
        .await?;
    items.into_result().map(drop)
}

pub(super) async fn map_failure(ctx: &DurableContext) -> Result<()> {
    let items = ctx
        .map("otel-failed-map", 0..1, async |_, _, _| Err::<(), _>(Error::msg("it fails")))
        .item_names(|item, _| format!("otel-failed-map-iteration-{item}"))
        .await?;
    items.into_result().map(drop)
}
