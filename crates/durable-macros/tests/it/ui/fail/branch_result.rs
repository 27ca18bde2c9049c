//! Branches of races and joins that do not return `durable::Result`.

use durable::prelude::*;
use durable::{race, try_join};

async fn reserve(item: &str) -> std::io::Result<usize> {
    Ok(item.len())
}

async fn other_error(_: (), ctx: DurableContext) -> Result<usize> {
    race!(ctx, "first", reserve("item"), async { Ok(1) }).await
}

async fn other_error_of_a_block(_: (), ctx: DurableContext) -> Result<(usize, usize)> {
    try_join!(ctx, "both", ctx.step("one", async |_| Ok(1)), async { reserve("item").await }).await
}

async fn other_error_in_a_vector(_: (), ctx: DurableContext) -> Result<Vec<usize>> {
    ctx.try_join("all", vec![reserve("one"), reserve("two")]).await
}

async fn no_result(_: (), ctx: DurableContext) -> Result<u32> {
    race!(ctx, "first", async { 1 }).await
}

async fn other_value(_: (), ctx: DurableContext) -> Result<u32> {
    race!(ctx, "first", async { Ok(1_u32) }, ctx.wait("pause", Duration::from_secs(1))).await
}

fn main() {}
