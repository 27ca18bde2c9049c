//! Closures with names, whose code runs on replay.

use std::time::{Duration, SystemTime};

use durable::{DurableContext, Result, handler};

#[handler]
async fn called(_event: (), ctx: DurableContext) -> Result<()> {
    let elapsed = |begun: SystemTime| SystemTime::now().duration_since(begun).unwrap_or(Duration::ZERO);
    let begun = ctx.step("begun", async |_| Ok(SystemTime::now())).await?;
    elapsed(begun);
    Ok(())
}

#[handler]
async fn called_and_a_body(_event: (), ctx: DurableContext) -> Result<()> {
    let read = || std::fs::read_to_string("stock");
    ctx.step("read", async |_| Ok(read()?)).await?;
    read()?;
    Ok(())
}

#[handler]
async fn body_of_a_child(_event: (), ctx: DurableContext) -> Result<()> {
    let child = async |_| Ok(std::env::var("STAGE")?);
    ctx.run_in_child_context("child", child).await?;
    Ok(())
}

#[handler]
async fn beside_a_compensation(_event: (), ctx: DurableContext) -> Result<()> {
    ctx.saga("trip", async |_, saga| {
        saga.compensate(format!("undo {:?}", SystemTime::now()), async |_| Ok(()));
        saga.compensate_with("undo", SystemTime::now(), async |_, _| Ok(()));
        Ok(())
    })
    .await?;
    Ok(())
}

#[handler]
async fn another_of_the_same_name(_event: (), ctx: DurableContext) -> Result<()> {
    let now = || SystemTime::now();
    {
        let now = async |_| Ok(std::time::SystemTime::now());
        ctx.step("now", now).await?;
    }
    now();
    Ok(())
}

fn main() {}
