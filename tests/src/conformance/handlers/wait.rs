//! Waits: durations and names.

use durable::operation::UNNAMED;
use durable::prelude::*;

#[durable::handler]
pub(crate) async fn two_seconds(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait(UNNAMED, Duration::from_secs(2)).await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn by_name(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait("custom_wait_name", Duration::from_secs(2)).await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn a_minute(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait("a-minute", Duration::from_mins(1)).await?;
    Ok(())
}

#[durable::handler]
pub(crate) async fn an_hour(_: (), ctx: DurableContext) -> Result<()> {
    ctx.wait("an-hour", Duration::from_hours(1)).await?;
    Ok(())
}
