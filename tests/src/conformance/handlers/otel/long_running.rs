//! Scenarios in which the execution is suspended for up to a day.

use durable::prelude::*;

use super::invoked::{Target, target_function};

pub(super) async fn wait(ctx: &DurableContext, delay_seconds: u64) -> Result<()> {
    ctx.wait("otel-long-wait", Duration::from_secs(delay_seconds)).await?;
    ctx.step("otel-after-long-wait", async |_| Ok(())).await
}

pub(super) async fn retry(ctx: &DurableContext, delay_seconds: u64) -> Result<()> {
    ctx.step("otel-long-retry", async |step| match step.attempt() {
        1 => Err(Error::msg("the first attempt fails")),
        _ => Ok(()),
    })
    .retry(RetryStrategy::fixed(Duration::from_secs(delay_seconds)).max_attempts(2))
    .await
}

/// The answer is sent when the delay has passed.
pub(super) async fn callback(ctx: &DurableContext, delay_seconds: u64) -> Result<()> {
    ctx.wait_for_callback("otel-long-callback", async |_, _| Ok(()))
        .timeout(Duration::from_secs(delay_seconds).saturating_mul(2).max(Duration::from_hours(1)))
        .ignore_answer()
        .await
}

pub(super) async fn invoke(ctx: &DurableContext, delay_seconds: u64) -> Result<()> {
    ctx.invoke("otel-long-invoke", target_function(), &Target::Wait { delay_seconds }).await
}
