//! Calls and callbacks whose payloads cannot be written, or whose results cannot be read.

use durable::prelude::*;

struct Order {
    id: u32,
}

struct Response {
    id: u32,
}

async fn payload(_: (), ctx: DurableContext) -> Result<u32> {
    let id: u32 = ctx.invoke("call", "orders:live", &Order { id: 1 }).await?;
    Ok(id)
}

async fn result(_: (), ctx: DurableContext) -> Result<u32> {
    let response: Response = ctx.invoke("call", "orders:live", &1).await?;
    Ok(response.id)
}

async fn answer(_: (), ctx: DurableContext) -> Result<u32> {
    let response: Response = ctx.wait_for_callback("answer", async |_, _| Ok(())).await?;
    Ok(response.id)
}

async fn callback(_: (), ctx: DurableContext) -> Result<u32> {
    let callback = ctx.create_callback::<Response>("callback").await?;
    Ok(callback.await?.id)
}

fn main() {}
