//! What a step cannot start in.

use durable::{DurableContext, Result, StepContext, step};

#[step]
async fn charge(id: u32) -> Result<u32> {
    Ok(id)
}

async fn handler(id: u32, ctx: DurableContext) -> Result<()> {
    charge(&id, id).await?;
    ctx.step("outer", async |step: StepContext| charge(&step, id).await).await?;
    Ok(())
}

fn main() {}
