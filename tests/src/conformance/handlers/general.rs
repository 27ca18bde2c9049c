//! Replay: code that does not fit what is recorded.

use durable::prelude::*;

#[durable::handler]
pub(crate) async fn retypes_an_operation(_: (), ctx: DurableContext) -> Result<()> {
    if !ctx.is_replaying() {
        ctx.wait("identity-slot", Duration::from_secs(1)).await?;
        return Ok(());
    }
    tracing::info!("DETERMINISM_REPLAY_CANARY");
    ctx.step("identity-slot", async |_| {
        tracing::info!("DETERMINISM_STEP_BODY_EXECUTED");
        Ok(())
    })
    .await?;
    Ok(())
}
