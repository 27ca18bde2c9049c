//! Bodies that cannot run again, or whose result cannot be recorded; `DurableContext::step` explains each message.

use durable::prelude::*;

async fn gives_away(items: Vec<String>, ctx: DurableContext) -> Result<()> {
    for item in items {
        ctx.step("item", async move |_| Ok(item.len())).await?;
    }
    Ok(())
}

async fn changes(_: (), ctx: DurableContext) -> Result<u32> {
    let mut sum = 0;
    ctx.step("add", async |_| {
        sum += 1;
        Ok(())
    })
    .await?;
    Ok(sum)
}

fn main() {}
