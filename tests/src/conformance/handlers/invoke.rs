//! Calls of other functions, and the functions that are called.

use durable::operation::UNNAMED;
use durable::prelude::*;
use serde::Deserialize;
use serde_json::Value;

use super::serdes::ReadInCapitals;

/// Gives back what it gets, after a moment in which its caller suspends.
#[durable::handler]
pub(crate) async fn echo(event: Value, ctx: DurableContext) -> Result<Value> {
    ctx.wait("moment", Duration::from_secs(1)).await?;
    Ok(event)
}

/// Fails, after a moment in which its caller suspends.
#[durable::handler]
pub(crate) async fn failing(_: Value, ctx: DurableContext) -> Result<()> {
    ctx.wait("moment", Duration::from_secs(1)).await?;
    Err(Error::msg("the target fails"))
}

/// The function to call, which the environment names on Lambda.
fn target(variable: &str, otherwise: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| format!("{otherwise}:$LATEST"))
}

fn echo_target() -> String {
    target("TARGET_FUNCTION_NAME", "target-echo")
}

fn failing_target() -> String {
    target("TARGET_FUNCTION_NAME", "target-error")
}

#[durable::handler]
pub(crate) async fn the_event(event: Value, ctx: DurableContext) -> Result<Value> {
    ctx.invoke(UNNAMED, echo_target(), &event).await
}

#[derive(Deserialize)]
pub(crate) struct Named {
    name: String,
    payload: String,
}

#[durable::handler]
pub(crate) async fn by_name(event: Named, ctx: DurableContext) -> Result<String> {
    ctx.invoke(&event.name, echo_target(), &event.payload).await
}

#[durable::handler]
pub(crate) async fn nothing(_: (), ctx: DurableContext) -> Result<()> {
    ctx.invoke("echo", echo_target(), &()).await
}

#[durable::handler]
pub(crate) async fn fails(_: (), ctx: DurableContext) -> Result<()> {
    ctx.invoke("fail", failing_target(), &()).await
}

#[durable::handler]
pub(crate) async fn much(_: (), ctx: DurableContext) -> Result<usize> {
    let payload = "x".repeat(200_000);
    let echoed: String = ctx.invoke("echo", echo_target(), &payload).await?;
    Ok(echoed.len())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OfTenant {
    tenant_id: String,
    payload: String,
}

#[durable::handler]
pub(crate) async fn for_a_tenant(event: OfTenant, ctx: DurableContext) -> Result<String> {
    ctx.invoke("echo", echo_target(), &event.payload).tenant_id(event.tenant_id).await
}

#[durable::handler]
pub(crate) async fn caught_then_wait(_: (), ctx: DurableContext) -> Result<String> {
    let called: Result<String, _> = ctx.invoke("fail", failing_target(), &()).await;
    let told = called.unwrap_or_else(|error| error.to_string());
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(told)
}

#[durable::handler]
pub(crate) async fn with_the_result_of_a_step(_: (), ctx: DurableContext) -> Result<String> {
    let made = ctx.step("make", async |_| Ok("made by a step".to_owned())).await?;
    ctx.invoke("echo", echo_target(), &made).await
}

#[durable::handler]
pub(crate) async fn in_a_child_context(_: (), ctx: DurableContext) -> Result<Value> {
    ctx.run_in_child_context("call", async |ctx| ctx.invoke("echo", echo_target(), &()).await).await
}

#[durable::handler]
pub(crate) async fn one_after_the_other(_: (), ctx: DurableContext) -> Result<(String, String)> {
    let first = target("TARGET_FUNCTION_NAME_1", "target-echo");
    let second = target("TARGET_FUNCTION_NAME_2", "target-echo");
    let first = ctx.invoke("first", first, "one").await?;
    let second = ctx.invoke("second", second, "two").await?;
    Ok((first, second))
}

#[durable::handler]
pub(crate) async fn with_a_serdes(event: String, ctx: DurableContext) -> Result<String> {
    ctx.using(ReadInCapitals).invoke("echo", echo_target(), &event).await
}
