//! Results that borrow.

use durable::prelude::*;

async fn literal(_: (), ctx: DurableContext) -> Result<usize> {
    Ok(ctx.step("literal", async |_| Ok("text")).await?.len())
}

async fn borrowed(text: String, ctx: DurableContext) -> Result<usize> {
    Ok(ctx.step("borrowed", async |_| Ok(text.as_str())).await?.len())
}

fn main() {}
