//! Child contexts, blocks and sagas whose results cannot be recorded.

use durable::prelude::*;

struct Response {
    id: u32,
}

async fn child(_: (), ctx: DurableContext) -> Result<u32> {
    Ok(ctx.run_in_child_context("child", async |_| Ok(Response { id: 1 })).await?.id)
}

async fn block(_: (), ctx: DurableContext) -> Result<u32> {
    Ok(ctx.with_retry("block", async |_, _| Ok(Response { id: 1 })).await?.id)
}

async fn saga(_: (), ctx: DurableContext) -> Result<u32> {
    Ok(ctx.saga("saga", async |_, _| Ok(Response { id: 1 })).await?.id)
}

async fn step_of_a_saga(_: (), ctx: DurableContext) -> Result<u32> {
    let id = ctx
        .saga("saga", async |_, saga| {
            let step = saga.step("call", async |_| Ok(Response { id: 1 }));
            let response = step.compensate(async |_, _| Ok(())).await?;
            Ok(response.id)
        })
        .await?;
    Ok(id)
}

fn main() {}
