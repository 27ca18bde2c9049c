//! Maps and parallels whose results cannot be recorded.

use durable::prelude::*;

struct Response {
    id: usize,
}

async fn map(orders: Vec<u32>, ctx: DurableContext) -> Result<usize> {
    let responses = ctx.map("map", &orders, async |_, _, id| Ok(Response { id })).max_concurrency(2).await?;
    Ok(responses.len())
}

async fn parallel(_: (), ctx: DurableContext) -> Result<usize> {
    let responses = ctx
        .parallel("parallel")
        .branch("one", async |_| Ok(Response { id: 1 }))
        .branch("two", async |_| Ok(Response { id: 2 }))
        .await?;
    Ok(responses.len())
}

async fn open_parallel(_: (), ctx: DurableContext) -> Result<usize> {
    let mut open = ctx.open_parallel("open");
    let branch = open.branch("one", async |_| Ok(Response { id: 1 }));
    Ok(branch.await?.id)
}

fn main() {}
