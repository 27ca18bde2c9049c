//! Scenarios of steps.

use durable::prelude::*;

pub(super) async fn success(ctx: &DurableContext) -> Result<()> {
    ctx.step("otel-success", async |_| Ok(())).await
}

pub(super) async fn retry(ctx: &DurableContext) -> Result<()> {
    ctx.step("otel-retry", async |step| match step.attempt() {
        1 => Err(Error::msg("the first attempt fails")),
        _ => Ok(()),
    })
    .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(2))
    .await
}

pub(super) async fn terminal_failure(ctx: &DurableContext) -> Result<()> {
    ctx.step("otel-terminal-failure", async |_| Err(Error::msg("it fails")))
        .retry(RetryStrategy::none())
        .await
}

pub(super) async fn handled_failure(ctx: &DurableContext) -> Result<()> {
    let tried: Result<()> = ctx
        .step("otel-handled-failure", async |_| Err(Error::msg("it fails")))
        .retry(RetryStrategy::none())
        .await;
    match tried {
        Ok(()) => Ok(()),
        Err(_) => ctx.step("otel-recovery-step", async |_| Ok(())).await,
    }
}
