//! Results of which nothing says the type.

use durable::prelude::*;

async fn call(_: (), ctx: DurableContext) -> Result<()> {
    ctx.invoke("call", "other", &1).await?;
    Ok(())
}

async fn only_fails(_: (), ctx: DurableContext) -> Result<()> {
    ctx.step("fail", async |_| Err(Error::msg("no"))).await?;
    Ok(())
}

fn main() {}
