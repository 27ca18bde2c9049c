//! Handlers of functions with plugins.

use durable::operation::UNNAMED;
use durable::prelude::*;

#[durable::handler]
pub(crate) async fn greet(name: String, ctx: DurableContext) -> Result<String> {
    ctx.step("greet", async |_| {
        tracing::info!("Greeting step running for: {name}");
        Ok(format!("Hello, {name}!"))
    })
    .await
}

#[durable::handler]
pub(crate) async fn retried_after_a_step(_: (), ctx: DurableContext) -> Result<String> {
    ctx.step("reliable", async |_| Ok(())).await?;
    ctx.step("unreliable", async |step| match step.attempt() {
        1 => Err(Error::msg("the first attempt fails")),
        _ => Ok("Operation succeeded".to_owned()),
    })
    .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(2))
    .await
}

#[durable::handler]
pub(crate) async fn fails_after_a_step(_: (), ctx: DurableContext) -> Result<String> {
    ctx.step("reliable", async |_| Ok("task-a".to_owned())).await?;
    ctx.step("hopeless", async |_| Err(Error::msg("boom"))).retry(RetryStrategy::none()).await
}

#[durable::handler]
pub(crate) async fn constant(_: (), ctx: DurableContext) -> Result<String> {
    ctx.step("greet", async |_| Ok("task-a".to_owned())).await
}

#[durable::handler]
pub(crate) async fn echo_after_a_wait(input: String, ctx: DurableContext) -> Result<String> {
    ctx.wait(UNNAMED, Duration::from_secs(2)).await?;
    Ok(format!("done-{input}"))
}

#[durable::handler]
pub(crate) async fn constant_branches(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let tasks = ctx
        .parallel("parallel")
        .branch(UNNAMED, async |_| Ok("task-1".to_owned()))
        .branch(UNNAMED, async |_| Ok("task-2".to_owned()))
        .max_concurrency(1)
        .await?;
    tasks.into_result()
}

#[durable::handler]
pub(crate) async fn waiting_branches(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let waits = ctx
        .parallel("waits")
        .branch(UNNAMED, async |ctx| {
            ctx.wait("short", Duration::from_secs(2)).await?;
            Ok("short-done".to_owned())
        })
        .branch(UNNAMED, async |ctx| {
            ctx.wait("long", Duration::from_secs(8)).await?;
            Ok("long-done".to_owned())
        })
        .max_concurrency(2)
        .await?;
    waits.into_result()
}

#[durable::handler]
pub(crate) async fn named_branches(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let branches = ctx
        .parallel("ctx")
        .branch("branch-a", async |ctx| {
            ctx.step("inner", async |_| Ok("x".to_owned())).await?;
            ctx.wait(UNNAMED, Duration::from_secs(2)).await?;
            Ok("a-done".to_owned())
        })
        .branch("branch-b", async |_| Ok("b-done".to_owned()))
        .max_concurrency(1)
        .await?;
    branches.into_result()
}
