//! Scenarios in which the execution is suspended.

use std::ops::ControlFlow::{Break, Continue};

use durable::prelude::*;
use durable::retry::WaitStrategy;

use super::invoked::{Target, target_function};

pub(super) async fn wait_resume(ctx: &DurableContext) -> Result<()> {
    ctx.wait("otel-wait", Duration::from_secs(1)).await?;
    ctx.step("otel-after-resume", async |_| Ok(())).await
}

/// Waits for longer than the execution may last.
pub(super) async fn wait_interrupted(ctx: &DurableContext) -> Result<()> {
    ctx.wait("otel-interrupted-wait", Duration::from_hours(1)).await
}

/// Returns the number of checks.
pub(super) async fn wait_for_condition(ctx: &DurableContext) -> Result<u32> {
    ctx.wait_for_condition("otel-condition", 0, async |count, _| match count + 1 {
        count if count >= 2 => Ok(Break(count)),
        count => Ok(Continue(count)),
    })
    .strategy(WaitStrategy::fixed(Duration::from_secs(1)))
    .await
}

pub(super) async fn wait_for_condition_failure(ctx: &DurableContext) -> Result<()> {
    ctx.wait_for_condition("otel-failed-condition", (), async |(), _| Err(Error::msg("the check fails")))
        .await
}

pub(super) async fn wait_for_callback(ctx: &DurableContext) -> Result<()> {
    ctx.wait_for_callback("otel-callback", async |_, _| Ok(())).ignore_answer().await
}

pub(super) async fn wait_for_callback_failure(ctx: &DurableContext) -> Result<()> {
    ctx.wait_for_callback("otel-failed-callback", async |_, _| Ok(())).ignore_answer().await
}

pub(super) async fn chained_invoke(ctx: &DurableContext) -> Result<()> {
    ctx.invoke("otel-invoke", target_function(), &Target::Succeed).await
}

pub(super) async fn chained_invoke_failure(ctx: &DurableContext) -> Result<()> {
    ctx.invoke("otel-failed-invoke", target_function(), &Target::Fail).await
}
