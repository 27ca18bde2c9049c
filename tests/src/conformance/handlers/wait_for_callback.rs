//! Waiting for callbacks: submitters, answers, failures, timeouts.

use durable::operation::UNNAMED;
use durable::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[durable::handler]
pub(crate) async fn answered(name: String, ctx: DurableContext) -> Result<Value> {
    ctx.wait_for_callback(&name, async |_, _| Ok(())).await
}

#[durable::handler]
pub(crate) async fn approval(_: (), ctx: DurableContext) -> Result<Value> {
    ctx.wait_for_callback("approval", async |_, _| Ok(())).await
}

#[durable::handler]
pub(crate) async fn unnamed(_: (), ctx: DurableContext) -> Result<Value> {
    ctx.wait_for_callback(UNNAMED, async |_, _| Ok(())).await
}

#[durable::handler]
pub(crate) async fn times_out(name: String, ctx: DurableContext) -> Result<Value> {
    ctx.wait_for_callback(&name, async |_, _| Ok(())).timeout(Duration::from_secs(3)).await
}

#[durable::handler]
pub(crate) async fn is_not_submitted(name: String, ctx: DurableContext) -> Result<Value> {
    ctx.wait_for_callback(&name, async |_, _| Err(Error::msg("nobody is there")))
        .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(2))
        .await
}

#[durable::handler]
pub(crate) async fn one_after_the_other(_: (), ctx: DurableContext) -> Result<Value> {
    let _: Value = ctx.wait_for_callback("first", async |_, _| Ok(())).await?;
    ctx.wait_for_callback("second", async |_, _| Ok(())).await
}

#[derive(Deserialize, serde::Serialize)]
struct Decision {
    status: String,
}

#[durable::handler]
pub(crate) async fn structured(name: String, ctx: DurableContext) -> Result<String> {
    let decision: Decision = ctx.wait_for_callback(&name, async |_, _| Ok(())).await?;
    Ok(decision.status)
}

#[durable::handler]
pub(crate) async fn misses_a_heartbeat(name: String, ctx: DurableContext) -> Result<Value> {
    let answer =
        ctx.wait_for_callback(&name, async |_, _| Ok(())).heartbeat_timeout(Duration::from_secs(5)).await?;
    Ok(answer)
}

#[durable::handler]
pub(crate) async fn timeout_is_handled(name: String, ctx: DurableContext) -> Result<String> {
    let answer: Result<String, _> =
        ctx.wait_for_callback(&name, async |_, _| Ok(())).timeout(Duration::from_secs(3)).await;
    match answer {
        Err(error) if error.is_timeout() => Ok("timed-out-handled".to_owned()),
        answer => Ok(answer?),
    }
}
